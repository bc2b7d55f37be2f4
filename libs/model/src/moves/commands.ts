/** Moves that a person asks for. */

import type { Decision } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { cancelSuspended, endCancelled, settle, stop } from '../settle.ts'
import { skipWithDependents } from '../skip.ts'
import { hasAttempt, isReverting } from '../startable.ts'
import type { Step, StepError } from '../task.ts'
import type { RefusalCode } from '../transitions.ts'
import { fenceOffPlanning } from './planning.ts'
import { keepAttempt } from './attempts.ts'
import { openGates } from './times.ts'

const refuse = (code: RefusalCode, because: string): Decision => ({ kind: 'refused', code, because })

export function confirm(draft: Draft, fact: FactOf<'confirm_asked'>): Decision {
	const { confirmBefore } = draft.gates
	if (confirmBefore === null) return refuse('not_awaiting_confirmation', 'the task was confirmed already, or needs no confirmation')
	if (fact.at > confirmBefore) return refuse('not_awaiting_confirmation', 'the time to confirm the task is over')
	draft.command('confirm', fact)
	if (!fact.yes) {
		draft.error = notConfirmed
		stop(draft, fact.at, { who: fact.who, why: fact.why ?? notConfirmed.message })
		return draft.finish()
	}
	draft.gates = { ...draft.gates, confirmBefore: null }
	return openGates(draft, fact.at)
}

const notConfirmed: StepError = {
	message: 'The answer to the question whether to start this task was no; nothing was run.',
	type: 'NotStarted',
	code: 'not_confirmed',
	trace: null,
	details: null,
	reason: 'not_confirmed',
}

export function notePhase(draft: Draft): Decision {
	if (draft.cancel !== 'requested') return { kind: 'ignored', reason: 'the cancel is past this phase, or was not asked' }
	draft.cancel = 'signalled'
	return draft.finish()
}

export function endAtDeadline(draft: Draft, at: number): Decision {
	if (draft.cancel === 'none') return { kind: 'ignored', reason: 'no cancel was asked' }
	draft.cancel = 'killed'
	for (const step of draft.steps) if (hasAttempt(step.state) && !passesOnCancel(step, at)) endStep(draft, step, at)
	return settle(draft, at, null)
}

function endStep(draft: Draft, step: Step, at: number): void {
	keepAttempt(draft, step, 'cancelled', null, at)
	endCancelled(draft, step, at, 'it did not end before the deadline of the cancel')
}

/** It ends what goes on elsewhere, and has a deadline of its own. */
function passesOnCancel({ suspension }: Step, at: number): boolean {
	return suspension?.wake === 'cancel' && (suspension.cancelBy ?? 0) > at
}

export function endStepAtDeadline(draft: Draft, fact: FactOf<'step_cancel_deadline'>): Decision {
	const step = draft.steps[fact.step]
	if (!step?.cancelAsked || !hasAttempt(step.state) || step.attempt !== fact.attempt) {
		return { kind: 'ignored', reason: 'the step has ended, or nobody asked to cancel it' }
	}
	endStep(draft, step, fact.at)
	return settle(draft, fact.at, null)
}

export function stopAtOnce(draft: Draft, fact: FactOf<'cancel_asked'>): Decision {
	draft.command('cancel', fact)
	draft.cancel = 'requested'
	fenceOffPlanning(draft, fact.at)
	stop(draft, fact.at, { who: fact.who, why: fact.why })
	return draft.finish()
}

export function askToCancel(draft: Draft, fact: FactOf<'cancel_asked'>): Decision {
	if (draft.cancel !== 'none') return { kind: 'ignored', reason: 'a cancel is already under way' }
	draft.command('cancel', fact)
	draft.cancel = 'requested'
	draft.pauseAsked = false
	return settle(draft, fact.at, null)
}

