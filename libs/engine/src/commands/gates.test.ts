import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClock } from '../clock.ts'
import { openSweep, type Sweep } from '../sweep/sweep.ts'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import { everyState, type Situation } from '../testing/everyState.ts'
import type { StartTask } from './types.ts'

const database = useDatabase()
const tasks = everyState('wait')
let engine: EngineUnderTest
let sweep: Sweep
let ran = 0

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		concurrency: 100,
		definitions: [
			sketch({ label: 'Asks', tree: () => step(0), steps: () => [{ run: () => ++ran }], data: { confirmation: true } }),
			sketch({ label: 'Runs', tree: () => step(0), steps: () => [{ run: () => ++ran }] }),
			...tasks.definitions,
		],
	})
	sweep = openSweep({
		pool: engine.pool,
		door: engine.door,
		clock: await openClock(engine.pool),
		bootId: 'test',
		log: () => undefined,
		lease: 60_000,
		mayDeclareDead: () => false,
	})
})
afterAll(async () => {
	tasks.release()
	await engine?.stop()
})

async function start(label: string, more: Partial<StartTask> = {}): Promise<string> {
	const answer = await engine.commands.startTask({ label, input: '{}', who: engine.owner, correlationId: 'test', ...more })
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

const timersOf = async (id: string): Promise<number[]> =>
	(await engine.pool.query('select kind from timer where task_id = $1 order by kind', [id])).rows.map((row) => row.kind)

/** Time passes for this task: all its times are a day earlier than they were. */
async function later(id: string): Promise<void> {
	await engine.pool.query(
		`update task set start_at = start_at - interval '1 day', start_before = start_before - interval '1 day', confirm_before = confirm_before - interval '1 day' where id = $1`,
		[id],
	)
	await engine.pool.query(`update timer set due_at = due_at - interval '1 day' where task_id = $1`, [id])
}

const hour = 3_600_000

describe('a type that asks for confirmation', () => {
	const order = (id: string) => ({ id, who: engine.owner, why: 'looked at it' })

	it('waits until a person says yes, for 30 s by the clock of the database', async () => {
		const id = await start('Asks')
		const { rows } = await engine.pool.query(
			`select state, waiting_for->>'kind' as waits, extract(epoch from confirm_before - created_at)::float8 as seconds from task where id = $1`,
			[id],
		)
		expect(rows).toEqual([{ state: 0, waits: 'confirmation', seconds: expect.closeTo(30, 0) }])
		expect(await timersOf(id)).toEqual([3])
		expect(await engine.commands.confirmTask({ ...order(id), yes: true })).toEqual({ task: { id } })
		expect((await engine.reached(id, 'stopped')).result).toBe('success')
		const events = await engine.pool.query('select who, why from event where task_id = $1 and kind = 9', [id])
		expect(events.rows).toEqual([{ who: engine.owner, why: 'looked at it' }])
	})

	it('is cancelled by a no, and nothing was run', async () => {
		const before = ran
		const id = await start('Asks')
		expect(await engine.commands.confirmTask({ ...order(id), yes: false })).toEqual({ task: { id } })
		const { task } = await engine.load(id)
		expect([task.state, task.result, task.reason, task.plan, ran]).toEqual(['stopped', 'cancelled', 'not_confirmed', null, before])
	})

	it.each([true, false])('refuses a second answer after %s', async (first) => {
		const id = await start('Asks', { startAt: Date.now() + hour })
		await engine.commands.confirmTask({ ...order(id), yes: first })
		for (const yes of [true, false]) {
			expect(await engine.commands.confirmTask({ ...order(id), yes })).toMatchObject({ refusal: { code: 'not_awaiting_confirmation' } })
		}
		expect((await engine.load(id)).task.state).toBe(first ? 'scheduled' : 'stopped')
	})

	it('ends by itself when the time is over', async () => {
		const id = await start('Asks')
		await later(id)
		await sweep.run()
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.reason]).toEqual(['cancelled', 'not_confirmed'])
		expect(await timersOf(id)).toEqual([])
	})

	it('takes no yes after its time, although nobody has looked yet', async () => {
		const id = await start('Asks')
		await later(id)
		expect(await engine.commands.confirmTask({ ...order(id), yes: true })).toMatchObject({
			refusal: { code: 'not_awaiting_confirmation', message: expect.stringContaining('over') },
		})
		expect((await engine.load(id)).task.startedAt).toBeNull()
		await sweep.run()
	})

	it('waits for its start time too, once it is confirmed', async () => {
		const id = await start('Asks', { startAt: Date.now() + hour })
		await engine.commands.confirmTask({ ...order(id), yes: true })
		expect((await engine.load(id)).task.waitingFor?.kind).toBe('start_time')
		await later(id)
		await sweep.run()
		expect((await engine.reached(id, 'stopped')).result).toBe('success')
	})
})

