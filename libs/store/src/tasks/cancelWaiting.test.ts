import { decide } from '@taskyard/model/decide'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertUser, newId, newTask } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyDecisions, enginePlanner } from './applyDecisions.ts'
import { cancelWaiting, largestCancel } from './cancelWaiting.ts'
import { loadTasks } from './loadTasks.ts'
import { type NewTask, startTasks } from './startTasks.ts'
import { openPool } from '../connection.ts'

const database = useDatabase()
let owner = 0
let operator = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
	operator = await insertUser(database.pool, 'operator', 'Operator')
})

async function start(sample: Partial<NewTask> = {}): Promise<string> {
	const task = newTask({ owner, ...sample })
	await startTasks(database.pool, [task])
	return task.id
}

async function load(id: string) {
	const found = (await loadTasks(database.pool, [id])).get(id)
	if (!found) throw new Error(`There is no task ${id}.`)
	return found
}

const order = () => ({ who: operator, why: 'no more need' })

/** Everything the database has of a task, but for its id and the times. */
async function traces(id: string): Promise<unknown> {
	const read = async (text: string) =>
		(await database.pool.query<{ row: string }>(text, [id])).rows.map(({ row }) => JSON.parse(row) as unknown)
	const times = `- 'at' - 'created_at' - 'ended_at' - 'state_updated_at' - 'id' - 'task_id' - 'xid'`
	return {
		task: await read(`select (to_jsonb(t) ${times})::text as row from task t where id = $1`),
		ended: await read(
			`select to_json(ended_at is not null and abs(extract(epoch from clock_timestamp() - ended_at)) < 60)::text as row from task where id = $1`,
		),
		events: await read(`select (to_jsonb(e) ${times})::text as row from event e where task_id = $1 order by revision, n`),
		feed: await read(`select (to_jsonb(c) ${times})::text as row from change c where task_id = $1 order by revision`),
		timers: await read(`select to_json(kind)::text as row from timer where task_id = $1`),
		payload: await read(`select to_json(output is null)::text as row from task_payload where task_id = $1`),
	}
}

async function cancelByDoor(id: string): Promise<void> {
	const { task } = await load(id)
	const changed = decide(task, { kind: 'cancel_asked', ...order(), at: Date.now() })
	if (changed.kind !== 'changed') throw new Error('The cancel changes nothing.')
	await applyDecisions(database.pool, [{ before: task, changed, plan: null, name: null, output: null }])
}

describe('a task that has not begun', () => {
	it.each<[string, Partial<NewTask>]>([
		['pending', {}],
		['pending, and waiting for a worker', { waitingFor: { kind: 'worker', keys: { label: 'Sample::Task' } } }],
		[
			'scheduled',
			{
				state: 'scheduled',
				startAt: Date.UTC(2126, 0, 1),
				waitingFor: { kind: 'start_time', keys: { at: Date.UTC(2126, 0, 1) } },
				timers: [{ step: null, kind: 'start_at', dueAt: Date.UTC(2126, 0, 1) }],
			},
		],
	])('%s, is left as the door leaves it', async (_, sample) => {
		const byDoor = await start(sample)
		const bySet = await start(sample)
		await cancelByDoor(byDoor)
		expect(await cancelWaiting(database.pool, [bySet], order())).toEqual([{ id: bySet, member: false, held: false, parent: null }])
		const expected = await traces(byDoor)
		expect(expected).toMatchObject({ ended: [true], events: [{}, { who: operator, why: 'no more need' }, { new: 6 }], timers: [] })
		expect(await traces(bySet)).toEqual(expected)
		expect((await load(bySet)).task).toMatchObject({ state: 'stopped', result: 'cancelled', reason: 'cancelled', cancel: 'requested' })
	})

	it('and is a held member of a fan-out, says so', async () => {
		const parent = await start()
		const id = await start({ parent: { task: parent, step: 3 } })
		await database.pool.query('update task set member = true, held = true where id = $1', [id])
		expect(await cancelWaiting(database.pool, [id], order())).toEqual([{ id, member: true, held: true, parent: { task: parent, step: 3 } }])
		expect(await load(id)).toMatchObject({ held: false, member: true })
	})

	it('is not cancelled twice, by one order or by two', async () => {
		const id = await start()
		expect(await cancelWaiting(database.pool, [id, id], order())).toHaveLength(1)
		expect(await cancelWaiting(database.pool, [id], order())).toEqual([])
		expect((await load(id)).task.revision).toBe(1)
	})

	it('keeps a reason that no text of PostgreSQL can hold', async () => {
		const id = await start()
		await cancelWaiting(database.pool, [id], { who: operator, why: 'a\0b\ud800' })
		const { rows } = await database.pool.query('select why from event where task_id = $1 and revision = 1', [id])
		expect(rows).toEqual([{ why: 'a\ufffdb\ufffd' }, { why: 'a\ufffdb\ufffd' }])
	})
})

describe('left to the door is', () => {
	it.each([
		['a task that another waits for', 'update task set awaited = true where id = $1'],
		['one that holds a duplicate key', 'update task set duplicate = true where id = $1'],
		['one that another program carries out', 'update task set recorded = true where id = $1'],
		['one that is planned by a child', 'update task set state = 2 where id = $1'],
		['one that stands in line', 'update task set state = 3 where id = $1'],
		['one that runs', 'update task set state = 4 where id = $1'],
		['one that is paused', 'update task set state = 5 where id = $1'],
		['one that has stopped', 'update task set state = 6 where id = $1'],
	])('%s', async (_, statement) => {
		const id = await start()
		await asEngine(database.pool, (client) => client.query(statement, [id]))
		const before = await traces(id)
		expect(await cancelWaiting(database.pool, [id, newId()], order())).toEqual([])
		expect(await traces(id)).toEqual(before)
	})
})

it('what begins while it waits for the row is not cancelled', async () => {
	const [begins, waits] = [await start(), await start()]
	const client = await database.pool.connect()
	try {
		await client.query('begin')
		await client.query('set local session_replication_role = replica')
		await client.query('update task set state = 2, revision = revision + 1 where id = $1', [begins])
		const cancelled = cancelWaiting(database.pool, [begins, waits], order())
		await waitFor('it to wait for the row', async () => {
			const { rows } = await database.pool.query(
				`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%taskyard:cancelWaiting%'`,
			)
			return rows.length === 1
		})
		await client.query('commit')
		expect((await cancelled).map((one) => one.id)).toEqual([waits])
	} finally {
		client.release()
	}
	expect((await load(begins)).task).toMatchObject({ state: 'planning', cancel: 'none', revision: 1 })
})

it('a thousand are one short statement on the connections of the engine', async () => {
	const tasks = Array.from({ length: largestCancel }, () => newTask({ owner }))
	await startTasks(database.pool, tasks)
	const pool = openPool(database.url, { max: 1, applicationName: 'taskyard test', session: enginePlanner })
	try {
		const since = performance.now()
		const cancelled = await cancelWaiting(
			pool,
			tasks.map((task) => task.id),
			order(),
		)
		const took = performance.now() - since
		expect(cancelled).toHaveLength(largestCancel)
		// 45 ms where nothing else runs; one that reads the table for each would take minutes.
		expect(took).toBeLessThan(5_000)
	} finally {
		await pool.end()
	}
})
