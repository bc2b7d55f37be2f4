/**
 * Partitions: of `event`, `attempt` and `log_chunk` by the month in which a task was created (its UUIDv7 says it), of
 * `change` by five minutes.
 *
 * Each write of the engine needs them, and there is no DEFAULT partition: it would forbid DETACH CONCURRENTLY. So they
 * exist two periods ahead, made by the migration and by each process that starts, and again from time to time. Nothing
 * here waits long for a lock, because everything that wants the table would queue up behind the waiter.
 */

import pg from 'pg'
import type { Pool } from './connection.ts'
import { boundary } from './ids.ts'
import { isLockTimeout, sqlState, sqlStateOf } from './sqlState.ts'

const monthly = ['event', 'attempt', 'log_chunk'] as const
const changePeriod = 5 * 60_000
const ahead = 2
/** Past partitions of `change` that are kept: 50 minutes. */
const changesKept = 10
/** The lock that makers of partitions take turns with. */
const partitionLock = 7_265_002

interface Partition {
	readonly parent: string
	readonly name: string
	readonly column: string
	readonly from: string
	readonly to: string
	readonly options: string
}

/**
 * Makes the partitions that are missing. `now` is the database's time in milliseconds; without it the database is asked.
 * Many may call it at once. Returns the names of those it made.
 */
export async function ensurePartitions(database: Pool | pg.ClientBase, now?: number): Promise<string[]> {
	return withClient(database, async (client) => {
		const wanted = wantedPartitions(now ?? (await databaseTime(client)))
		for (let tries = 1; ; tries++) {
			const missing = await missingPartitions(client, wanted)
			if (missing.length === 0) return []
			try {
				return await make(client, wanted)
			} catch (error) {
				const raced =
					isLockTimeout(error) || sqlStateOf(error) === sqlState.deadlockDetected || sqlStateOf(error) === sqlState.duplicateTable
				if (!raced || tries === 50) {
					throw new Error(`The partition ${missing[0]?.name} could not be made; without it no task can be written.`, { cause: error })
				}
			}
		}
	})
}

/** How many whole periods ahead of `now` exist for the table that has fewest: below 1 is an alarm. */
export async function periodsAhead(database: Pool | pg.ClientBase, now?: number): Promise<number> {
	return withClient(database, async (client) => {
		const at = now ?? (await databaseTime(client))
		let fewest: number = ahead
		for (const parent of [...monthly, 'change']) {
			const wanted = Array.from({ length: ahead + 1 }, (_, period) => partitionOf(parent, at, period))
			const missing = await missingPartitions(client, wanted)
			const first = wanted.findIndex((partition) => missing.includes(partition))
			if (first !== -1) fewest = Math.min(fewest, first - 1)
		}
		return fewest
	})
}

/**
 * Drops what is older than the ten partitions of `change` that are kept. Dropping needs the parent for itself, and
 * writers would queue behind a drop that waits for a reader: so it waits 50 ms at most. False: try again later.
 */
export async function dropOldChangePartitions(database: Pool | pg.ClientBase, now?: number): Promise<boolean> {
	return withClient(database, async (client) => {
		const at = now ?? (await databaseTime(client))
		const oldestKept = partitionOf('change', at, -changesKept).name
		const { rows } = await client.query<{ name: string }>(
			`select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
			where i.inhparent = 'change'::regclass and c.relname collate "C" < $1 order by 1`,
			[oldestKept],
		)
		for (const { name } of rows) {
			await client.query('begin')
			try {
				await client.query("set local lock_timeout = '50ms'")
				await client.query(`drop table if exists ${pg.escapeIdentifier(name)}`)
				await client.query('commit')
			} catch (error) {
				await client.query('rollback')
				if (isLockTimeout(error) || sqlStateOf(error) === sqlState.deadlockDetected) return false
				throw error
			}
		}
		return true
	})
}

/** One month behind for tasks whose id was made just before midnight, the current period, and two ahead. */
function wantedPartitions(now: number): Partition[] {
	const months = [-1, 0, ...Array.from({ length: ahead }, (_, n) => n + 1)]
	return [
		...monthly.flatMap((parent) => months.map((period) => partitionOf(parent, now, period))),
		...months.slice(1).map((period) => partitionOf('change', now, period)),
	]
}

/** The partition `period` periods after the one of `now`. Names sort by time. */
function partitionOf(parent: string, now: number, period: number): Partition {
	const at = new Date(now)
	if (parent === 'change') {
		const from = (Math.floor(now / changePeriod) + period) * changePeriod
		const name = `change_${new Date(from).toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '_')}`
		return {
			parent,
			name,
			column: 'at',
			from: new Date(from).toISOString(),
			to: new Date(from + changePeriod).toISOString(),
			// Never updated, and gone within the hour: no vacuum for inserts. Statistics are still gathered.
			options: 'autovacuum_vacuum_insert_threshold = -1',
		}
	}
	const from = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + period)
	const to = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + period + 1)
	const name = `${parent}_${new Date(from).toISOString().slice(0, 7).replace('-', '_')}`
	return { parent, name, column: 'task_id', from: boundary(from), to: boundary(to), options: '' }
}

async function missingPartitions(client: pg.ClientBase, wanted: readonly Partition[]): Promise<Partition[]> {
	const { rows } = await client.query<{ parent: string; name: string }>(
		`select i.inhparent::regclass::text as parent, c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
		where i.inhparent = any($1::regclass[])`,
		[[...new Set(wanted.map((partition) => partition.parent))]],
	)
	return wanted.filter((partition) => !rows.some((row) => row.parent === partition.parent && row.name === partition.name))
}

/**
 * ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, which readers and writers do not notice; CREATE TABLE … PARTITION OF
 * would take ACCESS EXCLUSIVE. The CHECK saves ATTACH the look into the new table.
 */
async function make(client: pg.ClientBase, wanted: readonly Partition[]): Promise<string[]> {
	await client.query('begin')
	try {
		await client.query("set local lock_timeout = '5s'")
		await client.query('select pg_advisory_xact_lock($1)', [partitionLock])
		await client.query("set local lock_timeout = '200ms'")
		const missing = await missingPartitions(client, wanted)
		for (const { parent, name, column, from, to, options } of missing) {
			await client.query(
				`create table ${name} (like ${parent} including all, constraint ${name}_range check (${column} is not null and ${column} >= '${from}' and ${column} < '${to}'))${options && ` with (${options})`}`,
			)
			await client.query(`alter table ${parent} attach partition ${name} for values from ('${from}') to ('${to}')`)
			await client.query(`alter table ${name} drop constraint ${name}_range`)
		}
		await client.query('commit')
		return missing.map((partition) => partition.name)
	} catch (error) {
		await client.query('rollback')
		throw error
	}
}

async function databaseTime(client: pg.ClientBase): Promise<number> {
	const { rows } = await client.query<{ now: number }>('select (extract(epoch from clock_timestamp()) * 1000)::float8 as now')
	return rows[0]?.now ?? 0
}

async function withClient<T>(database: Pool | pg.ClientBase, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
	if (!(database instanceof pg.Pool)) return work(database)
	const client = await database.connect()
	let broken: Error | undefined
	try {
		return await work(client)
	} catch (error) {
		broken = error instanceof Error ? error : new Error(String(error))
		throw error
	} finally {
		client.release(broken)
	}
}
