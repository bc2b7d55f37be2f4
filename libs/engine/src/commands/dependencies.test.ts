import type { DependencyPolicy } from '@taskyard/model/states'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import { holdUp, openWatchedPool, type WatchedPool, writeStatement } from '../testing/watchedPool.ts'
import type { CommandAnswer, StartTask } from './types.ts'

const database = useDatabase()
let engine: EngineUnderTest
let watched: WatchedPool
/** Of the awaited tasks, by their key: resolves with what their step does. */
const gates = new Map<string, PromiseWithResolvers<'succeed' | 'throw'>>()
let keys = 0

beforeAll(async () => {
	watched = openWatchedPool(database.url)
	engine = await engineUnderTest({
		url: database.url,
		pool: watched.pool,
		concurrency: 100,
		definitions: [
			sketch({
				label: 'Awaited',
				tree: () => step(0),
				steps: ({ key, rescue }: { key: string; rescue: 'pause' | 'fail' }) => [
					{
						async run() {
							const outcome = await gates.get(key)?.promise
							// The next attempt has a gate of its own.
							gates.set(key, Promise.withResolvers())
							if (outcome === 'throw') throw new Error('it failed')
						},
						policies: { rescue },
					},
				],
			}),
			sketch({ label: 'Waiter', tree: () => step(0), steps: () => [{ run: () => 'ran' }] }),
		],
	})
	await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
})
afterAll(async () => {
	for (const gate of gates.values()) gate.resolve('succeed')
	await engine?.stop()
})

interface Awaited {
	readonly id: string
	let(outcome: 'succeed' | 'throw'): void
}

async function startAwaited(rescue: 'pause' | 'fail' = 'pause'): Promise<Awaited> {
	const key = String(++keys)
	gates.set(key, Promise.withResolvers())
	const id = await engine.start('Awaited', { key, rescue })
	return { id, let: (outcome) => gates.get(key)?.resolve(outcome) }
}

const waiterOf = (...dependsOn: [task: string, policy: DependencyPolicy][]): StartTask => ({
	label: 'Waiter',
	input: '{}',
	who: engine.owner,
	correlationId: 'test',
	dependsOn: dependsOn.map(([task, policy]) => ({ task, policy })),
})

