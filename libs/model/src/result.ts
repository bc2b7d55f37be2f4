/** The result of a task: the first line of the table that applies. While a task is not stopped, success is not shown. */

import type { Reason, TaskResult } from './states.ts'
import { isPassed } from './startable.ts'
import type { Task } from './task.ts'

/** What of a task its result is made of. */
type Scored = Pick<Task, 'state' | 'cancel' | 'touched' | 'error' | 'plan' | 'steps'>

export function resultOf(task: Scored): TaskResult {
	let failed = task.error !== null
	let skipped = false
	let cancelled = false
	let allPassed = task.plan !== null
	for (const step of task.steps) {
		if (step.state === 'error' || step.state === 'revert_failed') failed = true
		else if (step.state === 'skipped') skipped = true
		else if (step.state === 'suspended' && step.suspension?.somePaused) failed = true
		// What another's failure or the end of the task took away is cancelled too, and not by a person.
		else if (step.state === 'cancelled' && step.cancelAsked) cancelled = true
		if (!isPassed(step.state)) allPassed = false
	}
	if (task.error?.reason === 'force_unlocked') return 'error'
	if (cancelled || isCancelled(task)) return 'cancelled'
	if (failed) return 'error'
	if (skipped || task.touched) return 'warning'
	return allPassed && task.state === 'stopped' ? 'success' : 'pending'
}

/** Why the task ended badly or needs attention; null when it did not. */
export function reasonOf(task: Scored): Reason | null {
	if (task.error?.reason === 'not_confirmed' || task.error?.reason === 'force_unlocked') return task.error.reason
	if (isCancelled(task)) return 'cancelled'
	if (task.steps.some((step) => step.state === 'cancelled' && step.cancelAsked)) return 'cancelled'
	if (task.error) return task.error.reason
	for (const step of task.steps) if (step.state === 'error' || step.state === 'revert_failed') return step.error?.reason ?? 'failed'
	return null
}

/** A cancel of the task has completed, or nobody confirmed it. */
function isCancelled({ state, cancel, error }: Scored): boolean {
	if (state !== 'stopped') return false
	return cancel !== 'none' || error?.reason === 'not_confirmed'
}
