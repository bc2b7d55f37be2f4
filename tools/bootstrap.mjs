// Installs what the lock file names, when it is not installed yet. npm runs this before `start` and `test`, on whatever Node the machine has
// (>= 18, no dependencies). npm starts the main script afterwards with node_modules/.bin first on PATH, and so on the pinned Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stampFile = join(root, 'node_modules', '.bootstrap-stamp')
const read = (name) => readFileSync(join(root, name), 'utf8')

const oldestNode = 20
if (Number(process.versions.node.split('.')[0]) < oldestNode) {
	console.error(
		`taskyard needs Node.js ${oldestNode} or newer to install itself; this is ${process.version} (${process.execPath}). Install a newer one.`,
	)
	process.exit(1)
}

const { packageManager } = JSON.parse(read('package.json'))
const stamp = createHash('sha256')
	.update([packageManager, process.platform, process.arch, read('pnpm-lock.yaml'), read('pnpm-workspace.yaml')].join('\0'))
	.digest('hex')

const installed =
	existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp && existsSync(join(root, 'node_modules', '.bin', 'node'))
if (!installed) {
	console.error(`installing dependencies with ${packageManager} (the first time this takes about half a minute)`)
	const install = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'], {
		cwd: root,
		stdio: ['ignore', 2, 2],
	})
	if (install.status !== 0) {
		const why = install.error
			? `npx could not be started: ${install.error.message}`
			: `${packageManager} ended with ${install.signal ?? install.status}`
		console.error(`dependencies are not installed: ${why}. Look at its lines above; npm's registry must be reachable the first time.`)
		process.exit(1)
	}
	writeFileSync(stampFile, stamp)
}
