/**
 * Deletes a stopped task with its sub-tasks, inside the caller's transaction. What people did to it stays, and a
 * tombstone; all else goes.
 */

import type { TaskState } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { changeKinds, eventKindCode, taskResultCode, taskStateCode } from './codes.ts'

/** A task by the name that people know. */
interface Named {
	readonly id: string
	readonly name: string
	readonly state: TaskState
}

/** What stands against a delete; nothing does when both lists are empty. */
export interface DeletionCheck {
	/** The task and its sub-tasks at any depth, ascending; empty when there is no such task. */
	readonly tree: readonly string[]
	/** Those of the tree that have not stopped. */
	readonly unfinished: readonly Named[]
	/** Tasks outside the tree that still wait for others, one of the tree among them; so does what has fanned out. */
	readonly waiting: readonly Named[]
}

const subTree = `recursive tree(id) as (
  select id from task where id = $1
  union all
  select t.id from tree join task t on t.parent_id = tree.id
)`

const lockTree = `
with ${subTree}, ids as materialized (select id from tree)
select id from task where id = any(array(select id from ids)) order by id for update`

const readTree = `
with ${subTree}
select 'tree' as part, t.id, t.name, t.state from tree join task t on t.id = tree.id
union all
select distinct 'waiting', w.id, w.name, w.state from tree
join dependency d on d.on_task_id = tree.id
join task w on w.id = d.task_id
where w.state = ${taskStateCode.encode('scheduled')} and w.id not in (select id from tree)
  and exists (select from dependency o where o.task_id = w.id and o.settled_at is null)
union all
select 'waiting', p.id, p.name, p.state from task t join task p on p.id = t.parent_id
where t.id = $1 and t.member and p.state <> ${taskStateCode.encode('stopped')}
order by 1, 2`

/** Locks the task and its sub-tasks, in ascending order, and says what stands against their end. */
export async function checkDeletion(client: Queryable, id: string): Promise<DeletionCheck> {
	await client.query({ name: 'taskyard:lockTree', text: lockTree, values: [id] })
	// A statement that waited for a lock has read all else before. A stopped task gets no more sub-tasks, so the tree is whole.
	const { rows } = await client.query<{ part: 'tree' | 'waiting'; id: string; name: string; state: number }>({
		name: 'taskyard:readTree',
		text: readTree,
		values: [id],
	})
	const named = rows.map((row) => ({ ...row, state: taskStateCode.decode(row.state) }))
	const tree = named.filter(({ part }) => part === 'tree')
	const without = ({ id, name, state }: Named): Named => ({ id, name, state })
	return {
		tree: tree.map((task) => task.id),
		unfinished: tree.filter(({ state }) => state !== 'stopped').map(without),
		waiting: named.filter(({ part }) => part === 'waiting').map(without),
	}
}

/** Who deletes, or by which rule of retention, and why. */
export interface Deletion {
	readonly who: number | null
	readonly rule: string | null
	readonly why: string | null
}

const bury = `
with gone as materialized (
  select id, label, name, owner_id, result, ended_at, revision + 1 as revision from task where id = any($1::uuid[])
), tombstones as (
  insert into tombstone (id, label, name, owner_id, result, ended_at, deleted_by, rule)
  select id, label, name, owner_id, result, coalesce(ended_at, clock_timestamp()), $2, $3 from gone
), events as (
  insert into event (task_id, revision, n, at, kind, who, why)
  select id, revision, 0, clock_timestamp(), ${eventKindCode.encode('delete')}, $2, $4 from gone
)
insert into change (task_id, revision, kinds) select id, revision, ${changeKinds.task | changeKinds.step | changeKinds.log} from gone`

// A step whose task has stopped counts those of its sub-tasks that are there.
const uncount = `
with d as materialized (
  select parent_id, parent_step, count(*)::int as n, ${(['success', 'warning', 'error', 'cancelled'] as const)
		.map((result) => `(count(*) filter (where result = ${taskResultCode.encode(result)}))::int as ${result}`)
		.join(', ')}
  from task where id = any($1::uuid[]) and member and parent_id <> all($1::uuid[]) group by parent_id, parent_step
), locked as materialized (
  select f.task_id from fan_out f join d on d.parent_id = f.task_id and d.parent_step = f.step order by f.task_id, f.step for update of f
)
update fan_out f set total = f.total - d.n, created = f.created - d.n, success = f.success - d.success, warning = f.warning - d.warning,
  error = f.error - d.error, cancelled = f.cancelled - d.cancelled
from d where f.task_id = d.parent_id and f.step = d.parent_step and (select count(*) from locked) > 0`

/** In the order of the writers: the rows that others lock come last. */
const removals: readonly (readonly [table: string, condition: string])[] = [
	...[
		'log_chunk',
		'attempt',
		'step',
		'fan_out',
		'task_progress',
		'task_plan',
		'task_payload',
		'timer',
		'process_group',
		'step_event',
		'callback',
		'external_id',
		'link',
		'lock',
		'dependency',
		'recorded_task',
		'bulk_item',
	].map((table) => [table, 'task_id = any($1::uuid[])'] as const),
	// What still runs elsewhere is cancelled there before it is forgotten.
	['external_work', 'task_id = any($1::uuid[]) and over_at is not null'],
	['event', `task_id = any($1::uuid[]) and kind in (${eventKindCode.encode('task')}, ${eventKindCode.encode('step')})`],
	['task', 'id = any($1::uuid[])'],
]

/** Tasks of one statement at most. */
const largestPart = 1000

/** @param ids of stopped tasks, locked by the caller */
export async function deleteTasks(client: Queryable, ids: readonly string[], { who, rule, why }: Deletion): Promise<void> {
	for (let from = 0; from < ids.length; from += largestPart) {
		const part = plain(ids.slice(from, from + largestPart))
		await client.query({ name: 'taskyard:uncount', text: uncount, values: [part] })
		await client.query({ name: 'taskyard:bury', text: bury, values: [part, who, rule, why] })
		for (const [table, condition] of removals) {
			await client.query({ name: `taskyard:delete/${table}`, text: `delete from ${table} where ${condition}`, values: [part] })
		}
	}
}
