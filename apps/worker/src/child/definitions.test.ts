import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = pathToFileURL(join(import.meta.dirname, 'definitions.ts')).href
let folder = ''

beforeAll(async () => {
	// Inside of the room, so that the modules find what an author's package would find.
	const dist = join(import.meta.dirname, '..', '..', 'dist')
	await mkdir(dist, { recursive: true })
	folder = await mkdtemp(join(dist, 'definitions-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Loads modules as a child does, which runs them as they are; a test runner would compile them. Answers the labels. */
async function load(...modules: readonly string[]): Promise<string[]> {
	const paths: string[] = []
	for (const [index, code] of modules.entries()) {
		const path = join(folder, `module${index}.ts`)
		await writeFile(path, code)
		paths.push(path)
	}
	const program = `import { loadDefinitions } from '${here}'
	console.log(JSON.stringify([...(await loadDefinitions([], ${JSON.stringify(paths)})).keys()]))`
	const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
	return JSON.parse(stdout) as string[]
}

const sdk = `import { Task, task } from '@taskyard/sdk/task'\n`

test('functions and classes that are tasks are definitions', async () => {
	const code = `${sdk}const add = task(async function add(a: number, b: number) { return a + b })
	class Sync { run() {} }
	Task({ label: 'Repository::Sync' })(Sync)
	export const tasks = [add, Sync, task({})(class Other { run() {} })]`
	expect(await load(code)).toEqual(expect.arrayContaining(['Command::Run', 'add', 'Repository::Sync', 'Other']))
})

test.each<[string, readonly string[], string]>([
	[
		'a decorator that nobody has compiled',
		[`${sdk}@Task()\nexport class Sync { run() {} }\nexport const tasks = [Sync]`],
		'module0.ts has a decorator',
	],
	['a syntax error of another kind', [`${sdk}export const tasks = [`], 'SyntaxError'],
	['no tasks', [`${sdk}export default task`], 'exports no array "tasks"'],
	[
		'one label twice',
		[`${sdk}export const tasks = [task(async function add() {})]`, `${sdk}export const tasks = [task(async function add() {})]`],
		'defines "add", which another module has defined already',
	],
])('%s is refused by name', async (_, modules, because) => {
	await expect(load(...modules)).rejects.toThrow(because)
})
