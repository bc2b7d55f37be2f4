import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const room = join(import.meta.dirname, '..')
const run = promisify(execFile)
let folder = ''

/** The room by the name that authors call it by. */
const sdk = '@taskyard/sdk'

/** What every case begins with. */
const definitions = `
import { connect } from '${sdk}/client'
import type { StepContext } from '${sdk}/definition'
import { publishWith } from '${sdk}/publishing'
import { BaseTask, Task, task } from '${sdk}/task'
@Task({ queue: 'sync' })
class Sync extends BaseTask {
	async run(repository: string, { full = false }: { full?: boolean } = {}) {
		return { repository, full }
	}
}
class Bare {
	run(_n: number): void {}
}
const Made = task({ bind: false })(class { run(_n: number) { return 1 } })
const add = task(async function add(a: number, b: number) { return a + b })
export const all = [Sync, Made, add] satisfies import('${sdk}/definition').TaskDefinition[]
void [Bare, connect, publishWith, null as StepContext | null]
`

/** What does not compile, with the error that the compiler gives; null for what does. */
const cases: Record<string, readonly [code: string, error: string | null]> = {
	'a call of a decorated class': ['void Sync.delay("epel", { full: true })', null],
	'a call without what has a default': ['void Sync.delay("epel")', null],
	'its arguments and those by name': ['void Sync.apply_async(["epel"], { full: true }, { queue: "slow", delay: 5 })', null],
	'a submission': ['void Sync.submit({ args: ["epel"], id: "x", priority: 3 })', null],
	'a call without an argument': ['void Sync.delay()', 'TS2554'],
	'an argument of another type': ['void Sync.delay(3)', 'TS2345'],
	'a list with one of another type': ['void Sync.apply_async([3])', 'TS2322'],
	'an unknown option': ['void Sync.submit({ list: ["epel"] })', 'TS2353'],
	'a made class': ['void Made.delay(3)', null],
	'a made class with a wrong argument': ['void Made.delay("3")', 'TS2345'],
	'a function': ['void add.delay(1, 2)', null],
	'a function with a wrong argument': ['void add.delay(1, "2")', 'TS2345'],
	'a function that is called here': ['void add(1, 2).then((sum) => sum.toFixed())', null],
	'a client over HTTP that starts what is called': ['publishWith(connect({ url: "http://localhost:4180" }))', null],
	'the context of a step that starts what is called': ['void (({ tasks }: StepContext) => Sync.by(tasks).delay("epel"))', null],
	'a decorated class without run': ['@Task() class Without {}\nvoid Without', 'TS1270'],
	'a class that is made of nothing': ['task({})(class {})', 'TS2769'],
}

async function compile(name: string, files: Readonly<Record<string, string>>, compilerOptions: object): Promise<string> {
	const place = join(folder, name)
	await mkdir(place)
	for (const [file, code] of Object.entries(files)) await writeFile(join(place, file), code)
	const config = {
		extends: '../../../../../tsconfig.base.json',
		compilerOptions: { composite: false, declaration: false, sourceMap: false, rootDir: '../../../../..', ...compilerOptions },
		include: ['*.ts'],
	}
	await writeFile(join(place, 'tsconfig.json'), JSON.stringify(config))
	return run('npx', ['--no-install', 'tsc', '-p', place, '--pretty', 'false'], { cwd: join(room, '../..') }).then(
		({ stdout }) => stdout,
		(error: { stdout: string }) => error.stdout,
	)
}

beforeAll(async () => {
	// Inside of the room, so that the cases find what an author's package would find.
	await mkdir(join(room, 'dist'), { recursive: true })
	folder = await mkdtemp(join(room, 'dist', 'decorators-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('types', () => {
	const output: Record<string, string> = {}
	beforeAll(async () => {
		const files = Object.fromEntries(Object.values(cases).map(([code], index) => [`case${index}.ts`, `${definitions}${code}\n`]))
		for (const experimentalDecorators of [false, true]) {
			const name = `types-${experimentalDecorators}`
			output[name] = await compile(name, files, { noEmit: true, experimentalDecorators })
		}
	})

	test.each(Object.entries(cases).map(([name, [, error]], index) => [name, error ?? 'compiles', index] as const))(
		'%s: %s',
		(name, expected, index) => {
			for (const found of Object.values(output)) {
				const errors = found.split('\n').filter((line) => line.includes(`case${index}.ts`))
				const codes = errors.map((line) => /error (TS\d+)/.exec(line)?.[1])
				// The two kinds of decorators word this one differently.
				if (name === 'a decorated class without run') expect(codes.length).toBeGreaterThan(0)
				else expect(codes).toEqual(expected === 'compiles' ? [] : [expected])
			}
		},
	)
})

/** Runs what the compiler has made of the README's example, and calls it. */
const calling = `
import { runInMemory } from '${sdk}/runInMemory'
import { tasks, SyncMirror } from './mirror.ts'
const started: unknown[] = []
const publisher = { start: async (...order: unknown[]) => { started.push(order); return 'id' } }
const message = await SyncMirror.by(publisher).delay('epel')
const { result, output, log } = await runInMemory(SyncMirror, { args: ['epel'] })
console.log(JSON.stringify({ label: tasks[0]?.data.label, message, started, result, output, log: log.map(({ line }) => line) }))
`

async function example(): Promise<string> {
	const readme = await readFile(join(room, 'README.md'), 'utf8')
	const found = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code as string).find((code) => code.includes('@Task('))
	if (!found) throw new Error('The README has no example with @Task().')
	return found
}

describe('the decorator of the README', () => {
	test.each([
		['as the standard has it', false],
		['as TypeScript had it before', true],
	])('compiled %s', async (_, experimentalDecorators) => {
		const name = `run-${experimentalDecorators}`
		const output = await compile(name, { 'mirror.ts': await example(), 'calling.ts': calling }, { experimentalDecorators, outDir: 'out' })
		expect(output).toBe('')
		const { stdout } = await run(process.execPath, [join(folder, name, 'out', 'libs/sdk/dist', basename(folder), name, 'calling.js')])
		expect(JSON.parse(stdout)).toEqual({
			label: 'SyncMirror',
			message: { uuid: 'id', task: 'SyncMirror', args: ['epel'], kwargs: {}, queue: null, discarded: false },
			started: [['SyncMirror', { args: ['epel'], kwargs: {} }, {}]],
			result: 'success',
			output: 4,
			log: ['syncing epel'],
		})
	})

	test('is a syntax error where nobody compiles it, as the README says', async () => {
		const file = join(folder, 'mirror.ts')
		await writeFile(file, await example())
		await expect(run(process.execPath, [file])).rejects.toThrow('SyntaxError: Invalid or unexpected token')
	})
})
