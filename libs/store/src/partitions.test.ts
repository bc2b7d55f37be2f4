import { useDatabase } from '@taskyard/testkit/database'
import { describe, expect, test } from 'vitest'
import { openPool, type Pool } from './connection.ts'
import { boundary, createIdSource } from './ids.ts'
import { dropOldChangePartitions, ensurePartitions, periodsAhead } from './partitions.ts'
import { isDataFault, isMissingPartition, isRetryable } from './sqlState.ts'

const database = useDatabase()
const minute = 60_000

async function now(pool: Pool): Promise<number> {
	const { rows } = await pool.query<{ now: number }>('select clock_timestamp() as now')
	return rows[0]?.now ?? 0
}

const monthsLater = (ms: number, months: number) => {
	const date = new Date(ms)
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 15)
}

async function partitions(pool: Pool, parent: string): Promise<string[]> {
	const { rows } = await pool.query<{ name: string }>(
		'select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1',
		[parent],
	)
	return rows.map((row) => row.name)
}

/** One row into each partitioned table, as the engine would write them at this time. */
async function writeEverything(pool: Pool, at: number): Promise<void> {
	const ids = createIdSource(() => 0)
	ids.calibrate(at)
	const id = ids.next()
	await pool.query('insert into event (task_id, revision, n, at, kind) values ($1, 1, 0, now(), 0)', [id])
	await pool.query('insert into attempt (task_id, step, number, kind, outcome, ended_at) values ($1, 0, 1, 1, 1, now())', [id])
	await pool.query(
		"insert into log_chunk (task_id, step, first_line, attempt, count, at, stream, text) values ($1, 0, 0, 1, 1, now(), 0, 'x')",
		[id],
	)
	await pool.query('insert into change (at, task_id, revision, kinds) values (to_timestamp($2::float8 / 1000), $1, 1, 1)', [id, at])
}

describe('ensurePartitions', () => {
	test('a migrated database has this period and two ahead', async () => {
		expect(await periodsAhead(database.pool)).toBe(2)
		const at = await now(database.pool)
		for (const months of [0, 1, 2]) {
			const ids = createIdSource(() => 0)
			ids.calibrate(monthsLater(at, months))
			await database.pool.query('insert into event (task_id, revision, n, at, kind) values ($1, 1, 0, now(), 0)', [ids.next()])
		}
		for (const minutes of [0, 5, 10]) {
			await database.pool.query('insert into change (at, task_id, revision, kinds) values (to_timestamp($1::float8 / 1000), $2, 1, 1)', [
				at + minutes * minute,
				boundary(at),
			])
		}
	})

	test('with the database’s clock two periods on, and more, every write still works', async () => {
		const at = await now(database.pool)
		for (const later of [
			at + 11 * minute,
			monthsLater(at, 2),
			monthsLater(at, 14),
			Date.UTC(2027, 11, 31, 23, 59, 59, 999),
			Date.UTC(2028, 1, 29),
		]) {
			await ensurePartitions(database.pool, later)
			await writeEverything(database.pool, later)
			expect(await periodsAhead(database.pool, later)).toBe(2)
		}
	})

	test('a row without a partition is no fault of the row, and is worth repeating', async () => {
		const later = Date.UTC(2033, 0, 1)
		const fault: unknown = await writeEverything(database.pool, later).catch((error: unknown) => error)
		expect(fault).toBeInstanceOf(Error)
		expect({ missing: isMissingPartition(fault), data: isDataFault(fault), retry: isRetryable(fault) }).toEqual({
			missing: true,
			data: false,
			retry: true,
		})
		await ensurePartitions(database.pool, later)
		await writeEverything(database.pool, later)
	})

	test('says how many periods are left', async () => {
		const at = Date.UTC(2035, 0, 1)
		await ensurePartitions(database.pool, at)
		expect(await periodsAhead(database.pool, at)).toBe(2)
		expect(await periodsAhead(database.pool, at + 5 * minute)).toBe(1)
		expect(await periodsAhead(database.pool, at + 10 * minute)).toBe(0)
		expect(await periodsAhead(database.pool, at + 60 * minute)).toBe(-1)
	})

	test('a second call makes nothing', async () => {
		await ensurePartitions(database.pool)
		expect(await ensurePartitions(database.pool)).toEqual([])
	})

	test('eight starters at once are harmless, while others read and write', async () => {
		const later = Date.UTC(2031, 5, 15)
		const starters = Array.from({ length: 8 }, () => openPool(database.url, { max: 1, applicationName: 'starter' }))
		const client = await database.pool.connect()
		try {
			await client.query('begin')
			await client.query('select count(*) from event, change')
			await writeEverything(database.pool, await now(database.pool))
			const made = await Promise.all(starters.map((pool) => ensurePartitions(pool, later)))
			expect(made.flat().sort()).toEqual([
				...['attempt_2031_05', 'attempt_2031_06', 'attempt_2031_07', 'attempt_2031_08'],
				...['change_20310615_0000', 'change_20310615_0005', 'change_20310615_0010'],
				...['event_2031_05', 'event_2031_06', 'event_2031_07', 'event_2031_08'],
				...['log_chunk_2031_05', 'log_chunk_2031_06', 'log_chunk_2031_07', 'log_chunk_2031_08'],
			])
			await client.query('commit')
		} finally {
			client.release()
			await Promise.all(starters.map((pool) => pool.end()))
		}
		await writeEverything(database.pool, later)
	})

	test('each has the key of its parent, no check that was left, and no default partition', async () => {
		const { rows } = await database.pool.query(
			`select count(*) filter (where contype = 'c') as checks, count(distinct conrelid) filter (where contype = 'p') as keys, count(distinct conrelid) as tables
			from pg_constraint where conrelid in (select inhrelid from pg_inherits where inhparent in ('event'::regclass, 'attempt'::regclass, 'log_chunk'::regclass))`,
		)
		expect(rows[0]?.checks).toBe(0)
		expect(rows[0]?.keys).toBe(rows[0]?.tables)
		const { rows: byDefault } = await database.pool.query('select from pg_partitioned_table where partdefid <> 0')
		expect(byDefault).toHaveLength(0)
	})
})

describe('dropOldChangePartitions', () => {
	const start = Date.UTC(2040, 0, 1, 12)

	async function makeTwentyPeriods(): Promise<void> {
		for (let period = 0; period < 20; period += 3) await ensurePartitions(database.pool, start + period * 5 * minute)
	}

	test('keeps ten, the current one, and those ahead', async () => {
		await makeTwentyPeriods()
		expect(await dropOldChangePartitions(database.pool, start + 15 * 5 * minute)).toBe(true)
		const left = await partitions(database.pool, 'change')
		expect(left[0]).toBe('change_20400101_1225')
		expect(left.slice(0, 11).at(-1)).toBe('change_20400101_1315')
	})

	test('gives up at once when somebody reads, says so, and succeeds later', async () => {
		await makeTwentyPeriods()
		const reader = await database.pool.connect()
		try {
			await reader.query('begin')
			await reader.query('select count(*) from change')
			expect(await dropOldChangePartitions(database.pool, start + 30 * 5 * minute)).toBe(false)
			await reader.query('commit')
		} finally {
			reader.release()
		}
		expect(await dropOldChangePartitions(database.pool, start + 30 * 5 * minute)).toBe(true)
		expect((await partitions(database.pool, 'change')).filter((name) => name < 'change_20400101_1340')).toEqual([])
	})
})
