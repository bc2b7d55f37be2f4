/** Thousands of steps that wait cost no worker anything, and a worker that starts wakes those that are to be woken. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { asEngine } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const count = process.env.TASKYARD_NIGHTLY === undefined ? 500 : 10_000
const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
const hour = 3_600_000
const patience = { timeout: 300_000 }

let yard: Yard
let worker: WorkerProcess

beforeAll(async () => {
	// Far fewer slots than steps that wait.
	yard = await openYard({ heartbeat: 1_000, children: 2, environment: { WORKER_TASKS: shapes, WORKER_CONCURRENCY: '20' } })
	worker = yard.startWorker()
	await worker.ready()
}, 120_000)
afterAll(() => yard?.close(), 120_000)

async function start(howMany: number, input: object): Promise<string[]> {
	const ids: string[] = []
	while (ids.length < howMany)
		ids.push(...(await Promise.all(Array.from({ length: Math.min(500, howMany - ids.length) }, () => yard.start('Shape::Sleep', input)))))
	return ids
}

async function howMany(ids: readonly string[], condition: string): Promise<number> {
	const { rows } = await yard.pool.query<{ count: number }>(
		`select count(*)::int as count from unnest($1::uuid[]) as wanted(id) join step s on s.task_id = wanted.id and s.index = 0
		join task t on t.id = wanted.id where ${condition}`,
		[ids],
	)
	return rows[0]?.count ?? 0
}

const waiting = (ids: readonly string[]): Promise<number> => howMany(ids, 's.state = 4 and s.attempt = 1 and s.child_id is null')
const all = (what: string, ids: readonly string[], condition: string) =>
	waitFor(`${ids.length} tasks to ${what}`, async () => (await howMany(ids, condition)) === ids.length, patience)

/** Resident memory of the worker's children in MiB. */
const memory = (): number[] =>
	worker.children().map((pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)

async function connections(): Promise<number> {
	const { rows } = await yard.pool.query<{ count: number }>(
		`select count(*)::int as count from pg_stat_activity where application_name like 'taskyard worker%' and state in ('active', 'idle in transaction')
		and query not like '%LISTEN%'`,
	)
	return rows[0]?.count ?? 0
}

/** Sets the time that sleeping steps wait for, in milliseconds from now, and answers it. */
async function wakeIn(ids: readonly string[], milliseconds: number): Promise<number> {
	const { rows } = await yard.pool.query<{ at: number }>(
		'select floor(extract(epoch from clock_timestamp()) * 1000)::float8 + $1::float8 as at',
		[milliseconds],
	)
	const at = rows[0]?.at ?? 0
	await asEngine(yard.pool, async (client) => {
		await client.query(
			`update step set suspension = jsonb_set(suspension::jsonb, '{until}', to_jsonb($2::float8))::json where task_id = any($1::uuid[])`,
			[ids, at],
		)
		await client.query('update timer set due_at = to_timestamp($2::float8 / 1000) where task_id = any($1::uuid[])', [ids, at])
	})
	return at
}

it(`${count} steps wait without a slot, a connection or a job, and a restart wakes each that is due, and none too early`, async () => {
	const warm = await start(Math.ceil(count / 4), { until: Date.now() + hour })
	await all('wait', warm, 's.state = 4')
	const before = memory()

	const told = await start(Math.ceil(count / 4), {})
	const missed = await start(Math.ceil(count / 4), { until: Date.now() + hour })
	const later = await start(Math.ceil(count / 4), { until: Date.now() + hour })
	const ids = [...warm, ...told, ...missed, ...later]
	await all('wait', ids, 's.state = 4')
	expect(await waiting(ids)).toBe(ids.length)

	const { rows: jobs } = await yard.pool.query('select from graphile_worker._private_jobs')
	expect(jobs).toHaveLength(0)
	await waitFor('all connections to be idle', async () => (await connections()) === 0)
	// The slots are free, for others.
	const beside = await start(40, {})
	await all('wait', beside, 's.state = 4')
	const grown = memory().map((now, child) => now - (before[child] ?? 0))
	console.info(
		`Memory of the children of a worker with ${count} steps that wait: ${grown.map((one) => one.toFixed(1)).join(' and ')} MiB more than with a quarter of them.`,
	)
	for (const one of grown) expect(one).toBeLessThan(48)

	await worker.killTree()
	// While no worker lives: times come, and events.
	await wakeIn(missed, -1_000)
	for (let from = 0; from < told.length; from += 500)
		await Promise.all(
			told.slice(from, from + 500).map((task) => yard.commands.sendEvent({ task, step: 0, id: 'go', name: 'go', who: yard.owner })),
		)
	worker = yard.startWorker()
	await worker.ready()
	const due = await wakeIn(later, 3_000)
	await all('go on after their event', told, 't.state = 6 and t.result = 1 and s.attempt = 2')
	await all('go on after their time', missed, 't.state = 6 and t.result = 1 and s.attempt = 2')
	await all('go on at their time', later, 't.state = 6 and t.result = 1 and s.attempt = 2')
	expect(await waiting(warm)).toBe(warm.length)
	// By the clock of the database.
	const { rows: early } = await yard.pool.query(
		`select task_id from event where task_id = any($1::uuid[]) and kind = 2 and old = 4 and at < to_timestamp($2::float8 / 1000)`,
		[later, due],
	)
	expect(early).toHaveLength(0)
	const { rows: doubles } = await yard.pool.query(
		`select task_id from event where task_id = any($1::uuid[]) and kind = 2 and old = 4 group by task_id having count(*) <> 1`,
		[[...told, ...missed, ...later]],
	)
	expect(doubles).toHaveLength(0)
}, 900_000)
