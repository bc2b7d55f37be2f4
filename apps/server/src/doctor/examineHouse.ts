import { join } from 'node:path'
import type { Environment } from '@taskyard/process/environment'
import { openPool } from '@taskyard/store/connection'
import { type Examination, examine } from '@taskyard/store/doctor/examine'
import { startEmbedded } from '@taskyard/store/embedded/embedded'

/**
 * Examines the database that DATABASE_URL names, or else the embedded one of the data directory, which is started for it
 * when it does not run.
 */
export async function examineHouse({
	databaseUrl,
	dataDirectory,
}: Pick<Environment, 'databaseUrl' | 'dataDirectory'>): Promise<Examination> {
	if (databaseUrl !== undefined) return examineDatabase(databaseUrl)
	const embedded = await startEmbedded({
		dataDirectory: join(dataDirectory, 'postgres'),
		durability: 'production',
		keepAlive: false,
		log: () => undefined,
	})
	try {
		return await examineDatabase(embedded.url)
	} finally {
		await embedded.stop()
	}
}

async function examineDatabase(url: string): Promise<Examination> {
	// It reads whole tables, started by a person: it takes as long as it takes.
	const pool = openPool(url, { max: 1, applicationName: 'taskyard doctor', transactionTimeout: 0 })
	try {
		return await examine(pool)
	} finally {
		await pool.end()
	}
}
