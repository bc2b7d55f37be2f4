/**
 * Takes the locks of a task, all or none, inside the caller's transaction, after the task's row was locked.
 *
 * The resource rows are made and locked in one statement, and the claims read in the next: a statement that waited for
 * a row lock still reads all else with its old snapshot, and two tasks would hold one resource. The row is per
 * resource, not per lock name, because `*` meets every name.
 */

import { conflicts, type RefusedClaim } from '@taskyard/model/locks'
import type { LockClaim, ResourceKey } from '@taskyard/model/plan'
import type { Queryable } from '../connection.ts'
import { numbers, plain, texts } from './arrays.ts'
import { lockModeCode } from './codes.ts'

const keyOf = (resource: ResourceKey): string => `${resource.type}\n${resource.id}`

/** Ids of resources, by what `keyOf` makes of them. */
export type ResourceIds = ReadonlyMap<string, string>

/**
 * Makes the resources that are missing and answers the ids of all. To be called once in a transaction, with everything
 * that it claims or links: a second time it would wait for somebody who waits for what the first one made.
 */
export async function makeResources(client: Queryable, resources: readonly ResourceKey[]): Promise<ResourceIds> {
	const distinct = [...new Map(resources.map((resource) => [keyOf(resource), resource])).values()]
	const values = [
		texts(distinct.map((resource) => resource.type)),
		texts(distinct.map((resource) => resource.id)),
		texts(distinct.map((resource) => resource.title ?? null)),
	]
	await client.query({
		name: 'taskyard:makeResources',
		text: `insert into resource (type, key, title) select * from unnest($1::text[], $2::text[], $3::text[]) as r(type, key, title)
order by type, key on conflict (type, key) do nothing`,
		values,
	})
	const { rows } = await client.query<{ id: string; type: string; key: string }>({
		name: 'taskyard:findResources',
		text: `select r.id::text, r.type, r.key from unnest($1::text[], $2::text[]) as k(type, key)
join resource r on r.type = k.type collate "C" and r.key = k.key collate "C"`,
		values: values.slice(0, 2),
	})
	return new Map(rows.map((row) => [keyOf({ type: row.type, id: row.key }), row.id]))
}

/**
 * Answers the claims that were refused: empty means that all were granted and stand.
 *
 * @param ids those of all that is claimed, and perhaps more
 */
export async function takeLocks(client: Queryable, task: string, claims: readonly LockClaim[], ids: ResourceIds): Promise<RefusedClaim[]> {
	const resources = numbers([...new Set(claims.map((claim) => Number(ids.get(keyOf(claim.resource)))))])
	await client.query({
		name: 'taskyard:lockResources',
		text: 'select id from resource where id = any($1::bigint[]) order by type, key for update',
		values: [resources],
	})
	const { rows: held } = await client.query<{ resource_id: string; task_id: string; name: string; mode: number; holder: string }>({
		name: 'taskyard:readClaims',
		text: `select l.resource_id::text, l.task_id, l.name, l.mode, t.name as holder from lock l join task t on t.id = l.task_id
where l.resource_id = any($1::bigint[]) and l.task_id <> $2 order by l.place`,
		values: [resources, task],
	})
	const refused: RefusedClaim[] = []
	for (const claim of claims) {
		const holders = held.filter(
			(lock) =>
				lock.resource_id === ids.get(keyOf(claim.resource)) && conflicts(claim, { name: lock.name, mode: lockModeCode.decode(lock.mode) }),
		)
		if (holders.length > 0) refused.push({ claim, holders: holders.map((lock) => ({ task: lock.task_id, name: lock.holder })) })
	}
	if (refused.length > 0) return refused
	await client.query({
		name: 'taskyard:insertLocks',
		text: `insert into lock (resource_id, task_id, name, mode, granted)
select resource_id, $1, name, mode, true from unnest($2::bigint[], $3::text[], $4::smallint[]) as c(resource_id, name, mode)
on conflict (resource_id, name, task_id) do nothing`,
		values: [
			task,
			numbers(claims.map((claim) => Number(ids.get(keyOf(claim.resource))))),
			texts(claims.map((claim) => claim.name)),
			numbers(claims.map((claim) => lockModeCode.encode(claim.mode))),
		],
	})
	return []
}

/** Links a task to resources. Never blocks anybody. */
export async function linkResources(client: Queryable, task: string, ids: ResourceIds): Promise<void> {
	if (ids.size === 0) return
	await client.query({
		name: 'taskyard:linkResources',
		text: 'insert into link (task_id, resource_id) select $1, unnest($2::bigint[]) on conflict do nothing',
		values: [task, plain([...ids.values()])],
	})
}
