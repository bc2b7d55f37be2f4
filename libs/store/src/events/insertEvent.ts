/** Stores what was sent to a step, unless it was before. */

import type { Queryable } from '../connection.ts'
import { eventOutcomeCode } from '../tasks/codes.ts'

export interface NewStepEvent {
	readonly task: string
	readonly step: number
	/** The sender's. */
	readonly id: string
	readonly name: string
	/** JSON text. */
	readonly payload: string
	/** `output` or `error`: the payload is what ends the step. */
	readonly outcome: 'output' | 'error' | null
	/** Milliseconds since 1970 by the database's clock. */
	readonly at: number
	readonly who: number | null
}

// The numbers have no gaps, so that the last one less the last that was given says how many wait. The caller holds the
// lock of the task's row, taken in a statement before: nobody else numbers.
const statement = `
with known as (
  select n from step_event where task_id = $1 and step = $2 and id = $3
), last as (
  select coalesce(max(n), 0) as n from step_event where task_id = $1 and step = $2
), inserted as (
  insert into step_event (task_id, step, n, id, name, payload, outcome, at, sent_by)
  select $1, $2, n + 1, $3, $4, $5::json, $6, to_timestamp($7::float8 / 1000), $8 from last
  where not exists (select from known) and n - $9::int < $10::int
  returning n
)
select (select n from known) as known, (select n from inserted) as inserted`

/** Events of one step that may wait to be given to it. */
export const mostUnseenEvents = 1_000

/**
 * Answers the number of the event, or that it is known; null when too many wait.
 *
 * @param seen number of the last event that an attempt was given
 */
export async function insertEvent(
	client: Queryable,
	event: NewStepEvent,
	seen: number,
): Promise<{ readonly n: number; readonly known: boolean } | null> {
	const { rows } = await client.query<{ known: number | null; inserted: number | null }>({
		name: 'taskyard:insertEvent',
		text: statement,
		values: [
			event.task,
			event.step,
			event.id,
			event.name,
			event.payload,
			event.outcome === null ? null : eventOutcomeCode.encode(event.outcome),
			event.at,
			event.who,
			seen,
			mostUnseenEvents,
		],
	})
	const [row] = rows
	if (row?.known) return { n: row.known, known: true }
	return row?.inserted ? { n: row.inserted, known: false } : null
}
