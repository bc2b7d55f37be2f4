/**
 * Lets sub-tasks begin that were held by the limit of their fan-out, in the order in which they were made, inside the
 * transaction that has made room for them and holds the row that counts them. One that somebody else has locked is about
 * to change and is passed over, so that nobody waits for a task while he holds a counter. A step that has ended, or is to
 * end, lets none begin any more.
 */

import type { Queryable } from '../connection.ts'
import { numbers, plain } from './arrays.ts'
import { changeKinds, stepStateCode, taskStateCode } from './codes.ts'
import type { Family } from './fanOuts.ts'

/** A task for its job. */
export interface ReleasedTask {
	readonly task: string
	readonly queue: string
	readonly priority: number
}

const wanted = (['pending', 'running', 'suspended'] as const).map(stepStateCode.encode).join(', ')

const statement = `/* taskyard:releaseHeld */
with f as materialized (
  select f.parent, f.step, f.n from unnest($1::uuid[], $2::int[], $3::int[]) as f(parent, step, n)
  join task p on p.id = f.parent join step s on s.task_id = f.parent and s.index = f.step
  where p.cancel = 0 and p.state <> ${taskStateCode.encode('stopped')} and s.state in (${wanted}) and not s.cancel_asked
), next as materialized (
  select n.id from f cross join lateral (
    select id from task where parent_id = f.parent and parent_step = f.step and held order by id limit f.n for update skip locked
  ) n
), released as (
  update task t set held = false, waiting_for = null, revision = t.revision + 1, state_updated_at = clock_timestamp()
  from next where t.id = next.id returning t.id, t.queue, t.priority, t.revision, t.parent_id, t.parent_step
), counted as (
  update fan_out o set held = o.held - r.n
  from (select parent_id, parent_step, count(*)::int as n from released group by parent_id, parent_step) r
  where o.task_id = r.parent_id and o.step = r.parent_step
), fed as (
  insert into change (task_id, revision, kinds) select id, revision, ${changeKinds.task} from released
)
select id as task, queue, priority from released order by id`

/** Answers those that begin now. */
export async function releaseHeld(client: Queryable, rooms: readonly (Family & { readonly free: number })[]): Promise<ReleasedTask[]> {
	const open = rooms.filter(({ free }) => free > 0)
	if (open.length === 0) return []
	const { rows } = await client.query<ReleasedTask>({
		name: 'taskyard:releaseHeld',
		text: statement,
		values: [plain(open.map(({ task }) => task)), numbers(open.map(({ step }) => step)), numbers(open.map(({ free }) => free))],
	})
	return rows
}

/** Of sub-tasks that were cancelled before the limit let them begin. */
export async function forgetHeld(client: Queryable, tasks: readonly string[]): Promise<void> {
	if (tasks.length === 0) return
	await client.query({
		name: 'taskyard:forgetHeld',
		text: 'update task set held = false where id = any($1::uuid[])',
		values: [plain(tasks)],
	})
}
