import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import { Failure } from './failure.ts'
import { ManualClock } from './memoryClock.ts'
import { runInMemory, startInMemory } from './runInMemory.ts'

/** A task of three steps that write down what they do, and fail where they are told to. */
function moves(options: { fails?: Record<string, number>; rescue?: 'pause' | 'skip' | 'fail' | 'revert' } = {}) {
	const done: string[] = []
	const fails = { ...options.fails }
	const note = (what: string) => {
		done.push(what)
		if ((fails[what] ?? 0) <= 0) return
		fails[what] = (fails[what] ?? 0) - 1
		throw new Failure(`${what} failed`)
	}
	const move = defineAction({
		label: 'Test::Moves/move',
		input: z.object({ name: z.string(), after: z.string().optional() }),
		output: z.object({ at: z.string() }),
		run({ name, after }) {
			note(`move ${name}`)
			return { at: `${after ?? ''}/${name}` }
		},
		finalize: ({ name }, { at }) => note(`finalize ${name} at ${at}`),
		revert: ({ name }, { at }) => note(`revert ${name} at ${at}`),
	})
	const type = defineTask({
		label: 'Test::Moves',
		input: z.object({}),
		actions: [move],
		plan(p) {
			const a = p.step(move, { name: 'a' }, { name: 'a' })
			const b = p.step(move, { name: 'b', after: a.output.at }, { name: 'b', ...(options.rescue && { rescue: options.rescue }) })
			p.step(move, { name: 'c' }, { name: 'c' })
			return { last: b.output.at }
		},
	})
	return { type, done }
}

const states = (run: { steps: readonly { state: string }[] }) => run.steps.map(({ state }) => state)

describe('finalize', () => {
	test('runs in plan order when all steps have run', async () => {
		const { type, done } = moves()
		const run = await runInMemory(type, {})
		expect(done).toEqual(['move a', 'move b', 'move c', 'finalize a at /a', 'finalize b at /a/b', 'finalize c at /c'])
		expect(run).toMatchObject({ state: 'stopped', result: 'success', output: { last: '/a/b' } })
		expect(states(run)).toEqual(['finalized', 'finalized', 'finalized'])
	})

	test('that failed is tried alone after a resume', async () => {
		const { type, done } = moves({ fails: { 'finalize b at /a/b': 1 } })
		const paused = await runInMemory(type, {})
		expect(paused).toMatchObject({ state: 'paused', error: { message: 'finalize b at /a/b failed', during: 'finalize' } })
		expect(states(paused)).toEqual(['finalized', 'error', 'success'])
		done.length = 0
		expect(await paused.resume()).toMatchObject({ state: 'stopped', result: 'warning' })
		expect(done).toEqual(['finalize b at /a/b', 'finalize c at /c'])
	})
})

describe('revert', () => {
	test('takes back in reverse order what was done', async () => {
		const { type, done } = moves({ fails: { 'move b': 1 }, rescue: 'revert' })
		const run = await runInMemory(type, {})
		expect(done).toEqual(['move a', 'move b', 'revert a at /a'])
		expect(run).toMatchObject({ state: 'stopped', result: 'error', reason: 'reverted' })
		expect(states(run)).toEqual(['reverted', 'error', 'cancelled'])
	})

	test('that failed pauses, and goes on with a resume', async () => {
		const { type, done } = moves({ fails: { 'move b': 1, 'revert a at /a': 1 }, rescue: 'revert' })
		const paused = await runInMemory(type, {})
		expect(paused.state).toBe('paused')
		expect(states(paused)).toEqual(['revert_failed', 'error', 'cancelled'])
		done.length = 0
		expect(await paused.resume()).toMatchObject({ state: 'stopped', reason: 'reverted' })
		expect(done).toEqual(['revert a at /a'])
	})

	test('knows the inputs that came from what is reverted too', async () => {
		const { type, done } = moves({ fails: { 'move c': 1 } })
		const all = defineTask({
			label: 'Test::All',
			input: z.object({}),
			actions: [...type.actions.values()] as never[],
			async plan(p) {
				const [move] = [...type.actions.values()]
				const a = p.step(move as never, { name: 'a' } as never)
				const b = p.step(move as never, { name: 'b', after: (a.output as never as { at: never }).at } as never)
				p.sequence(a, b, p.step(move as never, { name: 'c' } as never), { rescue: 'revert' })
			},
		})
		expect(await runInMemory(all, {})).toMatchObject({ reason: 'reverted' })
		expect(done).toEqual(['move a', 'move b', 'move c', 'revert b at /a/b', 'revert a at /a'])
	})
})

