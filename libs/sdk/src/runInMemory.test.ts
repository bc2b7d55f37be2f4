import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import { abortReason, Failure } from './failure.ts'
import { runInMemory } from './runInMemory.ts'
import { task } from './task.ts'

const numbers = z.object({ n: z.number() })
const double = defineAction({ label: 'Test::Sum/double', input: numbers, output: numbers, run: ({ n }) => ({ n: n * 2 }) })
const add = defineAction({
	label: 'Test::Sum/add',
	input: z.object({ numbers: z.array(z.number()) }),
	output: z.object({ sum: z.number() }),
	async run({ numbers }, context) {
		context.progress({ done: numbers.length, total: numbers.length })
		await context.log(`adding ${numbers.join(' and ')}`)
		return { sum: numbers.reduce((sum, n) => sum + n, 0) }
	},
})
const sum = defineTask({
	label: 'Test::Sum',
	name: 'Sum of {count}',
	input: z.object({ count: z.int() }),
	output: z.object({ total: z.number() }),
	actions: [double, add],
	plan(p, { count }) {
		const doubled = Array.from({ length: count }, (_, index) => p.step(double, { n: index + 1 }))
		const added = p.step(add, { numbers: doubled.map(({ output }) => output.n) })
		p.sequence(p.concurrence(...doubled), added)
		return { total: added.output.sum }
	},
})

/** A task that fails as often as it is told to. */
function failing(times: number, policies: { attempts?: number; rescue?: 'pause' | 'skip' | 'fail' } = {}) {
	let failures = 0
	return defineTask({
		label: 'Test::Failing',
		input: z.object({}),
		retry: { attempts: policies.attempts ?? 1, initial: 60_000 },
		rescue: policies.rescue ?? 'pause',
		run(_, { attempt, tries }) {
			if (failures++ < times) throw new Failure(`failure ${failures}`, { code: 'on_purpose' })
			return { attempt, tries }
		},
	})
}

