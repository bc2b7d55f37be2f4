/** `/healthz`: the process answers. `/readyz`: it can do its work, or why not. */

import type { Health } from '@taskyard/process/health'
import { createHealth } from '@taskyard/process/health'
import type { Queryable } from '@taskyard/store/connection'
import { migrations } from '@taskyard/store/migrations/list'
import { sqlState, sqlStateOf } from '@taskyard/store/sqlState'
import type { FastifyInstance } from 'fastify'

export function serverHealth(database: Queryable): Health {
	const health = createHealth()
	health.register('database', async () => {
		await database.query('select 1')
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
