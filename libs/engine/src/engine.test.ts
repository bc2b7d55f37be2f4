import { countJobs } from '@taskyard/dispatch/jobs'
import { Failure } from '@taskyard/sdk/failure'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { concurrence, type EngineUnderTest, engineUnderTest, output, sequence, sketch, step } from './testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
const ran: string[] = []
let broken = true
const gate = { open: Promise.withResolvers<void>() }

const definitions = [
	sketch({
		label: 'Outputs',
		tree: () => sequence(step(0), concurrence(step(1), step(2)), step(3)),
		steps: (input: { base: number }) => [
			{ run: () => ({ numbers: [input.base, 9007199254740993n] }) },
			{ run: (given: { n: number }) => given.n + 1, input: { n: output(0, 'numbers', 0) } },
			{ run: (given: { big: bigint }) => given.big, input: { big: output(0, 'numbers', 1) } },
			{ run: (given: unknown) => given, input: { left: output(1), right: output(2) } },
		],
	}),
	sketch({
		label: 'FailsOnce',
		tree: () => sequence(step(0), step(1)),
		steps: () => [
			{ run: () => ran.push('first') },
			{
				run: () => {
					if (broken) throw new Failure('the disk is full', { code: 'no_space', details: { free: 0 } })
				},
			},
		],
	}),
	sketch({
		label: 'Retries',
		tree: () => step(0),
		steps: () => [
			{
				run: (_: never, context) => {
					if (context.tries < 2) throw new Error(`try ${context.tries + 1}`)
					return context.tries
				},
				policies: { retry: { attempts: 3, backoff: 'fixed', initial: 1, max: 1, jitter: 0 } },
			},
		],
	}),
	sketch({
		label: 'Waits',
		tree: () => sequence(step(0), step(1)),
		steps: () => [
			{
				run: (_: never, { signal }) =>
					new Promise((_resolve, reject) => {
						if (signal.aborted) reject(signal.reason)
						signal.addEventListener('abort', () => reject(signal.reason))
					}),
			},
			{ run: () => ran.push('never') },
		],
	}),
	sketch({
		label: 'Locks',
		tree: () => step(0),
		steps: () => [{ run: () => gate.open.promise }],
		locks: [{ resource: { type: 'Directory', id: '{path}' }, name: 'backup', mode: 'exclusive' }],
	}),
	sketch({
		label: 'Logs',
		tree: () => step(0),
		steps: () => [
			{
				run: async (_: never, context) => {
					for (let line = 1; line <= 30_000; line++) await context.log(`line ${line}`, line % 2 ? 'stdout' : 'stdout')
					await context.log('an error', 'stderr')
					context.progress({ done: 3, total: 4, unit: 'files' })
				},
			},
		],
	}),
	sketch({
		label: 'TimesOut',
		tree: () => step(0),
		steps: () => [
			{
				run: (_: never, { signal }) =>
					new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
				policies: { timeout: 20 },
			},
		],
	}),
	sketch({ label: 'Unstorable', tree: () => sequence(step(0), step(1)), steps: () => [{ run: () => 'a\0b' }, { run: () => 1 }] }),
]

beforeAll(async () => {
	engine = await engineUnderTest({ url: database.url, definitions })
})
afterAll(() => engine?.stop())