export function askToCancelStep(draft: Draft, fact: FactOf<'cancel_step_asked'>): Decision {
	const step = draft.steps[fact.step]
	if (!step) return refuse('no_such_step', `the task has no step ${fact.step}`)
	if (step.state === 'pending') return refuse('not_running', 'the step does not run')
	if (step.state !== 'running' && step.state !== 'suspended') return refuse('already_ended', 'the step has already ended')
	if (step.cancelAsked) return { kind: 'ignored', reason: 'a cancel of the step is already under way' }
	if (!draft.policies(fact.step).cancellable) {
		return refuse('not_cancellable', `cancel is not supported by ${draft.plan?.steps[fact.step]?.action ?? 'its action'}`)
	}
	draft.command('cancel_step', fact, fact.step)
	if (step.state === 'running') draft.change(step, { cancelAsked: true })
	else {
		draft.change(step, { cancelAsked: true })
		cancelSuspended(draft, draft.steps[fact.step] as Step, fact.at)
	}
	return settle(draft, fact.at, null)
}

export function askToPause(draft: Draft, fact: FactOf<'pause_asked'>): Decision {
	if (draft.cancel !== 'none') return refuse('not_running', 'the task is being cancelled')
	if (draft.pauseAsked) return { kind: 'ignored', reason: 'a pause is already under way' }
	draft.command('pause', fact)
	draft.pauseAsked = true
	return settle(draft, fact.at, null)
}

/** A pause that has not come about yet is taken back. */
export function withdrawPause(draft: Draft, fact: FactOf<'resume_asked'>): Decision {
	if (!draft.pauseAsked) return refuse('not_paused', 'only a paused task can be resumed')
	draft.command('resume', fact)
	draft.pauseAsked = false
	return settle(draft, fact.at, null, 'all')
}

/** Gives a step that failed for good its tries again: its run, its poll, its finalize or its revert. */
function again(draft: Draft, step: Step, { who, at }: FactOf<'resume_asked' | 'retry_step_asked'>): void {
	const { suspension } = step
	if (step.state === 'error' && step.error?.reason === 'sub_tasks_paused' && suspension) {
		const resumed = { ...suspension, somePaused: false, resumed: { who, at } }
		draft.change(step, { state: 'suspended', error: null, suspension: resumed })
		return
	}
	if (step.state === 'error' && suspension && !step.error?.during) {
		const wake = suspension.kind === 'poll' ? 'poll' : 'resumed'
		const poll = suspension.poll && { ...suspension.poll, failures: 0 }
		const woken = { ...suspension, poll, until: null, timeoutAt: null, wake, cancelBy: null } as const
		draft.change(step, { state: 'pending', tries: 0, notBefore: null, error: null, child: null, suspension: woken })
		return
	}
	const fresh = { tries: 0, notBefore: null, error: null, child: null }
	if (step.state === 'revert_failed' || step.error?.during === 'finalize') draft.change(step, { ...fresh, state: 'success' })
	else if (step.state === 'error') draft.change(step, { ...fresh, state: 'pending', progress: 0 })
}

/** While a task is reverted, a resume goes on with that: what failed before stays as it is. */
function failedSteps(draft: Draft): Step[] {
	const wanted = isReverting(draft) ? 'revert_failed' : 'error'
	return draft.steps.filter((step) => step.state === wanted)
}

function goOn(draft: Draft): void {
	draft.touched = true
	draft.progressMayFall = true
	draft.ranFor = 0
	draft.planTries = 0
	draft.notBefore = null
	if (!isReverting(draft)) draft.error = null
}

/** A person has looked at the task: tries are counted anew, also those of a step between two of them. */
function triesAnew(draft: Draft): void {
	for (const step of draft.steps) if (step.tries > 0) draft.change(step, { tries: 0 })
}

export function resume(draft: Draft, fact: FactOf<'resume_asked'>): Decision {
	draft.command('resume', fact)
	const conflicted = draft.error?.reason === 'lock_conflict'
	goOn(draft)
	const by = { who: fact.who, why: fact.why }
	if (!draft.plan || conflicted) {
		draft.enter(draft.plan ? 'planned' : 'pending', fact.at, by)
		draft.dispatch = 1
		return draft.finish()
	}
	triesAnew(draft)
	const failed = failedSteps(draft)
	draft.enter('running', fact.at, by)
	for (const step of failed) again(draft, step, fact)
	return settle(draft, fact.at, null, 'all')
}

