/** A page of the tasks that the steps of one have started: keyset by id, in the order in which they were made. */

import type { Queryable } from '../connection.ts'
import { taskResultCode, taskStateCode } from './codes.ts'
import { selectTaskRows, type StoredTaskRow, type TaskRow, toTaskRow } from './readTaskRows.ts'

/** Sub-tasks as their step counts them. A paused or held one is open too. */
export const subTaskFilters = ['open', 'paused', 'held', 'success', 'warning', 'error', 'cancelled'] as const
export type SubTaskFilter = (typeof subTaskFilters)[number]

export interface SubTasksOf {
	readonly task: string
	/** Null for all its steps. */
	readonly step: number | null
	/** Null for all. */
	readonly filter: SubTaskFilter | null
}

const beginning = '00000000-0000-0000-0000-000000000000'

const stopped = taskStateCode.encode('stopped')

const ended = (result: 'success' | 'warning' | 'error' | 'cancelled'): string =>
	`and state = ${stopped} and result = ${taskResultCode.encode(result)}`

const conditions: Readonly<Record<SubTaskFilter, string>> = {
	open: `and state <> ${stopped}`,
	paused: `and state = ${taskStateCode.encode('paused')}`,
	held: 'and held',
	success: ended('success'),
	warning: ended('warning'),
	error: ended('error'),
	cancelled: ended('cancelled'),
}

const statement = (filter: SubTaskFilter | null): string => `${selectTaskRows(
	`(select * from task where parent_id = $2 and ($3::int is null or parent_step = $3) and id > $4::uuid
${filter === null ? '' : conditions[filter]} order by id limit $1)`,
)}
order by t.id`

/** @param after the last id of the page before; null for the first page */
export async function listSubTasks(client: Queryable, of: SubTasksOf, first: number, after: string | null): Promise<TaskRow[]> {
	const { rows } = await client.query<StoredTaskRow>({
		name: `taskyard:listSubTasks/${of.filter ?? 'all'}`,
		text: statement(of.filter),
		values: [first, of.task, of.step, after ?? beginning],
	})
	return rows.map(toTaskRow)
}
