import type { Changed } from './decision.ts'
import type { Task } from './task.ts'

/** Several decisions on one task, each made on the outcome of the one before, as one: the revision is raised once for all. */
export function mergeChanges(parts: readonly Changed[], task: Task): Changed {
	const [only] = parts
	if (only && parts.length === 1) return only
	return {
		kind: 'changed',
		task,
		steps: [...new Set(parts.flatMap((part) => part.steps))].sort((a, b) => a - b),
		events: parts.flatMap((part) => part.events),
		attempts: parts.flatMap((part) => part.attempts),
		start: parts.flatMap((part) => part.start),
		dispatch: parts.reduce((sum, part) => sum + part.dispatch, 0),
		timers: parts.flatMap((part) => part.timers),
		ended: parts.some((part) => part.ended),
	}
}
