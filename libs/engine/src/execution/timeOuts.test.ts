import type { StepContext } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { concurrence, type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
let contexts: StepContext[] = []
let gate: PromiseWithResolvers<void>

/** Ends when the test says so, whatever its signal says. */
const deaf = (_: never, context: StepContext) => {
	contexts.push(context)
	return gate.promise.then(() => 'late')
}
const listens = (_: never, { signal }: StepContext) =>
	new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
const again = { retry: { attempts: 2, backoff: 'fixed' as const, initial: 1, max: 1, jitter: 0 } }

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		grace: 30,
		definitions: [
			sketch({ label: 'TimeOuts::Listens', tree: () => step(0), steps: () => [{ run: listens, policies: { timeout: 50 } }] }),
			sketch({
				label: 'TimeOuts::Deaf',
				tree: () => concurrence(step(0), sequence(step(1), step(2))),
				steps: () => [{ run: deaf, policies: { timeout: 50 } }, { run: () => gate.promise }, { run: () => 'beside it' }],
			}),
			sketch({
				label: 'TimeOuts::Again',
				tree: () => step(0),
				steps: () => [
					{
						run: (input: never, context: StepContext) => (context.attempt === 1 ? listens(input, context) : 'in time'),
						policies: { timeout: 50, ...again },
					},
				],
			}),
			sketch({
				label: 'TimeOuts::Ends',
				tree: () => step(0),
				// It hears of its time, and ends well all the same.
				steps: () => [
					{ run: (input: never, context: StepContext) => listens(input, context).catch(() => 'just so'), policies: { timeout: 50 } },
				],
			}),
			sketch({
				label: 'TimeOuts::Task',
				tree: () => sequence(step(0), step(1)),
				timeout: 1_500,
				steps: () => [{ run: () => 'quick' }, { run: listens }],
			}),
			sketch({
				label: 'TimeOuts::Finalize',
				tree: () => step(0),
				steps: () => [
					{
						run: () => 'quick',
						finalize: (input: never, _made: never, context: StepContext) => listens(input, context),
						policies: { timeout: 50 },
					},
				],
			}),
		],
	})
})
afterAll(() => engine?.stop())
beforeEach(() => {
	contexts = []
	gate = Promise.withResolvers()
})

const outcomes = async (id: string) =>
	(await engine.pool.query('select step, number, outcome from attempt where task_id = $1 order by step, number', [id])).rows

describe('an attempt whose time is over', () => {
	it('is told by its signal, and counts as a try', async () => {
		const id = await engine.start('TimeOuts::Listens')
		const task = await engine.reached(id, 'paused')
		expect([task.reason, task.steps[0]?.tries, task.steps[0]?.error?.message]).toEqual([
			'timed_out',
			1,
			'The step did not end within its time limit of 0.05 s.',
		])
		expect(await outcomes(id)).toEqual([{ step: 0, number: 1, outcome: 5 }])
	})

	it('that does not listen is given up after the grace period; what it ends with later is refused', async () => {
		const id = await engine.start('TimeOuts::Deaf')
		await waitFor('the step to be given up', async () => (await engine.load(id)).task.steps[0]?.state === 'error')
		expect(engine.executor.givenUp).toBe(1)
		await waitFor('its neighbour alone to run', () => engine.executor.busy === 1)
		// Its neighbour goes on as if nothing had happened.
		gate.resolve()
		const task = await engine.reached(id, 'paused')
		await waitFor('its code to end', () => engine.executor.givenUp === 0)
		expect(task.steps.map((one) => [one.state, one.attempt, one.tries])).toEqual([
			['error', 1, 1],
			['success', 1, 0],
			['success', 1, 0],
		])
		expect((await engine.load(id)).task.revision).toBe(task.revision)
		expect(contexts[0]?.signal.reason).toMatchObject({ code: 'timed_out' })
		expect(await contexts[0]?.stillMine()).toBe(false)
	})

	it('is tried again as its policy says', async () => {
		const id = await engine.start('TimeOuts::Again')
		await waitFor('the first try to end', async () => (await engine.load(id)).task.steps[0]?.tries === 1)
		await engine.door.submit(id, () => [{ fact: { kind: 'due', at: Date.now() + 1000 } }])
		expect((await engine.reached(id, 'stopped')).steps[0]?.output).toBe('"in time"')
		expect(await outcomes(id)).toEqual([
			{ step: 0, number: 1, outcome: 5 },
			{ step: 0, number: 2, outcome: 0 },
		])
	})

	it('may end well within its grace period', async () => {
		const task = await engine.reached(await engine.start('TimeOuts::Ends'), 'stopped')
		expect([task.result, task.steps[0]?.output]).toEqual(['success', '"just so"'])
	})

	it('by the time limit of its task names that', async () => {
		const id = await engine.start('TimeOuts::Task')
		const task = await engine.reached(id, 'paused')
		expect([task.reason, task.steps[0]?.state, task.steps[1]?.error?.message]).toEqual([
			'timed_out',
			'success',
			'The time limit of the task, 1.5 s, was over before the step ended.',
		])
	})

	it('may be one of a finalize', async () => {
		const task = await engine.reached(await engine.start('TimeOuts::Finalize'), 'paused')
		expect([task.reason, task.steps[0]?.state, task.steps[0]?.error?.during]).toEqual(['timed_out', 'error', 'finalize'])
	})
})
