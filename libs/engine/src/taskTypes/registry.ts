/** Task types as the database knows them: registered by workers as data, so that whoever starts tasks needs no author code. */

import { enqueue } from '@taskyard/dispatch/jobs'
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
	const offered = types.toSorted((one, other) => (one.label < other.label ? -1 : 1))
	await client.query(
		`update worker set labels = $2, versions = $3, actions = $4
where id = $1 and (labels <> $2::text[] or versions <> $3::int[] or actions <> $4::text[])`,
		[
			worker,
			offered.map((type) => type.label),
			offered.map((type) => type.version),
			[...new Set(types.flatMap((type) => type.actions))].sort(),
		],
	)
}

interface WaitingTask {
	readonly id: string
	readonly queue: string
	readonly priority: number
	readonly label: string
	readonly version: number | null
	readonly action: string | null
}

/**
 * Enqueues the tasks that wait for a worker with this code. Called by a child once it takes work: whoever declined them
 * was told nothing of it, and asks no more.
 */
export async function enqueueAwaiting(client: Queryable, types: readonly TaskTypeData[]): Promise<number> {
	const { rows } = await client.query<WaitingTask>(
		`select id, queue, priority, label, (waiting_for->'keys'->>'version')::int as version, waiting_for->'keys'->>'action' as action
from task where state in (1, 3, 4) and label = any($1::text[]) and waiting_for->>'kind' = 'worker' order by id`,
		[types.map((type) => type.label)],
	)
	const known = new Map(types.map((type) => [type.label, type]))
	const fitting = rows.filter(({ label, version, action }) => {
		const type = known.get(label)
		return type !== undefined && type.version >= (version ?? 0) && (action === null || type.actions.includes(action))
	})
	await enqueue(
		client,
		fitting.map(({ id, queue, priority }) => ({ task: id, queue, priority, branch: 0 })),
	)
	return fitting.length
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
