/** What work cost in the write-ahead log, and in commits. */

import type { Pool } from '@taskyard/store/connection'

export interface WalUse {
	/** The rows that a plan stores for its steps, with their entries in indexes. */
	readonly ofPlans: number
	/** Whole pages: the first change of a page after a checkpoint. */
	readonly ofPages: number
	/** Bytes by table, an index counted with its table; the largest first. */
	readonly byTable: readonly { readonly name: string; readonly bytes: number }[]
}

/** The place in the log up to which all is on disk, and so all that was committed. */
export async function walPosition(admin: Pool): Promise<string> {
	const { rows } = await admin.query<{ position: string }>('select pg_current_wal_flush_lsn()::text as position')
	return (rows[0] as { position: string }).position
}

export async function walBytes(admin: Pool, from: string, to: string): Promise<number> {
	const { rows } = await admin.query<{ bytes: number }>('select pg_wal_lsn_diff($2, $1)::float8 as bytes', [from, to])
	return rows[0]?.bytes ?? 0
}

/** What was written from one place to another. `admin` is connected to the database of the tables. */
export async function walBetween(admin: Pool, from: string, to: string): Promise<WalUse> {
	await admin.query('create extension if not exists pg_walinspect')
	const { rows } = await admin.query<{ name: string | null; bytes: number; inserted: number; pages: number }>(
		`with record as (
	select resource_manager, record_type, record_length, fpi_length,
		substring(block_ref from 'rel [0-9]+/([0-9]+)/')::oid as database, substring(block_ref from 'rel [0-9]+/[0-9]+/([0-9]+)')::oid as filenode
	from pg_get_wal_records_info($1, $2)
), placed as (
	select record.*, coalesce(indexed.relname, relation.relname) as name, relation.relkind = 'i' as is_index
	from record
	left join pg_database on pg_database.oid = record.database and pg_database.datname = current_database()
	left join pg_class relation on relation.relfilenode = record.filenode and pg_database.oid is not null
	left join pg_index on pg_index.indexrelid = relation.oid
	left join pg_class indexed on indexed.oid = pg_index.indrelid
)
select name, sum(record_length)::float8 as bytes, sum(fpi_length)::float8 as pages,
	-- An update that is not HOT makes entries in indexes too: its share of them is no plan's.
	coalesce(sum(record_length) filter (where not is_index and record_type like '%INSERT%')
		+ coalesce(sum(record_length) filter (where is_index), 0)
			* count(*) filter (where not is_index and record_type like '%INSERT%')
			/ nullif(count(*) filter (where not is_index and (record_type like '%INSERT%' or record_type = 'UPDATE')), 0), 0)::float8 as inserted
from placed group by name order by bytes desc`,
		[from, to],
	)
	const rowsOfPlans = rows.filter(({ name }) => name === 'step' || name === 'task_plan')
	return {
		ofPlans: rowsOfPlans.reduce((sum, row) => sum + row.inserted, 0),
		ofPages: rows.reduce((sum, row) => sum + row.pages, 0),
		byTable: rows.map(({ name, bytes }) => ({ name: name ?? 'commits and others', bytes })),
	}
}

/** Commits of the database so far. A connection reports its own within this many milliseconds of falling idle. */
export async function commitsSoFar(admin: Pool): Promise<number> {
	const { rows } = await admin.query<{ commits: number }>(
		'select xact_commit as commits from pg_stat_database where datname = current_database()',
	)
	return rows[0]?.commits ?? 0
}

export const commitsAreKnownAfter = 11_000
