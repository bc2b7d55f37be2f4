/** Moves of the steps of a running task. An outcome counts only from the step's current attempt. */

import { type Decision, fencedOff } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { nextDelay } from '../retry.ts'
import { endCancelled, settle } from '../settle.ts'
import { skipWithDependents } from '../skip.ts'
import { hasAttempt, mayBegin } from '../startable.ts'
import type { Step, StepError } from '../task.ts'
import { keepAttempt } from './attempts.ts'
import { failPoll } from './suspension.ts'

export function startStep(draft: Draft, fact: FactOf<'activated'>): Decision {
	const decision = settle(draft, fact.at, fact, 'more')
	if (draft.start.length === 0 && draft.state === 'running' && draft.events.length === 0) {
		return { kind: 'refused', code: 'not_startable', because: 'no step of the task can start now' }
	}
	return decision
}

/** A worker was asked and cannot. Only a task in which nothing else goes on waits for it. */
export function noteWait(draft: Draft, fact: FactOf<'declined'>): Decision {
	const { waitingFor } = draft
	if (draft.state === 'running' && (!mayBegin(draft, fact.at) || draft.steps.some((step) => hasAttempt(step.state)))) {
		return { kind: 'ignored', reason: 'the task goes on, or waits for something else' }
	}
	if (waitingFor?.kind === 'back_off' && Number(waitingFor.keys['until']) > fact.at) {
		return { kind: 'ignored', reason: 'the task waits for its next try' }
	}
	if (waitingFor?.kind === fact.waitingFor.kind && JSON.stringify(waitingFor.keys) === JSON.stringify(fact.waitingFor.keys)) {
		return { kind: 'ignored', reason: 'the task waits for it already' }
	}
	draft.waitingFor = fact.waitingFor
	return draft.finish()
}

/** The step that an outcome is for, or null when the attempt no longer counts. */
function currentStep(draft: Draft, fact: { step: number | null; attempt: number }): Step | null {
	if (fact.step === null) return null
	const step = draft.steps[fact.step]
	return step && hasAttempt(step.state) && step.attempt === fact.attempt ? step : null
}

export function completeStep(draft: Draft, fact: FactOf<'step_succeeded'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	if (step.suspension?.wake === 'cancel') return endPassedOnCancel(draft, step, null, fact.at)
	// A success at the first try is the event; only what differs is kept as an attempt too.
	if (step.attempt > 1) keepAttempt(draft, step, 'success', null, fact.at)
	if (step.state === 'finalizing') draft.change(step, { state: 'finalized', endedAt: fact.at })
	else if (step.state === 'reverting') draft.change(step, { state: 'reverted', endedAt: fact.at })
	else {
		// The tries of a finalize are counted apart from those of the run.
		const tries = draft.plan?.steps[step.index]?.finalize ? 0 : step.tries
		draft.change(step, {
			state: 'success',
			endedAt: fact.at,
			progress: 1,
			output: fact.output,
			error: null,
			tries,
			cancelAsked: false,
			suspension: null,
		})
	}
	return settle(draft, fact.at, fact.take)
}

/** What a suspended step had under way elsewhere was told to end, or could not be told. */
function endPassedOnCancel(draft: Draft, step: Step, error: StepError | null, at: number): Decision {
	keepAttempt(draft, step, error ? 'failed' : 'success', error, at)
	draft.change(step, { state: 'cancelled', endedAt: at }, error?.message ?? null)
	return settle(draft, at, null)
}

export function failStep(draft: Draft, fact: FactOf<'step_failed'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	const error = erring(step, fact.error)
	if (failPoll(draft, step, error, fact.at)) return settle(draft, fact.at, null)
	if (step.suspension?.wake === 'cancel') return failCancel(draft, step, error, fact)
	keepAttempt(draft, step, error.reason === 'timed_out' ? 'timed_out' : 'failed', error, fact.at)
	const progressed = step.state === 'running' ? { ...step, progress: Math.max(step.progress, fact.progress) } : step
	const reported = fact.seen === undefined ? progressed : { ...progressed, eventsSeen: fact.seen }
	const polled = step.suspension?.wake === 'poll'
	return fail(
		draft,
		{ ...reported, tries: step.tries + (polled ? 0 : 1) },
		reported,
		error,
		fact.retryable && !polled,
		fact.random,
		fact.at,
	)
}

