/** Brings a database to the tables of this version. */

import { openPool, type Pool } from './connection.ts'
import { openOrm } from './orm.ts'
import { ensurePartitions } from './partitions.ts'
import { checkVersion } from './version.ts'

export interface MigrateOptions {
	/** Told in one line about each migration. */
	readonly log?: (line: string) => void
	/** What other rooms install in the same database, e.g. the queue; run after our own tables, under the same lock. */
	readonly also?: readonly ((pool: Pool) => Promise<void>)[]
}

/** Any number that is used for nothing else: whoever migrates holds this advisory lock of the database. */
const migrationLock = 7_265_001

/**
 * Runs the migrations that are missing, and makes the partitions of these days. Two starters at once are harmless: the
 * second waits, and then finds everything done. Takes as long as it takes.
 */
export async function migrate(url: string, { log = () => {}, also = [] }: MigrateOptions = {}): Promise<void> {
	await checkVersion(url)
	const unlimited = { transactionTimeout: 0, idleInTransactionTimeout: 0 }
	const pool = openPool(url, { max: 3, applicationName: 'taskyard migrate', ...unlimited })
	try {
		const holder = await pool.connect()
		try {
			await holder.query('select pg_advisory_lock($1)', [migrationLock])
			const orm = await openOrm(url, { max: 2, applicationName: 'taskyard migrate', ...unlimited })
			try {
				const done = await orm.migrator.up()
				for (const { name } of done) log(`migrated the database: ${name}`)
			} finally {
				await orm.close()
			}
			for (const install of also) await install(pool)
			await ensurePartitions(pool)
		} finally {
			// The connection is closed, and with it the lock is released.
			holder.release(true)
		}
	} finally {
		await pool.end()
	}
}
