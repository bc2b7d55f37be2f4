import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { TaskType } from './definition.ts'
import { defineTask } from './defineTask.ts'
import { Failure } from './failure.ts'
import { publishWith, type TaskPublisher } from './publishing.ts'
import { ManualClock } from './memoryClock.ts'
import { runInMemory, startInMemory } from './runInMemory.ts'

const room = join(import.meta.dirname, '..')
let folder = ''

beforeAll(async () => {
	const readme = await readFile(join(room, 'README.md'), 'utf8')
	const blocks = [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code as string)
	expect(blocks).toHaveLength(10)
	// Inside of the room, so that the examples find what an author's package would find.
	await mkdir(join(room, 'dist'), { recursive: true })
	folder = await mkdtemp(join(room, 'dist', 'readme-'))
	for (const [index, code] of blocks.entries()) await writeFile(join(folder, `example${index}.ts`), code)
	// What the examples call each other.
	await writeFile(join(folder, 'tasks.ts'), `export * from './example1.ts'\nexport * from './example6.ts'\n`)
	await writeFile(join(folder, 'sync.ts'), `export * from './example2.ts'\n`)
	const config = {
		extends: '../../../../tsconfig.base.json',
		compilerOptions: { noEmit: true, composite: false, rootDir: '../../../..' },
		include: ['*.ts'],
	}
	await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the examples compile', async () => {
	await promisify(execFile)('npx', ['--no-install', 'tsc', '-p', folder], { cwd: join(room, '../..') }).catch(
		(error: { stdout: string }) => {
			throw new Error(error.stdout)
		},
	)
})

test('the first task has ten lines and runs', async () => {
	const code = await readFile(join(folder, 'example0.ts'), 'utf8')
	expect(code.trim().split('\n').length).toBeLessThanOrEqual(10)
	const { greet } = (await import(pathToFileURL(join(folder, 'example0.ts')).href)) as { greet: TaskType<{ name: string }> }
	const run = await runInMemory(greet, { name: 'Ada' })
	expect(run).toMatchObject({ result: 'success', name: 'Greeting for Ada' })
	expect(run.log.map(({ line }) => line)).toEqual(['Hello Ada'])
})

test('the second example runs', async () => {
	const { diskReport } = (await import(pathToFileURL(join(folder, 'example1.ts')).href)) as {
		diskReport: TaskType<{ owner: string; paths: string[] }, { total: number }>
	}
	const run = await runInMemory(diskReport, { owner: 'ada', paths: [folder, join(folder, 'example0.ts')] })
	expect(run).toMatchObject({ result: 'success', locks: [{ resource: { type: 'User', id: 'ada' }, mode: 'shared' }] })
	expect(run.output?.total).toBeGreaterThan(0)
	const paused = await runInMemory(diskReport, { owner: 'ada', paths: [join(folder, 'missing')] })
	expect(paused).toMatchObject({ state: 'paused', error: { code: 'unreadable', message: expect.stringContaining('check that it exists') } })
})

test('the example of calls runs', async () => {
	const load = async (file: string): Promise<unknown> => import(pathToFileURL(join(folder, file)).href)
	const { SyncRepository, tasks } = (await load('example2.ts')) as { SyncRepository: TaskType<unknown>; tasks: TaskType[] }
	const run = await runInMemory(SyncRepository, { args: ['epel'], kwargs: { full: true } }, { types: tasks })
	expect(run).toMatchObject({ result: 'success', output: run.tasks[0]?.id, log: [{ line: 'all of epel' }] })
	expect(run.tasks[0]?.log).toMatchObject([{ line: 'refreshing epel' }])

	const orders: unknown[] = []
	const start: TaskPublisher['start'] = async (...order) => {
		orders.push(order)
		return 'id'
	}
	const { callEachWay } = (await load('example3.ts')) as { callEachWay: (publisher: TaskPublisher) => Promise<unknown> }
	expect(await callEachWay({ start })).toMatchObject({ uuid: 'id', task: 'Repository::Sync', args: ['epel'], queue: 'default' })
	publishWith(null)
	expect(orders).toMatchObject([
		['Repository::Sync', { args: ['epel'], kwargs: {} }, { queue: 'default' }],
		['Repository::Sync', { args: ['epel'], kwargs: { full: true } }, { queue: 'slow' }],
		['Repository::Sync', { args: ['epel'] }, { queue: 'default', priority: 5, startAt: expect.any(Date) }],
	])
})

