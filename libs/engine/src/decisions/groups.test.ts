import { useDatabase } from '@taskyard/testkit/database'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { concurrence, type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'
import { UnstorableDecision } from './door.ts'
import { holdUp, openWatchedPool, type WatchedPool, writeStatement } from '../testing/watchedPool.ts'

const database = useDatabase()
let engine: EngineUnderTest
let watched: WatchedPool
const runs: string[] = []
/** Called by each step of `Groups::Chain`. */
let onRun: (task: string, step: number) => unknown = () => undefined

const noted = {
	run: (_: never, { taskId, step: index, attempt }: { taskId: string; step: number; attempt: number }) => {
		runs.push(`${taskId}/${index}/${attempt}`)
		return onRun(taskId, index)
	},
}

const inQueue = (queue: string, definition: TaskDefinition): TaskDefinition => ({ ...definition, data: { ...definition.data, queue } })

/** Computes a name for its tasks; a bad one that no text of PostgreSQL can be. */
const named = (definition: TaskDefinition): TaskDefinition => ({
	...definition,
	plan: async (input) => ({ ...(await definition.plan(input)), name: (input as { bad: boolean }).bad ? 'a\0b' : 'good' }),
})

beforeAll(async () => {
	watched = openWatchedPool(database.url)
	engine = await engineUnderTest({
		url: database.url,
		pool: watched.pool,
		concurrency: 100,
		definitions: [
			sketch({ label: 'Groups::Chain', tree: () => sequence(step(0), step(1), step(2)), steps: () => [noted, noted, noted] }),
			// Of a queue that nobody looks at: the test activates by hand.
			inQueue(
				'by hand',
				sketch({
					label: 'Groups::Branches',
					tree: () => concurrence(sequence(step(0), step(1)), step(2)),
					steps: () => [noted, noted, noted],
				}),
			),
			sketch({
				label: 'Groups::Comb',
				tree: () =>
					sequence(concurrence(...[0, 3, 6, 9, 12].map((first) => sequence(step(first), step(first + 1), step(first + 2)))), step(15)),
				steps: () => Array.from({ length: 16 }, () => noted),
			}),
			named(sketch({ label: 'Groups::Named', tree: () => step(0), steps: () => [noted] })),
		],
	})
})
afterAll(() => engine?.stop())
afterEach(() => {
	vi.useRealTimers()
	onRun = () => undefined
	runs.length = 0
})

describe('a group', () => {
	it('in which a step ends and another job of its task arrives runs what follows once', async () => {
		const gate = Promise.withResolvers<void>()
		onRun = (_, index) => (index === 0 ? gate.promise : undefined)
		const id = await engine.start('Groups::Branches')
		const first = engine.executor.activate(id)
		await waitFor('the first branch to run', () => runs.length === 1)
		// While a group is under way, the end of step 0 and a second job make the next one.
		const load = holdUp(watched, 'taskyard:loadTasks')
		const other = engine.door.submit(id.replace(/^.{8}/, '00000000'), () => null)
		await load.reached
		gate.resolve()
		await new Promise(setImmediate)
		const second = engine.executor.activate(id)
		await new Promise(setImmediate)
		load.letGo()
		await Promise.all([other, first, second])
		expect((await engine.reached(id, 'stopped')).result).toBe('success')
		expect(runs.toSorted()).toEqual([0, 1, 2].map((index) => `${id}/${index}/1`))
	})

	it('keeps a task that is let go of while it loads another', async () => {
		const ids = await Promise.all([0, 1].map(() => engine.start('Groups::Branches')))
		const [mine, other] = ids as [string, string]
		engine.door.hold(mine)
		await engine.door.submit(mine, () => null)
		const load = holdUp(watched, 'taskyard:loadTasks')
		const answers = Promise.all([engine.door.submit(mine, () => null), engine.door.submit(other, () => null)])
		await load.reached
		engine.door.release(mine)
		load.letGo()
		expect((await answers).map(({ kind }) => kind)).toEqual(['nothing', 'nothing'])
		// Memory holds it no longer: who asks now is told what the database says.
		watched.sent.length = 0
		await engine.door.submit(mine, () => null)
		expect(watched.sent).toEqual(['taskyard:loadTasks'])
		await Promise.all(ids.map((id) => engine.executor.activate(id)))
		await Promise.all(ids.map((id) => engine.reached(id, 'stopped')))
	})

	it('runs each step once, however many jobs a task has', async () => {
		const ids = await Promise.all(Array.from({ length: 40 }, () => engine.start('Groups::Comb')))
		await Promise.all(ids.flatMap((id) => [engine.executor.activate(id), engine.executor.activate(id), engine.executor.activate(id)]))
		await Promise.all(ids.map((id) => engine.reached(id, 'stopped')))
		const expected = ids.flatMap((id) => Array.from({ length: 16 }, (_, index) => `${id}/${index}/1`))
		expect(runs.toSorted()).toEqual(expected.toSorted())
	})

	it('is committed before the next step of its task begins', async () => {
		const seen: unknown[] = []
		onRun = async (task, index) => {
			const { rows } = await database.pool.query('select index, state from step where task_id = $1 order by index', [task])
			seen.push([index, rows.map((row) => row.state)])
		}
		const id = await engine.start('Groups::Chain')
		await engine.reached(id, 'stopped')
		// 1: running, 2: success.
		expect(seen).toEqual([
			[0, [1]],
			[1, [2, 1]],
			[2, [2, 2, 1]],
		])
	})

	it('that is not written yet holds the next step back', async () => {
		const gate = Promise.withResolvers<void>()
		onRun = (_, index) => (index === 0 ? gate.promise : undefined)
		const id = await engine.start('Groups::Chain')
		await waitFor('the first step to run', () => runs.length === 1)
		const write = holdUp(watched, writeStatement)
		gate.resolve()
		await write.reached
		expect(runs).toEqual([`${id}/0/1`])
		expect((await database.pool.query('select state from step where task_id = $1', [id])).rows).toEqual([{ state: 1 }])
		write.letGo()
		await engine.reached(id, 'stopped')
		expect(runs).toEqual([0, 1, 2].map((index) => `${id}/${index}/1`))
	})

	it('gathers what comes while another is under way, and a lone fact waits for no timer', async () => {
		const ids = await Promise.all(Array.from({ length: 30 }, () => engine.start('Groups::Chain')))
		await Promise.all(ids.map((id) => engine.reached(id, 'stopped')))
		const [lone, ...others] = ids as [string, ...string[]]
		// Time stands still from here on: what waited for a timer would wait for ever.
		vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate'] })
		expect(await engine.door.submit(lone, () => null)).toMatchObject({ kind: 'nothing' })
		const load = holdUp(watched, 'taskyard:loadTasks')
		const first = engine.door.submit(lone, () => null)
		await load.reached
		const rest = others.map((id) => engine.door.submit(id, () => null))
		watched.sent.length = 0
		load.letGo()
		await Promise.all([first, ...rest])
		expect(watched.sent).toEqual(['taskyard:loadTasks'])
	})

	it('with one row that cannot be stored commits its neighbours, and only that one is refused', async () => {
		const gate = Promise.withResolvers<void>()
		onRun = (_, index) => (index === 0 ? gate.promise : undefined)
		const ids = await Promise.all(Array.from({ length: 40 }, () => engine.start('Groups::Chain')))
		await waitFor('all first steps to run', () => runs.length === ids.length)
		watched.sent.length = 0
		// No text of an output is broken JSON; only the database would notice it.
		const output = (index: number): string => (index === 17 ? '{"broken' : '"good"')
		const outcomes = await Promise.allSettled(
			ids.map((id, index) =>
				engine.door.submit(id, () => [
					{ fact: { kind: 'step_succeeded', step: 0, attempt: 1, output: output(index), at: Date.now(), take: null } },
				]),
			),
		)
		expect(outcomes.map((outcome) => outcome.status)).toEqual(ids.map((_, index) => (index === 17 ? 'rejected' : 'fulfilled')))
		const { reason } = outcomes[17] as PromiseRejectedResult
		expect(reason).toBeInstanceOf(UnstorableDecision)
		expect((reason as Error).message).toMatch(/database refused .*invalid input syntax for type json/)
		// The others have gone on already; that one still waits for an outcome that can be stored.
		const states = await Promise.all(ids.map(async (id) => (await engine.load(id)).task.steps[0]?.state))
		expect(states).toEqual(ids.map((_, index) => (index === 17 ? 'running' : 'success')))
		// Halved until found, not written one by one.
		expect(watched.sent.filter((name) => name.startsWith(writeStatement)).length).toBeLessThan(20)
		gate.resolve()
		await Promise.all(ids.map((id) => engine.reached(id, 'stopped')))
	})

	it('leaves nothing in memory of what could not be stored', async () => {
		const gate = Promise.withResolvers<void>()
		onRun = (_, index) => (index === 0 ? gate.promise : undefined)
		const id = await engine.start('Groups::Chain')
		await waitFor('the first step to run', () => runs.length === 1)
		const succeeded = (output: string) =>
			engine.door.submit(id, () => [{ fact: { kind: 'step_succeeded', step: 0, attempt: 1, output, at: Date.now(), take: null } }])
		engine.door.hold(id)
		await expect(succeeded('{"broken')).rejects.toBeInstanceOf(UnstorableDecision)
		const after = await engine.door.submit(id, () => null)
		expect(after).toMatchObject({ loaded: { task: { steps: [{ state: 'running', output: null }, {}, {}] } } })
		engine.door.release(id)
		expect(await succeeded('1')).toMatchObject({ kind: 'decided', decisions: [{ kind: 'changed' }] })
		gate.resolve()
		expect((await engine.reached(id, 'stopped')).steps[0]?.output).toBe('1')
	})

	it('in which one plan cannot be stored plans the others, and that task pauses by name', async () => {
		const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => engine.start('Groups::Named', { bad: index === 17 })))
		const good = ids.filter((_, index) => index !== 17)
		await Promise.all(good.map((id) => engine.reached(id, 'stopped')))
		const bad = await engine.reached(ids[17] as string, 'paused')
		expect([bad.reason, bad.error?.message]).toEqual(['planning_failed', expect.stringContaining('database refused')])
	})
})
