import { countJobs, enqueue } from '@taskyard/dispatch/jobs'
import { openRunner } from '@taskyard/dispatch/runner'
import { openPool } from '@taskyard/store/connection'
import { expect, test } from 'vitest'
import { useDatabase } from './database.ts'
import { waitFor } from './waitFor.ts'

const database = useDatabase()
const activation = (task: string) => ({ task, queue: 'default', priority: 0, branch: 0 })

test('a runner that could not report a job while others were in hand is followed by another, and can be stopped', async () => {
	const pool = openPool(database.url, { max: 4, applicationName: 'runner under test' })
	const handled: string[] = []
	const pools: string[] = []
	const logged: string[] = []
	const slow = new Map(['slow 1', 'slow 2', 'slow 3'].map((task) => [task, Promise.withResolvers<void>()]))
	const runner = openRunner({
		pool,
		queues: ['default'],
		concurrency: 5,
		async handle(task) {
			await slow.get(task)?.promise
			handled.push(task)
		},
		onPool: async (id) => void pools.push(id),
		log: (_, message) => void logged.push(message),
	})
	try {
		await enqueue(database.pool, [...slow.keys()].map(activation))
		await waitFor('the slow ones to be taken', async () => {
			const { rows } = await database.pool.query('select from graphile_worker._private_jobs where locked_by is not null')
			return rows.length === slow.size
		})
		await database.pool.query(`
			create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
			create trigger refuse before delete on graphile_worker._private_jobs for each row when (old.payload->>'task' = 'quick') execute function refuse()`)
		await enqueue(database.pool, [activation('quick')])
		await waitFor('the report of the quick one to fail', () => logged.some((line) => line.startsWith('Failed to complete jobs')))
		await database.pool.query('drop trigger refuse on graphile_worker._private_jobs')
		expect(pools).toHaveLength(1)
		// Those in hand end one by one, and are reported.
		let left = slow.size + 1
		for (const [task, { resolve }] of slow) {
			resolve()
			left -= 1
			await waitFor(`${task} to be reported`, async () => (await countJobs(database.pool)) === left)
		}
		await waitFor('another runner', () => pools.length === 2)
		await enqueue(database.pool, [activation('next')])
		await waitFor('the next one to be handled', () => handled.includes('next'))
		expect(handled.toSorted()).toEqual(['next', 'quick', ...slow.keys()])
		// The one that could not be reported is left to whoever releases the jobs of the first runner.
		await waitFor('all others to be reported', async () => (await countJobs(database.pool)) === 1)
	} finally {
		await runner.stop()
		await pool.end()
	}
})
