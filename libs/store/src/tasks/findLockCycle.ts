/**
 * Looks, before a claim waits, whether the wait would close a cycle: what its task waits for, what these wait for, and
 * so on, back to the task.
 *
 * All who look take one advisory lock first and read in the next statement, so that two halves of a cycle that form at
 * once on different resources see each other. The lock comes last, after the resources: who holds it waits for nobody.
 *
 * The statement reads whole lines, each once, and which claim stands before which is found in memory: every claim of a
 * line joined with all that stand before it would be quadratic. Only a task with a parent, one that another depends on,
 * or one that holds its duplicate key while it waits for more, is looked for: nobody but a later claim can wait for any
 * other, and that one looks by itself.
 */

import { cycleConflict } from '@taskyard/model/lockConflict'
import { type CycleLink, findCycle, type TaskWait } from '@taskyard/model/lockCycle'
import type { StandingClaim } from '@taskyard/model/locks'
import type { LockClaim } from '@taskyard/model/plan'
import type { StepError } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { lockModeCode, taskStateCode } from './codes.ts'
import type { GrantedTask } from './releaseLocks.ts'
import { keyOf } from './resources.ts'

/** Number of the advisory lock of all who are about to wait; another one is `granting` of releaseLocks. */
const waitGraph = 0x7a_11_01

const lockWaitGraph = `
select pg_advisory_xact_lock(${waitGraph}) from task t where t.id = $1 and (t.parent_id is not null or t.awaited
  or t.duplicate and exists (select from lock l where l.task_id = t.id and l.granted))`

const readGraph = `
with recursive walk(task_id, resource_id) as (
  select $1::uuid, null::bigint
  union
  select n.task_id, n.resource_id from walk w cross join lateral (
    select null::uuid as task_id, l.resource_id from lock l where l.task_id = w.task_id and not l.granted
    union all
    select l.task_id, null from lock l where l.resource_id = w.resource_id
    union all
    select t.id, null from task t where t.parent_id = w.task_id and t.state <> ${taskStateCode.encode('stopped')}
    union all
    select d.on_task_id, null from dependency d where d.task_id = w.task_id and d.settled_at is null
  ) n
)
select 'lock' as kind, l.task_id, null::uuid as on_task_id, r.type, r.key, l.name, l.mode, l.granted, l.place::text, l.ancestors::text[]
from walk w join resource r on r.id = w.resource_id join lock l on l.resource_id = r.id
union all
select 'sub_task', t.parent_id, t.id, null, null, null, null, null, null, null
from walk w join task t on t.parent_id = w.task_id where t.state <> ${taskStateCode.encode('stopped')}
union all
select 'dependency', d.task_id, d.on_task_id, null, null, null, null, null, null, null
from walk w join dependency d on d.task_id = w.task_id where d.settled_at is null`

interface Edge {
	kind: 'lock' | TaskWait['kind']
	task_id: string
	on_task_id: string
	type: string
	key: string
	name: string
	mode: number
	granted: boolean
	place: string
	ancestors: string[]
}

/** The error of a task whose claims stand in line and would wait for ever; null when they can. */
export async function findLockCycle(client: Queryable, task: string, claims: readonly LockClaim[]): Promise<StepError | null> {
	const cycle = await wayBackTo(client, task)
	const [first] = cycle
	if (!first) return null
	const resource = first.kind === 'lock' ? first.resource : null
	const claim = claims.find((one) => keyOf(one.resource) === resource) ?? (claims[0] as LockClaim)
	const names = await client.query<{ id: string; name: string }>({
		name: 'taskyard:namesOfTasks',
		text: 'select id, name from task where id = any($1::uuid[])',
		values: [plain(cycle.map((link) => link.task))],
	})
	const nameOf = new Map(names.rows.map((row) => [row.id, row.name]))
	return cycleConflict(claim, cycle, (id) => nameOf.get(id) ?? 'task')
}

/**
 * The tasks in line whose waits have become part of a cycle by an edge that was just made: from a sub-task to a task that
 * it waits for. Each is to look at its claims again, and the first one gives way.
 */
export async function findWaitersInCycle(client: Queryable, subTask: string): Promise<GrantedTask[]> {
	const cycle = await wayBackTo(client, subTask)
	const waiters = cycle.filter((link) => link.kind === 'lock').map((link) => link.task)
	if (waiters.length === 0) return []
	const { rows } = await client.query<GrantedTask>({
		name: 'taskyard:queuesOfTasks',
		text: 'select id as task, queue, priority from task where id = any($1::uuid[]) order by id',
		values: [plain(waiters)],
	})
	return rows
}

/** The links of the shortest cycle through a task; empty when there is none. */
async function wayBackTo(client: Queryable, task: string): Promise<readonly CycleLink[]> {
	const waited = await client.query({ name: 'taskyard:lockWaitGraph', text: lockWaitGraph, values: [task] })
	if (waited.rows.length === 0) return []
	const { rows } = await client.query<Edge>({ name: 'taskyard:readWaitGraph', text: readGraph, values: [task] })
	const cycle = findCycle(
		task,
		rows.filter((row) => row.kind === 'lock').map(toClaim),
		rows.flatMap((row) => (row.kind === 'lock' ? [] : [{ task: row.task_id, on: row.on_task_id, kind: row.kind }])),
	)
	return cycle ?? []
}

function toClaim(row: Edge): StandingClaim {
	return {
		task: row.task_id,
		resource: keyOf({ type: row.type, id: row.key }),
		name: row.name,
		mode: lockModeCode.decode(row.mode),
		granted: row.granted,
		place: Number(row.place),
		ancestors: row.ancestors,
	}
}
