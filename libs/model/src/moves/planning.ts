/** Moves from the claim of a task to its first step. */

import { type Decision, fencedOff } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { newStep } from '../newStep.ts'
import { settle } from '../settle.ts'
import type { AttemptDraft, StepError } from '../task.ts'

export function startPlanning(draft: Draft, fact: FactOf<'claimed'>): Decision {
	draft.planAttempt += 1
	draft.planChild = fact.child
	draft.planStartedAt = fact.at
	draft.waitingFor = null
	draft.enter('planning', { attempt: draft.planAttempt, child: fact.child })
	return draft.finish()
}

export function keepPlan(draft: Draft, fact: FactOf<'planned'>): Decision {
	if (fact.attempt !== draft.planAttempt) return fencedOff
	draft.plan = fact.plan
	draft.steps = fact.plan.steps.map((_, index) => newStep(index))
	const started = { attempt: fact.attempt, child: draft.planChild, startedAt: draft.planStartedAt }
	draft.planChild = null
	draft.enter('planned', started)
	return draft.finish()
}

export function failPlanning(draft: Draft, fact: FactOf<'plan_failed'>): Decision {
	if (fact.attempt !== draft.planAttempt) return fencedOff
	keepPlanAttempt(draft, 'failed', fact.error, fact.at)
	draft.error = fact.error
	draft.enter('paused', { attempt: fact.attempt, child: draft.planChild, startedAt: draft.planStartedAt, why: fact.error.message })
	draft.planChild = null
	return draft.finish()
}

export function keepPlanAttempt(draft: Draft, outcome: AttemptDraft['outcome'], error: StepError | null, at: number): void {
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
	draft.enter('pending', {
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
	draft.waitingFor = null
	draft.startedAt ??= fact.at
	draft.enter('running', { child: fact.child })
	return settle(draft, fact.at, fact.child)
}

export function pauseForLocks(draft: Draft, fact: FactOf<'claims_refused'>): Decision {
	draft.error = fact.conflict
	draft.enter('paused', { why: fact.conflict.message })
	return draft.finish()
}