/** The task claims again what it claimed before; whoever asks has seen to it that the claims stand. */
export function resumeUnlocked(draft: Draft, fact: FactOf<'resume_asked'>): Decision {
	if (!draft.unlocked) return refuse('already_stopped', 'the task has already stopped; only one that was unlocked can be resumed')
	draft.command('resume', fact)
	goOn(draft)
	draft.unlocked = false
	draft.endedAt = null
	triesAnew(draft)
	const failed = failedSteps(draft)
	draft.enter(draft.plan ? 'planned' : 'pending', fact.at, { who: fact.who, why: fact.why })
	for (const step of failed) again(draft, step, fact)
	// The timers went with the end of the task.
	for (const { index, notBefore } of draft.steps)
		if (notBefore !== null && notBefore > fact.at) draft.timers.push({ step: index, kind: 'back_off', dueAt: notBefore })
	draft.dispatch = 1
	return draft.finish()
}

/** The step of a command on a paused task, or why not. */
function failedStep(draft: Draft, index: number): Step | Decision {
	const step = draft.steps[index]
	if (!step) return refuse('no_such_step', `the task has no step ${index}`)
	if (step.state !== 'error' && step.state !== 'revert_failed') return refuse('not_in_error', `the step is ${step.state}, not in error`)
	if (isReverting(draft) && step.state === 'error') return refuse('not_in_error', 'what the task has done is being taken back')
	return step
}

export function retryStep(draft: Draft, fact: FactOf<'retry_step_asked'>): Decision {
	const step = failedStep(draft, fact.step)
	if ('kind' in step) return step
	draft.command('retry', fact, fact.step)
	goOn(draft)
	draft.enter('running', fact.at, { who: fact.who, why: fact.why })
	again(draft, step, fact)
	return settle(draft, fact.at, null, 'all')
}

export function skipStep(draft: Draft, fact: FactOf<'skip_step_asked'>): Decision {
	const steps: Step[] = []
	for (const index of [fact.step, ...(fact.also ?? [])]) {
		const step = failedStep(draft, index)
		if ('kind' in step) return step
		if (step.state === 'revert_failed') return refuse('not_in_error', 'a revert that failed can be tried again, not skipped')
		steps.push(step)
	}
	for (const step of steps) draft.command('skip', fact, step.index)
	goOn(draft)
	draft.enter('running', fact.at, { who: fact.who, why: fact.why })
	for (const step of steps) skipWithDependents(draft, step, { endedAt: fact.at }, fact.why)
	return settle(draft, fact.at, null, 'all')
}

export function unlock(draft: Draft, fact: FactOf<'unlock_asked'>): Decision {
	draft.command('unlock', fact)
	draft.unlocked = true
	draft.touched = true
	draft.endedAt = fact.at
	draft.waitingFor = null
	draft.enter('stopped', fact.at, { who: fact.who, why: fact.why })
	return draft.finish()
}

export function forceUnlock(draft: Draft, fact: FactOf<'force_unlock_asked'>): Decision {
	draft.command('force_unlock', fact)
	draft.touched = true
	draft.error = {
		message: 'The task was unlocked by force: what it was doing no longer counts, and its locks are free.',
		type: 'ForceUnlocked',
		code: 'force_unlocked',
		trace: null,
		details: null,
		reason: 'force_unlocked',
	}
	fenceOffPlanning(draft, fact.at)
	for (const step of draft.steps) {
		if (!hasAttempt(step.state)) continue
		keepAttempt(draft, step, 'fenced_off', null, fact.at)
		draft.change(step, { state: 'cancelled', endedAt: fact.at })
	}
	stop(draft, fact.at, { who: fact.who, why: fact.why })
	return draft.finish()
}

/** Nothing changes but the history: that it was run again belongs to what was done with it. */
export function noteRerun(draft: Draft, fact: FactOf<'rerun_asked'>): Decision {
	draft.command('rerun', fact)
	return draft.finish()
}