describe('commands', () => {
	test('retry one step', async () => {
		const { type, done } = moves({ fails: { 'move b': 1 } })
		const paused = await runInMemory(type, {})
		done.length = 0
		expect(await paused.retryStep('b')).toMatchObject({ state: 'stopped', result: 'warning', output: { last: '/a/b' } })
		expect(done.slice(0, 2)).toEqual(['move b', 'move c'])
		await expect(paused.retryStep('d')).rejects.toThrow('none of the steps is called “d”: expected one of a, b, c, or an index')
	})

	test('skip a step', async () => {
		const { type } = moves({ fails: { 'move b': 9 } })
		const paused = await runInMemory(type, {})
		const skipped = await paused.skipStep(1)
		expect(skipped).toMatchObject({ state: 'stopped', result: 'warning', output: undefined })
		expect(states(skipped)).toEqual(['finalized', 'skipped', 'finalized'])
		await expect(skipped.skipStep(1)).rejects.toThrow('skip step is refused: the task has already stopped.')
	})

	test('cancel a paused task, unlock it, resume it then', async () => {
		const { type, done } = moves({ fails: { 'move b': 1 } })
		const cancelled = await (await runInMemory(type, {})).cancel()
		expect(cancelled).toMatchObject({ state: 'stopped', result: 'cancelled' })
		const again = moves({ fails: { 'move b': 1 } })
		const unlocked = await (await runInMemory(again.type, {})).unlock()
		expect(unlocked).toMatchObject({ state: 'stopped', result: 'error' })
		expect(await unlocked.resume()).toMatchObject({ state: 'stopped', result: 'warning' })
		expect(done).toEqual(['move a', 'move b'])
	})

	test('pause between two steps, and resume', async () => {
		const { type, done } = moves()
		const run = startInMemory(
			type,
			{},
			{
				context: ({ step }) => {
					if (step === 0 && run.current.steps[0]?.attempt === 1 && done.length === 0) void run.pause()
					return {}
				},
			},
		)
		expect(await run.settled()).toMatchObject({ state: 'paused', reason: null })
		expect(done).toEqual(['move a'])
		expect(await run.resume()).toMatchObject({ state: 'stopped', result: 'warning' })
	})

	describe('on a step that runs', () => {
		const waits = defineAction({
			label: 'Test::Waits/waits',
			input: z.object({}),
			run: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
		})
		const firm = defineAction({ label: 'Test::Waits/firm', input: z.object({}), cancellable: false, run: () => new Promise(() => {}) })
		const type = defineTask({
			label: 'Test::Waits',
			input: z.object({}),
			actions: [waits, firm],
			plan: (p) => void p.concurrence(p.step(waits, {}, { name: 'waits' }), p.step(firm, {}, { name: 'firm' })),
		})

		test('cancel it alone', async () => {
			const clock = new ManualClock()
			const run = startInMemory(type, {}, { clock })
			await clock.advance(0)
			await expect(run.cancelStep('firm')).rejects.toThrow('cancel is not supported by Test::Waits/firm')
			const ended = run.cancelStep('waits')
			await clock.advance(0)
			expect(states(run.current)).toEqual(['cancelled', 'running'])
			void run.forceUnlock()
			expect(await ended).toMatchObject({ state: 'stopped', result: 'error', reason: 'force_unlocked' })
		})

		test('cancel the task: what cannot be asked to end is awaited until the deadline', async () => {
			const clock = new ManualClock()
			const run = startInMemory(type, {}, { clock, cancelDeadline: 5_000 })
			await clock.advance(0)
			const cancelled = run.cancel()
			await clock.advance(4_999)
			expect(states(run.current)).toEqual(['cancelled', 'running'])
			await clock.advance(1)
			expect(await cancelled).toMatchObject({ state: 'stopped', result: 'cancelled' })
		})
	})

	test.each([
		[true, 'stopped', 2],
		[false, 'paused', 1],
	])('lose the worker: idempotent %s', async (idempotent, state, runs) => {
		const clock = new ManualClock()
		let ran = 0
		const mine: Promise<boolean>[] = []
		const type = defineTask({
			label: 'Test::Lost',
			input: z.object({}),
			idempotent,
			run: (_, { stillMine }) =>
				++ran === 1 ? new Promise(() => void clock.alarm(clock.now + 5, 'wait', () => void mine.push(stillMine()))) : null,
		})
		const run = startInMemory(type, {}, { clock })
		await clock.advance(0)
		expect(await run.loseWorker()).toMatchObject({
			state,
			attempts: [{ outcome: 'lost' }, ...(idempotent ? [{ outcome: 'success' }] : [])],
		})
		expect(ran).toBe(runs)
		await clock.advance(5)
		expect(await Promise.all(mine)).toEqual([false])
	})
})
