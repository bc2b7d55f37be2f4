/**
 * The statements that write decisions: the only writers of task.state and step.state after a task was started. One
 * writes any decision. The other writes the commonest, that a step has succeeded and the next one begins; it takes 9
 * parameters where the first needs 72, and so half the time of the database (18 µs instead of 31 for each task, in groups
 * of 100) and of this process.
 *
 * One statement for a whole group of tasks, in one round trip, and so one transaction by itself. The task rows are
 * locked first, in ascending id. Then `moved` is the guard: a task whose revision is not the one decided on does not
 * come back, and nothing else of its decision is written, because all that follows asks what came back and not the
 * parameters. `case when … in (select … from moved)` makes that a hashed look-up: a plain `in` would become a join,
 * which the engine's connections may only do as a nested loop (see `enginePlanner`), every step against every task.
 */

import type { Changed } from '@taskyard/model/decision'
import { fingerprintOf } from '@taskyard/model/fingerprint'
import { stringifyJson } from '@taskyard/model/json'
import type { AttemptDraft, EventDraft, Step, StepError, Task, TimerDraft } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { booleans, numbers, plain, texts } from './arrays.ts'
import {
	attemptKindCode,
	attemptOutcomeCode,
	cancelPhaseCode,
	changeKinds,
	eventKindCode,
	planningStep,
	reasonCode,
	stepStateCode,
	taskResultCode,
	taskStateCode,
	timerKindCode,
} from './codes.ts'

/**
 * What the planner may do on the engine's connections. Its statements are look-ups by key; with the empty statistics of
 * a young database the planner would keep a generic plan that reads whole tables for ever. The queue's fetch would read
 * and sort every job that waits by a bitmap: measured with 15,000 of them, 15.5 ms for each 100 jobs, and 3.6 ms without.
 */
export const enginePlanner = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_bitmapscan=off -c jit=off'

/** A decision with the task it was made on. */
export interface Write {
	readonly before: Task
	readonly changed: Changed
	/** JSON text of the plan, when the decision stores one. */
	readonly plan: string | null
	/** Name computed by the plan; null leaves the name. */
	readonly name: string | null
	/** JSON text of the task's output, when the decision ends the task. */
	readonly output: string | null
}

/** Exact, whatever integers its details hold. What JSON or PostgreSQL cannot hold must not keep an error from being stored. */
export function errorText(error: StepError | null): string | null {
	if (!error) return null
	try {
		return stringifyJson(error, 'error')
	} catch {
		return JSON.stringify({ ...error, details: null }, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value))
	}
}

/** PostgreSQL holds neither NUL nor half a surrogate pair. */
export function storableText(text: string): string {
	return text.replaceAll('\0', '\ufffd').toWellFormed()
}