test('the examples of waiting run', async () => {
	const { approval, arrival } = (await import(pathToFileURL(join(folder, 'example9.ts')).href)) as {
		approval: TaskType<{ report: string }, { by: string }>
		arrival: TaskType<{ path: string }, { bytes: number }>
	}
	const waiting = await runInMemory(approval, { report: 'May' })
	expect(waiting).toMatchObject({ state: 'running', waitingFor: { kind: 'event' }, callbacks: [{ step: 0 }] })
	expect(await waiting.sendEvent('Approve', { payload: 'ada' })).toMatchObject({ result: 'success', output: { by: 'ada' } })
	const path = join(folder, 'arrived')
	const clock = new ManualClock()
	const run = startInMemory(arrival, { path }, { clock })
	await clock.advance(1_000)
	expect(await run.settled()).toMatchObject({ state: 'running', attempts: [{ kind: 'poll', outcome: 'failed' }] })
	await writeFile(path, 'ten bytes.')
	await clock.advance(60_000)
	expect(await run.settled()).toMatchObject({ result: 'success', output: { bytes: 10 } })
})

test('the example of SQL runs', async () => {
	const { bookItem } = (await import(pathToFileURL(join(folder, 'example5.ts')).href)) as {
		bookItem: TaskType<{ item: string; count: number }, { left: number }>
	}
	const answering = (...rows: never[]) => ({ query: async () => ({ rows, rowCount: rows.length }) })
	const booked = await runInMemory(bookItem, { item: 'tea', count: 2 }, { sql: answering({ left: 3 } as never) })
	expect(booked).toMatchObject({ result: 'success', output: { left: 3 } })
	const soldOut = await runInMemory(bookItem, { item: 'tea', count: 2 }, { sql: answering() })
	expect(soldOut).toMatchObject({ state: 'paused', error: { code: 'sold_out' } })
})

describe('the example of what goes wrong', () => {
	type Change = TaskType<{ host: string; files: string[]; text: string; command?: string }>
	const load = async () =>
		((await import(pathToFileURL(join(folder, 'example6.ts')).href)) as { changeConfiguration: Change }).changeConfiguration
	const commands = (exitCode: number) =>
		defineTask({
			label: 'Command::Run',
			input: z.object({ command: z.string() }),
			run({ command }) {
				if (exitCode > 0) throw new Failure(`${command} ended with exit code ${exitCode}`)
			},
		})
	const text = (file: string) => readFile(file, 'utf8')

	test.each([
		['keeps what passes the check', 0, 'after', { state: 'stopped', result: 'success' }],
		['takes back what does not', 1, 'before', { state: 'stopped', result: 'error', reason: 'reverted' }],
	] as const)('%s', async (_, exitCode, expected, outcome) => {
		const files = [join(folder, 'one.conf'), join(folder, 'two.conf')]
		for (const file of files) await writeFile(file, 'before')
		const input = { host: 'web', files, text: 'after', command: 'check it' }
		const run = await (await runInMemory(await load(), input, { types: [commands(exitCode)] })).confirm(true)
		expect(run).toMatchObject({ ...outcome, locks: [{ resource: { type: 'Host', id: 'web' }, onConflict: 'wait' }] })
		expect(await Promise.all(files.map(text))).toEqual([expected, expected])
		expect(run.log.map(({ line }) => line)).toEqual(exitCode === 0 ? files.map((file) => `${file} is changed for good`) : [])
	})
})

test('the tests of the last example pass', async () => {
	const { stdout } = await promisify(execFile)(process.execPath, ['--test-reporter=tap', join(folder, 'example7.ts')])
	expect(stdout).toContain('# pass 2')
	expect(stdout).toContain('# fail 0')
})
