/** What the README promises is there. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')

test('each setting stands in the table, and no other', () => {
	const documented = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)
	const known = [...read('libs/process/src/environment.ts').matchAll(/^\t([A-Z_]+):/gm)].map(([, name]) => name)
	expect(known).not.toEqual([])
	expect(documented.sort()).toEqual(known.sort())
})

test('the task of ten lines is the one that the sdk explains', () => {
	const [block] = /^```ts\n[^]*?^```$/m.exec(read('libs/sdk/README.md')) ?? []
	const [lines] = (block ?? '').split(/^```$/m)
	expect(lines).not.toBe('')
	expect(readme).toContain(lines)
})

test('its pictures and links lead to files', () => {
	const targets = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, target]) => target as string)
	expect(targets).not.toEqual([])
	for (const target of targets) expect(existsSync(new URL(`../../../${target}`, import.meta.url)), target).toBe(true)
})

test('each command that it shows is there', () => {
	const { stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url)), 'tasks', '--help'], {
		encoding: 'utf8',
	})
	const shown = new Set([...readme.matchAll(/taskyard tasks (\w+)/g)].map(([, name]) => name))
	expect(shown.size).toBeGreaterThan(0)
	for (const name of shown) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
	const scripts = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
	for (const [, name] of readme.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts.scripts)).toContain(name)
})
