import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineTask } from './defineTask.ts'
import { Failure } from './failure.ts'
import type { FanOutOptions } from './fanOut.ts'
import { runInMemory, startInMemory } from './runInMemory.ts'
import { suspend } from './suspend.ts'

const fates = ['success', 'fail', 'pause', 'wait'] as const
type Fate = (typeof fates)[number]
let broken = true

const child = defineTask({
	label: 'Memory::Child',
	input: z.object({ fate: z.enum(fates) }),
	rescue: 'fail',
	policiesFor: ({ fate }) => (fate === 'pause' ? { rescue: 'pause' } : {}),
	run: ({ fate }, { attempt, wake }) => {
		if (fate === 'fail' && broken) throw new Failure('it fails', { retryable: false })
		if (fate === 'pause' && attempt === 1) throw new Failure('it pauses', { retryable: false })
		return fate === 'wait' && !wake ? suspend() : undefined
	},
})

const parentOf = (options: FanOutOptions = {}) =>
	defineTask({
		label: 'Memory::Parent',
		input: z.object({ fates: z.array(z.enum(fates)) }),
		run: ({ fates }, context) =>
			context.fanOut(
				child,
				fates.map((fate) => ({ fate })),
				options,
			),
	})

describe('a fan-out in memory', () => {
	const cases: readonly (readonly [string, FanOutOptions, readonly Fate[], string, string, readonly number[]])[] = [
		['all succeed', {}, ['success', 'success', 'success'], 'stopped', 'success', [3, 0, 0]],
		['nothing to do', {}, [], 'stopped', 'success', [0, 0, 0]],
		['one fails', {}, ['fail', 'success', 'success'], 'paused', 'error', [2, 1, 0]],
		['one fails, and that ends the others', { leaveRunning: false }, ['fail', 'success', 'success'], 'paused', 'error', [0, 1, 2]],
		['not all fail', { failWhen: 'all' }, ['fail', 'success'], 'stopped', 'success', [1, 1, 0]],
		['no more than the share fail', { failWhen: { share: 0.5 } }, ['fail', 'success'], 'stopped', 'success', [1, 1, 0]],
	]
	it.each(cases)('%s', async (_, options, fates, state, result, [success, error, cancelled]) => {
		broken = true
		const run = await runInMemory(parentOf(options), { fates: [...fates] })
		expect([run.state, run.result]).toEqual([state, result])
		const counts = state === 'stopped' ? run.output : run.error?.details
		// Those that the first failure has left are cancelled after that.
		if (options.leaveRunning !== false) expect(counts).toMatchObject({ total: fates.length, success, error, cancelled })
		expect(run.tasks).toHaveLength(options.leaveRunning === false ? 1 : fates.length)
	})

	it('gives the counts to joined', async () => {
		const joining = defineTask({
			label: 'Memory::Joining',
			input: z.object({}),
			output: z.object({ share: z.number() }),
			run: (_, context) => context.fanOut(child, [{ fate: 'success' }, { fate: 'success' }]),
			joined: (_, { success, total }) => ({ share: success / total }),
		})
		expect((await runInMemory(joining, {})).output).toEqual({ share: 1 })
	})

	it('pauses when all that are left are paused, and a resume resumes them', async () => {
		const run = await runInMemory(parentOf(), { fates: ['pause', 'success', 'pause'] })
		expect([run.state, run.reason, run.error?.message]).toEqual(['paused', 'sub_tasks_paused', expect.stringContaining('2 sub-tasks')])
		const resumed = await run.resume()
		expect([resumed.state, resumed.result]).toEqual(['stopped', 'warning'])
		expect(resumed.tasks.map(({ result }) => result)).toEqual(['warning', 'success', 'warning'])
	})

	it('a cancel ends those that wait, and none of the others begins', async () => {
		const task = startInMemory(parentOf(), { fates: ['wait', 'wait'] })
		await task.settled()
		const run = await task.cancel()
		expect([run.state, run.result, run.tasks.map(({ result }) => result)]).toEqual(['stopped', 'cancelled', ['cancelled']])
	})

	it('a resume runs those again that have failed', async () => {
		broken = true
		const run = await runInMemory(parentOf(), { fates: ['success', 'fail'] })
		broken = false
		const resumed = await run.resume()
		expect([resumed.result, resumed.output]).toEqual(['warning', { total: 2, success: 2, warning: 0, error: 0, cancelled: 0 }])
		expect(resumed.tasks.map(({ result }) => result)).toEqual(['success', 'error', 'success'])
	})
})

it('a cancel of a task cancels all that its steps have started', async () => {
	const starting = defineTask({
		label: 'Memory::Starting',
		input: z.object({}),
		run: async (_, { tasks }) => {
			await tasks.start(child, { fate: 'wait' })
			return suspend()
		},
	})
	const task = startInMemory(starting, {})
	await task.settled()
	const run = await task.cancel()
	expect([run.result, run.tasks.map(({ result }) => result)]).toEqual(['cancelled', ['cancelled']])
})
