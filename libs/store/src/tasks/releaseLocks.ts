/**
 * Deletes the claims of tasks that have ended and grants what stood behind them, in the transaction of the end, after
 * the rows of the tasks were written. The same shape as to take locks: first the rows of the resources, in their order,
 * then, in a new statement, the claims.
 *
 * A task can stand in several lines, and the ends of two tasks can free the last two of them at once: each would see the
 * other's claim and leave the grant to it. So whoever finds somebody in line takes one advisory lock before it looks
 * whose turn it is. It is taken last: who holds it waits for nobody. An end behind which nobody stands does without.
 */

import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { lockModeCode } from './codes.ts'
import { covered, standingBefore } from './standingBefore.ts'

/** A task whose claims are all granted now, for its job. */
export interface GrantedTask {
	readonly task: string
	readonly queue: string
}

/** Number of the advisory lock of all who grant; another one is that of findLockCycle. */
const granting = 0x7a_11_02

// The claims of these tasks do not change meanwhile: the caller has locked the rows of the tasks.
const resourcesOf = `
select id::text from resource where id = any(array(select resource_id from lock where task_id = any($1::uuid[]))) order by type, key for update`

const deleteClaims = `
with gone as (delete from lock where task_id = any($1::uuid[]) returning resource_id)
select distinct g.resource_id::text as id from gone g
where exists (select from lock l where l.resource_id = g.resource_id and not l.granted and l.task_id <> all($1::uuid[]))`

// Looked at are the claims of each name up to its first exclusive one, by the index `lock_line`: all that come later
// stand behind that. With every claim of a line looked at, a release took 36 ms at 5,000 that wait; now it takes
// 2 ms. What this leaves out is a task whose ancestor stands in line before it, which $2 names when it is asked for.
const grantNext = `
with recursive names(resource_id, name) as (
  select r.id, (select min(l.name) from lock l where l.resource_id = r.id) from unnest($1::bigint[]) as r(id)
  union all
  select n.resource_id, (select min(l.name) from lock l where l.resource_id = n.resource_id and l.name > n.name) from names n where n.name is not null
), fronts as materialized (
  select n.resource_id, n.name, coalesce((
    select e.place from lock e where e.resource_id = n.resource_id and e.name = n.name and e.mode = ${lockModeCode.encode('exclusive')}
    order by e.place limit 1), ${Number.MAX_SAFE_INTEGER}) as place
  from names n where n.name is not null
), next as materialized (
  select l.task_id from fronts f join lock l on l.resource_id = f.resource_id and l.name = f.name and l.place <= f.place where not l.granted
  union
  select task_id from lock where task_id = $2 and not granted
), granted as (
  update lock set granted = true, at = clock_timestamp() where task_id in (
    select w.task_id from next w where not exists (
      select from lock mine join lock other on ${standingBefore('mine', 'other')}
      where mine.task_id = w.task_id and not ${covered('mine')}))
  returning task_id
)
select t.id as task, t.queue from task t where t.id in (select task_id from granted) order by t.id`

/** Told what has happened, between the statements of a release; a test stops there. */
export type ReleaseWatcher = (done: 'released' | 'successorsGranted') => Promise<void>

/** Answers the tasks whose claims are all granted by this, in ascending id. Tasks without claims cost one look-up. */
export async function releaseAndGrant(
	client: Queryable,
	tasks: readonly string[],
	watcher: ReleaseWatcher | null = null,
): Promise<GrantedTask[]> {
	if ((await lockTheirResources(client, tasks)).length === 0) return []
	const { rows } = await client.query<{ id: string }>({ name: 'taskyard:deleteClaims', text: deleteClaims, values: [plain(tasks)] })
	if (watcher) await watcher('released')
	if (rows.length === 0) return []
	const granted = await grantInLine(
		client,
		rows.map((row) => row.id),
	)
	if (watcher) await watcher('successorsGranted')
	return granted
}

/** Locks the rows of what the tasks claim and answers their ids. */
export async function lockTheirResources(client: Queryable, tasks: readonly string[]): Promise<string[]> {
	const { rows } = await client.query<{ id: string }>({ name: 'taskyard:lockTheirResources', text: resourcesOf, values: [plain(tasks)] })
	return rows.map((row) => row.id)
}

/**
 * Grants what can be granted in these lines, whose resources the caller has locked.
 *
 * @param task one that is looked at wherever it stands
 */
export async function grantInLine(client: Queryable, resources: readonly string[], task: string | null = null): Promise<GrantedTask[]> {
	await client.query({ name: 'taskyard:lockGrants', text: `select pg_advisory_xact_lock(${granting})` })
	const { rows } = await client.query<GrantedTask>({ name: 'taskyard:grantNext', text: grantNext, values: [plain(resources), task] })
	return rows
}
