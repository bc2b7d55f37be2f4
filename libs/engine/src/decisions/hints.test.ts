import { enqueue, keyOf } from '@taskyard/dispatch/jobs'
import { useDatabase } from '@taskyard/testkit/database'
import { newId } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { expect, it } from 'vitest'

const database = useDatabase()

it('a job that is taken while its successor is enqueued does not swallow it', async () => {
	const task = newId()
	const key = keyOf(task, 0)
	const activation = { task, queue: 'default', priority: 0, branch: 0 }
	await enqueue(database.pool, [activation])
	const runner = await database.pool.connect()
	const ender = await database.pool.connect()
	try {
		await runner.query('begin')
		await runner.query(
			`update graphile_worker._private_jobs set locked_at = clock_timestamp(), locked_by = 'a runner', attempts = 1 where key = $1`,
			[key],
		)
		// It sees a job that nobody has taken, and then waits for who has.
		const enqueued = enqueue(ender, [activation, { ...activation, branch: 1 }])
		await waitFor('it to wait for the row', async () => {
			const { rows } = await database.pool.query(
				`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%add_jobs%'`,
			)
			return rows.length === 1
		})
		await runner.query('commit')
		await enqueued
	} finally {
		runner.release()
		ender.release()
	}
	const { rows } = await database.pool.query('select key, locked_by from graphile_worker._private_jobs order by id')
	expect(rows).toEqual(
		expect.arrayContaining([
			{ key: null, locked_by: 'a runner' },
			{ key, locked_by: null },
			{ key: keyOf(task, 1), locked_by: null },
		]),
	)
	expect(rows).toHaveLength(3)
})