describe('a start time', () => {
	it('holds the task until it has come', async () => {
		const startAt = Date.now() + hour
		const id = await start('Runs', { startAt })
		expect((await engine.load(id)).task).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'start_time', keys: { at: startAt } } })
		await sweep.run()
		expect((await engine.load(id)).task.state).toBe('scheduled')
		await later(id)
		await sweep.run()
		expect((await engine.reached(id, 'stopped')).result).toBe('success')
	})

	it('that comes before the next sweep is met in time', async () => {
		const startAt = Date.now() + 300
		const id = await start('Runs', { startAt })
		await sweep.run()
		const task = await engine.reached(id, 'stopped')
		expect(task.startedAt).toBeGreaterThanOrEqual(startAt)
	})

	it('that has passed holds nothing', async () => {
		expect((await engine.reached(await start('Runs', { startAt: Date.now() - hour }), 'stopped')).result).toBe('success')
	})

	it.each<[string, Partial<StartTask>, string]>([
		['no number', { startAt: Number.NaN }, '"start at"'],
		['out of all calendars', { startBefore: 1e20 }, '"start before"'],
		['after its latest start', { startAt: Date.now() + hour, startBefore: Date.now() }, 'never could'],
	])('%s is refused, and nothing is stored', async (_, more, text) => {
		const before = (await engine.pool.query('select from task')).rowCount
		const answer = await engine.commands.startTask({ label: 'Runs', input: '{}', who: engine.owner, correlationId: 'c', ...more })
		expect(answer).toMatchObject({ refusal: { code: 'invalid_start_time', message: expect.stringContaining(text) } })
		expect((await engine.pool.query('select from task')).rowCount).toBe(before)
	})
})

describe('a latest start', () => {
	/** Brings a task there as the others, and only then gives it a latest start that has passed. */
	it.each<Situation>(['scheduled', 'pending', 'planning', 'planned'])('that passes while it is %s ends the task', async (situation) => {
		const id = await tasks.bring(engine, situation)
		await engine.pool.query(`update task set start_before = clock_timestamp() - interval '1 s', revision = revision + 1 where id = $1`, [
			id,
		])
		await engine.pool.query(`insert into timer (task_id, step, kind, due_at) values ($1, -1, 2, clock_timestamp())`, [id])
		await sweep.run()
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.reason, task.startedAt]).toEqual(['error', 'missed_start_before', null])
		expect((await engine.pool.query('select from lock where task_id = $1', [id])).rowCount).toBe(0)
		if (situation === 'planning') {
			const { rows } = await engine.pool.query('select outcome from attempt where task_id = $1', [id])
			expect(rows).toEqual([{ outcome: 6 }])
		}
	})

	it.each<Situation>(['running', 'paused', 'stopped'])('means nothing to a task that is %s', async (situation) => {
		const id = await tasks.bring(engine, situation)
		await engine.pool.query(`update task set start_before = clock_timestamp() - interval '1 s', revision = revision + 1 where id = $1`, [
			id,
		])
		await engine.pool.query(`insert into timer (task_id, step, kind, due_at) values ($1, -1, 2, clock_timestamp())`, [id])
		await sweep.run()
		expect((await engine.load(id)).task.state).toBe(situation)
		expect(await timersOf(id)).toEqual([])
	})

	it('that has passed when it is asked for ends the task with the first look', async () => {
		const id = await start('Runs', { startAt: Date.now() - 2 * hour, startBefore: Date.now() - hour })
		await waitFor('it to be looked at', async () => {
			await sweep.run()
			return (await engine.load(id)).task.state === 'stopped'
		})
		expect((await engine.load(id)).task.reason).toBe('missed_start_before')
	})
})
