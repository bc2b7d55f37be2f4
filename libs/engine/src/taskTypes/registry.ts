/** Task types as the database knows them: registered by workers as data, so that whoever starts tasks needs no author code. */

import type { TaskTypeData } from '@taskyard/sdk/definition'
import type { Queryable } from '@taskyard/store/connection'

/**
 * Registers what a worker offers. An older version never replaces a newer one: while a new version is rolled out, both
 * register.
 */
export async function registerTaskTypes(client: Queryable, worker: number, types: readonly TaskTypeData[]): Promise<void> {
	await client.query(
		`insert into task_type (label, version, definition)
select label, version, definition::json from unnest($1::text[], $2::int[], $3::text[]) as t(label, version, definition) order by label
on conflict (label) do update set version = excluded.version, definition = excluded.definition, offered_at = clock_timestamp()
where task_type.version <= excluded.version`,
		[types.map((type) => type.label), types.map((type) => type.version), types.map((type) => JSON.stringify(type))],
	)
	await client.query('update worker set labels = $2 where id = $1 and labels <> $2', [worker, types.map((type) => type.label).sort()])
}

export async function findTaskType(client: Queryable, label: string): Promise<TaskTypeData | null> {
	const { rows } = await client.query<{ definition: string }>({
		name: 'taskyard:findTaskType',
		text: 'select definition::text from task_type where label = $1',
		values: [label],
	})
	return rows[0] ? (JSON.parse(rows[0].definition) as TaskTypeData) : null
}

export async function taskTypeLabels(client: Queryable): Promise<string[]> {
	const { rows } = await client.query<{ label: string }>('select label from task_type order by label')
	return rows.map((row) => row.label)
}