function idOf(answer: CommandAnswer): string {
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

const startWaiter = async (...dependsOn: [task: string, policy: DependencyPolicy][]): Promise<string> =>
	idOf(await engine.commands.startTask(waiterOf(...dependsOn)))

const paused = async (awaited: Awaited): Promise<void> => {
	awaited.let('throw')
	await engine.reached(awaited.id, 'paused')
}

/** How a task may stop, and what that means to each policy. */
const ends: Record<string, { rescue?: 'fail'; bring(awaited: Awaited): Promise<unknown>; met: readonly DependencyPolicy[] }> = {
	success: { bring: async (awaited) => awaited.let('succeed'), met: ['success', 'ended', 'any'] },
	warning: {
		async bring(awaited) {
			await paused(awaited)
			await engine.commands.resumeTask({ id: awaited.id, who: engine.owner, why: null })
			awaited.let('succeed')
		},
		met: ['success', 'ended', 'any'],
	},
	error: { rescue: 'fail', bring: async (awaited) => awaited.let('throw'), met: ['ended', 'any'] },
	cancelled: {
		async bring(awaited) {
			await paused(awaited)
			await engine.commands.cancelTask({ id: awaited.id, who: engine.owner, why: null })
		},
		met: ['any'],
	},
	unlocked: {
		async bring(awaited) {
			await paused(awaited)
			await engine.commands.unlockTask({ id: awaited.id, who: engine.owner, why: null, confirmed: true })
		},
		met: ['any'],
	},
	'force unlocked': {
		bring: (awaited) => engine.commands.forceUnlockTask({ id: awaited.id, who: engine.owner, why: null, confirmed: true }),
		met: ['any'],
	},
}

const policies = ['success', 'ended', 'any'] as const
const table = Object.keys(ends).flatMap((end) => policies.map((policy) => [end, policy] as const))

async function expectEnd(waiter: string, awaited: string, met: boolean): Promise<void> {
	const task = await engine.reached(waiter, 'stopped')
	if (met) expect([task.result, task.reason, task.steps.length]).toEqual(['success', null, 1])
	else {
		expect([task.result, task.reason, task.steps.length]).toEqual(['error', 'dependency_failed', 0])
		expect(task.error?.message).toContain(awaited)
	}
}

describe.each(table)('a task that ends with %s, awaited for "%s"', (end, policy) => {
	const { rescue, bring, met } = ends[end] as (typeof ends)[string]

	it('settles the edge that was made before', async () => {
		const awaited = await startAwaited(rescue)
		const waiter = await startWaiter([awaited.id, policy])
		expect((await engine.load(waiter)).task).toMatchObject({
			state: 'scheduled',
			waitingFor: { kind: 'dependency', keys: { task: awaited.id } },
		})
		await bring(awaited)
		await expectEnd(waiter, awaited.id, met.includes(policy))
	})

	it('settles the edge that is made after', async () => {
		const awaited = await startAwaited(rescue)
		await bring(awaited)
		await engine.reached(awaited.id, 'stopped')
		const waiter = await startWaiter([awaited.id, policy])
		await expectEnd(waiter, awaited.id, met.includes(policy))
	})
})

describe('a task', () => {
	it('that waits for several begins after the last of them', async () => {
		const [first, second, third] = [await startAwaited(), await startAwaited(), await startAwaited()]
		const waiter = await startWaiter([first.id, 'success'], [second.id, 'any'], [third.id, 'ended'])
		for (const one of [second, first]) {
			one.let('succeed')
			await engine.reached(one.id, 'stopped')
		}
		await waitFor('one edge to be left', async () => (await engine.load(waiter)).task.gates.open === 1)
		expect((await engine.load(waiter)).task.state).toBe('scheduled')
		third.let('succeed')
		expect((await engine.reached(waiter, 'stopped')).result).toBe('success')
		expect((await engine.load(waiter)).task.startedAt).toBeGreaterThanOrEqual((await engine.load(third.id)).task.endedAt ?? Infinity)
	})

	it('fails with the first edge that is not met, although others are open', async () => {
		const [first, second] = [await startAwaited('fail'), await startAwaited()]
		const waiter = await startWaiter([first.id, 'success'], [second.id, 'success'])
		first.let('throw')
		await expectEnd(waiter, first.id, false)
		second.let('succeed')
		await engine.reached(second.id, 'stopped')
		expect((await engine.pool.query('select from dependency where settled_at is null')).rowCount).toBe(0)
	})

	it('that was met once stays so when the unlocked one is resumed', async () => {
		const awaited = await startAwaited()
		const waiter = await startWaiter([awaited.id, 'any'])
		await ends['unlocked']?.bring(awaited)
		await expectEnd(waiter, awaited.id, true)
		await engine.commands.resumeTask({ id: awaited.id, who: engine.owner, why: null })
		awaited.let('succeed')
		await engine.reached(awaited.id, 'stopped')
		const { rows } = await engine.pool.query('select met from dependency where task_id = $1', [waiter])
		expect(rows).toEqual([{ met: true }])
		expect((await engine.load(waiter)).task.state).toBe('stopped')
	})

	it('that is awaited is not deleted by hand, and is afterwards', async () => {
		const [done, open] = [await startAwaited(), await startAwaited()]
		const waiter = await startWaiter([done.id, 'success'], [open.id, 'success'])
		done.let('succeed')
		await engine.reached(done.id, 'stopped')
		const order = { id: done.id, who: engine.owner, why: null }
		expect(await engine.commands.deleteTask(order)).toMatchObject({
			refusal: { code: 'awaited', message: expect.stringContaining(waiter) },
		})
		open.let('succeed')
		await engine.reached(waiter, 'stopped')
		expect(await engine.commands.deleteTask(order)).toEqual({ task: { id: done.id } })
	})

	it('that is cancelled leaves those it waited for as they are', async () => {
		const awaited = await startAwaited()
		const waiter = await startWaiter([awaited.id, 'success'])
		await engine.commands.cancelTask({ id: waiter, who: engine.owner, why: null })
		awaited.let('succeed')
		expect((await engine.reached(awaited.id, 'stopped')).result).toBe('success')
		expect((await engine.load(waiter)).task).toMatchObject({ state: 'stopped', result: 'cancelled' })
	})
})

describe('nothing is stored of a task that is to wait', () => {
	it.each<[string, (awaited: string) => Partial<StartTask>, string]>([
		[
			'for one that is not there',
			() => ({ dependsOn: [{ task: '019aa000-0000-7000-8000-000000000000', policy: 'any' }] }),
			'no task 019aa000',
		],
		['for what is no task', () => ({ dependsOn: [{ task: 'x', policy: 'any' }] }), 'no id of a task'],
		[
			'for one in two ways',
			(task) => ({
				dependsOn: [
					{ task, policy: 'any' },
					{ task, policy: 'success' },
				],
			}),
			'twice',
		],
		[
			'for itself',
			(id) => ({ id: id.replace(/.{6}$/, 'fedcba'), dependsOn: [{ task: id.replace(/.{6}$/, 'fedcba'), policy: 'any' }] }),
			'itself',
		],
	])('%s', async (_, order, text) => {
		const awaited = await startAwaited()
		const before = (await engine.pool.query('select from task')).rowCount
		const answer = await engine.commands.startTask({ ...waiterOf(), ...order(awaited.id) })
		expect(answer).toMatchObject({ refusal: { code: 'invalid_dependency', message: expect.stringContaining(text) } })
		expect((await engine.pool.query('select from task')).rowCount).toBe(before)
		awaited.let('succeed')
	})
})

const rounds = 60

describe('races', () => {
	it('an end that was decided before the edge was made is decided again, and settles it', async () => {
		const awaited = await startAwaited()
		await engine.reached(awaited.id, 'running')
		const write = holdUp(watched, writeStatement)
		awaited.let('succeed')
		await write.reached
		const waiter = await startWaiter([awaited.id, 'success'])
		write.letGo()
		expect((await engine.reached(waiter, 'stopped')).result).toBe('success')
	})

	it(`an edge is made while the awaited task ends, ${rounds} times`, async () => {
		const waiters: string[] = []
		for (let round = 0; round < rounds; round++) {
			const awaited = await startAwaited()
			await engine.reached(awaited.id, 'running')
			const started = startWaiter([awaited.id, 'success'])
			awaited.let('succeed')
			waiters.push(await started)
		}
		for (const id of waiters) expect((await engine.reached(id, 'stopped')).result).toBe('success')
		expect((await engine.pool.query('select from dependency where settled_at is null')).rowCount).toBe(0)
	})

	it(`the last two awaited tasks end at once, ${rounds} times`, async () => {
		const waiters: string[] = []
		for (let round = 0; round < rounds; round++) {
			const [first, second] = [await startAwaited(), await startAwaited()]
			await Promise.all([paused(first), engine.reached(second.id, 'running')])
			waiters.push(await startWaiter([first.id, 'any'], [second.id, 'any']))
			// Through two doors on two connections: each end may be written without the other.
			second.let('succeed')
			if (round % 2) await new Promise(setImmediate)
			await engine.commands.cancelTask({ id: first.id, who: engine.owner, why: null })
		}
		for (const id of waiters) expect((await engine.reached(id, 'stopped')).result).toBe('success')
	})

	it(`a task is deleted while an edge to it is made, ${rounds} times: one of the two is refused, or both stand`, async () => {
		const outcomes = new Set<string>()
		for (let round = 0; round < rounds; round++) {
			const awaited = await startAwaited()
			awaited.let('succeed')
			await engine.reached(awaited.id, 'stopped')
			const both = [
				() => engine.commands.deleteTask({ id: awaited.id, who: engine.owner, why: null }),
				() => engine.commands.startTask(waiterOf([awaited.id, 'success'])),
			] as const
			const [deleted, started] =
				round % 2 ? await Promise.all([both[0](), both[1]()]) : (await Promise.all([both[1](), both[0]()])).toReversed()
			const deletion = deleted && 'refusal' in deleted ? deleted.refusal.code : 'deleted'
			const start = started && 'refusal' in started ? started.refusal.code : 'started'
			outcomes.add(`${deletion}, ${start}`)
			if (started && 'task' in started) expect((await engine.reached(started.task.id, 'stopped')).result).toBe('success')
			const there = (await engine.pool.query('select from task where id = $1', [awaited.id])).rowCount
			expect(there).toBe(deletion === 'deleted' ? 0 : 1)
		}
		for (const outcome of outcomes) expect(['deleted, started', 'deleted, invalid_dependency', 'awaited, started']).toContain(outcome)
	})
})
