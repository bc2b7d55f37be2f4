import { Failure } from '@taskyard/sdk/failure'
import type { StepContext } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { concurrence, type EngineUnderTest, engineUnderTest, output, sequence, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
/** What author code was called, in order. */
let called: string[] = []
/** Calls that fail, by name, and how often. */
let failing = new Map<string, number>()
let given: unknown[] = []

function call(name: string, context: StepContext): void {
	called.push(`${name} ${context.attempt}`)
	const left = failing.get(name) ?? 0
	if (left === 0) return
	failing.set(name, left - 1)
	throw new Failure(`${name} failed`)
}

const full = (index: number, more: object = {}) => ({
	run: (_: never, context: StepContext) => {
		call(`run ${index}`, context)
		return { made: index }
	},
	finalize: (input: never, made: never, context: StepContext) => {
		given.push(input, made)
		call(`finalize ${index}`, context)
		return 'nobody reads this'
	},
	revert: (input: never, made: never, context: StepContext) => {
		given.push(input, made)
		call(`revert ${index}`, context)
	},
	...more,
})

const quickly = { retry: { attempts: 2, backoff: 'fixed' as const, initial: 1, max: 1, jitter: 0 } }

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			sketch({
				label: 'Kinds::Finalizes',
				tree: () => sequence(step(0), concurrence(step(1), step(2))),
				steps: () => [full(0, { input: 'as given' }), { run: () => 'plain' }, full(2, { input: output(0, 'made') })],
				output: output(2, 'made'),
			}),
			sketch({
				label: 'Kinds::Reverts',
				tree: () => sequence(step(0), step(1), step(2), step(3)),
				steps: () => [
					full(0, { input: 'as given' }),
					{ run: () => 'plain' },
					full(2, { input: output(0) }),
					{ run: () => Promise.reject(new Failure('the last step failed')), policies: { rescue: 'revert' } },
				],
			}),
			sketch({ label: 'Kinds::Patient', tree: () => step(0), steps: () => [full(0, { policies: quickly })] }),
		],
	})
})
afterAll(() => engine?.stop())
beforeEach(() => {
	called = []
	given = []
	failing = new Map()
})

const kinds = async (id: string) =>
	(await engine.pool.query('select step, number, kind, outcome from attempt where task_id = $1 order by step, number', [id])).rows

describe('finalize', () => {
	it('comes once per step that has one, in plan order, after all steps have passed, with input and output', async () => {
		const id = await engine.start('Kinds::Finalizes')
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.steps.map((one) => one.state)]).toEqual(['success', ['finalized', 'success', 'finalized']])
		expect(called).toEqual(['run 0 1', 'run 2 1', 'finalize 0 2', 'finalize 2 2'])
		expect(given).toEqual(['as given', { made: 0 }, 0, { made: 2 }])
		const { rows } = await engine.pool.query('select output::text from task_payload where task_id = $1', [id])
		expect(rows).toEqual([{ output: '2' }])
	})

	it('that failed for good pauses the task, and a resume runs it alone', async () => {
		failing.set('finalize 0', 1)
		const id = await engine.start('Kinds::Finalizes')
		const paused = await engine.reached(id, 'paused')
		expect([paused.steps[0]?.state, paused.steps[0]?.error?.message, paused.steps[0]?.error?.during]).toEqual([
			'error',
			'finalize 0 failed',
			'finalize',
		])
		expect(called).toEqual(['run 0 1', 'run 2 1', 'finalize 0 2'])
		await engine.commands.resumeTask({ id, who: engine.owner, why: null })
		expect((await engine.reached(id, 'stopped')).result).toBe('warning')
		expect(called.slice(3)).toEqual(['finalize 0 3', 'finalize 2 2'])
		expect(await kinds(id)).toEqual([
			{ step: 0, number: 2, kind: 4, outcome: 1 },
			{ step: 0, number: 3, kind: 4, outcome: 0 },
			{ step: 2, number: 2, kind: 4, outcome: 0 },
		])
	})

	it('is tried again as the policy of its action says', async () => {
		failing.set('finalize 0', 1)
		const id = await engine.start('Kinds::Patient')
		// The timer is fired by hand: no sweep runs here.
		await expect.poll(async () => (await engine.load(id)).task.steps[0]?.tries).toBe(1)
		await engine.door.submit(id, () => [{ fact: { kind: 'due', at: Date.now() + 1000 } }])
		const task = await engine.reached(id, 'stopped')
		expect([task.result, called]).toEqual(['success', ['run 0 1', 'finalize 0 2', 'finalize 0 3']])
	})
})

describe('revert', () => {
	it('takes back what is done in the reverse order of the plan, then stops with error', async () => {
		const id = await engine.start('Kinds::Reverts')
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.reason, task.steps.map((one) => one.state)]).toEqual([
			'error',
			'reverted',
			['reverted', 'success', 'reverted', 'error'],
		])
		expect(called).toEqual(['run 0 1', 'run 2 1', 'revert 2 2', 'revert 0 2'])
		expect(given).toEqual([{ made: 0 }, { made: 2 }, 'as given', { made: 0 }])
	})

	it('that fails pauses the task, and a resume goes on with it', async () => {
		failing.set('revert 2', 1)
		const id = await engine.start('Kinds::Reverts')
		const paused = await engine.reached(id, 'paused')
		expect([paused.steps[2]?.state, paused.steps[0]?.state]).toEqual(['revert_failed', 'success'])
		await engine.commands.resumeTask({ id, who: engine.owner, why: null })
		const task = await engine.reached(id, 'stopped')
		expect([task.reason, task.steps.map((one) => one.state)]).toEqual(['reverted', ['reverted', 'success', 'reverted', 'error']])
		expect(called.slice(2)).toEqual(['revert 2 2', 'revert 2 3', 'revert 0 2'])
	})
})
