/**
 * A page of the list: keyset by id, newest first. Ids are UUIDv7, so their order is that of creation, and a page far
 * down costs what the first one costs. The window is cut before anything is joined.
 */

import type { Queryable } from '../connection.ts'
import { selectTaskRows, type StoredTaskRow, type TaskRow, toTaskRow } from './readTaskRows.ts'

const beyondAll = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

const statement = `${selectTaskRows('(select * from task where id < $2::uuid order by id desc limit $1)')}
order by t.id desc`

/** @param after the last id of the page before; null for the first page */
export async function listTasks(client: Queryable, first: number, after: string | null): Promise<TaskRow[]> {
	const { rows } = await client.query<StoredTaskRow>({ name: 'taskyard:listTasks', text: statement, values: [first, after ?? beyondAll] })
	return rows.map(toTaskRow)
}
