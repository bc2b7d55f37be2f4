/**
 * Settles the edges to tasks that have stopped, inside the transaction that wrote their end and in a statement after it.
 *
 * The rows of the tasks that wait are neither locked nor changed: each is told by a job, looks at all its edges then,
 * and of two ends at once the later one finds both settled. An edge is settled once: what becomes of an unlocked task
 * that is resumed does not concern it.
 */

import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { taskStateCode } from './codes.ts'
import { dependencyMet } from './dependencyMet.ts'

/** A task with its queue, for the job that tells it. */
export interface WaitingTask {
	readonly task: string
	readonly queue: string
	readonly priority: number
}

const statement = `
with open as materialized (
  select task_id, on_task_id, policy from dependency where on_task_id = any($1::uuid[]) and settled_at is null
  order by on_task_id, task_id for update
), settled as (
  update dependency d set settled_at = clock_timestamp(), met = ${dependencyMet('o', 't')}
  from open o join task t on t.id = o.on_task_id
  where d.task_id = o.task_id and d.on_task_id = o.on_task_id and t.state = ${taskStateCode.encode('stopped')}
  returning d.task_id
)
select t.id as task, t.queue, t.priority from task t
where t.id = any(array(select task_id from settled)) and t.state = ${taskStateCode.encode('scheduled')} order by t.id`

/** Answers the scheduled tasks that waited for one of these, whether or not they can begin now. */
export async function settleDependencies(client: Queryable, ended: readonly string[]): Promise<WaitingTask[]> {
	const { rows } = await client.query<WaitingTask>({ name: 'taskyard:settleDependencies', text: statement, values: [plain(ended)] })
	return rows
}
