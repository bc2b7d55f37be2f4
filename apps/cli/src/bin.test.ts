import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let directory: string

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), 'taskyard-bin-'))
	mkdirSync(join(directory, 'bin'))
	copyFileSync(new URL('../bin/taskyard.mjs', import.meta.url), join(directory, 'bin/taskyard.mjs'))
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

const taskyard = (...parameters: string[]) =>
	spawnSync(process.execPath, [join(directory, 'bin/taskyard.mjs'), ...parameters], { encoding: 'utf8' })

test('becomes what was built, with its parameters and its exit code', () => {
	mkdirSync(join(directory, 'dist'))
	writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
	writeFileSync(
		join(directory, 'dist/main.js'),
		'console.log(JSON.stringify([process.execArgv, process.argv.slice(2)]))\nprocess.exit(3)\n',
	)
	const { status, stdout } = taskyard('tasks', 'watch', 'an id')
	expect(status).toBe(3)
	expect(JSON.parse(stdout)).toEqual([
		['--conditions=compiled', '--enable-source-maps'],
		['tasks', 'watch', 'an id'],
	])
})

test('says what to do when nothing is built', () => {
	const { status, stderr } = taskyard('tasks', 'list')
	expect(status).toBe(5)
	expect(stderr).toContain('taskyard is not built yet: run `npm start` or `npm run build`')
})
