/** How the claims stand that a task made before. Who was granted a lock has a job for it; that job may be lost, or another come. */

import { duplicateType } from '@taskyard/model/duplicates'
import type { ResourceKey } from '@taskyard/model/plan'
import type { WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { type GrantedTask, grantInLine, lockTheirResources } from './releaseLocks.ts'
import { covered, standingBefore } from './standingBefore.ts'

/** `none`: the task has not made any. */
export type StandingClaims =
	| { readonly kind: 'none' }
	| { readonly kind: 'granted' }
	/** `waitingFor` names one resource that is not free. */
	| { readonly kind: 'waiting'; readonly waitingFor: WaitingFor }

const ownClaims = 'select bool_and(granted) as granted from lock where task_id = $1 and resource_id = any($2::bigint[])'

const firstNotFree = `
select r.type, r.key from lock mine join resource r on r.id = mine.resource_id
where mine.task_id = $1 and not mine.granted and not ${covered('mine')}
  and exists (select from lock other where ${standingBefore('mine', 'other')})
order by mine.place limit 1`

/**
 * Looks once more whose turn it is in the lines of a task, but for that of its duplicate key; `granted` are other tasks
 * that this look granted a lock.
 */
export async function readStandingClaims(client: Queryable, task: string): Promise<{ claims: StandingClaims; granted: GrantedTask[] }> {
	const resources = await lockTheirResources(client, [task], false)
	if (resources.length === 0) return { claims: { kind: 'none' }, granted: [] }
	const own = await client.query<{ granted: boolean }>({
		name: 'taskyard:readOwnClaims',
		text: ownClaims,
		values: [task, plain(resources)],
	})
	if (own.rows[0]?.granted) return { claims: { kind: 'granted' }, granted: [] }
	const granted = await grantInLine(client, resources)
	const { rows } = await client.query<{ type: string; key: string }>({ name: 'taskyard:firstNotFree', text: firstNotFree, values: [task] })
	const [first] = rows
	return {
		claims: first ? { kind: 'waiting', waitingFor: { kind: 'lock', keys: { type: first.type, id: first.key } } } : { kind: 'granted' },
		granted: granted.filter((one) => one.task !== task),
	}
}

/** The claim of a task on its duplicate key. */
export interface StandingDuplicate {
	readonly resource: ResourceKey
	readonly resourceId: string
	readonly granted: boolean
}

const ownDuplicate = `
select r.id::text, r.type, r.key, r.title, l.granted from lock l join resource r on r.id = l.resource_id
where l.task_id = $1 and r.type = '${duplicateType}'`

/** Null for a task that has none. That it was granted stays true; that it was not is known only with the resource locked. */
export async function readDuplicateClaim(client: Queryable, task: string): Promise<StandingDuplicate | null> {
	const { rows } = await client.query<{ id: string; type: string; key: string; title: string | null; granted: boolean }>({
		name: 'taskyard:readOwnDuplicate',
		text: ownDuplicate,
		values: [task],
	})
	const [row] = rows
	if (!row) return null
	return {
		resource: { type: row.type, id: row.key, ...(row.title !== null && { title: row.title }) },
		resourceId: row.id,
		granted: row.granted,
	}
}
