/**
 * Sub-tasks that are to end with the task or the step that started them: they have not stopped, and nobody has asked them
 * to. One that a person resumed after its parent had stopped is a task of its own from then on.
 */

import type { TaskState } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { eventKindCode, stepStateCode, taskStateCode } from './codes.ts'

const stopped = taskStateCode.encode('stopped')

const notResumedSince = (child: string, parent: string): string =>
	`not (${parent}.state = ${stopped} and exists (
    select from event e where e.task_id = ${child}.id and e.kind = ${eventKindCode.encode('resume')} and e.at >= ${parent}.ended_at))`

const ofParent = `/* taskyard:subTasksToEnd */
select c.id, c.state from task c join task p on p.id = c.parent_id
where c.parent_id = $1 and ($2::int is null or c.parent_step = $2) and c.id > $3 and c.state <> ${stopped} and c.cancel = 0
  and ${notResumedSince('c', 'p')}
order by c.id limit $4`

export interface SubTaskToEnd {
	readonly id: string
	readonly state: TaskState
}

/** Those of a task, or of one of its steps, in ascending order after one of them. */
export async function readSubTasksToEnd(
	client: Queryable,
	{ task, step }: { readonly task: string; readonly step: number | null },
	after: string,
	most: number,
): Promise<SubTaskToEnd[]> {
	const { rows } = await client.query<{ id: string; state: number }>({
		name: 'taskyard:subTasksToEnd',
		text: ofParent,
		values: [task, step, after, most],
	})
	return rows.map(({ id, state }) => ({ id, state: taskStateCode.decode(state) }))
}

const states = [0, 1, 2, 3, 4, 5] as const

// A page of those that have not stopped, by the index of each state, then their parents by key.
const orphans = `/* taskyard:orphans */
with page as materialized (
  select * from (${states
		.map((state) => `(select id, parent_id, parent_step, member, cancel from task where state = ${state} and id > $1 order by id limit $2)`)
		.join(' union all ')}) u order by id limit $2
)
select c.id as child, c.parent_id as task, c.parent_step as step, orphan.whole, (select count(*)::int from page) as looked
from page c left join lateral (
  select p.cancel <> 0 as whole from task p
  left join fan_out f on c.member and f.task_id = p.id and f.step = c.parent_step
  left join step s on c.member and s.task_id = p.id and s.index = c.parent_step
  where p.id = c.parent_id and (p.cancel <> 0
    or s.state = ${stepStateCode.encode('cancelled')} and not p.unlocked
    or s.state = ${stepStateCode.encode('error')} and (not f.leave_running and s.error->>'code' = 'sub_tasks_failed'
      or p.state = ${stopped} and not p.unlocked and s.error->>'code' = 'sub_tasks_paused'))
    and ${notResumedSince('c', 'p')}
) orphan on c.cancel = 0
where orphan.whole is not null or c.id = (select max(id::text)::uuid from page)
order by c.id`

/** Steps, or whole tasks where `step` is null, with sub-tasks that were left behind by their end. */
export interface Orphaned {
	readonly task: string
	readonly step: number | null
}

/** Looks at a page of the tasks that have not stopped; answers where the next begins, or null at the end. */
export async function findOrphaned(
	client: Queryable,
	after: string,
	most: number,
): Promise<{ readonly orphaned: readonly Orphaned[]; readonly next: string | null }> {
	const { rows } = await client.query<{ child: string; task: string | null; step: number | null; whole: boolean | null; looked: number }>({
		name: 'taskyard:orphans',
		text: orphans,
		values: [after, most],
	})
	const orphaned = new Map<string, Orphaned>()
	for (const { task, step, whole } of rows) {
		if (task === null || whole === null) continue
		const one = { task, step: whole ? null : step }
		orphaned.set(`${one.task}/${one.step}`, one)
	}
	return { orphaned: [...orphaned.values()], next: (rows[0]?.looked ?? 0) < most ? null : (rows.at(-1)?.child ?? null) }
}
