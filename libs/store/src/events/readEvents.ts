/** What was sent to a step and that no attempt was given yet which suspended it again. */

import type { Queryable } from '../connection.ts'
import { eventOutcomeCode } from '../tasks/codes.ts'

export interface StoredEvent {
	readonly n: number
	readonly id: string
	readonly name: string
	/** JSON text. */
	readonly payload: string
	readonly outcome: 'output' | 'error' | null
}

export interface WaitingEvents {
	/** In the order in which they came. Not all, where they are more than a process should hold at once. */
	readonly events: readonly StoredEvent[]
	/** The progress that work elsewhere has reported since the last attempt, 0…1. */
	readonly progress: number
}

// Payloads are 1 MiB at most: the sum is looked at before they are read.
const statement = `
select (select fraction from task_progress where task_id = $1 and step = $2) as progress,
  (select json_agg(json_build_array(n, id, name, payload::text, outcome) order by n)::text from (
    select n, id, name, payload, outcome, sum(octet_length(payload::text)) over (order by n) - octet_length(payload::text) as before
    from step_event where task_id = $1 and step = $2 and n > $3 and n <= $3 + 1000
  ) e where before < 16 * 1024 * 1024) as events`

/** @param after number of the last event that an attempt was given */
export async function readEvents(client: Queryable, task: string, step: number, after: number): Promise<WaitingEvents> {
	const { rows } = await client.query<{ progress: number | null; events: string | null }>({
		name: 'taskyard:readEvents',
		text: statement,
		values: [task, step, after],
	})
	type Listed = [n: number, id: string, name: string, payload: string, outcome: number | null]
	const listed = JSON.parse(rows[0]?.events ?? '[]') as Listed[]
	return {
		events: listed.map(([n, id, name, payload, outcome]) => ({
			n,
			id,
			name,
			payload,
			outcome: outcome === null ? null : eventOutcomeCode.decode(outcome),
		})),
		progress: rows[0]?.progress ?? 0,
	}
}

/** The number of the last event of a step, 0 without any: those that came before the task had a plan are counted nowhere else. */
export async function lastEvent(client: Queryable, task: string, step: number): Promise<number> {
	const { rows } = await client.query<{ n: number }>({
		name: 'taskyard:lastEvent',
		text: 'select coalesce(max(n), 0) as n from step_event where task_id = $1 and step = $2',
		values: [task, step],
	})
	return rows[0]?.n ?? 0
}
