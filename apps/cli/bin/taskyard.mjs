#!/usr/bin/env node
// The command `taskyard`: runs what `npm start` has built. It replaces itself, so that signals and exit codes are those of the program.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

if (typeof process.execve !== 'function') {
	console.error(
		`taskyard runs on the Node.js that comes with it, not on ${process.version}: use \`npx taskyard\` or node_modules/.bin/taskyard.`,
	)
	process.exit(5)
}
if (!existsSync(program)) {
	console.error('taskyard is not built yet: run `npm start` or `npm run build` in its folder once, then try again.')
	process.exit(5)
}
process.execve(process.execPath, [process.execPath, '--conditions=compiled', '--enable-source-maps', program, ...process.argv.slice(2)])
