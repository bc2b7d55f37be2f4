/** Work that steps have started at other services: kept from before its start until it is over, so that none is forgotten there. */

import type { Queryable } from '../connection.ts'
import { attemptStates } from '../tasks/codes.ts'

export interface StoredUnit {
	readonly n: number
	readonly address: string | null
}

interface Place {
	readonly task: string
	readonly step: number
}

// A service that has ended the step with an outcome has ended the work as well.
const current = `select n, address from external_work w where task_id = $1 and step = $2 and over_at is null and not exists (
  select from step_event e where e.task_id = $1 and e.step = $2 and e.outcome is not null and e.at > w.begun_at
) order by n desc limit 1`

/** The unit of a step that is not over. */
export async function currentUnit(client: Queryable, { task, step }: Place): Promise<StoredUnit | null> {
	const { rows } = await client.query<StoredUnit>({ name: 'taskyard:currentUnit', text: current, values: [task, step] })
	return rows[0] ?? null
}

// The row of the step is held, so that no other attempt begins meanwhile.
const begin = `
with mine as (
  select task_id from step where task_id = $1 and index = $2 and attempt = $3 and state in (${attemptStates}) for share
), known as (
  ${current}
), made as (
  insert into external_work (task_id, step, n, url)
  select task_id, $2, 1 + coalesce((select max(n) from external_work where task_id = $1 and step = $2), 0), $4 from mine
  where not exists (select from known)
  returning n, address
)
select n, address from known where exists (select from mine) union all select n, address from made`

/** The unit that is not over, or a new one; null when the attempt is no longer the step's. */
export async function beginUnit(client: Queryable, { task, step }: Place, attempt: number, url: string): Promise<StoredUnit | null> {
	const { rows } = await client.query<StoredUnit>({ name: 'taskyard:beginUnit', text: begin, values: [task, step, attempt, url] })
	return rows[0] ?? null
}

const keep = `
update external_work set address = coalesce(address, $4), cancel = case when address is null then coalesce($5::json, cancel) else cancel end
where task_id = $1 and step = $2 and n = $3 returning n, address`

/**
 * Stores where the work is, unless that is known, and how to cancel it. Also for an attempt that counts no more: what it
 * has started is there all the same.
 *
 * @param cancel JSON text, sealed where it is sensitive
 */
export async function keepUnit(
	client: Queryable,
	{ task, step }: Place,
	n: number,
	address: string | null,
	cancel: string | null,
): Promise<StoredUnit | null> {
	const { rows } = await client.query<StoredUnit>({ name: 'taskyard:keepUnit', text: keep, values: [task, step, n, address, cancel] })
	return rows[0] ?? null
}

/** Nothing is left of it there. That of a task that was deleted meanwhile is forgotten. */
export async function endUnit(client: Queryable, { task, step }: Place, n: number): Promise<void> {
	await client.query({
		name: 'taskyard:endUnit',
		text: `with gone as (
  delete from external_work w where task_id = $1 and step = $2 and n = $3 and not exists (select from task where id = $1) returning n
)
update external_work set over_at = clock_timestamp() where task_id = $1 and step = $2 and n = $3 and over_at is null and not exists (select from gone)`,
		values: [task, step, n],
	})
}
