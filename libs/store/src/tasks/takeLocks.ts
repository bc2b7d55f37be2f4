/**
 * Takes the locks of a task, all or none, inside the caller's transaction, after the task's row was locked.
 *
 * The resource rows are made and locked in statements of their own, and the claims read in the next: a statement that
 * waited for a row lock still reads all else with its old snapshot, and two tasks would hold one resource. The row is
 * per resource, not per lock name, because `*` meets every name. The place in the line is taken under the same locks,
 * so that who comes first on one resource comes first on all that two tasks share.
 */

import { lockConflict, type RefusedClaim } from '@taskyard/model/lockConflict'
import { distinctClaims } from '@taskyard/model/locks'
import type { LockClaim } from '@taskyard/model/plan'
import type { StepError, WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { numbers, plain, texts } from './arrays.ts'
import { lockModeCode } from './codes.ts'
import { findLockCycle } from './findLockCycle.ts'
import { type GrantedTask, grantInLine } from './releaseLocks.ts'
import { keyOf, lockResources, type ResourceIds } from './resources.ts'
import { conflicting, covered, hasDescendantsInLine } from './standingBefore.ts'

/**
 * What became of the claims of a task. `granted`: `others` are sub-tasks of it that stood in line and live on its claims
 * now. `queued`: they stand in line; `waitingFor` names one resource that is not free.
 */
export type TakenLocks =
	| { readonly kind: 'granted'; readonly others?: readonly GrantedTask[] }
	| { readonly kind: 'queued'; readonly waitingFor: WaitingFor }
	| { readonly kind: 'refused'; readonly conflict: StepError }

/** Told what has happened, between the statements of a claim; a test stops there. */
export type ClaimWatcher = (done: 'resourcesMade' | 'inserted' | 'waiting') => Promise<void>

/** Tasks in the way of one claim that are named; one more is read, to know whether there are others. */
const mostNamed = 10

// The claims to be made, as rows like those of `lock`.
const mine = `recursive up(id) as (
  select parent_id from task where id = $1
  union all
  select t.parent_id from up join task t on t.id = up.id
), mine as materialized (
  select $1::uuid as task_id, c.resource_id, c.name, c.mode, c.n,
    coalesce((select array_agg(id) from up where id is not null), '{}') as ancestors
  from unnest($2::bigint[], $3::text[], $4::smallint[]) with ordinality as c(resource_id, name, mode, n)
)`

const grantAll = `
with ${mine}
insert into lock (resource_id, task_id, name, mode, ancestors, granted)
select resource_id, task_id, name, mode, ancestors, true from mine
where not exists (select from mine m join lock other on ${conflicting('m', 'other')} where not ${covered('m')})
returning ${hasDescendantsInLine('lock')} as more`

const readConflicts = `
with ${mine}
select m.n::int, b.task_id, t.name, b.granted
from mine m cross join lateral (
  select other.task_id, other.granted, other.place from lock other
  where ${conflicting('m', 'other')} and not ${covered('m')}
  order by other.place limit ${mostNamed + 1}
) b join task t on t.id = b.task_id
order by m.n, b.place`

const standInLine = `
with ${mine}
insert into lock (resource_id, task_id, name, mode, ancestors, granted)
select resource_id, task_id, name, mode, ancestors, false from mine order by n
returning place`

// Of these resources only: what a task holds besides, it keeps.
const leaveLines = 'delete from lock where task_id = $1 and resource_id = any($2::bigint[])'

/**
 * @param claims of a task that has none yet
 * @param ids those of all that is claimed, and perhaps more
 */
export async function takeLocks(
	client: Queryable,
	task: string,
	claims: readonly LockClaim[],
	ids: ResourceIds,
	watcher: ClaimWatcher | null = null,
): Promise<TakenLocks> {
	const wanted = distinctClaims(claims)
	if (wanted.length === 0) return { kind: 'granted' }
	const wantedIds = wanted.map((claim) => ids.get(keyOf(claim.resource)) as string)
	await lockResources(client, wantedIds)
	const resources = plain(wantedIds)
	if (watcher) await watcher('resourcesMade')
	const values = [
		task,
		resources,
		texts(wanted.map((claim) => claim.name)),
		numbers(wanted.map((claim) => lockModeCode.encode(claim.mode))),
	]
	const granted = await client.query<{ more: boolean }>({ name: 'taskyard:grantLocks', text: grantAll, values })
	if (granted.rows.length > 0) {
		if (watcher) await watcher('inserted')
		if (!granted.rows.some(({ more }) => more)) return { kind: 'granted' }
		return { kind: 'granted', others: await grantInLine(client, [], [task]) }
	}
	const conflicts = await readAllConflicts(client, wanted, values)
	const refused = conflicts.filter(({ claim, count }) => claim.onConflict !== 'wait' || count >= (claim.most ?? Number.POSITIVE_INFINITY))
	if (refused.length > 0) return { kind: 'refused', conflict: lockConflict(refused) }
	await client.query({ name: 'taskyard:standInLine', text: standInLine, values })
	const conflict = await findLockCycle(client, task, wanted)
	if (conflict) {
		// Nobody can stand behind claims that no other transaction has seen.
		await client.query({ name: 'taskyard:leaveLines', text: leaveLines, values: [task, resources] })
		return { kind: 'refused', conflict }
	}
	if (watcher) await watcher('waiting')
	return { kind: 'queued', waitingFor: waitingForLock((conflicts[0]?.claim ?? wanted[0]) as LockClaim) }
}

function waitingForLock({ resource }: LockClaim): WaitingFor {
	return { kind: 'lock', keys: { type: resource.type, id: resource.id } }
}

/** A claim with what stands before it; `count` goes up to one more than are named. */
type Conflict = RefusedClaim & { readonly count: number }

async function readAllConflicts(client: Queryable, wanted: readonly LockClaim[], values: readonly string[]): Promise<Conflict[]> {
	const { rows } = await client.query<{ n: number; task_id: string; name: string; granted: boolean }>({
		name: 'taskyard:readLockConflicts',
		text: readConflicts,
		values: [...values],
	})
	return wanted.flatMap((claim, index) => {
		const found = rows.filter((row) => row.n === index + 1)
		if (found.length === 0) return []
		const tasks = [...new Map(found.map((row) => [row.task_id, row])).values()].slice(0, mostNamed)
		const named = (granted: boolean) => tasks.filter((row) => row.granted === granted).map((row) => ({ task: row.task_id, name: row.name }))
		return [{ claim, holders: named(true), line: named(false), others: found.length > mostNamed, count: found.length }]
	})
}
