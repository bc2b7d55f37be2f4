/** The database's time, as this process knows it: measured at the start and with each heartbeat, kept by a monotonic clock. */

import type { Queryable } from '@taskyard/store/connection'
import { createIdSource, type IdSource } from '@taskyard/store/ids'

/** Asks the database for its time once, and answers a source of times and ids that keeps it. */
export async function openClock(client: Queryable): Promise<IdSource> {
	const clock = createIdSource()
	await calibrate(clock, client)
	return clock
}

export async function calibrate(clock: IdSource, client: Queryable): Promise<void> {
	const asked = performance.now()
	const { rows } = await client.query<{ now: number }>('select extract(epoch from clock_timestamp())::float8 * 1000 as now')
	clock.calibrate(rows[0]?.now ?? Date.now(), performance.now() - asked)
}