describe('a task', () => {
	it('runs its steps, hands outputs on as they are, and leaves its last output', async () => {
		const id = await engine.start('Outputs', { base: 41 })
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.progress, task.revision > 0]).toEqual(['success', 1, true])
		const { rows } = await engine.pool.query('select output::text from task_payload where task_id = $1', [id])
		expect(rows[0].output).toBe('{"left":42,"right":9007199254740993}')
	})

	it('leaves no job, no lock and no timer', async () => {
		const id = await engine.start('Outputs', { base: 1 })
		await engine.reached(id, 'stopped')
		await waitFor('the queue to be empty', async () => (await countJobs(engine.pool)) === 0)
		const { rows } = await engine.pool.query(
			'select (select count(*) from lock where task_id = $1) + (select count(*) from timer where task_id = $1) as n',
			[id],
		)
		expect(rows[0].n).toBe(0)
	})

	it('has a history in which every revision appears once, in order', async () => {
		const id = await engine.start('Outputs', { base: 1 })
		await engine.reached(id, 'stopped')
		const { rows } = await engine.pool.query('select revision, n, kind, old, new from event where task_id = $1 order by revision, n', [id])
		expect(rows.at(0)).toMatchObject({ revision: 0, kind: 0, new: 1 })
		expect(rows.filter((row) => row.kind === 1).map((row) => [row.old, row.new])).toEqual([
			[1, 2],
			[2, 3],
			[3, 4],
			[4, 6],
		])
		expect(rows.filter((row) => row.kind === 2)).toHaveLength(4)
	})

	it('pauses on an error with its details, and resumes from the failed step with a warning', async () => {
		ran.length = 0
		broken = true
		const id = await engine.start('FailsOnce')
		const paused = await engine.reached(id, 'paused')
		expect([paused.result, paused.reason]).toEqual(['error', 'failed'])
		expect(paused.steps[1]?.error).toMatchObject({ message: 'the disk is full', type: 'Failure', code: 'no_space', details: { free: 0 } })
		expect(paused.steps[1]?.error?.trace).toContain('engine.test.ts')
		broken = false
		expect(await engine.commands.resumeTask({ id, who: engine.owner, why: 'disk cleaned' })).toEqual({ task: { id } })
		const task = await engine.reached(id, 'stopped')
		expect([task.result, ran, task.steps[1]?.attempt]).toEqual(['warning', ['first'], 2])
		const { rows } = await engine.pool.query('select step, number, outcome from attempt where task_id = $1 order by number', [id])
		expect(rows).toEqual([
			{ step: 1, number: 1, outcome: 1 },
			{ step: 1, number: 2, outcome: 0 },
		])
	})

	it('has its automatic tries, each an attempt', async () => {
		const id = await engine.start('Retries')
		await waitFor('a timer', async () => (await engine.pool.query('select from timer where task_id = $1', [id])).rows.length === 1)
		for (let attempt = 1; attempt <= 2; attempt++) {
			await waitFor(`try ${attempt}`, async () => (await engine.load(id)).task.steps[0]?.tries === attempt)
			await engine.door.submit(id, () => [{ fact: { kind: 'due', at: Date.now() + 1000 } }])
		}
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.steps[0]?.attempt, task.steps[0]?.output]).toEqual(['success', 3, '2'])
	})

	it('is cancelled while a step runs: the step is signalled, the rest never starts', async () => {
		ran.length = 0
		const id = await engine.start('Waits')
		await engine.reached(id, 'running')
		expect(await engine.commands.cancelTask({ id, who: engine.owner, why: 'wrong host' })).toEqual({ task: { id } })
		// In a worker the supervisor says when.
		await engine.executor.look()
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.steps.map((one) => one.state), ran]).toEqual(['cancelled', ['cancelled', 'cancelled'], []])
	})

	it('whose step takes too long is signalled, and says so', async () => {
		const task = await engine.reached(await engine.start('TimesOut'), 'paused')
		expect([task.reason, task.steps[0]?.error?.code]).toEqual(['timed_out', 'timed_out'])
	})

	it('whose output cannot be stored ends in error by name', async () => {
		const id = await engine.start('Unstorable')
		const task = await engine.reached(id, 'paused')
		expect(task.steps[0]?.error?.message).toMatch(/NUL|cannot|refused/)
	})
})

describe('locks', () => {
	it('one task of two on a resource pauses, naming the holder, and resumes when it has stopped', async () => {
		gate.open = Promise.withResolvers<void>()
		const first = await engine.start('Locks', { path: '/srv' })
		await engine.reached(first, 'running')
		const second = await engine.start('Locks', { path: '/srv' })
		const paused = await engine.reached(second, 'paused')
		expect(paused.reason).toBe('lock_conflict')
		expect(paused.error?.message).toContain(first)
		expect(paused.error?.details).toMatchObject({ claims: [{ resource: { type: 'Directory', id: '/srv' }, holders: [first] }] })
		const elsewhere = await engine.start('Locks', { path: '/home' })
		await engine.reached(elsewhere, 'running')
		gate.open.resolve()
		await engine.reached(first, 'stopped')
		await engine.commands.resumeTask({ id: second, who: engine.owner, why: null })
		expect((await engine.reached(second, 'stopped')).result).toBe('warning')
		await engine.reached(elsewhere, 'stopped')
		expect((await engine.pool.query('select from lock')).rows).toHaveLength(0)
	})
})

