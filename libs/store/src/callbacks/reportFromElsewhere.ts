/** Progress and lines that work elsewhere tells of, beside or between the attempts of its step. The caller holds the task's lock. */

import type { Queryable } from '../connection.ts'
import { chunksOf } from '../logs/chunksOf.ts'
import { changeKinds, logStreamCode } from '../tasks/codes.ts'

export interface ForeignReport {
	readonly task: string
	readonly step: number
	/** The last of the step. */
	readonly attempt: number
	/** 0…1; null leaves it. */
	readonly progress: number | null
	readonly lines: readonly string[]
	/** Milliseconds since 1970 by the database's clock. */
	readonly at: number
}

const progressStatement = `
insert into task_progress as known (task_id, step, attempt, fraction, detail, at) values ($1, $2, $3, $4, null, clock_timestamp())
on conflict (task_id, step) do update set attempt = greatest(known.attempt, excluded.attempt), at = excluded.at,
  fraction = greatest(known.fraction, excluded.fraction)`

// Under attempt 0, which no step has: an attempt that runs beside it recognises its own last chunk by its number.
const linesStatement = `
with fed as (
  insert into change (task_id, revision, kinds) values ($1, 0, ${changeKinds.log})
)
insert into log_chunk (task_id, step, first_line, attempt, count, at, stream, text)
select $1, $2, 1 + coalesce((select first_line + count - 1 from log_chunk where task_id = $1 and step = $2 order by first_line desc limit 1), 0),
  0, $3, to_timestamp($4::float8 / 1000), ${logStreamCode.encode('log')}, $5`

export async function reportFromElsewhere(client: Queryable, { task, step, attempt, progress, lines, at }: ForeignReport): Promise<void> {
	if (progress !== null)
		await client.query({ name: 'taskyard:progressFromElsewhere', text: progressStatement, values: [task, step, attempt, progress] })
	if (lines.length === 0) return
	// Whoever appends for an attempt numbers its lines under a share of this lock.
	await client.query({
		name: 'taskyard:lockStep',
		text: 'select from step where task_id = $1 and index = $2 for update',
		values: [task, step],
	})
	for (const chunk of chunksOf(lines)) {
		await client.query({
			name: 'taskyard:linesFromElsewhere',
			text: linesStatement,
			values: [task, step, chunk.length, at, chunk.join('\n')],
		})
	}
}
