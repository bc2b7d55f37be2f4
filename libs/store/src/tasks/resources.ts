/** Rows of resources and the links of tasks to them. */

import type { ResourceKey } from '@taskyard/model/plan'
import type { Queryable } from '../connection.ts'
import { plain, texts } from './arrays.ts'

export const keyOf = (resource: ResourceKey): string => `${resource.type}\n${resource.id}`

/** Ids of resources, by what `keyOf` makes of them. */
export type ResourceIds = ReadonlyMap<string, string>

/**
 * Makes the resources that are missing and answers the ids of all. To be called once in a transaction, with everything
 * that it claims or links, and before it locks any: a second time it would wait for somebody who waits for what the
 * first one made.
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

const inOrder = `select id from resource where id = any($1::bigint[]) order by type, key for update`

/** Locks the rows of resources, in the one order that everybody keeps. */
export async function lockResources(client: Queryable, ids: readonly string[]): Promise<void> {
	await client.query({ name: 'taskyard:lockResources', text: inOrder, values: [plain(ids)] })
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
