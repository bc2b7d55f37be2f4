// `npm start`: builds what changed, then becomes the launcher. It replaces itself, so that npm's signals reach the launcher and nobody else.
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

if (typeof process.execve !== 'function') {
	console.error(`tools/start.mjs runs on the pinned Node.js, not on ${process.version}: use \`npm start\`.`)
	process.exit(1)
}

const faults = await build((line) => console.error(line))
if (faults.length > 0) {
	for (const fault of faults) console.error(fault)
	console.error('taskyard was not started, because the build above failed: correct what it names and run `npm start` again.')
	process.exit(1)
}

const dataDirectory = resolve(root, process.env.DATA_DIRECTORY || '.data')
process.execve(
	process.execPath,
	[
		process.execPath,
		'--conditions=compiled',
		'--enable-source-maps',
		join(root, 'apps/cli/dist/main.js'),
		'start',
		...process.argv.slice(2),
	],
	{
		...process.env,
		DATA_DIRECTORY: dataDirectory,
		NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(dataDirectory, 'compile-cache'),
	},
)
