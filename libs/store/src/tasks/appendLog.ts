/** Appends a chunk of lines to the numbered log of a step, unless the attempt is no longer the step's. */

import type { LogStream } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { attemptStates, changeKinds, logStreamCode } from './codes.ts'

export interface LogChunk {
	readonly task: string
	readonly step: number
	readonly attempt: number
	readonly stream: LogStream
	/** Lines joined with `\n`, at most 64 KiB. */
	readonly text: string
	readonly count: number
	/** Milliseconds since 1970 by the database's clock. */
	readonly at: number
	/** Number of the last line that this attempt knows to be stored; null before its first chunk. */
	readonly after: number | null
}

// The step's row is locked against a change of attempt while the chunk is numbered: two attempts would number alike.
// A chunk whose answer got lost is sent again; it is stored already when the attempt's last line is further than it knows.
const statement = `
with current as (
  select task_id from step where task_id = $1 and index = $2 and attempt = $3 and state in (${attemptStates}) for share
), last as (
  select first_line + count - 1 as line, attempt from log_chunk where task_id = $1 and step = $2 order by first_line desc limit 1
), known as (
  select line from last where attempt = $3 and line > coalesce($8::bigint, 0)
), appended as (
  insert into log_chunk (task_id, step, first_line, attempt, count, at, stream, text)
  select task_id, $2, 1 + coalesce((select line from last), 0), $3, $4, to_timestamp($5::float8 / 1000), $6, $7 from current
  where not exists (select from known)
  returning first_line + count - 1 as line
), fed as (
  insert into change (task_id, revision, kinds) select $1, 0, ${changeKinds.log} from appended
)
select coalesce((select line from appended), (select line from known)) as line from current`

/** Answers the number of the last line that is stored now, or null when the attempt is no longer the step's. */
export async function appendLog(client: Queryable, chunk: LogChunk): Promise<number | null> {
	const { rows } = await client.query<{ line: number }>({
		name: 'taskyard:appendLog',
		text: statement,
		values: [chunk.task, chunk.step, chunk.attempt, chunk.count, chunk.at, logStreamCode.encode(chunk.stream), chunk.text, chunk.after],
	})
	return rows[0]?.line ?? null
}