const anyDecision = `/* taskyard:applyDecisions */
with i as materialized (
  select * from unnest($1::uuid[], $2::int[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[], $7::boolean[], $8::boolean[],
    $9::boolean[], $10::real[], $11::text[], $12::text[], $13::int[], $14::int[], $15::float8[], $16::int[], $17::float8[], $18::float8[],
    $19::float8[], $20::float8[], $21::float8[], $22::float8[], $23::smallint[], $24::text[], $69::float8[])
  as i(id, expected, state, result, reason, cancel, pause_asked, unlocked, touched, progress, waiting_for, error, plan_attempt, plan_tries,
    not_before, plan_child, plan_started, confirm_before, started, ended, running_since, ran_for, kinds, name, silent_until)
), locked as materialized (
  select id from task where id = any($1::uuid[]) order by id for update
), moved as (
  update task t set revision = t.revision + 1, state = i.state, result = i.result, reason = i.reason, cancel = i.cancel,
    pause_asked = i.pause_asked, unlocked = i.unlocked, touched = i.touched, progress = i.progress, waiting_for = i.waiting_for::json,
    error = i.error::json, plan_attempt = i.plan_attempt, plan_tries = i.plan_tries, not_before = to_timestamp(i.not_before / 1000),
    plan_child = i.plan_child, plan_started_at = to_timestamp(i.plan_started / 1000), confirm_before = to_timestamp(i.confirm_before / 1000),
    started_at = to_timestamp(i.started / 1000), ended_at = to_timestamp(i.ended / 1000), running_since = to_timestamp(i.running_since / 1000),
    ran_for = i.ran_for, name = coalesce(i.name, t.name), silent_until = to_timestamp(i.silent_until / 1000),
    state_updated_at = case when t.state = i.state then t.state_updated_at else clock_timestamp() end
  from i where t.id = i.id and t.revision = i.expected and (select count(*) from locked) > 0
  returning t.id, t.revision, t.state, i.kinds
), s as materialized (
  select * from unnest($25::uuid[], $26::int[], $27::smallint[], $28::int[], $29::int[], $30::boolean[], $31::int[], $32::float8[], $33::float8[],
    $34::float8[], $35::real[], $36::text[], $37::text[], $38::boolean[], $70::text[], $71::int[], $72::int[])
  as s(task_id, index, state, attempt, tries, cancel_asked, child, started, ended, not_before, progress, output, error, has_row,
    suspension, events, events_seen)
  where case when s.task_id in (select id from moved) then true end
), steps_begun as (
  insert into step (task_id, index, state, attempt, tries, cancel_asked, child_id, started_at, ended_at, not_before, progress, output, error,
    suspension, events, events_seen)
  select task_id, index, state, attempt, tries, cancel_asked, child, to_timestamp(started / 1000), to_timestamp(ended / 1000),
    to_timestamp(not_before / 1000), progress, output::json, error::json, suspension::json, events, events_seen from s where not has_row
), steps_changed as (
  update step set state = s.state, attempt = s.attempt, tries = s.tries, cancel_asked = s.cancel_asked, child_id = s.child,
    started_at = to_timestamp(s.started / 1000), ended_at = to_timestamp(s.ended / 1000), not_before = to_timestamp(s.not_before / 1000),
    progress = s.progress, output = s.output::json, error = s.error::json, suspension = s.suspension::json, events = s.events,
    events_seen = s.events_seen
  from s where s.has_row and step.task_id = s.task_id and step.index = s.index
), events as (
  insert into event (task_id, revision, n, at, kind, step, old, new, attempt, child_id, started_at, who, why)
  select task_id, revision, n, clock_timestamp(), kind, step, old, new, attempt, child, to_timestamp(started / 1000), who, why
  from unnest($39::uuid[], $40::int[], $41::smallint[], $42::smallint[], $43::int[], $44::smallint[], $45::smallint[], $46::int[], $47::int[],
    $48::float8[], $49::int[], $50::text[])
  as e(task_id, revision, n, kind, step, old, new, attempt, child, started, who, why)
  where case when e.task_id in (select id from moved) then true end
), attempts as (
  insert into attempt (task_id, step, number, kind, outcome, child_id, started_at, ended_at, error, fingerprint)
  select task_id, step, number, kind, outcome, child, to_timestamp(started / 1000), to_timestamp(ended / 1000), error::json, fingerprint
  from unnest($51::uuid[], $52::int[], $53::int[], $54::smallint[], $55::smallint[], $56::int[], $57::float8[], $58::float8[], $59::text[],
    $60::text[])
  as a(task_id, step, number, kind, outcome, child, started, ended, error, fingerprint)
  where case when a.task_id in (select id from moved) then true end
), plans as (
  insert into task_plan (task_id, plan) select task_id, plan::json from unnest($61::uuid[], $62::text[]) as p(task_id, plan)
  where case when p.task_id in (select id from moved) then true end
), outputs as (
  update task_payload set output = o.output::json from unnest($63::uuid[], $64::text[]) as o(task_id, output)
  where task_payload.task_id = o.task_id and case when o.task_id in (select id from moved) then true end
), timers as (
  insert into timer (task_id, step, kind, due_at) select task_id, step, kind, to_timestamp(due / 1000)
  from unnest($65::uuid[], $66::int[], $67::smallint[], $68::float8[]) as d(task_id, step, kind, due)
  where case when d.task_id in (select id from moved where state <> 6) then true end
  on conflict (task_id, step, kind) do update set due_at = excluded.due_at
), progress_gone as (
  delete from task_progress where task_id in (select id from moved where state = 6)
), timers_gone as (
  delete from timer where task_id in (select id from moved where state = 6)
), fed as (
  insert into change (task_id, revision, kinds) select id, revision, kinds from moved
)
select string_agg(id::text, ',') as ids from moved`

