/** Moves from the claim of a task to its first step. */

import { type Decision, fencedOff } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { missedStart } from '../gates.ts'
import { newStep } from '../newStep.ts'
import { nextDelay } from '../retry.ts'
import { settle, stop } from '../settle.ts'
import type { AttemptDraft, StepError } from '../task.ts'

export function startPlanning(draft: Draft, fact: FactOf<'claimed'>): Decision {
	if (draft.notBefore !== null && fact.at < draft.notBefore) {
		return { kind: 'refused', code: 'not_startable', because: 'the next try of its planning is not due yet' }
	}
	if (endsForStart(draft, fact.at)) return draft.finish()
	draft.notBefore = null
	draft.planAttempt += 1
	draft.planChild = fact.child
	draft.planStartedAt = fact.at
	draft.waitingFor = null
	draft.enter('planning', fact.at, { attempt: draft.planAttempt, child: fact.child })
	return draft.finish()
}

/** Stops a task whose latest first start has passed before it began; answers whether it did. */
export function endsForStart(draft: Draft, at: number): boolean {
	const missed = draft.startedAt === null ? missedStart(draft.gates, at) : null
	if (!missed) return false
	fenceOffPlanning(draft, at)
	draft.error = missed
	stop(draft, at, { why: missed.message })
	return true
}

/** The number is the fence: a plan that comes late no longer counts. */
export function fenceOffPlanning(draft: Draft, at: number): void {
	if (draft.state !== 'planning') return
	keepPlanAttempt(draft, 'fenced_off', null, at)
	draft.planAttempt += 1
	draft.planChild = null
}

export function keepPlan(draft: Draft, fact: FactOf<'planned'>): Decision {
	if (fact.attempt !== draft.planAttempt) return fencedOff
	draft.plan = fact.plan
	draft.steps = fact.plan.steps.map((_, index) => newStep(index))
	draft.planTries = 0
	const started = { attempt: fact.attempt, child: draft.planChild, startedAt: draft.planStartedAt }
	draft.planChild = null
	draft.enter('planned', fact.at, started)
	return draft.finish()
}

export function failPlanning(draft: Draft, fact: FactOf<'plan_failed'>): Decision {
	if (fact.attempt !== draft.planAttempt) return fencedOff
	keepPlanAttempt(draft, fact.error.reason === 'timed_out' ? 'timed_out' : 'failed', fact.error, fact.at)
	draft.planTries += 1
	const by = { attempt: fact.attempt, child: draft.planChild, startedAt: draft.planStartedAt, why: fact.error.message }
	draft.planChild = null
	const delay = fact.retryable ? nextDelay(fact.retry, draft.planTries, fact.random) : null
	if (delay !== null) {
		draft.notBefore = fact.at + delay
		draft.waitingFor = { kind: 'back_off', keys: { until: draft.notBefore } }
		draft.timers.push({ step: null, kind: 'back_off', dueAt: draft.notBefore })
		draft.enter('pending', fact.at, by)
		return draft.finish()
	}
	draft.error = { ...fact.error, reason: 'planning_failed' }
	if (fact.rescue === 'pause') draft.enter('paused', fact.at, by)
	// There is nothing to skip or to revert in a task without a plan.
	else stop(draft, fact.at, by)
	return draft.finish()
}

function keepPlanAttempt(draft: Draft, outcome: AttemptDraft['outcome'], error: StepError | null, at: number): void {
	draft.attempts.push({
		step: null,
		number: draft.planAttempt,
		kind: 'plan',
		outcome,
		child: draft.planChild,
		startedAt: draft.planStartedAt,
		endedAt: at,
		error,
	})
}

export function planAgain(draft: Draft, fact: FactOf<'attempt_lost' | 'attempt_handed_back'>): Decision {
	if (fact.step !== null || fact.attempt !== draft.planAttempt) return fencedOff
	const lost = fact.kind === 'attempt_lost'
	keepPlanAttempt(draft, lost ? 'lost' : 'handed_back', lost ? fact.error : null, fact.at)
	draft.enter('pending', fact.at, {
		attempt: fact.attempt,
		child: draft.planChild,
		startedAt: draft.planStartedAt,
		why: lost ? fact.error.message : null,
	})
	draft.planChild = null
	draft.dispatch = 1
	return draft.finish()
}

export function beginRunning(draft: Draft, fact: FactOf<'claims_granted'>): Decision {
	if (endsForStart(draft, fact.at)) return draft.finish()
	draft.waitingFor = null
	draft.startedAt ??= fact.at
	draft.enter('running', fact.at, { child: fact.child })
	return settle(draft, fact.at, fact)
}

export function pauseForLocks(draft: Draft, fact: FactOf<'claims_refused'>): Decision {
	if (endsForStart(draft, fact.at)) return draft.finish()
	draft.error = fact.conflict
	draft.waitingFor = null
	draft.enter('paused', fact.at, { why: fact.conflict.message })
	return draft.finish()
}

export function joinLine(draft: Draft, fact: FactOf<'claims_queued'>): Decision {
	if (endsForStart(draft, fact.at)) return draft.finish()
	if (draft.waitingFor?.kind === 'lock' && JSON.stringify(draft.waitingFor.keys) === JSON.stringify(fact.waitingFor.keys)) {
		return { kind: 'ignored', reason: 'the task stands in line already' }
	}
	draft.waitingFor = fact.waitingFor
	return draft.finish()
}