describe('the log', () => {
	it('keeps every line in order, numbered, in chunks of 64 KiB at most', async () => {
		const id = await engine.start('Logs')
		await engine.reached(id, 'stopped')
		const { rows } = await engine.pool.query(
			'select first_line, count, stream, text from log_chunk where task_id = $1 order by first_line',
			[id],
		)
		const lines = rows.flatMap((row) => row.text.split('\n'))
		expect(lines).toEqual([...Array.from({ length: 30_000 }, (_, index) => `line ${index + 1}`), 'an error'])
		let next = 1
		for (const row of rows) {
			expect(row.first_line).toBe(next)
			next += row.count
			expect(Buffer.byteLength(row.text)).toBeLessThanOrEqual(64 * 1024)
		}
	})
})

describe('starting', () => {
	const order = (changes: object) => ({ label: 'Outputs', input: '{"base":1}', who: engine.owner, correlationId: 'c', ...changes })

	it('links the task to who started it', async () => {
		const id = await engine.start('Outputs', { base: 1 })
		const { rows } = await engine.pool.query(
			'select r.type, r.key, r.title from link l join resource r on r.id = l.resource_id where l.task_id = $1',
			[id],
		)
		expect(rows).toEqual([{ type: 'User', key: String(engine.owner), title: 'Ann' }])
		await engine.reached(id, 'stopped')
	})

	it('answers the same task to the same id, and refuses another one', async () => {
		const { rows } = await engine.pool.query('select id from task limit 1')
		const id = rows[0].id
		const fresh = await engine.commands.startTask(order({}))
		if (!('task' in fresh)) throw new Error('refused')
		const again = await engine.commands.startTask(order({ id: fresh.task.id }))
		expect(again).toEqual(fresh)
		expect(await engine.commands.startTask(order({ id, input: '{"base":2}' }))).toMatchObject({ refusal: { code: 'id_taken' } })
	})

	it.each([
		['an unknown type', { label: 'Nothing' }, 'unknown_task_type', 'Known are Fails'],
		['no JSON', { input: '{' }, 'invalid_input', 'no JSON'],
		['a wrong input', { input: '[]' }, 'invalid_input', 'object'],
		['a NUL', { input: '{"a":{"b":"x\\u0000"}}' }, 'invalid_input', '/a/b'],
		['an id that is no UUIDv7', { id: '7f3c9a1e-0000-4000-8000-000000000000' }, 'invalid_id', 'UUIDv7'],
		['an id of another age', { id: '01000000-0000-7000-8000-000000000000' }, 'invalid_id', 'days'],
	])('refuses %s, and nothing is stored', async (_, changes, code, text) => {
		const before = (await engine.pool.query('select count(*) as n from task')).rows[0].n
		const answer = await engine.commands.startTask(order(changes))
		expect(answer).toMatchObject({ refusal: { code } })
		expect(JSON.stringify(answer)).toContain(text)
		expect((await engine.pool.query('select count(*) as n from task')).rows[0].n).toBe(before)
	})

	it.each(['resumeTask', 'cancelTask'] as const)('%s of a task that is not there says so', async (command) => {
		const id = '019aa000-0000-7000-8000-000000000000'
		expect(await engine.commands[command]({ id, who: 1, why: null })).toMatchObject({ refusal: { code: 'not_found' } })
		expect(await engine.commands[command]({ id: 'x', who: 1, why: null })).toMatchObject({ refusal: { code: 'not_found' } })
	})

	it('refuses to resume or cancel what has stopped', async () => {
		const id = await engine.start('Outputs', { base: 1 })
		await engine.reached(id, 'stopped')
		expect(await engine.commands.cancelTask({ id, who: engine.owner, why: null })).toMatchObject({ refusal: { code: 'already_stopped' } })
		expect(await engine.commands.resumeTask({ id, who: engine.owner, why: null })).toMatchObject({ refusal: { code: 'already_stopped' } })
	})
})