/** Writes a group and answers the ids of the tasks whose decisions count. At most one write a task. */
export async function applyDecisions(client: Queryable, writes: readonly Write[]): Promise<Set<string>> {
	const values = parameters(inOrder(writes))
	const { rows } = await client.query<Moved>({ name: 'taskyard:applyDecisions', text: anyDecision, values })
	return movedOf(rows)
}

/** Ids with commas between them: a row for each would cost both ends more. */
interface Moved {
	readonly ids: string | null
}

function movedOf([row]: readonly Moved[]): Set<string> {
	return new Set(row?.ids?.split(','))
}

/** Ascending ids: two groups that share tasks wait for each other and never in a circle. */
function inOrder(writes: readonly Write[]): Write[] {
	return [...writes].sort((a, b) => (a.before.id < b.before.id ? -1 : 1))
}

// The nested loop takes the tasks in the order of the parameters, so the update itself locks them in ascending id, and
// a statement to lock them before it is saved. The event is made of the step's own row.
const nextStep = `/* taskyard:applyDecisions */
with moved as (
  update task t set revision = t.revision + 1, progress = i.progress
  from unnest($1::uuid[], $2::int[], $3::real[], $4::int[], $5::float8[], $6::text[], $7::int[], $8::int[], $9::float8[])
  as i(id, expected, progress, done, ended, output, begun, child, started)
  where t.id = i.id and t.revision = i.expected
  returning t.id, t.revision, i.done, i.ended, i.output, i.begun, i.child, i.started
), begun as (
  insert into step (task_id, index, state, attempt, child_id, started_at)
  select id, begun, ${stepStateCode.encode('running')}, 1, child, to_timestamp(started / 1000) from moved where begun is not null
), done as (
  update step s set state = ${stepStateCode.encode('success')}, ended_at = to_timestamp(m.ended / 1000), progress = 1, output = m.output::json
  from moved m where s.task_id = m.id and s.index = m.done
  returning s.task_id, m.revision, s.index, s.attempt, s.child_id, s.started_at
), events as (
  insert into event (task_id, revision, n, at, kind, step, old, new, attempt, child_id, started_at)
  select task_id, revision, 0, clock_timestamp(), ${eventKindCode.encode('step')}, index, ${stepStateCode.encode('running')},
    ${stepStateCode.encode('success')}, attempt, child_id, started_at from done
), fed as (
  insert into change (task_id, revision, kinds) select id, revision, ${changeKinds.task | changeKinds.step} from moved
)
select string_agg(id::text, ',') as ids from moved`

/** Like `applyDecisions`, for decisions of which `isNextStep` is true. */
export async function applyNextSteps(client: Queryable, writes: readonly Write[]): Promise<Set<string>> {
	const sorted = inOrder(writes)
	const tasks = sorted.map((write) => write.changed.task)
	const done = sorted.map(({ changed }) => stepOf(changed, 'success'))
	const begun = sorted.map(({ changed }) => stepOf(changed, 'running'))
	const values = [
		plain(tasks.map((task) => task.id)),
		numbers(sorted.map((write) => write.before.revision)),
		numbers(tasks.map((task) => task.progress)),
		numbers(done.map((step) => step?.index ?? null)),
		numbers(done.map((step) => step?.endedAt ?? null)),
		texts(done.map((step) => step?.output ?? null)),
		numbers(begun.map((step) => step?.index ?? null)),
		numbers(begun.map((step) => step?.child ?? null)),
		numbers(begun.map((step) => step?.startedAt ?? null)),
	]
	const { rows } = await client.query<Moved>({ name: 'taskyard:applyDecisions/nextStep', text: nextStep, values })
	return movedOf(rows)
}

function stepOf({ task, steps }: Changed, state: Step['state']): Step | undefined {
	const index = steps.find((one) => task.steps[one]?.state === state)
	return index === undefined ? undefined : task.steps[index]
}

