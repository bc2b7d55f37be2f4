/**
 * Locks and links of tasks in one statement: what they hold, what they wait for and who stands before it, and the
 * names of the tasks that refused them a lock, or that they depend on. Holders are computed here, never stored: a release would otherwise
 * rewrite every waiter.
 */

import type { LockMode, TaskState } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { lockModeCode, taskStateCode } from './codes.ts'
import type { TaskRow } from './readTaskRows.ts'
import { covered, standingBefore } from './standingBefore.ts'

export interface StoredResource {
	readonly type: string
	readonly id: string
	readonly title: string | null
}

export interface TaskReference {
	readonly id: string
	readonly name: string
	readonly state: TaskState
}

export interface StoredLock {
	readonly resource: StoredResource
	readonly name: string
	readonly mode: LockMode
	readonly granted: boolean
	readonly since: number
	/** 1 is the next in the line; null for a claim that is granted or was refused. */
	readonly place: number | null
	/** Who stands in the way of a claim that is not granted: holders, and those that claimed earlier; ten of them at most. */
	readonly holders: readonly TaskReference[]
}

export interface TaskClaims {
	readonly locks: readonly StoredLock[]
	readonly links: readonly StoredResource[]
	/** The task that it waits for, by a dependency. */
	readonly awaited: TaskReference | null
}

type StoredReference = [id: string, name: string, state: number]

interface Row {
	what: 'lock' | 'link' | 'task'
	/** The task; of a task named in a refusal, that one. */
	id: string
	type: string
	key: string
	title: string | null
	name: string
	mode: number
	granted: boolean
	at: number
	place: number | null
	holders: string | null
	state: number
}

const mostHolders = 10

const statement = `
select 'lock' as what, l.task_id as id, r.type, r.key, r.title, l.name, l.mode, l.granted, l.at,
  case when not l.granted then (
    select count(*)::int + 1 from lock e where e.resource_id = l.resource_id and not e.granted and e.place < l.place
  ) end as place,
  case when not l.granted then (
    select json_agg(json_build_array(t.id, t.name, t.state) order by h.place)
    from (
      select other.task_id, min(other.place) as place from lock other
      where ${standingBefore('l', 'other')} and not ${covered('l')}
      group by other.task_id order by min(other.place) limit ${mostHolders}
    ) h join task t on t.id = h.task_id
  ) end as holders, null::smallint as state
from lock l join resource r on r.id = l.resource_id
where l.task_id = any($1::uuid[])
union all
select 'link', k.task_id, r.type, r.key, r.title, null, null, null, null, null, null, null
from link k join resource r on r.id = k.resource_id
where k.task_id = any($1::uuid[])
union all
select 'task', t.id, null, null, null, t.name, null, null, null, null, null, t.state
from task t where t.id = any($2::uuid[])
order by what, id, type, key, name`

/** The claims of a lock conflict, as the error that paused the task names them. */
interface RefusedClaims {
	readonly claims: readonly {
		readonly resource: { readonly type: string; readonly id: string; readonly title?: string }
		readonly name: string
		readonly mode: LockMode
		readonly holders: readonly string[]
	}[]
}

/** The claims that were refused, of a task that is paused for them. */
function refusedClaims(row: TaskRow): RefusedClaims['claims'] {
	if (row.state !== 'paused' || row.error?.code !== 'lock_conflict') return []
	return (row.error.details as RefusedClaims | null)?.claims ?? []
}

/** The task that a dependency makes it wait for, if any. */
function awaitedBy({ waitingFor }: TaskRow): string[] {
	const id = waitingFor?.kind === 'dependency' ? waitingFor.keys['task'] : undefined
	return id === undefined ? [] : [String(id)]
}

export async function readClaims(client: Queryable, tasks: readonly TaskRow[]): Promise<Map<string, TaskClaims>> {
	const named = new Set(tasks.flatMap((task) => [...refusedClaims(task).flatMap((claim) => claim.holders), ...awaitedBy(task)]))
	const { rows } = await client.query<Row>({
		name: 'taskyard:readClaims',
		text: statement,
		values: [plain(tasks.map((task) => task.id)), plain([...named])],
	})
	const references = new Map<string, TaskReference>()
	const claims = new Map(
		tasks.map((task) => [task.id, { locks: [] as StoredLock[], links: [] as StoredResource[], awaited: null as TaskReference | null }]),
	)
	for (const row of rows) {
		const resource = { type: row.type, id: row.key, title: row.title }
		if (row.what === 'task') references.set(row.id, { id: row.id, name: row.name, state: taskStateCode.decode(row.state) })
		else if (row.what === 'link') claims.get(row.id)?.links.push(resource)
		else claims.get(row.id)?.locks.push(toLock(row, resource))
	}
	for (const task of tasks) {
		const own = claims.get(task.id)
		for (const id of awaitedBy(task)) if (own) own.awaited = references.get(id) ?? null
		for (const claim of refusedClaims(task)) {
			claims.get(task.id)?.locks.push({
				resource: { type: claim.resource.type, id: claim.resource.id, title: claim.resource.title ?? null },
				name: claim.name,
				mode: claim.mode,
				granted: false,
				since: task.stateUpdatedAt,
				place: null,
				holders: claim.holders.map((id) => references.get(id) ?? { id, name: `task ${id}`, state: 'stopped' }),
			})
		}
	}
	return claims
}

function toLock(row: Row, resource: StoredResource): StoredLock {
	const holders = row.holders === null ? [] : (JSON.parse(row.holders) as StoredReference[])
	return {
		resource,
		name: row.name,
		mode: lockModeCode.decode(row.mode),
		granted: row.granted,
		since: row.at,
		place: row.place,
		holders: holders.map(([id, name, state]) => ({ id, name, state: taskStateCode.decode(state) })),
	}
}
