/** How attempts end: what is kept of them, and a step that ends in error without one. */

import type { Draft } from '../draft.ts'
import { skipWithDependents } from '../skip.ts'
import type { AttemptKind } from '../states.ts'
import type { AttemptDraft, Step, StepError } from '../task.ts'

const kinds: Partial<Record<Step['state'], AttemptKind>> = { finalizing: 'finalize', reverting: 'revert' }

function kindOf({ state, suspension }: Step): AttemptKind {
	if (state === 'running' && (suspension?.wake === 'poll' || suspension?.wake === 'cancel')) return suspension.wake
	return kinds[state] ?? 'run'
}

export function keepAttempt(draft: Draft, step: Step, outcome: AttemptDraft['outcome'], error: StepError | null, at: number): void {
	draft.attempts.push({
		step: step.index,
		number: step.attempt,
		kind: kindOf(step),
		outcome,
		child: step.child,
		startedAt: step.startedAt,
		endedAt: at,
		error,
	})
}

/** A step without an attempt under way ends in error: nothing of it is tried again by itself. */
export function endInError(draft: Draft, step: Step, error: StepError, at: number): void {
	const ended = { endedAt: at, error, progress: step.progress, child: null }
	if (draft.policies(step.index).rescue === 'skip' && draft.cancel === 'none') skipWithDependents(draft, step, ended, error.message)
	else draft.change(step, { ...ended, state: 'error' }, error.message)
}
