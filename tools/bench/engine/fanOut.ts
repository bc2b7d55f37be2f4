/** What a fan-out must have left behind. */

import type { Pool } from '@taskyard/store/connection'
import { taskResultCode, taskStateCode } from '@taskyard/store/tasks/codes'

/** Throws unless its row agrees with the sub-tasks that there are, each of which has ended well and was counted for its parent. */
export async function checkFanOut(pool: Pool, task: string, subTasks: number): Promise<void> {
	const { rows } = await pool.query<Record<string, number>>(
		`select total, created, open, fan_out.held, success, counted, ended_well, (output ->> 'success')::integer as told
from fan_out join step on step.task_id = fan_out.task_id and step.index = fan_out.step, lateral (
	select count(*)::integer as counted, (count(*) filter (where state = $2 and result = $3 and not task.held))::integer as ended_well
	from task where parent_id = fan_out.task_id and parent_step = fan_out.step
) tasks
where fan_out.task_id = $1`,
		[task, taskStateCode.encode('stopped'), taskResultCode.encode('success')],
	)
	const expected: Record<string, number> = {
		total: subTasks,
		created: subTasks,
		open: 0,
		held: 0,
		success: subTasks,
		counted: subTasks,
		ended_well: subTasks,
		told: subTasks,
	}
	const wrong = Object.keys(expected).filter((name) => rows[0]?.[name] !== expected[name])
	if (rows.length !== 1 || wrong.length > 0)
		throw new Error(
			`After a fan-out of ${subTasks} its row and its tasks should say ${JSON.stringify(expected)}, but they say ${JSON.stringify(rows[0])}: the engine lost or doubled sub-tasks.`,
		)
}
