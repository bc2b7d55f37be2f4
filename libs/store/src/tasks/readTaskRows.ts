/**
 * What a list shows of a task, for pages: one statement for any number of rows, no payloads.
 *
 * Plans are opened for running tasks only, to name their running steps and to weigh what these report; a page of
 * stopped tasks costs an index scan and nothing else.
 */

import type { CancelPhase, Reason, TaskResult, TaskState } from '@taskyard/model/states'
import type { StepError, WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { attemptStates, cancelPhaseCode, reasonCode, stepStateCode, taskResultCode, taskStateCode } from './codes.ts'

/** A step that runs, or waits with its work under way elsewhere, as far as a list knows it. */
export interface RunningStep {
	readonly index: number
	readonly name: string
	readonly weight: number
	/** Progress of the last checkpoint, which the task's stored progress contains. */
	readonly checkpointed: number
	/** What it reported since, if anything. */
	readonly reported: number | null
}

/** Times are milliseconds since 1970. */
export interface TaskRow {
	readonly id: string
	readonly label: string
	readonly name: string
	readonly state: TaskState
	readonly result: TaskResult
	readonly reason: Reason | null
	readonly revision: number
	/** Progress of the last checkpoint; `liveProgress` adds what running steps reported since. */
	readonly progress: number
	readonly cancel: CancelPhase
	/** Whether its type can be cancelled while a step runs. */
	readonly cancellable: boolean
	readonly pauseAsked: boolean
	/** Stopped by an unlock, and so resumable. */
	readonly unlocked: boolean
	/** Until when a person may confirm it; null for one that needs no confirmation, or has its answer. */
	readonly confirmBefore: number | null
	/** For a task that another program carries out, whether it can be told of a cancel; null for others. */
	readonly recorded: { readonly callback: boolean } | null
	/** The setting that offers unlock and force unlock, as it was when the row was read. */
	readonly dangerousActions: boolean
	readonly parent: { readonly id: string; readonly step: number } | null
	/** The task that this one repeats. */
	readonly rerunOf: string | null
	readonly queue: string
	/** From -10 to 10; higher ones overtake in their queue. */
	readonly priority: number
	readonly owner: { readonly id: number; readonly login: string; readonly name: string }
	readonly correlationId: string
	readonly waitingFor: WaitingFor | null
	readonly error: StepError | null
	/** The same as JSON text, exact where a number is larger than JavaScript's. */
	readonly errorText: string | null
	readonly createdAt: number
	readonly startAt: number | null
	readonly startBefore: number | null
	readonly startedAt: number | null
	readonly endedAt: number | null
	readonly stateUpdatedAt: number
	readonly running: readonly RunningStep[]
	/** Sum of the weights of all steps; 0 unless the task is running. */
	readonly weight: number
}

export interface StoredTaskRow {
	id: string
	label: string
	name: string
	state: number
	result: number
	reason: number | null
	cancel: number
	pause_asked: boolean
	unlocked: boolean
	confirm_before: number | null
	dangerous: boolean
	recorded: boolean | null
	parent_id: string | null
	parent_step: number | null
	rerun_of: string | null
	revision: number
	progress: number
	queue: string
	priority: number
	correlation_id: string
	waiting_for: string | null
	error: string | null
	created_at: number
	start_at: number | null
	start_before: number | null
	started_at: number | null
	ended_at: number | null
	state_updated_at: number
	owner_id: number
	owner_login: string | null
	owner_name: string | null
	cancellable: boolean
	running: string | null
	weight: number | null
	held_up: 'worker' | 'capacity' | null
}

/**
 * What it waits for that could go on, and that nobody has taken: a worker while no process lives that takes its queue,
 * else room in one. Nobody is there to note that, so it is found out when it is read.
 */
const [pending, planned, running] = (['pending', 'planned', 'running'] as const).map(taskStateCode.encode)
const heldUp = `case when t.recorded or t.waiting_for is not null or r.running is not null or t.state not in (${pending}, ${planned}, ${running}) then null
    when not exists (
      select from child c join worker w on w.id = c.worker_id
      where c.recovered_at is null and c.ended_at is null and c.lease_until > clock_timestamp() and t.queue = any(w.queues)) then 'worker'
    when t.state <> ${running} and t.state_updated_at < clock_timestamp() - interval '1 second' then 'capacity' end`

/** The select list and joins that every reader of rows shares; `source` is what stands for `t`. */
export const selectTaskRows = (source: string) => `
select t.id, t.label, t.name, t.state, t.result, t.reason, t.cancel, t.revision, t.progress, t.queue, t.priority, t.correlation_id,
  t.waiting_for, t.error, t.created_at, t.start_at, t.start_before, t.started_at, t.ended_at, t.state_updated_at,
  t.pause_asked, t.unlocked, t.confirm_before, t.parent_id, t.parent_step, t.rerun_of,
  coalesce((select value::text = 'true' from setting where key = 'dangerous_actions'), false) as dangerous,
  case when t.recorded then (select c.callback_url is not null from recorded_task c where c.task_id = t.id) end as recorded,
  t.owner_id, u.login as owner_login, u.name as owner_name,
  coalesce((y.definition->>'cancellable')::boolean, true) as cancellable, r.running, r.weight, ${heldUp} as held_up
from ${source} t
left join "user" u on u.id = t.owner_id
left join task_type y on y.label = t.label
left join lateral (
  select sum((e.step->>'weight')::float8) as weight,
    json_agg(json_build_array(s.index, e.step->>'name', (e.step->>'weight')::float8, s.progress, p.fraction) order by s.index)
      filter (where s.index is not null) as running
  from task_plan l
  cross join json_array_elements(l.plan->'steps') with ordinality as e(step, n)
  left join step s on s.task_id = t.id and s.index = e.n - 1 and s.state in (${attemptStates}, ${stepStateCode.encode('suspended')})
  left join task_progress p on p.task_id = t.id and p.step = s.index and p.attempt = s.attempt
  where l.task_id = t.id and t.state = ${taskStateCode.encode('running')}
) r on true`

const byId = `${selectTaskRows('task')}
where t.id = any($1::uuid[])
order by t.id desc`

/** The rows of these tasks, newest first; what does not exist is not there. */
export async function readTaskRows(client: Queryable, ids: readonly string[]): Promise<TaskRow[]> {
	if (ids.length === 0) return []
	const { rows } = await client.query<StoredTaskRow>({ name: 'taskyard:readTaskRows', text: byId, values: [plain(ids)] })
	return rows.map(toTaskRow)
}

function waitingFor(row: StoredTaskRow): WaitingFor | null {
	if (row.waiting_for !== null) return JSON.parse(row.waiting_for) as WaitingFor
	return row.held_up && { kind: row.held_up, keys: { queue: row.queue } }
}

type StoredRunning = [index: number, name: string, weight: number, checkpointed: number, reported: number | null]

export function toTaskRow(row: StoredTaskRow): TaskRow {
	return {
		id: row.id,
		label: row.label,
		name: row.name,
		state: taskStateCode.decode(row.state),
		result: taskResultCode.decode(row.result),
		reason: row.reason === null ? null : reasonCode.decode(row.reason),
		revision: row.revision,
		progress: row.progress,
		cancel: cancelPhaseCode.decode(row.cancel),
		cancellable: row.cancellable,
		pauseAsked: row.pause_asked,
		unlocked: row.unlocked,
		confirmBefore: row.confirm_before,
		recorded: row.recorded === null ? null : { callback: row.recorded },
		dangerousActions: row.dangerous,
		parent: row.parent_id === null ? null : { id: row.parent_id, step: row.parent_step ?? 0 },
		rerunOf: row.rerun_of,
		queue: row.queue,
		priority: row.priority,
		owner: { id: row.owner_id, login: row.owner_login ?? `user ${row.owner_id}`, name: row.owner_name ?? `user ${row.owner_id}` },
		correlationId: row.correlation_id,
		waitingFor: waitingFor(row),
		error: row.error === null ? null : (JSON.parse(row.error) as StepError),
		errorText: row.error,
		createdAt: row.created_at,
		startAt: row.start_at,
		startBefore: row.start_before,
		startedAt: row.started_at,
		endedAt: row.ended_at,
		stateUpdatedAt: row.state_updated_at,
		running: row.running === null ? [] : (JSON.parse(row.running) as StoredRunning[]).map(toRunningStep),
		weight: row.weight ?? 0,
	}
}

function toRunningStep([index, name, weight, checkpointed, reported]: StoredRunning): RunningStep {
	return { index, name, weight, checkpointed, reported }
}

/** The task's progress with what its running steps reported since the last checkpoint. Never lower than stored. */
export function liveProgress(row: TaskRow): number {
	if (row.weight <= 0) return row.progress
	let gained = 0
	for (const step of row.running) gained += step.weight * Math.max(0, (step.reported ?? 0) - step.checkpointed)
	return Math.min(1, row.progress + gained / row.weight)
}
