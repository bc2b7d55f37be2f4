/** `/healthz`: the process answers. `/readyz`: it can do its work, or why not. */

import type { Health } from '@taskyard/process/health'
import { createHealth } from '@taskyard/process/health'
import type { Queryable } from '@taskyard/store/connection'
import { migrations } from '@taskyard/store/migrations/list'
import { isOutOfRoom, sqlState, sqlStateOf } from '@taskyard/store/sqlState'
import type { FastifyInstance } from 'fastify'

/**
 * Sorts more than it may in memory, so that the server has to write to its disk: that takes some milliseconds and leaves
 * nothing behind. Both statements are one transaction, for they are one message.
 */
const writeToDisk = `set local work_mem = '64kB'; select count(*) from (select from generate_series(1, 20000) g order by g desc offset 0) s`

export function serverHealth(database: Queryable): Health {
	const health = createHealth()
	let full: string | undefined
	health.register('database', async () => {
		await database.query('select 1').catch((error: Error) => {
			// A server that has no room for its log goes down, and says itself only that it is not up yet.
			throw full === undefined ? error : new Error(`${error.message}; before that it had no room: ${full}`, { cause: error })
		})
		return undefined
	})
	health.register('room', async () => {
		try {
			await database.query(writeToDisk)
			full = undefined
		} catch (error) {
			// Anything else is what the check of the database tells.
			if (!isOutOfRoom(error)) return undefined
			full = (error as Error).message
			return `PostgreSQL cannot write: ${full}. Make room on its disk; what waits goes on by itself`
		}
		return undefined
	})
	health.register('migrations', async () => {
		try {
			const { rows } = await database.query<{ done: number }>('select count(*)::int as done from migration')
			const missing = migrations.length - (rows[0]?.done ?? 0)
			return missing > 0 ? `${missing} of ${migrations.length} are missing; run "npm start", which carries them out` : undefined
		} catch (error) {
			if (sqlStateOf(error) === sqlState.undefinedTable) return 'the tables are missing; run "npm start", which makes them'
			throw error
		}
	})
	return health
}

/** Workers that were heard lately: reported, but a server without workers is ready to take tasks. */
async function livingWorkers(database: Queryable): Promise<number | null> {
	const statement = `select count(*)::int as alive from worker where ended_at is null and heartbeat_at > clock_timestamp() - interval '15 seconds'`
	const { rows } = await database.query<{ alive: number }>(statement).catch(() => ({ rows: [] }))
	return rows[0]?.alive ?? null
}

export function serveHealth(http: FastifyInstance, database: Queryable): void {
	const health = serverHealth(database)
	http.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }))
	http.get('/readyz', async (_request, reply) => {
		const [{ ready, reasons }, workers] = await Promise.all([health.check(), livingWorkers(database)])
		return reply
			.code(ready ? 200 : 503)
			.header('cache-control', 'no-store')
			.send({ ready, reasons, workers })
	})
}
