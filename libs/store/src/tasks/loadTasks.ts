/** Loads what the rules and the engine need of tasks: row, plan and steps. */

import { parseJson } from '@taskyard/model/json'
import { newStep } from '@taskyard/model/newStep'
import { type StoredPlan, storedToPlan } from '@taskyard/model/storedPlan'
import { type Gates, noGates, type Step, type StepError, type Suspension, type Task, type WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { cancelPhaseCode, reasonCode, stepStateCode, taskResultCode, taskStateCode } from './codes.ts'

/** A task with what runs it but does not decide it. */
export interface LoadedTask {
	readonly task: Task
	readonly queue: string
	/** From -10 to 10; higher ones overtake in their queue. */
	readonly priority: number
	/** It has had a claim on its duplicate key since it was started. */
	readonly duplicate: boolean
	readonly typeVersion: number
	readonly owner: number
	readonly correlationId: string
	readonly name: string
	/** Waits for the limit of its fan-out: nobody may begin it. */
	readonly held: boolean
	/** Counted by the fan-out of the step that started it. */
	readonly member: boolean
	/** Another task waits for its end. */
	readonly awaited: boolean
	/** The step that started it. */
	readonly parent: { readonly task: string; readonly step: number } | null
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
	priority: number
	duplicate: boolean
	owner_id: number
	correlation_id: string
	waiting_for: string | null
	error: string | null
	plan_attempt: number
	plan_child: number | null
	plan_started: number | null
	pause_asked: boolean
	unlocked: boolean
	start_at: number | null
	start_before: number | null
	confirm_before: number | null
	plan_tries: number
	not_before: number | null
	running_since: number | null
	ran_for: number
	awaited: boolean
	held: boolean
	member: boolean
	recorded: boolean
	silent_until: number | null
	parent_id: string | null
	parent_step: number | null
	open: number
	waits_for: string | null
	failed: string | null
	started: number | null
	ended: number | null
	input: string | null
	plan: string | null
	steps: string | null
}

// One statement, so that row, plan and steps are of one snapshot. Outputs and errors travel inside the aggregate as text, for a
// number in them may be larger than JavaScript's.
const statement = `
select t.id, t.label, t.name, t.type_version, t.state, t.result, t.reason, t.cancel, t.touched, t.revision, t.progress, t.queue, t.priority, t.duplicate, t.owner_id,
  t.correlation_id, t.waiting_for::text, t.error::text, t.plan_attempt, t.plan_child,
  extract(epoch from t.plan_started_at)::float8 * 1000 as plan_started, extract(epoch from t.started_at)::float8 * 1000 as started,
  extract(epoch from t.ended_at)::float8 * 1000 as ended, t.pause_asked, t.unlocked, extract(epoch from t.start_at)::float8 * 1000 as start_at,
  extract(epoch from t.start_before)::float8 * 1000 as start_before, extract(epoch from t.confirm_before)::float8 * 1000 as confirm_before,
  t.plan_tries, extract(epoch from t.not_before)::float8 * 1000 as not_before,
  extract(epoch from t.running_since)::float8 * 1000 as running_since, t.ran_for, t.awaited, t.held, t.member, t.recorded,
  extract(epoch from t.silent_until)::float8 * 1000 as silent_until, t.parent_id, t.parent_step,
  d.open::int as open, d.waits_for, d.failed,
  case when p.plan is null then (select input::text from task_payload where task_id = t.id) end as input, p.plan::text as plan,
  case when p.plan is not null then (
    select json_agg(json_build_array(s.index, s.state, s.attempt, s.tries, s.child_id, extract(epoch from s.started_at) * 1000,
      extract(epoch from s.ended_at) * 1000, extract(epoch from s.not_before) * 1000, s.progress, s.output::text, s.error::text, s.cancel_asked,
      s.suspension::text, s.events, s.events_seen))::text
    from step s where s.task_id = t.id) end as steps
from task t left join task_plan p on p.task_id = t.id
left join lateral (
  select count(*) filter (where settled_at is null) as open, (array_agg(on_task_id order by on_task_id) filter (where settled_at is null))[1] as waits_for,
    (array_agg(on_task_id order by on_task_id) filter (where not met))[1] as failed
  from dependency where task_id = t.id and t.state = ${taskStateCode.encode('scheduled')}
) d on true
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
	error: string | null,
	cancelAsked: boolean,
	suspension: string | null,
	events: number,
	eventsSeen: number,
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
	const plan = row.plan === null ? null : storedToPlan(parseJson(row.plan) as StoredPlan)
	const steps: Step[] = plan ? plan.steps.map((_, index) => newStep(index)) : []
	for (const stored of row.steps ? (JSON.parse(row.steps) as StepRow[]) : []) {
		const [
			index,
			state,
			attempt,
			tries,
			child,
			startedAt,
			endedAt,
			notBefore,
			progress,
			output,
			error,
			cancelAsked,
			suspension,
			events,
			eventsSeen,
		] = stored
		steps[index] = {
			index,
			state: stepStateCode.decode(state),
			attempt,
			tries,
			cancelAsked,
			child,
			startedAt,
			endedAt,
			notBefore,
			progress,
			output,
			error: readError(error),
			suspension: suspension === null ? null : (parseJson(suspension) as Suspension),
			events,
			eventsSeen,
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
		pauseAsked: row.pause_asked,
		unlocked: row.unlocked,
		touched: row.touched,
		gates: gatesOf(row),
		waitingFor: row.waiting_for === null ? null : (JSON.parse(row.waiting_for) as WaitingFor),
		startedAt: row.started,
		endedAt: row.ended,
		runningSince: row.running_since,
		ranFor: row.ran_for,
		progress: row.progress,
		planAttempt: row.plan_attempt,
		planTries: row.plan_tries,
		notBefore: row.not_before,
		recorded: row.recorded,
		silentUntil: row.silent_until,
		planChild: row.plan_child,
		planStartedAt: row.plan_started,
		error: readError(row.error),
		plan,
		steps,
	}
	return {
		task,
		queue: row.queue,
		priority: row.priority,
		duplicate: row.duplicate,
		typeVersion: row.type_version,
		owner: row.owner_id,
		correlationId: row.correlation_id,
		name: row.name,
		held: row.held,
		member: row.member,
		awaited: row.awaited,
		parent: row.parent_id === null ? null : { task: row.parent_id, step: row.parent_step ?? 0 },
		input: row.input,
	}
}

function readError(text: string | null): StepError | null {
	return text === null ? null : (parseJson(text) as StepError)
}

/** One object for all tasks that have none: most of them. */
function gatesOf(row: Row): Gates {
	if (row.start_at === null && row.start_before === null && row.confirm_before === null && row.open === 0 && row.failed === null)
		return noGates
	return {
		startAt: row.start_at,
		startBefore: row.start_before,
		confirmBefore: row.confirm_before,
		open: row.open,
		waitsFor: row.waits_for,
		failed: row.failed,
	}
}
