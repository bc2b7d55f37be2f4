/** Moves of the steps of a running task. An outcome counts only from the step's current attempt. */

import { type Decision, fencedOff } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { nextDelay } from '../retry.ts'
import { settle } from '../settle.ts'
import type { AttemptDraft, Step, StepError } from '../task.ts'

export function startStep(draft: Draft, fact: FactOf<'activated'>): Decision {
	const decision = settle(draft, fact.at, fact.child)
	if (draft.start.length === 0 && draft.state === 'running' && draft.events.length === 0) {
		return { kind: 'refused', code: 'not_startable', because: 'no step of the task can start now' }
	}
	return decision
}

/** The running step that an outcome is for, or null when the attempt no longer counts. */
function currentStep(draft: Draft, fact: { step: number | null; attempt: number }): Step | null {
	if (fact.step === null) return null
	const step = draft.steps[fact.step]
	return step && step.state === 'running' && step.attempt === fact.attempt ? step : null
}

export function completeStep(draft: Draft, fact: FactOf<'step_succeeded'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	// A success at the first try is the event; only what differs is kept as an attempt too.
	if (step.attempt > 1) keepAttempt(draft, step, 'success', null, fact.at)
	draft.change(step, { state: 'success', endedAt: fact.at, progress: 1, output: fact.output, error: null })
	return settle(draft, fact.at, fact.take)
}

export function keepAttempt(draft: Draft, step: Step, outcome: AttemptDraft['outcome'], error: StepError | null, at: number): void {
	draft.attempts.push({
		step: step.index,
		number: step.attempt,
		kind: 'run',
		outcome,
		child: step.child,
		startedAt: step.startedAt,
		endedAt: at,
		error,
	})
}

export function failStep(draft: Draft, fact: FactOf<'step_failed'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, fact.error.reason === 'timed_out' ? 'timed_out' : 'failed', fact.error, fact.at)
	const reported = { ...step, progress: Math.max(step.progress, fact.progress) }
	return fail(draft, { ...reported, tries: step.tries + 1 }, reported, fact.error, fact.retryable, fact.random, fact.at)
}

/** A try has ended in failure: back-off, or the rescue strategy. */
function fail(draft: Draft, counted: Step, step: Step, error: StepError, retryable: boolean, random: number, at: number): Decision {
	const policies = draft.policies(step.index)
	const delay = retryable && draft.cancel === 'none' ? nextDelay(policies.retry, counted.tries, random) : null
	if (delay !== null) {
		const dueAt = at + delay
		draft.change(step, { state: 'pending', tries: counted.tries, endedAt: at, notBefore: dueAt, error, child: null }, error.message)
		draft.timers.push({ step: step.index, dueAt })
	} else if (policies.rescue === 'skip' && draft.cancel === 'none') {
		draft.change(step, { state: 'skipped', tries: counted.tries, endedAt: at, error }, error.message)
	} else {
		draft.change(step, { state: 'error', tries: counted.tries, endedAt: at, error }, error.message)
	}
	return settle(draft, at, null)
}

export function endCancelledStep(draft: Draft, fact: FactOf<'step_cancelled'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	// Nobody asked for it: an attempt that ended without an outcome runs again, for a cancelled step could never be resumed.
	if (draft.cancel === 'none')
		return handBackStep(draft, { kind: 'attempt_handed_back', step: step.index, attempt: fact.attempt, at: fact.at })
	keepAttempt(draft, step, 'cancelled', null, fact.at)
	draft.change(step, { state: 'cancelled', endedAt: fact.at })
	return settle(draft, fact.at, null)
}

export function recoverStep(draft: Draft, fact: FactOf<'attempt_lost'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, 'lost', fact.error, fact.at)
	if (draft.cancel !== 'none') {
		draft.change(step, { state: 'cancelled', endedAt: fact.at }, fact.error.message)
	} else if (draft.policies(step.index).onLost === 'retry') {
		draft.change(step, { state: 'pending', endedAt: fact.at, child: null }, fact.error.message)
	} else {
		// Not repeatable by itself: a person decides, so the rescue strategy follows without another automatic try.
		return fail(draft, step, step, fact.error, false, 0, fact.at)
	}
	return settle(draft, fact.at, null)
}

export function handBackStep(draft: Draft, fact: FactOf<'attempt_handed_back'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, 'handed_back', null, fact.at)
	draft.change(step, { state: draft.cancel === 'none' ? 'pending' : 'cancelled', endedAt: fact.at, child: null })
	return settle(draft, fact.at, null)
}
