/** What a bulk reads and writes of its items while it goes through them: short statements, by their places. */

import type { Queryable } from '../connection.ts'
import { storableText } from '../tasks/applyDecisions.ts'
import { numbers, plain, texts } from '../tasks/arrays.ts'
import { type StoredOutcome, storedOutcomeCode } from './outcomes.ts'

export interface OpenItem {
	readonly place: number
	/** Id of the task that is to be acted on. */
	readonly item: string
	/** The id that a rerun has for the task that it makes. */
	readonly made: string | null
}

/** What has become of an item, in the words of the command. */
export interface ItemOutcome {
	readonly place: number
	readonly outcome: StoredOutcome
	readonly code: string | null
	readonly reason: string | null
	readonly made: string | null
}

/** The next items without an outcome, in their order. */
export async function readOpenItems(client: Queryable, bulk: string, after: number, limit: number): Promise<OpenItem[]> {
	const { rows } = await client.query<OpenItem>({
		name: 'taskyard:readOpenItems',
		text: 'select place, item, made from bulk_item where task_id = $1 and place > $2 and outcome is null order by place limit $3',
		values: [bulk, after, limit],
	})
	return rows
}

/** Of these items those that still have no outcome, locked: another attempt of the same bulk waits, and finds them done. */
export async function lockOpenItems(client: Queryable, bulk: string, items: readonly OpenItem[]): Promise<OpenItem[]> {
	const { rows } = await client.query<OpenItem>({
		name: 'taskyard:lockOpenItems',
		text: 'select place, item, made from bulk_item where task_id = $1 and place = any($2::int[]) and outcome is null order by place for update',
		values: [bulk, numbers(items.map((item) => item.place))],
	})
	return rows
}

// Most items are done, and there is nothing more to say of them: they need no join. In a join the planner, which knows
// nothing of a bulk that has just begun, took all its items for each outcome: 5 s for a thousand, and 15 ms now.
const storeDone = `update bulk_item set outcome = ${storedOutcomeCode.encode('done')}, at = clock_timestamp()
where task_id = $1 and place = any($2::int[]) and outcome is null`

const storeOthers = `update bulk_item b set outcome = o.outcome, code = o.code, reason = o.reason, made = o.made, at = clock_timestamp()
from unnest($2::int[], $3::smallint[], $4::text[], $5::text[], $6::uuid[]) as o(place, outcome, code, reason, made)
where b.task_id = $1 and b.place = any($2::int[]) and b.place = o.place and b.outcome is null`

/** An outcome is stored once. */
export async function storeOutcomes(client: Queryable, bulk: string, outcomes: readonly ItemOutcome[]): Promise<void> {
	const isPlain = ({ outcome, made }: ItemOutcome): boolean => outcome === 'done' && made === null
	const done = outcomes.filter(isPlain)
	const others = outcomes.filter((one) => !isPlain(one))
	if (done.length > 0) {
		const places = numbers(done.map((one) => one.place))
		await client.query({ name: 'taskyard:storeDone', text: storeDone, values: [bulk, places] })
	}
	for (let from = 0; from < others.length; from += largestJoin) {
		const part = others.slice(from, from + largestJoin)
		await client.query({
			name: 'taskyard:storeOutcomes',
			text: storeOthers,
			values: [
				bulk,
				numbers(part.map((one) => one.place)),
				numbers(part.map((one) => storedOutcomeCode.encode(one.outcome))),
				texts(part.map((one) => one.code)),
				texts(part.map((one) => one.reason && storableText(one.reason))),
				plain(part.map((one) => one.made)),
			],
		})
	}
}

/** Outcomes of one join at most, whose rows are compared each with each. */
const largestJoin = 100

/** Gives each of these items the id of the task that it makes, unless it has one, and answers what they have. */
export async function storeMade(client: Queryable, bulk: string, items: readonly OpenItem[]): Promise<OpenItem[]> {
	const { rows } = await client.query<OpenItem>({
		name: 'taskyard:storeMade',
		text: `update bulk_item b set made = coalesce(b.made, m.made) from unnest($2::int[], $3::uuid[]) as m(place, made)
where b.task_id = $1 and b.place = any($2::int[]) and b.place = m.place and b.outcome is null returning b.place, b.item, b.made`,
		values: [bulk, numbers(items.map((item) => item.place)), plain(items.map((item) => item.made))],
	})
	return rows.sort((a, b) => a.place - b.place)
}

/** Of these ids those of tasks that there are, or were. */
export async function readExisting(client: Queryable, ids: readonly string[]): Promise<Set<string>> {
	const { rows } = await client.query<{ id: string }>({
		name: 'taskyard:readExisting',
		text: 'select id from task where id = any($1::uuid[]) union all select id from tombstone where id = any($1::uuid[])',
		values: [plain(ids)],
	})
	return new Set(rows.map((row) => row.id))
}