describe('runInMemory', () => {
	test('runs sequence and concurrence, and fills references in', async () => {
		const run = await runInMemory(sum, { count: 3 })
		expect(run).toMatchObject({ state: 'stopped', result: 'success', name: 'Sum of 3', output: { total: 12 }, progress: 1 })
		expect(run.steps.map(({ name, state, input, output }) => ({ name, state, input, output }))).toEqual([
			{ name: 'double', state: 'success', input: { n: 1 }, output: { n: 2 } },
			{ name: 'double', state: 'success', input: { n: 2 }, output: { n: 4 } },
			{ name: 'double', state: 'success', input: { n: 3 }, output: { n: 6 } },
			{ name: 'add', state: 'success', input: { numbers: [2, 4, 6] }, output: { sum: 12 } },
		])
		expect(run.log).toEqual([{ step: 3, attempt: 1, stream: 'log', line: 'adding 2 and 4 and 6' }])
		expect(run.reports).toEqual([{ step: 3, attempt: 1, fraction: 1, done: 3, total: 3 }])
		expectTypeOf(run.output).toEqualTypeOf<{ total: number } | undefined>()
	})

	test('runs branches of a concurrence at once', async () => {
		const meeting = Promise.withResolvers<void>()
		let here = 0
		const meet = defineAction({
			label: 'Test::Meet/meet',
			input: z.object({}),
			async run() {
				if (++here === 2) meeting.resolve()
				await meeting.promise
			},
		})
		const type = defineTask({
			label: 'Test::Meet',
			input: z.object({}),
			actions: [meet],
			plan: (p) => void p.concurrence(p.step(meet, {}), p.step(meet, {})),
		})
		expect((await runInMemory(type, {})).result).toBe('success')
	})

	test('tries again without waiting, and keeps the failed attempts', async () => {
		const run = await runInMemory(failing(2, { attempts: 3 }), {})
		expect(run).toMatchObject({ result: 'success', output: { attempt: 3, tries: 2 } })
		expect(run.attempts.map(({ number, outcome, error }) => [number, outcome, error?.message])).toEqual([
			[1, 'failed', 'failure 1'],
			[2, 'failed', 'failure 2'],
			[3, 'success', undefined],
		])
	})

	test('pauses when tries are used up, and resumes from where it failed', async () => {
		const paused = await runInMemory(failing(1), {})
		expect(paused).toMatchObject({
			state: 'paused',
			result: 'error',
			reason: 'failed',
			error: { message: 'failure 1', code: 'on_purpose' },
		})
		expect(paused.output).toBeUndefined()
		const resumed = await paused.resume()
		expect(resumed).toMatchObject({ state: 'stopped', result: 'warning', error: null, output: { attempt: 2, tries: 0 } })
		await expect(resumed.resume()).rejects.toThrow('resume is refused: the task has already stopped')
	})

	test.each([
		['fail', 'stopped', 'error'],
		['skip', 'stopped', 'warning'],
	] as const)('rescue strategy %s: %s, %s', async (rescue, state, result) => {
		expect(await runInMemory(failing(1, { rescue }), {})).toMatchObject({ state, result, output: undefined })
	})

	test('cancels what runs', async () => {
		const controller = new AbortController()
		const type = task(function waits(_, { signal }) {
			controller.abort()
			return new Promise((_resolve, reject) => {
				if (signal.aborted) reject(signal.reason as Error)
				signal.addEventListener('abort', () => reject(signal.reason as Error))
			})
		})
		const run = await runInMemory(type, {}, { signal: controller.signal })
		expect(run).toMatchObject({ state: 'stopped', result: 'cancelled', reason: 'cancelled', steps: [{ state: 'cancelled' }] })
	})

	test('runs nothing when it is cancelled before', async () => {
		let ran = false
		const run = await runInMemory(
			task(function never() {
				ran = true
			}),
			{},
			{ signal: AbortSignal.abort() },
		)
		expect(run).toMatchObject({ state: 'stopped', result: 'cancelled' })
		expect(ran).toBe(false)
	})

	test('ends a step at its time limit', async () => {
		const type = defineTask({
			label: 'Test::Slow',
			input: z.object({}),
			timeout: 5,
			run: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
		})
		const run = await runInMemory(type, {})
		expect(run).toMatchObject({ state: 'paused', reason: 'timed_out', error: { message: abortReason('timed_out').message } })
	})

	test('shows why planning failed', async () => {
		expect(await runInMemory(sum, { count: 'x' as never })).toMatchObject({
			state: 'paused',
			error: { reason: 'planning_failed', code: 'invalid_input', message: expect.stringContaining('input.count') },
		})
	})

	test.each<[string, unknown, string]>([
		['a value that is no JSON', { when: new Date(0) }, 'output.when: a Date cannot be stored'],
		['a value that is not the declared one', { n: 'x' }, 'output.n: '],
	])('refuses %s as output', async (_, result, message) => {
		const type = defineTask({
			label: 'Test::Odd',
			input: z.object({}),
			...(message.includes('output.n') && { output: numbers }),
			run: () => result as never,
		})
		expect((await runInMemory(type, {})).error?.message).toContain(message)
	})

	test('lets a test replace parts of the context', async () => {
		const type = task(async function asks(_, context) {
			return { mine: await context.stillMine(), id: context.taskId }
		})
		expect((await runInMemory(type, {}, { id: 'x' })).output).toEqual({ mine: true, id: 'x' })
		expect((await runInMemory(type, {}, { context: () => ({ stillMine: async () => false }) })).output).toMatchObject({ mine: false })
	})

	test('integers past 2⁵³ reach the step as bigint', async () => {
		const type = task(function kind({ n }) {
			return { kind: typeof n, n }
		})
		expect((await runInMemory(type, { n: 9007199254740993n })).output).toEqual({ kind: 'bigint', n: 9007199254740993n })
	})
})
