/** Moves of steps that wait without a worker: for an event, a time, work elsewhere, or sub-tasks. */

import { type Decision, fencedOff } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { cancelSuspended, settle, wakeStep } from '../settle.ts'
import { isFinal } from '../startable.ts'
import type { PollPolicy, Step, StepError, SubTaskCounts, Suspension } from '../task.ts'
import { endInError, keepAttempt } from './attempts.ts'

export function suspendStep(draft: Draft, fact: FactOf<'step_suspended'>): Decision {
	const step = draft.steps[fact.step]
	if (step?.state !== 'running' || step.attempt !== fact.attempt) return fencedOff
	const before = step.suspension
	// Asked again, a poll goes on with the time-out that the first suspension set.
	const goesOn = before?.kind === 'poll' && before.wake === 'poll' && fact.suspension.kind === 'poll'
	const poll = fact.suspension.poll && nextPoll(fact.suspension.poll, goesOn && before.state === fact.suspension.state ? before.poll : null)
	const suspension: Suspension = {
		...fact.suspension,
		externalId: fact.suspension.externalId ?? before?.externalId ?? null,
		...(fact.suspension.externalId === null && before?.externalUrl !== undefined && { externalUrl: before.externalUrl }),
		poll,
		until: poll ? fact.at + poll.delay : fact.suspension.until,
		timeoutAt: fact.timeout !== null && !goesOn ? fact.at + fact.timeout : goesOn ? before.timeoutAt : null,
		wake: null,
		cancelBy: null,
		somePaused: false,
		resumed: before?.resumed ?? null,
	}
	const events = Math.max(step.events, fact.arrived)
	// Its event has a first attempt, as that of a success has.
	if (step.attempt > 1) keepAttempt(draft, step, 'success', null, fact.at)
	draft.change(step, {
		state: 'suspended',
		suspension,
		child: null,
		events,
		eventsSeen: fact.seen,
		progress: Math.max(step.progress, fact.progress),
		error: null,
	})
	watch(draft, fact.step, suspension)
	const suspended = draft.steps[fact.step] as Step
	if (step.cancelAsked) cancelSuspended(draft, suspended, fact.at)
	else if (suspension.kind !== 'sub_tasks' && events > fact.seen) wakeStep(draft, suspended, 'event')
	return settle(draft, fact.at, fact.take)
}

function watch(draft: Draft, step: number, { until, timeoutAt }: Suspension): void {
	if (until !== null) draft.timers.push({ step, kind: 'wake', dueAt: until })
	if (timeoutAt !== null) draft.timers.push({ step, kind: 'time_out', dueAt: timeoutAt })
}

/** A poll that found nothing new waits longer before the next. */
function nextPoll(policy: PollPolicy, last: PollPolicy | null): PollPolicy {
	return { ...policy, delay: last ? Math.min(policy.max, last.delay * policy.factor) : policy.initial, failures: 0 }
}

/** Before a task has its plan an event is only stored: its step finds it when it suspends. */
export function keepEvent(draft: Draft, fact: FactOf<'event_sent'>): Decision {
	noteArrival(draft, fact)
	return draft.finish()
}

function noteArrival(draft: Draft, fact: FactOf<'event_sent'>): void {
	draft.events.push({
		kind: 'event',
		step: fact.step,
		old: null,
		new: null,
		attempt: null,
		child: null,
		startedAt: null,
		who: fact.who,
		why: fact.name,
	})
}

export function noteEvent(draft: Draft, fact: FactOf<'event_sent'>): Decision {
	const step = draft.steps[fact.step]
	if (!step) return { kind: 'refused', code: 'no_such_step', because: `the task has no step ${fact.step}` }
	if (isFinal(draft, step)) return { kind: 'refused', code: 'already_ended', because: 'the step has already ended' }
	noteArrival(draft, fact)
	draft.change(step, { events: Math.max(step.events, fact.n) })
	const changed = draft.steps[fact.step] as Step
	if (changed.state !== 'suspended' || changed.suspension?.kind === 'sub_tasks' || draft.state !== 'running') return draft.finish()
	if (fact.outcome === null) wakeStep(draft, changed, 'event')
	// Seen: a resume does not end with it again.
	else if ('error' in fact.outcome) endInError(draft, { ...changed, eventsSeen: changed.events }, fact.outcome.error, fact.at)
	else succeed(draft, changed, fact.outcome.output, fact.at)
	return settle(draft, fact.at, null)
}

function succeed(draft: Draft, step: Step, output: string | null, at: number): void {
	draft.change(step, { state: 'success', endedAt: at, progress: 1, output, error: null, tries: 0, suspension: null, cancelAsked: false })
}

