/** Pages of what a bulk was to act on, and what has become of it. */

import type { Queryable } from '../connection.ts'
import { taskStateCode } from '../tasks/codes.ts'
import { type StoredOutcome, storedOutcomeCode } from './outcomes.ts'

/** An item as it is stored; one without an outcome is open, or was never done, as the bulk itself says. */
export interface ItemRow {
	readonly place: number
	readonly item: string
	readonly outcome: StoredOutcome | null
	readonly code: string | null
	readonly reason: string | null
	readonly made: string | null
	/** Milliseconds since 1970. */
	readonly at: number | null
}

export interface BulkRow {
	readonly label: string
	readonly stopped: boolean
	readonly owner: number
	/** JSON text. */
	readonly input: string
}

/** The task of a bulk; null when there is no such task. */
export async function readBulk(client: Queryable, id: string): Promise<BulkRow | null> {
	const { rows } = await client.query<BulkRow>(
		`select t.label, t.state = ${taskStateCode.encode('stopped')} as stopped, t.owner_id as owner, p.input::text as input
from task t join task_payload p on p.task_id = t.id where t.id = $1`,
		[id],
	)
	return rows[0] ?? null
}

export interface ItemFilter {
	/** `none`: without an outcome; undefined: all. */
	readonly outcome?: StoredOutcome | 'none'
	readonly after: number
	readonly limit: number
}

export async function readItems(client: Queryable, bulk: string, { outcome, after, limit }: ItemFilter): Promise<ItemRow[]> {
	const condition =
		outcome === undefined ? '' : outcome === 'none' ? 'and outcome is null' : `and outcome = ${storedOutcomeCode.encode(outcome)}`
	const { rows } = await client.query<Omit<ItemRow, 'outcome'> & { outcome: number | null }>({
		name: `taskyard:readItems/${outcome ?? 'all'}`,
		text: `select place, item, outcome, code, reason, case when outcome is not null then made end as made, at from bulk_item
where task_id = $1 and place > $2 ${condition} order by place limit $3`,
		values: [bulk, after, limit],
	})
	return rows.map((row) => ({ ...row, outcome: row.outcome === null ? null : storedOutcomeCode.decode(row.outcome) }))
}

/** How many items have which outcome; `none`: those without one. */
export async function countItems(client: Queryable, bulk: string): Promise<Record<StoredOutcome | 'none', number>> {
	const { rows } = await client.query<{ outcome: number | null; count: number }>({
		name: 'taskyard:countItems',
		text: 'select outcome, count(*)::int as count from bulk_item where task_id = $1 group by outcome',
		values: [bulk],
	})
	const counts = { done: 0, refused: 0, failed: 0, none: 0 }
	for (const { outcome, count } of rows) counts[outcome === null ? 'none' : storedOutcomeCode.decode(outcome)] = count
	return counts
}
