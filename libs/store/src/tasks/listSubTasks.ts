/** A page of the tasks that the steps of one have started: keyset by id, in the order in which they were made. */

import type { Queryable } from '../connection.ts'
import { selectTaskRows, type StoredTaskRow, type TaskRow, toTaskRow } from './readTaskRows.ts'

const beginning = '00000000-0000-0000-0000-000000000000'

const statement = `${selectTaskRows(
	'(select * from task where parent_id = $2 and ($3::int is null or parent_step = $3) and id > $4::uuid order by id limit $1)',
)}
order by t.id`

/**
 * @param of a task, or one of its steps
 * @param after the last id of the page before; null for the first page
 */
export async function listSubTasks(
	client: Queryable,
	of: { readonly task: string; readonly step: number | null },
	first: number,
	after: string | null,
): Promise<TaskRow[]> {
	const { rows } = await client.query<StoredTaskRow>({
		name: 'taskyard:listSubTasks',
		text: statement,
		values: [first, of.task, of.step, after ?? beginning],
	})
	return rows.map(toTaskRow)
}