export function noteSubTasks(draft: Draft, fact: FactOf<'sub_tasks_changed'>): Decision {
	const step = draft.steps[fact.step]
	const { counts } = fact
	if (step?.state !== 'suspended' || step.suspension?.kind !== 'sub_tasks') {
		return { kind: 'ignored', reason: 'the step does not wait for sub-tasks' }
	}
	const { suspension } = step
	const ended = counts.total - counts.open
	const progress = Math.max(step.progress, counts.total === 0 ? 1 : ended / counts.total)
	if (counts.open === 0 && (draft.cancel !== 'none' || step.cancelAsked || suspension.cancelBy !== null)) {
		draft.change(step, { state: 'cancelled', endedAt: fact.at, progress })
	} else if (fact.failed) {
		endInError(draft, { ...step, progress }, subTasksFailed(counts), fact.at)
	} else if (counts.open === 0) {
		const output = JSON.stringify(outcomeOf(counts))
		if (draft.plan?.steps[fact.step]?.joined) wakeStep(draft, { ...step, progress, suspension: { ...suspension, state: output } }, 'joined')
		else succeed(draft, step, output, fact.at)
	} else if (counts.paused === counts.open && !isAwaitedAnyway(draft, step)) {
		draft.change(step, { state: 'error', error: subTasksPaused(counts), progress }, subTasksPaused(counts).message)
	} else if (suspension.somePaused !== counts.paused > 0) {
		draft.change(step, { suspension: { ...suspension, somePaused: counts.paused > 0 }, progress })
	} else return { kind: 'ignored', reason: 'the sub-tasks go on' }
	return settle(draft, fact.at, null)
}

/** A cancel is under way: it ends paused sub-tasks too. */
function isAwaitedAnyway(draft: Draft, step: Step): boolean {
	return draft.cancel !== 'none' || step.cancelAsked || step.suspension?.cancelBy !== null
}

function outcomeOf({ total, success, warning, error, cancelled }: SubTaskCounts): Omit<SubTaskCounts, 'open' | 'paused'> {
	return { total, success, warning, error, cancelled }
}

function subTasksFailed(counts: SubTaskCounts): StepError {
	const { total, error, cancelled } = counts
	const failed = [error > 0 && `${error} failed`, cancelled > 0 && `${cancelled} ${cancelled === 1 ? 'was' : 'were'} cancelled`]
	return {
		message: `Of ${total} sub-tasks ${failed.filter(Boolean).join(' and ')}.`,
		type: 'SubTasksFailed',
		code: 'sub_tasks_failed',
		trace: null,
		details: { ...outcomeOf(counts), open: counts.open },
		reason: 'failed',
	}
}

function subTasksPaused(counts: SubTaskCounts): StepError {
	const { paused, total } = counts
	return {
		message: `${paused === 1 ? 'One sub-task is paused and needs' : `${paused} sub-tasks are paused and need`} attention; of ${total} no other is left. A resume of this task resumes them.`,
		type: 'SubTasksPaused',
		code: 'sub_tasks_paused',
		trace: null,
		details: { ...outcomeOf(counts), paused },
		reason: 'sub_tasks_paused',
	}
}

/** A poll that failed costs no try: it is asked again later, until too many in a row have failed. */
export function failPoll(draft: Draft, step: Step, error: StepError, at: number): boolean {
	const { suspension } = step
	const poll = suspension?.wake === 'poll' ? suspension.poll : null
	if (!suspension || !poll || draft.cancel !== 'none' || step.cancelAsked) return false
	const failures = poll.failures + 1
	if (failures >= poll.mostFailures) return false
	keepAttempt(draft, step, error.reason === 'timed_out' ? 'timed_out' : 'failed', error, at)
	const next = { ...poll, failures, delay: Math.min(poll.max, Math.max(poll.initial, poll.delay * poll.factor)) }
	const again: Suspension = { ...suspension, wake: null, poll: next, until: at + next.delay }
	draft.change(step, { state: 'suspended', child: null, suspension: again }, error.message)
	watch(draft, step.index, again)
	// It came while the poll was under way.
	if (step.events > step.eventsSeen) wakeStep(draft, draft.steps[step.index] as Step, 'event')
	return true
}

export function noteReport(draft: Draft, fact: FactOf<'reported'>): Decision {
	if (!draft.before.recorded) return { kind: 'refused', code: 'not_recorded', because: 'no other program carries out the task' }
	draft.reported = Math.min(1, Math.max(draft.reported, fact.progress ?? 0))
	draft.silentUntil = fact.silentUntil
	if (fact.silentUntil !== null) draft.timers.push({ step: null, kind: 'silence', dueAt: fact.silentUntil })
	return draft.finish()
}

export function close(draft: Draft, fact: FactOf<'closed'>): Decision {
	if (!draft.before.recorded) return { kind: 'refused', code: 'not_recorded', because: 'no other program carries out the task' }
	draft.command('close', fact)
	draft.error = fact.error
	draft.closedAs = fact.result
	if (fact.result === 'success' || fact.result === 'warning') draft.reported = 1
	draft.endedAt = fact.at
	draft.waitingFor = null
	draft.enter('stopped', fact.at, { who: fact.who, why: fact.error?.message ?? fact.why })
	return draft.finish()
}
