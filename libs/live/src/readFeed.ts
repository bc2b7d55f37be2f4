/**
 * The change feed as the difference of two snapshots.
 *
 * A batch is what is visible now and was not in the snapshot before. So nothing is lost behind a slow transaction and
 * nothing comes twice, and delivery never waits for anybody: a long transaction only lengthens the cursor and the scan.
 * An ordering by number would lose the rows of a transaction that took its number early and committed late.
 */

import type { Queryable } from '@taskyard/store/connection'

/** Bits of `kinds` are `changeKinds` of the store. */
export interface FeedChange {
	readonly taskId: string
	readonly revision: number
	readonly kinds: number
}

export interface FeedBatch {
	/** Where the feed stands now: `epoch:xmin:xmax:xip`. */
	readonly cursor: string
	/** Milliseconds since 1970 by the database's clock. */
	readonly at: number
	/** One per task, in no order; null when the cursor is of another database or no cursor at all. */
	readonly changes: readonly FeedChange[] | null
}

interface Row {
	epoch: string
	snapshot: string
	at: number
	changes: string | null
}

// The snapshot in the select list is the one that decides which rows of the statement are visible.
const statement = `
select e.epoch, pg_current_snapshot()::text as snapshot, clock_timestamp() as at, case when e.epoch = $1 then (
  select json_agg(json_build_array(c.task_id, c.revision, c.kinds))
  from (
    select task_id, max(revision) as revision, bit_or(kinds) as kinds
    from change
    where xid >= pg_snapshot_xmin($2::pg_snapshot) and not pg_visible_in_snapshot(xid, $2::pg_snapshot)
    group by task_id
  ) c
) end as changes
from (select value #>> '{}' as epoch from setting where key = 'feed_epoch') e`

/** What changed since the cursor. Without one only where the feed stands is read. */
export async function readFeed(client: Queryable, cursor: string | null): Promise<FeedBatch> {
	const since = cursor === null ? null : parseCursor(cursor)
	const { rows } = await client.query<Row>({
		name: 'taskyard:readFeed',
		text: statement,
		values: [since?.epoch ?? null, since?.snapshot ?? null],
	})
	const row = rows[0]
	if (!row) throw new Error('The setting "feed_epoch" is missing: the tables of Taskyard are not complete. Migrate the database again.')
	return {
		cursor: `${row.epoch}:${row.snapshot}`,
		at: row.at,
		changes: since?.epoch === row.epoch ? toChanges(row.changes) : null,
	}
}

function toChanges(text: string | null): FeedChange[] {
	const changes = text === null ? [] : (JSON.parse(text) as [string, number, number][])
	return changes.map(([taskId, revision, kinds]) => ({ taskId, revision, kinds }))
}

const snapshotForm = /^\d{1,20}:\d{1,20}:(\d{1,20}(,\d{1,20})*)?$/

/** Null for a text that no server handed out. */
export function parseCursor(cursor: string): { readonly epoch: string; readonly snapshot: string } | null {
	const colon = cursor.indexOf(':')
	const snapshot = cursor.slice(colon + 1)
	return colon > 0 && snapshotForm.test(snapshot) ? { epoch: cursor.slice(0, colon), snapshot } : null
}
