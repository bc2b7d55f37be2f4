/** Loads what the rules and the engine need of tasks: row, plan and steps. */

import { newStep } from '@taskyard/model/newStep'
import { type StoredPlan, storedToPlan } from '@taskyard/model/storedPlan'
import type { Step, StepError, Task, WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { cancelPhaseCode, reasonCode, stepStateCode, taskResultCode, taskStateCode } from './codes.ts'

/** A task with what runs it but does not decide it. */
export interface LoadedTask {
	readonly task: Task
	readonly queue: string
	readonly typeVersion: number
	readonly owner: number
	readonly correlationId: string
	readonly name: string
	/** JSON text; loaded only for a task without a plan. */
	readonly input: string | null
}

interface Row {
	id: string
	label: string
	name: string
	type_version: number
	state: number
	result: number
	reason: number | null
	cancel: number
	touched: boolean
	revision: number
	progress: number
	queue: string
	owner_id: number
	correlation_id: string
	waiting_for: string | null
	error: string | null
	plan_attempt: number
	plan_child: number | null
	plan_started: number | null
	started: number | null
	ended: number | null
	input: string | null
	plan: string | null
	steps: string | null
}

// One statement, so that row, plan and steps are of one snapshot. Outputs travel inside the aggregate as text, for a
// number in them may be larger than JavaScript's.
const statement = `
select t.id, t.label, t.name, t.type_version, t.state, t.result, t.reason, t.cancel, t.touched, t.revision, t.progress, t.queue, t.owner_id,
  t.correlation_id, t.waiting_for::text, t.error::text, t.plan_attempt, t.plan_child,
  extract(epoch from t.plan_started_at)::float8 * 1000 as plan_started, extract(epoch from t.started_at)::float8 * 1000 as started,
  extract(epoch from t.ended_at)::float8 * 1000 as ended,
  case when p.plan is null then (select input::text from task_payload where task_id = t.id) end as input, p.plan::text as plan,
  case when p.plan is not null then (
    select json_agg(json_build_array(s.index, s.state, s.attempt, s.tries, s.child_id, extract(epoch from s.started_at) * 1000,
      extract(epoch from s.ended_at) * 1000, extract(epoch from s.not_before) * 1000, s.progress, s.output::text, s.error))::text
    from step s where s.task_id = t.id) end as steps
from task t left join task_plan p on p.task_id = t.id
where t.id = any($1::uuid[])`

type StepRow = [
	index: number,
	state: number,
	attempt: number,
	tries: number,
	child: number | null,
	started: number | null,
	ended: number | null,
	notBefore: number | null,
	progress: number,
	output: string | null,
	error: StepError | null,
]

/** @param lock takes the rows' locks in ascending id, for a transaction that goes on to write them. */
export async function loadTasks(client: Queryable, ids: readonly string[], lock = false): Promise<Map<string, LoadedTask>> {
	if (lock) {
		// In a statement of its own: one that waited for a row lock reads all else with the snapshot of before.
		await client.query({
			name: 'taskyard:lockTasks',
			text: 'select id from task where id = any($1::uuid[]) order by id for update',
			values: [plain(ids)],
		})
	}
	const { rows } = await client.query<Row>({ name: 'taskyard:loadTasks', text: statement, values: [plain(ids)] })
	return new Map(rows.map((row) => [row.id, fromRow(row)]))
}

function fromRow(row: Row): LoadedTask {
	const plan = row.plan === null ? null : storedToPlan(JSON.parse(row.plan) as StoredPlan)
	const steps: Step[] = plan ? plan.steps.map((_, index) => newStep(index)) : []
	for (const stored of row.steps ? (JSON.parse(row.steps) as StepRow[]) : []) {
		const [index, state, attempt, tries, child, startedAt, endedAt, notBefore, progress, output, error] = stored
		steps[index] = {
			index,
			state: stepStateCode.decode(state),
			attempt,
			tries,
			child,
			startedAt,
			endedAt,
			notBefore,
			progress,
			output,
			error,
			stored: true,
		}
	}
	const task: Task = {
		id: row.id,
		label: row.label,
		state: taskStateCode.decode(row.state),
		result: taskResultCode.decode(row.result),
		reason: row.reason === null ? null : reasonCode.decode(row.reason),
		revision: row.revision,
		cancel: cancelPhaseCode.decode(row.cancel),
		touched: row.touched,
		waitingFor: row.waiting_for === null ? null : (JSON.parse(row.waiting_for) as WaitingFor),
		startedAt: row.started,
		endedAt: row.ended,
		progress: row.progress,
		planAttempt: row.plan_attempt,
		planChild: row.plan_child,
		planStartedAt: row.plan_started,
		error: row.error === null ? null : (JSON.parse(row.error) as StepError),
		plan,
		steps,
	}
	return {
		task,
		queue: row.queue,
		typeVersion: row.type_version,
		owner: row.owner_id,
		correlationId: row.correlation_id,
		name: row.name,
		input: row.input,
	}
}
