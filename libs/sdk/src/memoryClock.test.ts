import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import { Failure } from './failure.ts'
import { ManualClock } from './memoryClock.ts'
import { startInMemory } from './runInMemory.ts'
import { task } from './task.ts'

const empty = z.object({})
const minute = 60_000

/** Runs until it is told to end. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
	new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('ManualClock', () => {
	test('rings in the order of time, then of setting, at the time of each', async () => {
		const clock = new ManualClock(0)
		const rung: string[] = []
		const ring = (name: string) => () => void rung.push(`${name} at ${clock.now}`)
		clock.alarm(20, 'wait', ring('late'))
		clock.alarm(10, 'wait', () => {
			ring('early')()
			clock.alarm(15, 'wait', ring('set meanwhile'))
		})
		clock.alarm(10, 'limit', ring('second'))
		clock.alarm(10, 'wait', ring('never'))()
		await clock.advance(9)
		expect(rung).toEqual([])
		await clock.advanceTo(20)
		expect(rung).toEqual(['early at 10', 'second at 10', 'set meanwhile at 15', 'late at 20'])
		expect(clock.now).toBe(20)
		await expect(clock.advanceTo(19)).rejects.toThrow('expected a time that is not before it')
	})
})

describe('a task by a manual clock', () => {
	test('tries again when its back-off is over, not before', async () => {
		const clock = new ManualClock()
		const started: number[] = []
		const type = defineTask({
			label: 'Test::Retry',
			input: empty,
			retry: { attempts: 3, initial: minute, max: 10 * minute, jitter: 0 },
			run() {
				started.push(clock.now)
				throw new Failure('not yet')
			},
		})
		const begun = clock.now
		const run = startInMemory(type, {}, { clock })
		expect(await run.settled()).toMatchObject({ state: 'running', waitingFor: { kind: 'back_off', keys: { until: begun + minute } } })
		await clock.advance(minute - 1)
		expect(started).toHaveLength(1)
		await clock.advance(1)
		expect(started).toHaveLength(2)
		await clock.advance(2 * minute)
		expect(started).toEqual([begun, begun + minute, begun + 3 * minute])
		expect(await run.settled()).toMatchObject({ state: 'paused', reason: 'failed' })
	})

	test('ends an attempt at its time limit, and one that does not listen after the grace period', async () => {
		const clock = new ManualClock()
		const listens = defineAction({
			label: 'Test::Limits/listens',
			input: empty,
			timeout: 5_000,
			run: (_, { signal }) => untilAborted(signal),
		})
		const deaf = defineAction({ label: 'Test::Limits/deaf', input: empty, timeout: 5_000, run: () => new Promise(() => {}) })
		const type = defineTask({
			label: 'Test::Limits',
			input: empty,
			actions: [listens, deaf],
			plan: (p) => void p.concurrence(p.step(listens, {}), p.step(deaf, {})),
		})
		const run = startInMemory(type, {}, { clock, grace: 1_000 })
		await clock.advance(5_000)
		expect(run.current.steps.map(({ state }) => state)).toEqual(['error', 'running'])
		await clock.advance(1_000)
		expect(await run.settled()).toMatchObject({
			state: 'paused',
			reason: 'timed_out',
			steps: [{ error: { reason: 'timed_out' } }, { error: { reason: 'timed_out' } }],
		})
	})

	test('pauses when its own time is over, and has it anew after a resume', async () => {
		const clock = new ManualClock()
		const type = defineTask({ label: 'Test::Limit', input: empty, taskTimeout: minute, run: (_, { signal }) => untilAborted(signal) })
		const run = startInMemory(type, {}, { clock })
		await clock.advance(minute)
		expect(await run.settled()).toMatchObject({ state: 'paused', reason: 'timed_out' })
		await clock.advance(minute)
		const resumed = run.resume()
		await clock.advance(minute - 1)
		expect(run.current.state).toBe('running')
		await clock.advance(1)
		expect(await resumed).toMatchObject({ state: 'paused', reason: 'timed_out' })
	})

	test('starts at its time', async () => {
		const clock = new ManualClock()
		const type = task(function later() {})
		const run = startInMemory(type, {}, { clock, startAt: new Date(clock.now + minute) })
		expect(await run.settled()).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'start_time' } })
		await clock.advance(minute)
		expect(await run.settled()).toMatchObject({ state: 'stopped', result: 'success' })
	})

	test('ends unstarted when its latest start has passed', async () => {
		const clock = new ManualClock()
		const at = clock.now + minute
		const run = startInMemory(
			task(function later() {}),
			{},
			{ clock, startAt: new Date(at + 1), startBefore: new Date(at) },
		)
		await clock.advance(minute + 1)
		expect(await run.settled()).toMatchObject({ state: 'stopped', result: 'error', reason: 'missed_start_before', steps: [] })
	})

	describe('that asks for a confirmation', () => {
		const type = defineTask({ label: 'Test::Asks', input: empty, confirmation: true, run: () => null })

		test('waits for a yes', async () => {
			const run = startInMemory(type, {}, { clock: new ManualClock() })
			expect(await run.settled()).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'confirmation' } })
			const confirmed = await run.confirm(true)
			expect(confirmed).toMatchObject({ state: 'stopped', result: 'success' })
			await expect(confirmed.confirm(true)).rejects.toThrow('confirm is refused: the task does not wait for a confirmation')
		})

		test('is cancelled by a no', async () => {
			const run = startInMemory(type, {}, { clock: new ManualClock() })
			expect(await run.confirm(false)).toMatchObject({ state: 'stopped', result: 'cancelled', reason: 'not_confirmed' })
		})

		test('is cancelled when nobody answers', async () => {
			const clock = new ManualClock()
			const run = startInMemory(type, {}, { clock })
			await clock.advance(30_000)
			expect(run.current.state).toBe('scheduled')
			await clock.advance(1)
			expect(run.current).toMatchObject({ state: 'stopped', result: 'cancelled', reason: 'not_confirmed', steps: [] })
		})
	})

	test('tries to plan again', async () => {
		const clock = new ManualClock()
		let plans = 0
		const type = defineTask({
			label: 'Test::Plans',
			input: empty,
			actions: [],
			retry: { attempts: 2, initial: minute, max: minute, jitter: 0 },
			plan() {
				if (++plans === 1) throw new Error('the list cannot be read')
			},
		})
		const run = startInMemory(type, {}, { clock })
		expect(await run.settled()).toMatchObject({
			state: 'pending',
			waitingFor: { kind: 'back_off' },
			attempts: [{ kind: 'plan', step: null }],
		})
		await clock.advance(minute)
		expect(await run.settled()).toMatchObject({ state: 'stopped', result: 'success' })
		expect(plans).toBe(2)
	})

	test('gives up a step that a cancel does not end', async () => {
		const clock = new ManualClock()
		const run = startInMemory(
			task(function deaf() {
				return new Promise(() => {})
			}),
			{},
			{ clock, cancelDeadline: minute },
		)
		await clock.advance(0)
		const cancelled = run.cancel()
		await clock.advance(minute - 1)
		expect(run.current.state).toBe('running')
		await clock.advance(1)
		expect(await cancelled).toMatchObject({ state: 'stopped', result: 'cancelled', steps: [{ state: 'cancelled' }] })
	})
})
