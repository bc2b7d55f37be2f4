import { existsSync } from 'node:fs'
import { openPool } from '@taskyard/store/connection'
import { describe, expect, test } from 'vitest'
import { createDatabase, useDatabase } from './database.ts'
import { applyDecisionsMarker, startTasksMarker, withoutOneWriterTriggers } from './oneWriter.ts'
import { durableServer } from './server.ts'
import { waitFor } from './waitFor.ts'

const database = useDatabase()

describe('createDatabase', () => {
	test('has our tables and the queue’s', async () => {
		const { rows } = await database.pool.query(
			"select to_regclass('task')::text as task, to_regclass('graphile_worker._private_jobs')::text as jobs",
		)
		expect(rows).toEqual([{ task: 'task', jobs: 'graphile_worker._private_jobs' }])
	})

	test('two databases share nothing', async () => {
		const other = await createDatabase()
		await other.pool.query(`insert into "user" (login, name) values ('ann', 'Ann')`)
		expect((await database.pool.query('select from "user"')).rowCount).toBe(0)
		await other.drop()
	})

	test('a connection that is left open fails the test that drops the database, and is named', async () => {
		const other = await createDatabase()
		const forgotten = openPool(other.url, { max: 1, applicationName: 'forgetful' })
		await forgotten.query("select 'something to be recognized by'")
		await expect(other.drop()).rejects.toThrow(/left open[^]*forgetful \(idle, process \d+\): select 'something to be recognized by'/)
		await forgotten.end()
	})
})

describe('one writer of states', () => {
	const id = '019a0b1c-2d3e-7f00-8000-0123456789ab'
	const insertTask = `insert into task (id, label, type_version, name, state, result, queue, owner_id, correlation_id, created_at, state_updated_at)
		values ('${id}', 'A', 1, 'a', 1, 0, 'default', 1, 'c', now(), now()) on conflict do nothing`
	const insertStep = `insert into step (task_id, index, state, attempt) values ('${id}', 0, 1, 1) on conflict (task_id, index) do update set state = excluded.state`

	test.each([
		['an insert of a task', insertTask, startTasksMarker],
		['an update of its state', `update task set state = 2 where id = '${id}'`, applyDecisionsMarker],
		['an insert of a step', insertStep, applyDecisionsMarker],
		['an update of its state', 'update step set state = 2', applyDecisionsMarker],
	])('%s is refused without the mark %s', async (_name, statement, marker) => {
		await expect(database.pool.query(statement)).rejects.toThrow(`is refused: only a statement marked ${marker}`)
		await database.pool.query(`${marker} ${statement}`)
		// Prepared statements are seen as well.
		await expect(database.pool.query({ name: `without ${statement}`.slice(0, 60), text: `${statement}  ` })).rejects.toThrow(/is refused/)
	})

	test('other columns are free', async () => {
		await database.pool.query('update task set progress = 0.5')
		await database.pool.query('update step set progress = 0.5')
	})

	test('builders go around it, in their transaction only', async () => {
		const client = await database.pool.connect()
		try {
			await withoutOneWriterTriggers(client, () => client.query('update task set state = 3'))
			await expect(client.query('update task set state = 4')).rejects.toThrow(/is refused/)
		} finally {
			client.release()
		}
	})
})

describe('durableServer', () => {
	test('keeps what was committed when it is killed, and comes back with the same URL', async () => {
		const server = await durableServer()
		const pool = openPool(server.url, { max: 1, applicationName: 'survivor' })
		try {
			expect((await pool.query("select current_setting('fsync') || current_setting('synchronous_commit') as durability")).rows).toEqual([
				{ durability: 'onon' },
			])
			await pool.query(`insert into "user" (login, name) values ('ann', 'Ann')`)
			const before = server.pid
			process.kill(before, 'SIGKILL')
			const found = await waitFor('the server to answer again', async () => {
				if (server.pid === before) return undefined
				return (await pool.query<{ login: string }>('select login from "user"')).rows
			})
			expect(found).toEqual([{ login: 'ann' }])
		} finally {
			await pool.end()
			await server.remove()
		}
		expect(existsSync(server.dataDirectory)).toBe(false)
	})
})

describe('waitFor', () => {
	test('returns what it waited for', async () => {
		let asked = 0
		expect(await waitFor('the third answer', () => (++asked === 3 ? 'here' : undefined))).toBe('here')
	})

	test('names what it waited for, and the last error', async () => {
		const attempt = waitFor('Godot', () => Promise.reject(new Error('not today')), { timeout: 20 })
		await expect(attempt).rejects.toThrow('Waited 0.02 s for Godot; the last answer was not today.')
	})
})
