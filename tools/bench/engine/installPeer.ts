/** Packages of the peers are no part of the project: each is installed on first use, from a lock file of its own. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const peerDirectory = (folder: string): string => fileURLToPath(new URL(`../peers/${folder}/`, import.meta.url))

/** Programs that npm does not bring. */
const programs: Readonly<Record<string, { readonly program: string; readonly advice: string }>> = {
	bullmq: { program: 'redis-server', advice: 'install it, on Debian by `apt-get install redis-server`' },
}

/** Installs the peer unless it is there. Answers why it is missing, or null. */
export function installPeer(folder: string, say: (line: string) => void): string | null {
	const needed = programs[folder]
	if (needed && spawnSync(needed.program, ['--version']).error) return `there is no program ${needed.program}: ${needed.advice}`
	const directory = peerDirectory(folder)
	const { dependencies } = manifestOf(directory) as { dependencies: Record<string, string> }
	const wanted = Object.entries(dependencies)
	if (wanted.every(([name, version]) => installedVersion(directory, name) === version)) return null
	say(`installing ${wanted.map(([name, version]) => `${name} ${version}`).join(', ')} in ${path.relative(process.cwd(), directory)}`)
	const words = ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
	const { status, error, stderr } = spawnSync('npm', words, { cwd: directory, encoding: 'utf8' })
	return status === 0 ? null : `\`npm ${words.join(' ')}\` in ${directory} failed: ${error?.message ?? faultIn(stderr)}`
}

/** What npm says of the fault, without its warnings and its help. */
const faultIn = (stderr: string): string =>
	stderr
		.split('\n')
		.filter((line) => line.startsWith('npm error') && line.trim() !== 'npm error')
		.slice(0, 4)
		.join('\n')

function installedVersion(directory: string, name: string): string | null {
	const installed = path.join(directory, 'node_modules', name)
	return existsSync(path.join(installed, 'package.json')) ? (manifestOf(installed) as { version: string }).version : null
}

const manifestOf = (directory: string): unknown => JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'))
