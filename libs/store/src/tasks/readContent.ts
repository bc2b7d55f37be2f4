/**
 * What the page of a task shows of its plan and steps, for any number of tasks in one statement.
 *
 * Two depths. The outline (names, states, errors) is what a live page reads again and again; inputs, outputs and the
 * plan's text can be megabytes and are read only when asked for. What is sensitive in them is ••• for everybody who reads
 * them here.
 */

import { maskSealed } from '@taskyard/model/sensitive/sealed'
import type { StepState, SuspensionKind } from '@taskyard/model/states'
import type { Queryable } from '../connection.ts'
import { plain } from './arrays.ts'
import { attemptStates, stepStateCode } from './codes.ts'

/** A step as stored; one of the plan without a row was never started. */
export interface StoredStep {
	readonly index: number
	readonly state: StepState
	readonly attempt: number
	readonly tries: number
	readonly cancelAsked: boolean
	/** Node and process that ran the last attempt. */
	readonly worker: string | null
	readonly startedAt: number | null
	readonly endedAt: number | null
	readonly notBefore: number | null
	readonly progress: number
	/** Reported since the last checkpoint: JSON text of `{done, total, unit}`, and the fraction. */
	readonly reported: { readonly fraction: number; readonly detail: string | null } | null
	/** JSON text; null unless read in full. */
	readonly output: string | null
	/** JSON text. */
	readonly error: string | null
	/** Null unless it is suspended. */
	readonly wait: StoredWait | null
}

/** What a suspended step waits for. Times are milliseconds since 1970. */
export interface StoredWait {
	readonly kind: SuspensionKind
	/** When it is woken, or looks again, by itself. */
	readonly until: number | null
	/** When it fails, if nothing has come by then. */
	readonly timeoutAt: number | null
	/** The work elsewhere. */
	readonly externalId: string | null
}

/** What the plan says of a step. */
export interface PlannedOutline {
	readonly name: string
	readonly action: string
	/** Whether a running attempt of it can be asked to end. */
	readonly cancellable: boolean
}

export interface TaskContent {
	readonly outline: readonly PlannedOutline[]
	readonly steps: readonly StoredStep[]
	/** JSON texts; null unless read in full, or when there is none. */
	readonly input: string | null
	readonly output: string | null
	readonly plan: string | null
}

interface Row {
	task_id: string
	index: number | null
	state: number
	attempt: number
	tries: number
	cancel_asked: boolean
	node: string | null
	pid: number | null
	started_at: number | null
	ended_at: number | null
	not_before: number | null
	progress: number
	fraction: number | null
	detail: string | null
	step_output: string | null
	error: string | null
	wait: string | null
	outline: string | null
	input: string | null
	output: string | null
	plan: string | null
}

// What is of the task and not of a step stands in its first row only.
const statement = `
with row_of as (
  select w.id as task_id, s.index, s.state, s.attempt, s.tries, s.cancel_asked, s.child_id, s.started_at, s.ended_at, s.not_before, s.progress,
    s.output, s.error, s.suspension, row_number() over (partition by w.id order by s.index) = 1 as first
  from unnest($1::uuid[]) as w(id) left join step s on s.task_id = w.id
)
select s.task_id, s.index, s.state, s.attempt, s.tries, s.cancel_asked, k.node, c.pid, s.started_at, s.ended_at, s.not_before, s.progress,
  p.fraction, p.detail, case when $2 then s.output end as step_output, s.error,
  case when s.state = ${stepStateCode.encode('suspended')} then json_build_object('kind', s.suspension->'kind', 'until', s.suspension->'until',
    'timeoutAt', s.suspension->'timeoutAt', 'externalId', s.suspension->'externalId') end as wait,
  case when s.first then (
    select json_agg(json_build_array(e.step->>'name', e.step->>'action', coalesce((e.step->'policies'->>'cancellable')::boolean, true)) order by e.n)
    from json_array_elements(l.plan->'steps') with ordinality as e(step, n)
  ) end as outline,
  case when $2 and s.first then d.input end as input, case when $2 and s.first then d.output end as output,
  case when $2 and s.first then l.plan end as plan
from row_of s
left join child c on c.id = s.child_id
left join worker k on k.id = c.worker_id
left join task_payload d on d.task_id = s.task_id and s.first
left join task_plan l on l.task_id = s.task_id and s.first
left join task_progress p on p.task_id = s.task_id and p.step = s.index and p.attempt = s.attempt
  and s.state in (${attemptStates}, ${stepStateCode.encode('suspended')})
order by s.task_id, s.index`

/** @param full with inputs, outputs and the plan's text */
export async function readContent(client: Queryable, ids: readonly string[], full: boolean): Promise<Map<string, TaskContent>> {
	const { rows } = await client.query<Row>({ name: 'taskyard:readContent', text: statement, values: [plain(ids), full] })
	const contents = new Map<string, Omit<TaskContent, 'steps'> & { steps: StoredStep[] }>()
	for (const row of rows) {
		let content = contents.get(row.task_id)
		if (!content) {
			const outline = (row.outline === null ? [] : (JSON.parse(row.outline) as [string, string, boolean][])).map(
				([name, action, cancellable]) => ({ name, action, cancellable }),
			)
			content = { outline, steps: [], input: maskSealed(row.input), output: maskSealed(row.output), plan: maskSealed(row.plan) }
			contents.set(row.task_id, content)
		}
		if (row.index !== null) content.steps.push(toStep(row, row.index))
	}
	return contents
}

function toStep(row: Row, index: number): StoredStep {
	return {
		index,
		state: stepStateCode.decode(row.state),
		attempt: row.attempt,
		tries: row.tries,
		cancelAsked: row.cancel_asked,
		worker: processName(row.node, row.pid),
		startedAt: row.started_at,
		endedAt: row.ended_at,
		notBefore: row.not_before,
		progress: row.progress,
		reported: row.fraction === null ? null : { fraction: row.fraction, detail: row.detail },
		output: maskSealed(row.step_output),
		error: row.error,
		wait: row.wait === null ? null : (JSON.parse(row.wait) as StoredWait),
	}
}

/** Where an attempt ran, for people. */
export function processName(node: string | null, pid: number | null): string | null {
	if (node === null) return null
	return pid === null ? node : `${node}, process ${pid}`
}
