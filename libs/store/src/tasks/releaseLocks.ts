/**
 * Deletes the claims of tasks that have ended and grants what stood behind them, in the transaction of the end, after
 * the rows of the tasks were written. The same shape as to take locks: first the rows of the resources, in their order,
 * then, in a new statement, the claims.
 *
 * A task can stand in several lines, and the ends of two tasks can free the last two of them at once: each would see the
 * other's claim and leave the grant to it. So whoever finds somebody in line takes one advisory lock before it looks
 * whose turn it is. It is taken last: who holds it waits for nobody. An end behind which nobody stands does without.
 */

import { duplicateType } from '@taskyard/model/duplicates'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { lockModeCode } from './codes.ts'
import { covered, hasDescendantsInLine, standingBefore } from './standingBefore.ts'

/** A task whose claims are all granted now, for its job. */
export interface GrantedTask {
	readonly task: string
	readonly queue: string
	readonly priority: number
}

/** Number of the advisory lock of all who grant; another one is that of findLockCycle. */
const granting = 0x7a_11_02

// The claims of these tasks do not change meanwhile: the caller has locked the rows of the tasks.
const resourcesOf = `
select id::text from resource where id = any(array(select resource_id from lock where task_id = any($1::uuid[])))
  and ($2::boolean or type <> '${duplicateType}') order by type, key for update`

const deleteClaims = `
with gone as (delete from lock where task_id = any($1::uuid[]) and (not $2::boolean or not granted) returning resource_id)
select distinct g.resource_id::text as id from gone g
where exists (select from lock l where l.resource_id = g.resource_id and not l.granted and l.task_id <> all($1::uuid[]))`

// Looked at are the claims of each name up to its first exclusive one, by the index `lock_line`: all that come later
// stand behind that, but for those of its task's own descendants and ancestors. With every claim of a line looked at, a
// release took 36 ms at 5,000 that wait; now it takes 2 ms. $2 are tasks that were granted theirs a moment ago, on which
// their descendants in line can live now: `more` says whether there are such.
const grantNext = `
with recursive names(resource_id, name) as (
  select r.id, (select min(l.name) from lock l where l.resource_id = r.id) from unnest($1::bigint[]) as r(id)
  union all
  select n.resource_id, (select min(l.name) from lock l where l.resource_id = n.resource_id and l.name > n.name) from names n where n.name is not null
), fronts as materialized (
  select n.resource_id, n.name, coalesce(e.place, ${Number.MAX_SAFE_INTEGER}) as place, e.task_id, coalesce(e.ancestors, '{}') as ancestors
  from names n left join lateral (
    select place, task_id, ancestors from lock e
    where e.resource_id = n.resource_id and e.name = n.name and e.mode = ${lockModeCode.encode('exclusive')}
    order by e.place limit 1
  ) e on true
  where n.name is not null
), next as materialized (
  select l.task_id from fronts f join lock l on l.resource_id = f.resource_id and l.name = f.name and l.place <= f.place where not l.granted
  union
  select l.task_id from fronts f join lock l on l.task_id = any(f.ancestors) and l.resource_id = f.resource_id where not l.granted
  union
  select l.task_id from fronts f join lock l on l.resource_id = f.resource_id and f.task_id = any(l.ancestors)
  where not l.granted and l.ancestors <> '{}'
  union
  select l.task_id from lock held join lock l on l.resource_id = held.resource_id and held.task_id = any(l.ancestors)
  where held.task_id = any($2::uuid[]) and not l.granted and l.ancestors <> '{}'
), uncovered as materialized (
  select mine.* from next w join lock mine on mine.task_id = w.task_id where not mine.granted and not ${covered('mine')}
), granted as materialized (
  update lock set granted = true, at = clock_timestamp() where not granted and task_id in (
    select w.task_id from next w where not exists (
      select from uncovered mine join lock other on ${standingBefore('mine', 'other')} where mine.task_id = w.task_id))
  returning task_id, resource_id
)
select t.id as task, t.queue, t.priority, g.more from (
  select held.task_id, bool_or(${hasDescendantsInLine('held')}) as more from granted held group by held.task_id
) g join task t on t.id = g.task_id order by t.id`

/** Told what has happened, between the statements of a release; a test stops there. */
export type ReleaseWatcher = (done: 'released' | 'successorsGranted') => Promise<void>

/** Answers the tasks whose claims are all granted by this, in ascending id. Tasks without claims cost one look-up. */
export function releaseAndGrant(
	client: Queryable,
	tasks: readonly string[],
	watcher: ReleaseWatcher | null = null,
): Promise<GrantedTask[]> {
	return deleteAndGrant(client, tasks, false, watcher)
}

/** A task gives up its places in all lines, keeps what it was granted, and answers whom that lets go on. */
export function leaveLines(client: Queryable, task: string): Promise<GrantedTask[]> {
	return deleteAndGrant(client, [task], true, null)
}

async function deleteAndGrant(
	client: Queryable,
	tasks: readonly string[],
	inLineOnly: boolean,
	watcher: ReleaseWatcher | null,
): Promise<GrantedTask[]> {
	if ((await lockTheirResources(client, tasks)).length === 0) return []
	const { rows } = await client.query<{ id: string }>({
		name: 'taskyard:deleteClaims',
		text: deleteClaims,
		values: [plain(tasks), inLineOnly],
	})
	if (watcher) await watcher('released')
	if (rows.length === 0) return []
	const granted = await grantInLine(
		client,
		rows.map((row) => row.id),
	)
	if (watcher) await watcher('successorsGranted')
	return granted
}

/**
 * Locks the rows of what the tasks claim and answers their ids.
 *
 * @param duplicates false leaves out the resources that stand for duplicate keys
 */
export async function lockTheirResources(client: Queryable, tasks: readonly string[], duplicates = true): Promise<string[]> {
	const values = [plain(tasks), duplicates]
	const { rows } = await client.query<{ id: string }>({ name: 'taskyard:lockTheirResources', text: resourcesOf, values })
	return rows.map((row) => row.id)
}

/**
 * Grants all that can be granted in these lines, whose resources the caller has locked.
 *
 * @param ancestors tasks that were granted their claims in this transaction: their descendants can live on those
 */
export async function grantInLine(
	client: Queryable,
	resources: readonly string[],
	ancestors: readonly string[] = [],
): Promise<GrantedTask[]> {
	await client.query({ name: 'taskyard:lockGrants', text: `select pg_advisory_xact_lock(${granting})` })
	const granted: GrantedTask[] = []
	let holders = ancestors
	do {
		const { rows } = await client.query<GrantedTask & { more: boolean }>({
			name: 'taskyard:grantNext',
			text: grantNext,
			values: [plain(resources), plain(holders)],
		})
		granted.push(...rows.map(({ more: _, ...one }) => one))
		holders = rows.filter(({ more }) => more).map(({ task }) => task)
	} while (holders.length > 0)
	return granted.sort((one, other) => (one.task < other.task ? -1 : 1))
}
