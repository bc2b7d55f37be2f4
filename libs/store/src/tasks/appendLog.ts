/** Appends a chunk of lines to the numbered log of a step, unless the attempt is no longer the step's. */

import type { LogStream } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { changeKinds, logStreamCode } from './codes.ts'

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
}

// The step's row is locked against a change of attempt while the chunk is numbered: two attempts would number alike.
const statement = `
with current as (
  select task_id from step where task_id = $1 and index = $2 and attempt = $3 and state = 1 for share
), appended as (
  insert into log_chunk (task_id, step, first_line, attempt, count, at, stream, text)
  select task_id, $2, 1 + coalesce((select first_line + count - 1 from log_chunk where task_id = $1 and step = $2 order by first_line desc limit 1), 0),
    $3, $4, to_timestamp($5::float8 / 1000), $6, $7 from current
  returning first_line
), fed as (
  insert into change (task_id, revision, kinds) select $1, 0, ${changeKinds.log} from appended
)
select first_line from appended`

/** Answers false when the attempt is no longer the step's. */
export async function appendLog(client: Queryable, chunk: LogChunk): Promise<boolean> {
	const { rows } = await client.query({
		name: 'taskyard:appendLog',
		text: statement,
		values: [chunk.task, chunk.step, chunk.attempt, chunk.count, chunk.at, logStreamCode.encode(chunk.stream), chunk.text],
	})
	return rows.length > 0
}
