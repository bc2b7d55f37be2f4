import { runMigrations } from 'graphile-worker'
import type { Pool } from 'pg'

/** Installs or upgrades the queue's own schema, `graphile_worker`. Harmless when it is there. */
export async function installQueue(pool: Pool): Promise<void> {
	await runMigrations({ pgPool: pool })
}
