import { withoutOneWriterTriggers } from '@taskyard/testkit/oneWriter'
import { insertLock, insertStep, insertTask, insertUser } from '@taskyard/testkit/rows'
import { useDatabase } from '@taskyard/testkit/database'
import type { PoolClient } from '@taskyard/store/connection'
import { expect, it } from 'vitest'
import { faultsNow, faultsOfEnded } from './invariants.ts'

const database = useDatabase()

/** A task that has stopped after one step, as the engine leaves it. */
async function insertEnded(client: PoolClient): Promise<string> {
	const id = await insertTask(client, { owner: await insertUser(database.pool), state: 'stopped', result: 'success', plan: ['only'] })
	await insertStep(client, id, 0, { state: 'success' })
	await client.query('delete from event where task_id = $1', [id])
	await client.query(
		`insert into event (task_id, revision, n, at, kind, step, old, new, attempt) values ($1, 0, 0, now(), 0, null, null, 1, null),
		($1, 1, 0, now(), 1, null, 1, 4, null), ($1, 2, 0, now(), 2, 0, 1, 2, 1), ($1, 2, 1, now(), 1, null, 4, 6, null)`,
		[id],
	)
	return id
}

async function withTask<Result>(
	spoil: (client: PoolClient, id: string) => Promise<unknown>,
	look: (id: string) => Promise<Result>,
): Promise<Result> {
	const client = await database.pool.connect()
	try {
		const id = await withoutOneWriterTriggers(client, async () => {
			const made = await insertEnded(client)
			await spoil(client, made)
			return made
		})
		const result = await look(id)
		await client.query('truncate task, step, step_event, event, attempt, fan_out, lock, timer, process_group, dependency cascade')
		await client.query('delete from graphile_worker._private_jobs')
		return result
	} finally {
		client.release()
	}
}

it('nothing is wrong with a task as the engine leaves it', async () => {
	expect(
		await withTask(
			async () => undefined,
			(id) => faultsOfEnded(database.pool, [id]),
		),
	).toEqual([])
})

it.each<[string, string, RegExp]>([
	[
		'a second outcome of one attempt',
		`insert into event (task_id, revision, n, at, kind, step, old, new, attempt) values ($1, 3, 0, now(), 2, 0, 1, 2, 1)`,
		/has 2 outcomes/,
	],
	['an outcome that is lost', `delete from event where task_id = $1 and kind = 2`, /history ends with|have ended/],
	['a state that no event tells of', `update task set state = 5 where id = $1`, /history ends with 6/],
	[
		'a lock that outlives its task',
		`insert into lock (resource_id, task_id, name, mode, granted) values (1, $1, '*', 0, true)`,
		/holds or awaits a lock/,
	],
	['a timer that is left', `insert into timer (task_id, step, kind, due_at) values ($1, 0, 0, now())`, /timer/],
	['a second end', `insert into event (task_id, revision, n, at, kind, old, new) values ($1, 3, 0, now(), 1, 4, 6)`, /2 ends/],
	[
		'an attempt that is kept as something else',
		`insert into attempt (task_id, step, number, kind, outcome, ended_at) values ($1, 0, 1, 1, 2, now())`,
		/kept as 2/,
	],
	[
		'an event that is counted and was never stored',
		`update step set events = 1 where task_id = $1`,
		/counts 1 events, was given 0, and 0 are stored/,
	],
	[
		'a fan-out that counts what there is not',
		`insert into fan_out (task_id, step, total, created, open, fail_when, leave_running) values ($1, 0, 1, 1, 1, 0, true)`,
		/counts its sub-tasks as \(1,1,0,0,0,0,0,0\), and they are \(0,/,
	],
	[
		'a sub-task that goes on under a parent that has stopped',
		`with family as (insert into fan_out (task_id, step, total, created, open, fail_when, leave_running) values ($1, 0, 1, 1, 1, 0, false))
		insert into task select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'state', 4, 'parent_id', id, 'parent_step', 0, 'member', true))).*
		from task t where id = $1`,
		/is in state 4, nobody has asked to cancel it, and its parent has stopped/,
	],
	[
		'a timer of a task that is gone',
		`insert into timer (task_id, step, kind, due_at) select gen_random_uuid(), 0, 0, now() where $1::uuid is not null`,
		/a row of timer is left of task/,
	],
	[
		'an event for a task that is gone',
		`insert into step_event (task_id, step, n, id, name, payload, at) select gen_random_uuid(), 0, 1, 'e', 'e', 'null', now() where $1::uuid is not null`,
		/a row of step_event is left of task/,
	],
	['a step that is not final', `update step set state = 1 where task_id = $1`, /still in state 1/],
])('%s is found', async (_, statement, expected) => {
	const faults = await withTask(
		(client, id) => client.query(statement, [id]),
		(id) => faultsOfEnded(database.pool, [id]),
	)
	expect(faults.join('\n')).toMatch(expected)
})

it('a job of a task that the limit of its fan-out holds is found', async () => {
	const faults = await withTask(
		async (client, id) => {
			await client.query('update task set held = true, state = 1 where id = $1', [id])
			await client.query(`select graphile_worker.add_job('taskyard:default', json_build_object('task', $1::text))`, [id])
		},
		(id) => faultsNow(database.pool, [id]),
	)
	expect(faults.join('\n')).toMatch(/is held by the limit of its fan-out, is in state 1 and has 1 jobs/)
})

it('two holders of one lock are found', async () => {
	const faults = await withTask(
		async (client, id) => {
			const other = await insertTask(client, { owner: await insertUser(database.pool), state: 'running' })
			for (const task of [id, other]) await insertLock(client, task, { type: 'Yard', id: 'one' })
		},
		(id) => faultsNow(database.pool, [id]),
	)
	expect(faults.join('\n')).toMatch(/two tasks hold/)
})

it('more tasks of one key than their policy allows are found, and one without a claim on its key', async () => {
	const claims = (count: number) =>
		withTask(
			async (client, id) => {
				await client.query(
					`insert into task_type (label, version, definition) values ('Sample::Task', 1, '{"duplicates":{"key":"","policy":"discard"}}') on conflict do nothing`,
				)
				await client.query('update task set duplicate = true, state = 1 where id = $1', [id])
				const other = await insertTask(client, { owner: await insertUser(database.pool), state: 'pending' })
				for (const task of [id, other].slice(0, count)) await insertLock(client, task, { type: 'duplicate', id: 'Sample::Task:' })
			},
			(id) => faultsNow(database.pool, [id]),
		)
	expect((await claims(2)).join('\n')).toMatch(/2 tasks claim key Sample::Task:, whose policy is discard/)
	expect((await claims(1)).join('\n')).not.toMatch(/claim/)
	expect((await claims(0)).join('\n')).toMatch(/has no claim on its key/)
})
