/** The row that counts the sub-tasks of one step: how it is written in a table, and read for one step or for many tasks. */

import type { FailWhen, FanOutPolicy } from '@taskyard/model/fanOut'
import type { SubTaskCounts } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'

/** The sub-tasks of a step, by its task and index. */
export interface Family {
	readonly task: string
	readonly step: number
}

export interface FanOut extends Family, FanOutPolicy {
	readonly counts: SubTaskCounts
	/** How many have been made; fewer than the total while their step is still at it, or was interrupted. */
	readonly created: number
	/** Open ones that wait for the limit. */
	readonly held: number
}

export interface FanOutRow extends SubTaskCounts {
	task_id: string
	step: number
	created: number
	held: number
	at_once: number | null
	fail_when: number
	share: number | null
	leave_running: boolean
}

/** The columns of a row as `fromRow` reads them. */
export const fanOutColumns = `task_id, step, total, created, open, paused, held, success, warning, error, cancelled, at_once, fail_when, share,
  leave_running`

export function fromRow(row: FanOutRow): FanOut {
	const { total, open, paused, success, warning, error, cancelled } = row
	return {
		task: row.task_id,
		step: row.step,
		counts: { total, open, paused, success, warning, error, cancelled },
		created: row.created,
		held: row.held,
		limit: row.at_once,
		failWhen: row.fail_when === 0 ? 'any' : row.fail_when === 1 ? 'all' : { share: row.share ?? 0 },
		leaveRunning: row.leave_running,
	}
}

export function failWhenCode(failWhen: FailWhen): readonly [code: number, share: number | null] {
	if (failWhen === 'any') return [0, null]
	if (failWhen === 'all') return [1, null]
	return [2, failWhen.share]
}

/** Of a row, whether so many have failed that its step will: `tooManyFailed` of the model, in SQL. */
export const tooManyFailedOf = (row: string): string =>
	`case ${row}.fail_when when 0 then ${row}.error + ${row}.cancelled > 0
    when 1 then ${row}.total > 0 and ${row}.error + ${row}.cancelled >= ${row}.total
    else ${row}.error + ${row}.cancelled > ${row}.share * ${row}.total end`

/** @param lock for a transaction that has locked the task's row and goes on to decide by the counts */
export async function readFanOut(client: Queryable, { task, step }: Family, lock = false): Promise<FanOut | null> {
	const { rows } = await client.query<FanOutRow>({
		name: lock ? 'taskyard:lockFanOut' : 'taskyard:readFanOut',
		text: `select ${fanOutColumns} from fan_out where task_id = $1 and step = $2${lock ? ' for update' : ''}`,
		values: [task, step],
	})
	const [row] = rows
	return row ? fromRow(row) : null
}

/** The fan-outs of tasks, one statement for all of them, by task in the order of their steps. */
export async function readFanOuts(client: Queryable, tasks: readonly string[]): Promise<Map<string, FanOut[]>> {
	const { rows } = await client.query<FanOutRow>({
		name: 'taskyard:readFanOuts',
		text: `select ${fanOutColumns} from fan_out where task_id = any($1::uuid[]) order by task_id, step`,
		values: [plain(tasks)],
	})
	const found = new Map<string, FanOut[]>()
	for (const row of rows) {
		const fanOut = fromRow(row)
		const known = found.get(fanOut.task)
		if (known) known.push(fanOut)
		else found.set(fanOut.task, [fanOut])
	}
	return found
}
