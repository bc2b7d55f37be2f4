/** Stores what a bulk is to act on, inside the transaction that starts it. */

import type { Queryable } from '../connection.ts'
import { numbers, plain } from '../tasks/arrays.ts'
import { type StoredOutcome, storedOutcomeCode } from './outcomes.ts'

/** Items of one statement at most. */
const largestPart = 10_000

/** @param items ids of tasks, each once */
export async function storeItems(client: Queryable, bulk: string, items: readonly string[]): Promise<void> {
	for (let from = 0; from < items.length; from += largestPart) {
		await client.query({
			name: 'taskyard:storeItems',
			text: `insert into bulk_item (task_id, place, item) select $1, $2::int + i.n - 1, i.item
from unnest($3::uuid[]) with ordinality as i(item, n)`,
			values: [bulk, from, plain(items.slice(from, from + largestPart))],
		})
	}
}

/** The items of another bulk that ended so, in their order. */
export async function copyItems(client: Queryable, from: string, to: string, outcomes: readonly StoredOutcome[]): Promise<void> {
	await client.query(
		`insert into bulk_item (task_id, place, item) select $2, row_number() over (order by place) - 1, item
from bulk_item where task_id = $1 and outcome = any($3::smallint[])`,
		[from, to, numbers(outcomes.map(storedOutcomeCode.encode))],
	)
}

/** Whether a bulk has these items and no others. */
export async function hasItems(client: Queryable, bulk: string, items: readonly string[]): Promise<boolean> {
	const { rows } = await client.query<{ same: boolean }>(
		'select coalesce(array_agg(item order by place), array[]::uuid[]) = $2::uuid[] as same from bulk_item where task_id = $1',
		[bulk, plain(items)],
	)
	return rows[0]?.same ?? false
}
