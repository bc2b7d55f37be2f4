/**
 * Makes the edges of a new task to those that it waits for, inside the transaction that creates it.
 *
 * The awaited rows are locked and marked in one statement, and their states read in the next: whoever ends one of them
 * either has committed, and is seen to have stopped, or waits for this transaction, and then finds the edge. A task in
 * somebody's memory does not have the mark; its revision is raised, so that a decision made without it is void.
 */

import type { DependencyPolicy } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { numbers, plain } from './arrays.ts'
import { changeKinds, dependencyPolicyCode, taskStateCode } from './codes.ts'
import { dependencyMet } from './dependencyMet.ts'

export interface DependencyDraft {
	/** The task that is waited for. */
	readonly task: string
	readonly policy: DependencyPolicy
}

const stopped = taskStateCode.encode('stopped')

const mark = `
with locked as materialized (
  select id, state, awaited from task where id = any($1::uuid[]) order by id for update
), marked as (
  update task t set awaited = true, revision = t.revision + 1 from locked l where t.id = l.id and l.state <> ${stopped} and not l.awaited
  returning t.id, t.revision
), fed as (
  insert into change (task_id, revision, kinds) select id, revision, ${changeKinds.task} from marked
)
select id from locked`

const insert = `
insert into dependency (task_id, on_task_id, policy, settled_at, met)
select $1, e.on_task_id, e.policy, case when t.state = ${stopped} then clock_timestamp() end, case when t.state = ${stopped} then ${dependencyMet('e', 't')} end
from unnest($2::uuid[], $3::smallint[]) as e(on_task_id, policy) join task t on t.id = e.on_task_id`

/**
 * Answers the tasks that do not exist. Unless there are none, nothing was made and the transaction must not commit.
 *
 * @param edges to different tasks, none of them the task itself
 */
export async function makeDependencies(client: Queryable, task: string, edges: readonly DependencyDraft[]): Promise<{ missing: string[] }> {
	const on = edges.map((edge) => edge.task)
	const { rows } = await client.query<{ id: string }>({ name: 'taskyard:markAwaited', text: mark, values: [plain(on)] })
	const found = new Set(rows.map((row) => row.id))
	const missing = on.filter((id) => !found.has(id))
	if (missing.length > 0) return { missing }
	await client.query({
		name: 'taskyard:makeDependencies',
		text: insert,
		values: [task, plain(on), numbers(edges.map((edge) => dependencyPolicyCode.encode(edge.policy)))],
	})
	return { missing }
}
