import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertStep, insertTask, insertUser } from '@taskyard/testkit/rows'
import { expect, it } from 'vitest'
import { readTaskRows } from './readTaskRows.ts'

const database = useDatabase()

it('says that a task waits for a worker while no living process takes its queue, and for room when nobody takes it', async () => {
	const { pool } = database
	const owner = await insertUser(pool)
	const ids = await asEngine(pool, async (client) => {
		const plan = ['dump']
		const pending = await insertTask(client, { owner, state: 'pending' })
		const running = await insertTask(client, { owner, state: 'running', plan })
		await insertStep(client, running, 0, { state: 'running' })
		const between = await insertTask(client, { owner, state: 'running', plan })
		const waiting = await insertTask(client, { owner, state: 'planned', plan, waitingFor: { kind: 'lock', keys: {} } })
		const paused = await insertTask(client, { owner, state: 'paused', plan })
		return [pending, running, between, waiting, paused]
	})
	const kinds = async () => {
		const rows = new Map((await readTaskRows(pool, ids)).map((row) => [row.id, row.waitingFor]))
		return ids.map((id) => rows.get(id)?.kind ?? null)
	}
	const worker = { kind: 'worker', keys: { queue: 'default' } }
	expect((await readTaskRows(pool, ids.slice(0, 1)))[0]?.waitingFor).toEqual(worker)
	expect(await kinds()).toEqual(['worker', null, 'worker', 'lock', null])

	await pool.query(
		`with w as (insert into worker (node, boot_id, pid, version, queues, capacity) values ('n1', 'b', 7, '1', '{other,default}', 4) returning id)
		insert into child (worker_id, pid, lease_until) select id, 4711, clock_timestamp() + interval '1 hour' from w`,
	)
	expect(await kinds()).toEqual([null, null, null, 'lock', null])
	// What has just been asked for is taken in a moment; what is left for longer waits for room.
	await asEngine(pool, (client) => client.query(`update task set state_updated_at = clock_timestamp() - interval '2 seconds'`))
	expect(await kinds()).toEqual(['capacity', null, null, 'lock', null])
	await pool.query(`update child set lease_until = clock_timestamp()`)
	expect(await kinds()).toEqual(['worker', null, 'worker', 'lock', null])
})
