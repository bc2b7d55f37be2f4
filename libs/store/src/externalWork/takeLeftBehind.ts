/** Work at other services whose task has stopped without it. */

import type { Queryable } from '../connection.ts'
import { stepStateCode, taskStateCode } from '../tasks/codes.ts'

export interface LeftBehind {
	readonly task: string
	readonly step: number
	readonly n: number
	/** Where it was started. */
	readonly url: string
	/** JSON text of the request that ends it, sealed where it is sensitive; null when the service never answered. */
	readonly cancel: string | null
	/** How often it was looked at, this time included. */
	readonly tries: number
	/** By what the step has come to, or what the service has said itself. */
	readonly ended: boolean
	/** False when the task was deleted. */
	readonly reportable: boolean
}

const succeeded = (['success', 'finalizing', 'finalized', 'reverting', 'reverted', 'revert_failed'] as const)
	.map(stepStateCode.encode)
	.join(', ')

// Read once in a while by every worker: a partial index leaves only what runs elsewhere, and the join with the task is by key.
const take = `
with due as (
  select w.task_id, w.step, w.n, t.id is not null as reportable from external_work w left join task t on t.id = w.task_id
  where w.over_at is null and w.next_at <= clock_timestamp() and (t.id is null or t.state = ${taskStateCode.encode('stopped')})
  order by w.next_at limit $1 for update of w skip locked
)
update external_work w set tries = w.tries + 1, next_at = clock_timestamp() + $2 * interval '1 millisecond'
from due where w.task_id = due.task_id and w.step = due.step and w.n = due.n
returning w.task_id as task, w.step, w.n, w.url, w.cancel::text as cancel, w.tries, due.reportable,
  exists (select from step s where s.task_id = w.task_id and s.index = w.step and s.state in (${succeeded}))
  or exists (select from step_event e where e.task_id = w.task_id and e.step = w.step and e.outcome is not null and e.at > w.begun_at) as ended`

/** Each is put off by the time that a request may take, so that nobody else sends it meanwhile. */
export async function takeLeftBehind(client: Queryable, most: number, putOff: number): Promise<LeftBehind[]> {
	const { rows } = await client.query<LeftBehind>({ name: 'taskyard:takeLeftBehind', text: take, values: [most, putOff] })
	return rows
}

/** It is looked at again after some milliseconds. */
export async function putOffUnit(client: Queryable, { task, step, n }: LeftBehind, pause: number): Promise<void> {
	await client.query({
		name: 'taskyard:putOffUnit',
		text: `update external_work set next_at = clock_timestamp() + $4::float8 * interval '1 millisecond' where task_id = $1 and step = $2 and n = $3`,
		values: [task, step, n, pause],
	})
}
