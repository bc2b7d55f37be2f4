/** What running steps of tasks, and the work elsewhere of suspended ones, report between their checkpoints: one statement for all tasks that somebody watches. */

import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { attemptStates, stepStateCode } from './codes.ts'

export interface StepReport {
	readonly step: number
	readonly fraction: number
	/** JSON text of `{done, total, unit}`. */
	readonly detail: string | null
	readonly at: number
}

interface Row extends StepReport {
	task_id: string
}

const statement = `
select p.task_id, p.step, p.fraction, p.detail, p.at
from task_progress p join step s on s.task_id = p.task_id and s.index = p.step
where p.task_id = any($1::uuid[]) and s.state in (${attemptStates}, ${stepStateCode.encode('suspended')}) and p.attempt = s.attempt`

export async function readProgress(client: Queryable, ids: readonly string[]): Promise<Map<string, StepReport[]>> {
	const { rows } = await client.query<Row>({ name: 'taskyard:readProgress', text: statement, values: [plain(ids)] })
	const reports = new Map<string, StepReport[]>()
	for (const { task_id: id, step, fraction, detail, at } of rows) {
		const ofTask = reports.get(id)
		if (ofTask) ofTask.push({ step, fraction, detail, at })
		else reports.set(id, [{ step, fraction, detail, at }])
	}
	return reports
}
