/**
 * Chunks of logs, from a line on. Several logs are read in one statement: a server asks once for all that somebody
 * follows. The chunk that contains the next line is found by its first line, which is the key's last column.
 */

import type { LogStream } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { numbers, plain } from '../tasks/arrays.ts'
import { logStreamCode } from '../tasks/codes.ts'

/** The log of a step, and the last line that is known of it; lines are numbered from 1. */
export interface LogPosition {
	readonly taskId: string
	readonly step: number
	readonly afterLine: number
}

export interface StoredChunk {
	readonly attempt: number
	readonly firstLine: number
	readonly count: number
	readonly at: number
	readonly stream: LogStream
	readonly lines: readonly string[]
}

interface Row {
	place: number
	attempt: number
	first_line: number
	count: number
	at: number
	stream: number
	text: string
}

const statement = `
select w.place, c.attempt, c.first_line, c.count, c.at, c.stream, c.text
from unnest($1::uuid[], $2::int[], $3::bigint[]) with ordinality as w(task_id, step, after_line, place)
cross join lateral (
  select c.attempt, c.first_line, c.count, c.at, c.stream, c.text
  from log_chunk c
  where c.task_id = w.task_id and c.step = w.step and c.first_line + c.count - 1 > w.after_line
    and c.first_line >= coalesce((
      select max(f.first_line) from log_chunk f where f.task_id = w.task_id and f.step = w.step and f.first_line <= w.after_line + 1
    ), 0)
  order by c.first_line
  limit $4
) c
order by w.place, c.first_line`

/** @returns the chunks of each position, in the order given, at most `limit` each; lines up to `afterLine` are cut off. */
export async function readLog(client: Queryable, positions: readonly LogPosition[], limit: number): Promise<StoredChunk[][]> {
	const { rows } = await client.query<Row>({
		name: 'taskyard:readLog',
		text: statement,
		values: [
			plain(positions.map((position) => position.taskId)),
			numbers(positions.map((position) => position.step)),
			numbers(positions.map((position) => position.afterLine)),
			limit,
		],
	})
	const chunks: StoredChunk[][] = positions.map(() => [])
	for (const row of rows) {
		const position = positions[row.place - 1]
		if (position) chunks[row.place - 1]?.push(linesAfter(toChunk(row), position.afterLine))
	}
	return chunks
}

function toChunk(row: Row): StoredChunk {
	return {
		attempt: row.attempt,
		firstLine: row.first_line,
		count: row.count,
		at: row.at,
		stream: logStreamCode.decode(row.stream),
		lines: row.text.split('\n', row.count),
	}
}

/** The part of a chunk that comes after a line; the chunk itself when all of it does. */
export function linesAfter(chunk: StoredChunk, afterLine: number): StoredChunk {
	const known = afterLine - chunk.firstLine + 1
	if (known <= 0) return chunk
	return { ...chunk, firstLine: afterLine + 1, count: chunk.count - known, lines: chunk.lines.slice(known) }
}

export const lastLine = (chunk: StoredChunk): number => chunk.firstLine + chunk.count - 1
