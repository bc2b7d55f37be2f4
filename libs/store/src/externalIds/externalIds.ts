/** What the work of steps is called elsewhere. */

import type { Queryable } from '../connection.ts'
import { numbers, plain, texts } from '../tasks/arrays.ts'

export interface ExternalId {
	readonly task: string
	readonly step: number
	readonly value: string
	/** Where it can be looked at. */
	readonly url: string | null
}

/** One that is known keeps its address unless it gets another. */
export async function writeExternalIds(client: Queryable, ids: readonly ExternalId[]): Promise<void> {
	if (ids.length === 0) return
	await client.query({
		name: 'taskyard:writeExternalIds',
		text: `insert into external_id as known (task_id, step, value, url)
select distinct on (task_id, step, value) * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) as e(task_id, step, value, url)
order by task_id, step, value
on conflict (task_id, step, value) do update set url = excluded.url where excluded.url is not null and excluded.url is distinct from known.url`,
		values: [
			plain(ids.map(({ task }) => task)),
			numbers(ids.map(({ step }) => step)),
			texts(ids.map(({ value }) => value)),
			texts(ids.map(({ url }) => url)),
		],
	})
}

/** Steps whose work has this id elsewhere, those of the newest task first. */
export async function findByExternalId(client: Queryable, value: string, most: number): Promise<ExternalId[]> {
	const { rows } = await client.query<ExternalId>({
		name: 'taskyard:findByExternalId',
		text: `select task_id as task, step, value, url from external_id where value = $1 order by task_id desc, step limit $2`,
		values: [value, most],
	})
	return rows
}

/** What the work of tasks is called elsewhere, of each by its steps; a task without any is not there. */
export async function readExternalIds(client: Queryable, tasks: readonly string[]): Promise<Map<string, ExternalId[]>> {
	const { rows } = await client.query<ExternalId>({
		name: 'taskyard:readExternalIds',
		text: `select task_id as task, step, value, url from external_id where task_id = any($1::uuid[]) order by task_id, step, value`,
		values: [plain(tasks)],
	})
	return Map.groupBy(rows, ({ task }) => task)
}
