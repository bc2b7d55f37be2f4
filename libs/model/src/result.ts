/** The result of a task: the first line of the table that applies. While a task is not stopped, success is not shown. */

import type { Reason, TaskResult } from './states.ts'
import { isPassed } from './startable.ts'
import type { Task } from './task.ts'

/** What of a task its result is made of. */
type Scored = Pick<Task, 'state' | 'cancel' | 'touched' | 'error' | 'plan' | 'steps'>

export function resultOf(task: Scored): TaskResult {
	let failed = task.error !== null
	let skipped = false
	let allPassed = task.plan !== null
	for (const step of task.steps) {
		if (step.state === 'error' || step.state === 'revert_failed') failed = true
		else if (step.state === 'skipped') skipped = true
		// A step is cancelled by a person only; what another's failure took away is cancelled with the task in error.
		if (!isPassed(step.state)) allPassed = false
	}
	if (task.cancel !== 'none' && task.state === 'stopped') return 'cancelled'
	if (failed) return 'error'
	if (skipped || task.touched) return 'warning'
	return allPassed && task.state === 'stopped' ? 'success' : 'pending'
}

/** Why the task ended badly or needs attention; null when it did not. */
export function reasonOf(task: Scored): Reason | null {
	if (task.cancel !== 'none' && task.state === 'stopped') return 'cancelled'
	if (task.error) return task.error.reason
	for (const step of task.steps) if (step.state === 'error') return step.error?.reason ?? 'failed'
	return null
}
