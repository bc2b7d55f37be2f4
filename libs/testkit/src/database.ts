/** A database per test file, cloned from the template of the run. */

import { openPool, type Pool, type PoolSettings, withDatabase } from '@taskyard/store/connection'
import { ensurePartitions } from '@taskyard/store/partitions'
import { afterAll, beforeAll, inject } from 'vitest'
import { waitFor } from './waitFor.ts'

export interface TestDatabase {
	readonly name: string
	readonly url: string
	/** A pool of the test's own; others may open more by `url`. */
	readonly pool: Pool
	/** Drops the database. Fails when somebody left a connection open, naming whose it is and what it ran. */
	drop(): Promise<void>
}

export interface TestDatabaseOptions
	extends Partial<Pick<PoolSettings, 'max' | 'statementTimeout' | 'transactionTimeout' | 'idleInTransactionTimeout'>> {
	/** Clone from this database instead of the run's template; `template0` is an empty one. */
	readonly template?: string
}

const admin = { max: 1, applicationName: 'taskyard test admin', transactionTimeout: 0 }
let created = 0

export async function createDatabase({ template, ...settings }: TestDatabaseOptions = {}): Promise<TestDatabase> {
	const serverUrl = inject('testServerUrl')
	const name = `test_${process.pid}_${process.env.VITEST_WORKER_ID ?? 0}_${++created}_${Math.random().toString(36).slice(2, 6)}`
	// A copy of the files: several times faster than through the log, which nobody needs here.
	await asAdmin(serverUrl, (pool) =>
		pool.query(`create database ${name} template ${template ?? inject('testTemplate')} strategy file_copy`),
	)
	const url = withDatabase(serverUrl, name)
	const pool = openPool(url, { max: 10, applicationName: ownPoolName, ...settings })
	// The template may be older than the partitions of these minutes.
	if (template === undefined) await ensurePartitions(pool)
	return {
		name,
		url,
		pool,
		async drop() {
			await pool.end()
			await asAdmin(serverUrl, async (adminPool) => {
				const left = await leftConnections(adminPool, name)
				await adminPool.query(`drop database ${name} with (force)`)
				if (left.length > 0) {
					throw new Error(`Connections to the test database were left open. Close them in the test:\n${left.join('\n')}`)
				}
			})
		},
	}
}

/**
 * A database for this test file, made before its tests and dropped after them.
 *
 *     const database = useDatabase()
 *     test('…', async () => { await database.pool.query('…') })
 */
export function useDatabase(options: TestDatabaseOptions = {}): Omit<TestDatabase, 'drop'> {
	let database: TestDatabase | undefined
	const get = () => {
		if (!database) throw new Error('The test database exists within tests and hooks only: use it there.')
		return database
	}
	beforeAll(async () => {
		database = await createDatabase(options)
	})
	afterAll(async () => {
		await database?.drop()
	})
	return {
		get name() {
			return get().name
		},
		get url() {
			return get().url
		},
		get pool() {
			return get().pool
		},
	}
}

const ownPoolName = 'taskyard test'

/** Connections close a moment after `end()` has returned: what is still there after three seconds was forgotten. */
async function leftConnections(pool: Pool, database: string): Promise<string[]> {
	let left: string[] = []
	const none = async () => {
		const { rows } = await pool.query<{ line: string }>(
			`select format('%s (%s, process %s): %s', coalesce(nullif(application_name, ''), 'without a name'), state, pid, left(query, 120)) as line
			from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
			[database],
		)
		left = rows.map((row) => row.line)
		return left.length === 0
	}
	await waitFor('all connections to be closed', none, { timeout: 3_000 }).catch(() => {})
	return left
}

async function asAdmin(serverUrl: string, work: (pool: Pool) => Promise<unknown>): Promise<void> {
	const pool = openPool(serverUrl, admin)
	try {
		await work(pool)
	} finally {
		await pool.end()
	}
}
