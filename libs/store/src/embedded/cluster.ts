/** Makes the data directory of a new server, all or nothing: whoever is first wins, the others find it made. */

import { spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Account } from './account.ts'
import { isAlive } from './postmaster.ts'

export const isInitialized = (dataDirectory: string): boolean => existsSync(path.join(dataDirectory, 'PG_VERSION'))

/**
 * The collation is by code point and built in: it does not change with a new glibc or ICU of the system, which would
 * break indexes without a word.
 */
const initdbOptions = [
	'--username=postgres',
	'--encoding=UTF8',
	'--locale-provider=builtin',
	'--builtin-locale=C.UTF-8',
	'--locale=C',
	'--auth=trust',
]

export async function initializeCluster(initdb: string, dataDirectory: string, account: Account, durable: boolean): Promise<void> {
	const parent = path.dirname(dataDirectory)
	mkdirSync(parent, { recursive: true })
	removeLeftovers(dataDirectory)
	const unfinished = `${dataDirectory}.init-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
	mkdirSync(unfinished, { mode: 0o700 })
	try {
		if (account.owner) chownSync(unfinished, account.owner.uid, account.owner.gid)
		await run([...account.prefix, initdb, '-D', unfinished, ...initdbOptions, ...(durable ? [] : ['--no-sync'])])
		renameSync(unfinished, dataDirectory)
		if (durable) syncDirectory(parent)
	} catch (error) {
		rmSync(unfinished, { recursive: true, force: true })
		if (!isInitialized(dataDirectory)) throw error
	}
}

/** What a starter left that was killed while it made a directory. */
function removeLeftovers(dataDirectory: string): void {
	const begin = `${path.basename(dataDirectory)}.init-`
	const parent = path.dirname(dataDirectory)
	for (const name of readdirSync(parent)) {
		if (!name.startsWith(begin)) continue
		const pid = Number(name.slice(begin.length).split('-')[0])
		if (!isAlive(pid)) rmSync(path.join(parent, name), { recursive: true, force: true })
	}
}

function syncDirectory(directory: string): void {
	const handle = openSync(directory, 'r')
	try {
		fsyncSync(handle)
	} finally {
		closeSync(handle)
	}
}

function run([program = '', ...rest]: readonly string[]): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: { ...process.env, LC_ALL: 'C' } })
		let said = ''
		child.stderr.setEncoding('utf8').on('data', (text) => {
			said += text
		})
		child.on('error', reject)
		child.on('close', (code, signal) => {
			if (code === 0) resolve()
			else reject(new Error(`initdb ended with ${signal ?? `code ${code}`}: ${said.trim() || 'it said nothing'}`))
		})
	})
}
