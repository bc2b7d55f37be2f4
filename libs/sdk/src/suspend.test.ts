import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTask } from './defineTask.ts'
import type { StepContext, StepWake } from './definition.ts'
import { Failure } from './failure.ts'
import { ManualClock } from './memoryClock.ts'
import { runInMemory, startInMemory } from './runInMemory.ts'
import { isSuspended, suspend, type SuspendOptions } from './suspend.ts'

const input = z.object({})
const second = 1_000

/** A task that suspends the first time, and writes down what it was woken with. */
function waits(options: SuspendOptions, more: { poll?: (state: never) => unknown; cancel?: (state: never) => unknown } = {}) {
	const wakes: (StepWake | null)[] = []
	const type = defineTask({
		label: 'Test::Waits',
		input,
		run(_, { wake }: StepContext) {
			wakes.push(wake)
			return wake ? { reason: wake.reason, payload: wake.events.at(-1)?.payload ?? null } : suspend(options)
		},
		...(more.poll && { poll: (_: unknown, state: never) => more.poll?.(state) }),
		...(more.cancel && { cancel: (_: unknown, state: never) => more.cancel?.(state) }),
	})
	return { type, wakes }
}

describe('suspend', () => {
	const wrong: [SuspendOptions, string][] = [
		[{ timeout: 0 }, 'suspend, timeout: expected milliseconds, more than 0 and at most a hundred years, found 0'],
		[{ until: new Date(Number.NaN) }, 'suspend, until: expected a valid date, found Invalid Date'],
		[{ until: new Date(0), poll: {} }, 'suspend, until: expected nothing beside poll'],
		[{ poll: { initial: 0 } }, 'suspend, poll.initial: expected milliseconds, more than 0, found 0'],
		[{ poll: { initial: 10, max: 5 } }, 'suspend, poll.max: expected milliseconds, not less than poll.initial, 10, found 5'],
		[{ poll: { factor: 0.5 } }, 'suspend, poll.factor: expected a number of 1 or more, found 0.5'],
		[{ poll: { failures: 0 } }, 'suspend, poll.failures: expected a whole number of 1 or more, found 0'],
		[{ externalId: '' }, 'suspend, externalId: expected a text of 1 to 2000 characters'],
	]
	test.each(wrong)('refuses %j', (options, message) => {
		expect(() => suspend(options)).toThrow(message)
	})

	test('is told from an output, also where it comes from another copy of this file', async () => {
		expect(isSuspended(suspend())).toBe(true)
		for (const output of [undefined, null, 1, 'x', {}, { kind: 'event' }]) expect(isSuspended(output)).toBe(false)
	})
})