/**
 * Whether a decision says no more than that a step has succeeded at its first try and, perhaps, that another begins its
 * first: nothing of the task's row changes but revision and progress.
 */
export function isNextStep({ before, changed, plan, name, output }: Write): boolean {
	const { task, steps, events, attempts, timers } = changed
	const [event] = events
	if (events.length !== 1 || event?.kind !== 'step' || event.new !== 'success' || event.old !== 'running' || event.why !== null)
		return false
	if (attempts.length > 0 || timers.length > 0 || plan !== null || name !== null || output !== null || steps.length > 2) return false
	for (const index of steps) {
		const step = task.steps[index]
		const first =
			step &&
			step.attempt === 1 &&
			step.tries === 0 &&
			step.cancelAsked === (before.steps[index]?.cancelAsked ?? false) &&
			step.error === null &&
			step.suspension === null &&
			step.events === 0 &&
			step.notBefore === null
		const hasRow = before.steps[index]?.stored ?? false
		if (!first || (index === event.step ? !hasRow : hasRow || step.state !== 'running')) return false
	}
	return unchangedFields.every((field) => task[field] === before[field])
}

/** Of the task's row; those that are objects are the same object where nothing has changed them. */
const unchangedFields = [
	'state',
	'result',
	'reason',
	'cancel',
	'touched',
	'waitingFor',
	'error',
	'planAttempt',
	'planChild',
	'planStartedAt',
	'startedAt',
	'endedAt',
	'pauseAsked',
	'unlocked',
	'gates',
	'planTries',
	'notBefore',
	'runningSince',
	'ranFor',
	'silentUntil',
] as const satisfies readonly (keyof Task)[]

