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
		await client.query('truncate task, step, event, attempt, lock, timer, process_group, dependency cascade')
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
	['a step that is not final', `update step set state = 1 where task_id = $1`, /still in state 1/],
])('%s is found', async (_, statement, expected) => {
	const faults = await withTask(
		(client, id) => client.query(statement, [id]),
		(id) => faultsOfEnded(database.pool, [id]),
	)
	expect(faults.join('\n')).toMatch(expected)
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