describe('a suspended step in memory', () => {
	test('is woken by an event, and not by the same one again', async () => {
		const { type, wakes } = waits({ state: { order: 7 } })
		const run = await runInMemory(type, {})
		expect(run).toMatchObject({ state: 'running', waitingFor: { kind: 'event' }, steps: [{ state: 'suspended' }] })
		const ended = await run.sendEvent(0, { id: 'paid', name: 'payment', payload: { amount: 3 } })
		expect(ended).toMatchObject({ state: 'stopped', result: 'success', output: { reason: 'event', payload: { amount: 3 } } })
		expect(wakes).toEqual([
			null,
			{ reason: 'event', state: { order: 7 }, events: [{ id: 'paid', name: 'payment', payload: { amount: 3 } }] },
		])
		expect((await ended.sendEvent(0, { id: 'paid' })).steps[0]?.attempt).toBe(2)
		await expect(ended.sendEvent(0)).rejects.toThrow('send event is refused: the task has already stopped.')
	})

	test('finds an event that came before', async () => {
		const { type, wakes } = waits({})
		const run = startInMemory(type, {}, { clock: new ManualClock() })
		await run.sendEvent(0, { payload: 'early' })
		expect(await run.settled()).toMatchObject({ state: 'stopped', output: { payload: 'early' } })
		expect(wakes).toHaveLength(2)
	})

	test('goes on at its time by the manual clock', async () => {
		const clock = new ManualClock()
		const { type } = waits({ until: new Date(clock.now + 10 * second) })
		const run = startInMemory(type, {}, { clock })
		await clock.advance(10 * second - 1)
		expect(run.current).toMatchObject({ state: 'running', waitingFor: { kind: 'timer' } })
		await clock.advance(1)
		expect(await run.settled()).toMatchObject({ state: 'stopped', output: { reason: 'timer' } })
	})

	test('does not make a test wait for its time', async () => {
		const { type } = waits({ until: new Date(Date.now() + 3_600 * second) })
		expect(await runInMemory(type, {})).toMatchObject({ state: 'stopped', output: { reason: 'timer' } })
	})

	test('fails when its time is over, and runs again with a resume', async () => {
		const clock = new ManualClock()
		const { type } = waits({ timeout: 5 * second })
		const run = startInMemory(type, {}, { clock })
		await clock.advance(5 * second)
		expect(await run.settled()).toMatchObject({ state: 'paused', reason: 'timed_out', error: { code: 'suspension_timed_out' } })
		expect(await run.resume()).toMatchObject({ state: 'stopped', result: 'warning', output: { reason: 'resumed' } })
	})

	test('is polled, with longer and longer waits until the state changes', async () => {
		const clock = new ManualClock()
		const begun = clock.now
		const polled: [number, unknown][] = []
		const { type } = waits(
			{ state: 0, poll: { initial: second, max: 3 * second } },
			{
				poll(state: unknown) {
					polled.push([clock.now - begun, state])
					if (polled.length === 3) return suspend({ state: 1 })
					return polled.length === 5 ? { done: true } : suspend()
				},
			},
		)
		const run = startInMemory(type, {}, { clock })
		await clock.advance(60 * second)
		expect(polled).toEqual([
			[1 * second, 0],
			[3 * second, 0],
			[6 * second, 0],
			[7 * second, 1],
			[9 * second, 1],
		])
		const ended = await run.settled()
		expect(ended).toMatchObject({ state: 'stopped', output: { done: true }, steps: [{ attempt: 6 }] })
		expect(new Set(ended.attempts.map(({ kind, outcome }) => `${kind} ${outcome}`))).toEqual(new Set(['poll success']))
	})

	test('fails after as many failed polls in a row as it may; a resume polls first', async () => {
		let down = true
		const { type, wakes } = waits(
			{ poll: { failures: 2 } },
			{
				poll() {
					if (down) throw new Failure('the service is down')
					return 'well'
				},
			},
		)
		const run = await runInMemory(type, {})
		expect(run).toMatchObject({ state: 'paused', error: { message: 'the service is down' }, steps: [{ attempt: 3 }] })
		down = false
		expect(await run.resume()).toMatchObject({ state: 'stopped', output: 'well' })
		expect(wakes).toHaveLength(1)
	})

	test('needs a poll to be polled', async () => {
		const { type } = waits({ poll: {} })
		expect(await runInMemory(type, {})).toMatchObject({ state: 'paused', error: { code: 'invalid_suspension' } })
	})

	test('is ended by an outcome, without code of its author', async () => {
		const { type, wakes } = waits({})
		const ended = await (await runInMemory(type, {})).sendEvent(0, { outcome: { output: { bytes: 1 } } })
		expect(ended).toMatchObject({ state: 'stopped', result: 'success', output: { bytes: 1 } })
		const failed = await (await runInMemory(type, {})).sendEvent(0, { outcome: { error: { message: 'no space', code: 'no_space' } } })
		expect(failed).toMatchObject({ state: 'paused', error: { message: 'no space', code: 'no_space' } })
		expect(wakes).toHaveLength(2)
	})

	test('is told of a cancel, which is awaited', async () => {
		const told: unknown[] = []
		const { type } = waits({ state: { job: 7 } }, { cancel: async (state: unknown) => void told.push(state) })
		const ended = await (await runInMemory(type, {})).cancel()
		expect(ended).toMatchObject({ state: 'stopped', result: 'cancelled', steps: [{ state: 'cancelled', attempt: 2 }] })
		expect(told).toEqual([{ job: 7 }])
		expect(ended.attempts).toMatchObject([{ kind: 'cancel', outcome: 'success' }])
		const one = await (await runInMemory(type, {})).cancelStep(0)
		expect(one).toMatchObject({ state: 'stopped', steps: [{ state: 'cancelled' }] })
		expect(told).toHaveLength(2)
	})

	test('is told again when the worker was lost, and given up at the deadline', async () => {
		const clock = new ManualClock()
		let calls = 0
		const { type } = waits({}, { cancel: () => (++calls, new Promise(() => {})) })
		const run = startInMemory(type, {}, { clock })
		await clock.advance(0)
		const cancelled = run.cancel()
		await clock.advance(0)
		const lost = run.loseWorker()
		await clock.advance(59 * second)
		expect(calls).toBe(2)
		expect(run.current.state).toBe('running')
		await clock.advance(10 * second)
		expect(await cancelled).toMatchObject({ state: 'stopped', result: 'cancelled' })
		await lost
	})

	test('gives a token to work elsewhere', async () => {
		const type = defineTask({
			label: 'Test::Callback',
			input,
			run: async (_, { callback, wake }) => (wake ? null : suspend({ state: await callback() })),
		})
		const run = await runInMemory(type, {})
		expect(run.callbacks).toEqual([{ step: 0, token: 'callback-1' }])
	})
})
