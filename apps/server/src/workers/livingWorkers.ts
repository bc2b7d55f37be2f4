import { WorkerEntity, type WorkerRow } from '@taskyard/store/entities/worker'
import type { Orm } from '@taskyard/store/orm'

/** A worker that has been silent for longer is taken for dead here; the engine's own rule is the lease of its children. */
const longestSilence = 15_000

export interface SeenWorker {
	readonly row: WorkerRow
	readonly alive: boolean
}

/** The workers that have not ended, with whether they were heard lately, by the database's clock. */
export async function livingWorkers(em: Orm['em']): Promise<SeenWorker[]> {
	const rows = await em.find(WorkerEntity, { endedAt: null }, { orderBy: { id: 'asc' } })
	const now = await databaseTime(em)
	return rows.map((row) => ({ row, alive: row.heartbeatAt > now - longestSilence }))
}

/** Milliseconds since 1970: every expiry is judged by the database's clock. */
export async function databaseTime(em: Orm['em']): Promise<number> {
	const [row] = await em.getConnection().execute<{ now: number }[]>('select clock_timestamp() as now')
	return row?.now ?? 0
}