/** Told again while there is time: what is not ended elsewhere goes on there. */
function failCancel(draft: Draft, step: Step, error: StepError, fact: FactOf<'step_failed'>): Decision {
	const dueAt = fact.at + cancelPause
	if (!fact.retryable || dueAt >= (step.suspension?.cancelBy ?? 0)) return endPassedOnCancel(draft, step, error, fact.at)
	keepAttempt(draft, step, 'failed', error, fact.at)
	draft.change(step, { state: 'pending', child: null, notBefore: dueAt }, error.message)
	draft.timers.push({ step: step.index, kind: 'back_off', dueAt })
	return settle(draft, fact.at, null)
}

/** Between two attempts to pass a cancel on, in milliseconds. */
const cancelPause = 5_000

function erring(step: Step, error: StepError): StepError {
	if (step.state === 'finalizing') return { ...error, during: 'finalize' }
	if (step.state === 'reverting') return { ...error, during: 'revert' }
	return error
}

/** Where a step stands that is to be begun again: before its run, or with its run done. */
function begunAgain(step: Step): 'pending' | 'success' {
	return step.state === 'running' ? 'pending' : 'success'
}

/** A try has ended in failure: back-off, or the rescue strategy. */
function fail(draft: Draft, counted: Step, step: Step, error: StepError, retryable: boolean, random: number, at: number): Decision {
	const policies = draft.policies(step.index)
	const goesOn = draft.cancel === 'none' && !step.cancelAsked
	const delay = retryable && goesOn ? nextDelay(policies.retry, counted.tries, random) : null
	const ended = { tries: counted.tries, endedAt: at, error }
	if (delay !== null) {
		const dueAt = at + delay
		draft.change(step, { ...ended, state: begunAgain(step), notBefore: dueAt, child: null }, error.message)
		draft.timers.push({ step: step.index, kind: 'back_off', dueAt })
	} else if (step.state === 'reverting') {
		draft.change(step, { ...ended, state: 'revert_failed' }, error.message)
	} else if (step.cancelAsked) {
		draft.change(step, { ...ended, state: 'cancelled' }, error.message)
	} else if (policies.rescue === 'skip' && draft.cancel === 'none') {
		skipWithDependents(draft, step, { ...ended }, error.message)
	} else {
		draft.change(step, { ...ended, state: 'error' }, error.message)
	}
	return settle(draft, at, null)
}

export function endCancelledStep(draft: Draft, fact: FactOf<'step_cancelled'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	// Nobody asked for it: an attempt that ended without an outcome runs again, for a cancelled step could never be resumed.
	if (draft.cancel === 'none' && !step.cancelAsked)
		return handBackStep(draft, { kind: 'attempt_handed_back', step: step.index, attempt: fact.attempt, at: fact.at })
	keepAttempt(draft, step, 'cancelled', null, fact.at)
	const progress = step.state === 'running' ? Math.max(step.progress, fact.progress ?? 0) : step.progress
	endCancelled(draft, { ...step, progress }, fact.at)
	return settle(draft, fact.at, null)
}

export function recoverStep(draft: Draft, fact: FactOf<'attempt_lost'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	const error = erring(step, fact.error)
	keepAttempt(draft, step, 'lost', error, fact.at)
	if (step.suspension?.wake === 'cancel') draft.change(step, { state: 'pending', child: null }, error.message)
	else if (draft.cancel !== 'none' || step.cancelAsked) endCancelled(draft, step, fact.at, error.message)
	else if (draft.policies(step.index).onLost === 'retry' || step.suspension?.wake === 'poll') {
		draft.change(step, { state: begunAgain(step), endedAt: fact.at, child: null }, error.message)
	} else {
		// Not repeatable by itself: a person decides, so the rescue strategy follows without another automatic try.
		return fail(draft, step, step, error, false, 0, fact.at)
	}
	return settle(draft, fact.at, null)
}

export function handBackStep(draft: Draft, fact: FactOf<'attempt_handed_back'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, 'handed_back', null, fact.at)
	const ends = step.suspension?.wake !== 'cancel' && (draft.cancel !== 'none' || step.cancelAsked)
	if (ends) endCancelled(draft, step, fact.at)
	else draft.change(step, { state: begunAgain(step), endedAt: fact.at, child: null })
	return settle(draft, fact.at, null)
}