function parameters(writes: readonly Write[]): string[] {
	const tasks = writes.map((write) => write.changed.task)
	const steps: { task: string; step: Step; hasRow: boolean }[] = []
	const events: { task: string; revision: number; n: number; event: EventDraft }[] = []
	const attempts: { task: string; attempt: AttemptDraft }[] = []
	const timers = new Map<string, { task: string; timer: TimerDraft }>()
	for (const { before, changed } of writes) {
		for (const index of changed.steps) {
			steps.push({ task: before.id, step: changed.task.steps[index] as Step, hasRow: before.steps[index]?.stored ?? false })
		}
		let n = 0
		for (const event of changed.events) events.push({ task: before.id, revision: before.revision + 1, n: n++, event })
		for (const attempt of changed.attempts) attempts.push({ task: before.id, attempt })
		// Of two for the same, the later decision's counts.
		for (const timer of changed.timers) timers.set(`${before.id}/${timer.step}/${timer.kind}`, { task: before.id, timer })
	}
	const plans = writes.filter((write) => write.plan !== null)
	const outputs = writes.filter((write) => write.output !== null)
	const due = [...timers.values()]
	return [
		plain(tasks.map((task) => task.id)),
		numbers(writes.map((write) => write.before.revision)),
		numbers(tasks.map((task) => taskStateCode.encode(task.state))),
		numbers(tasks.map((task) => taskResultCode.encode(task.result))),
		numbers(tasks.map((task) => task.reason && reasonCode.encode(task.reason))),
		numbers(tasks.map((task) => cancelPhaseCode.encode(task.cancel))),
		booleans(tasks.map((task) => task.pauseAsked)),
		booleans(tasks.map((task) => task.unlocked)),
		booleans(tasks.map((task) => task.touched)),
		numbers(tasks.map((task) => task.progress)),
		texts(tasks.map((task) => task.waitingFor && JSON.stringify(task.waitingFor))),
		texts(tasks.map((task) => errorText(task.error))),
		numbers(tasks.map((task) => task.planAttempt)),
		numbers(tasks.map((task) => task.planTries)),
		numbers(tasks.map((task) => task.notBefore)),
		numbers(tasks.map((task) => task.planChild)),
		numbers(tasks.map((task) => task.planStartedAt)),
		numbers(tasks.map((task) => task.gates.confirmBefore)),
		numbers(tasks.map((task) => task.startedAt)),
		numbers(tasks.map((task) => task.endedAt)),
		numbers(tasks.map((task) => task.runningSince)),
		numbers(tasks.map((task) => task.ranFor)),
		numbers(writes.map(kindsOf)),
		texts(writes.map((write) => write.name)),
		plain(steps.map(({ task }) => task)),
		numbers(steps.map(({ step }) => step.index)),
		numbers(steps.map(({ step }) => stepStateCode.encode(step.state))),
		numbers(steps.map(({ step }) => step.attempt)),
		numbers(steps.map(({ step }) => step.tries)),
		booleans(steps.map(({ step }) => step.cancelAsked)),
		numbers(steps.map(({ step }) => step.child)),
		numbers(steps.map(({ step }) => step.startedAt)),
		numbers(steps.map(({ step }) => step.endedAt)),
		numbers(steps.map(({ step }) => step.notBefore)),
		numbers(steps.map(({ step }) => step.progress)),
		texts(steps.map(({ step }) => step.output)),
		texts(steps.map(({ step }) => errorText(step.error))),
		booleans(steps.map(({ hasRow }) => hasRow)),
		plain(events.map(({ task }) => task)),
		numbers(events.map(({ revision }) => revision)),
		numbers(events.map(({ n }) => n)),
		numbers(events.map(({ event }) => eventKindCode.encode(event.kind))),
		numbers(events.map(({ event }) => event.step)),
		numbers(events.map(({ event }) => stateCode(event, event.old))),
		numbers(events.map(({ event }) => stateCode(event, event.new))),
		numbers(events.map(({ event }) => event.attempt)),
		numbers(events.map(({ event }) => event.child)),
		numbers(events.map(({ event }) => event.startedAt)),
		numbers(events.map(({ event }) => event.who)),
		texts(events.map(({ event }) => event.why && storableText(event.why))),
		plain(attempts.map(({ task }) => task)),
		numbers(attempts.map(({ attempt }) => attempt.step ?? planningStep)),
		numbers(attempts.map(({ attempt }) => attempt.number)),
		numbers(attempts.map(({ attempt }) => attemptKindCode.encode(attempt.kind))),
		numbers(attempts.map(({ attempt }) => attemptOutcomeCode.encode(attempt.outcome))),
		numbers(attempts.map(({ attempt }) => attempt.child)),
		numbers(attempts.map(({ attempt }) => attempt.startedAt)),
		numbers(attempts.map(({ attempt }) => attempt.endedAt)),
		texts(attempts.map(({ attempt }) => errorText(attempt.error))),
		plain(attempts.map(({ attempt }) => fingerprintOfAttempt(attempt))),
		plain(plans.map((write) => write.before.id)),
		texts(plans.map((write) => write.plan)),
		plain(outputs.map((write) => write.before.id)),
		texts(outputs.map((write) => write.output)),
		plain(due.map(({ task }) => task)),
		numbers(due.map(({ timer }) => timer.step ?? planningStep)),
		numbers(due.map(({ timer }) => timerKindCode.encode(timer.kind))),
		numbers(due.map(({ timer }) => timer.dueAt)),
		numbers(tasks.map((task) => task.silentUntil)),
		texts(steps.map(({ step }) => step.suspension && JSON.stringify(step.suspension))),
		numbers(steps.map(({ step }) => step.events)),
		numbers(steps.map(({ step }) => step.eventsSeen)),
	]
}

/** What did not end by its own doing has no like. */
function fingerprintOfAttempt({ outcome, error }: AttemptDraft): string | null {
	return error && (outcome === 'failed' || outcome === 'timed_out') ? fingerprintOf(error) : null
}

function stateCode(event: EventDraft, state: string | null): number | null {
	if (state === null) return null
	return event.kind === 'step' ? stepStateCode.encode(state as Step['state']) : taskStateCode.encode(state as Task['state'])
}

function kindsOf(write: Write): number {
	const { changed } = write
	const locks = changed.ended && (write.before.plan?.locks.length ?? 0) > 0
	return changeKinds.task | (changed.steps.length > 0 ? changeKinds.step : 0) | (locks ? changeKinds.lock : 0)
}
