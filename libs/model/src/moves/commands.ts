/** Moves that a person or a time asks for. */

import type { Decision } from '../decision.ts'
import type { Draft } from '../draft.ts'
import type { FactOf } from '../facts.ts'
import { settle, stop } from '../settle.ts'
import { keepPlanAttempt } from './planning.ts'
import { keepAttempt } from './steps.ts'

export function wake(draft: Draft, at: number): Decision {
	if (draft.state === 'scheduled') {
		draft.waitingFor = null
		draft.enter('pending')
		draft.dispatch = 1
		return draft.finish()
	}
	const decision = settle(draft, at, null, true)
	if (draft.dispatch === 0 && draft.events.length === 0) return { kind: 'ignored', reason: 'no step of the task is due' }
	return decision
}

export function notePhase(draft: Draft): Decision {
	if (draft.cancel !== 'requested') return { kind: 'ignored', reason: 'the cancel is past this phase, or was not asked' }
	draft.cancel = 'signalled'
	return draft.finish()
}

export function endAtDeadline(draft: Draft, at: number): Decision {
	if (draft.cancel === 'none') return { kind: 'ignored', reason: 'no cancel was asked' }
	draft.cancel = 'killed'
	for (const step of draft.steps) {
		if (step.state !== 'running') continue
		keepAttempt(draft, step, 'cancelled', null, at)
		draft.change(step, { state: 'cancelled', endedAt: at }, 'it did not end before the deadline of the cancel')
	}
	return settle(draft, at, null)
}

export function stopAtOnce(draft: Draft, fact: FactOf<'cancel_asked'>): Decision {
	draft.command('cancel', fact)
	draft.cancel = 'requested'
	if (draft.state === 'planning') {
		keepPlanAttempt(draft, 'fenced_off', null, fact.at)
		// The number is the fence: a plan that comes late no longer counts.
		draft.planAttempt += 1
		draft.planChild = null
	}
	stop(draft, fact.at, { who: fact.who, why: fact.why })
	return draft.finish()
}

export function askToCancel(draft: Draft, fact: FactOf<'cancel_asked'>): Decision {
	if (draft.cancel !== 'none') return { kind: 'ignored', reason: 'a cancel is already under way' }
	draft.command('cancel', fact)
	draft.cancel = 'requested'
	return settle(draft, fact.at, null)
}

export function resume(draft: Draft, fact: FactOf<'resume_asked'>): Decision {
	draft.command('resume', fact)
	draft.touched = true
	draft.progressMayFall = true
	const conflicted = draft.error?.reason === 'lock_conflict'
	draft.error = null
	if (!draft.plan || conflicted) {
		draft.enter(draft.plan ? 'planned' : 'pending', { who: fact.who, why: fact.why })
		draft.dispatch = 1
		return draft.finish()
	}
	draft.enter('running', { who: fact.who, why: fact.why })
	for (const step of draft.steps) {
		if (step.state !== 'error') continue
		draft.change(step, { state: 'pending', tries: 0, notBefore: null, progress: 0, error: null, child: null })
	}
	return settle(draft, fact.at, null)
}
