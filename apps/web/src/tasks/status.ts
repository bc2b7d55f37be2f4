import type { TaskResult, TaskState } from '@taskyard/model/states'

/** What a person reads as the status of a task: state, result and wait in one word. */
export type Status =
	| 'Scheduled'
	| 'Waiting'
	| 'Blocked'
	| 'Planning'
	| 'Running'
	| 'Suspended'
	| 'Cancelling…'
	| 'Paused'
	| 'Succeeded'
	| 'Warning'
	| 'Failed'
	| 'Cancelled'
	| 'Force-unlocked'

export interface StatusFacts {
	readonly state: TaskState
	readonly result: TaskResult
	readonly reason: string | null
	readonly cancelPhase: string
	readonly waitingFor: { readonly kind: string } | null
}

const blockedBy = new Set(['lock', 'dependency'])
const suspendedBy = new Set(['event', 'poll'])

/** The one word for a task. Paused is never "running": it needs a person. */
export function statusOf({ state, result, reason, cancelPhase, waitingFor }: StatusFacts): Status {
	if (state === 'stopped') return stoppedAs(result, reason)
	if (cancelPhase !== 'none') return 'Cancelling…'
	if (waitingFor && blockedBy.has(waitingFor.kind) && state !== 'paused') return 'Blocked'
	switch (state) {
		case 'scheduled':
			return 'Scheduled'
		case 'pending':
		case 'planned':
			return 'Waiting'
		case 'planning':
			return 'Planning'
		case 'running':
			return waitingFor && suspendedBy.has(waitingFor.kind) ? 'Suspended' : 'Running'
		case 'paused':
			return 'Paused'
	}
}

function stoppedAs(result: TaskResult, reason: string | null): Status {
	switch (result) {
		case 'success':
			return 'Succeeded'
		case 'warning':
			return 'Warning'
		case 'cancelled':
			return 'Cancelled'
		case 'error':
		case 'pending':
			return reason === 'force_unlocked' ? 'Force-unlocked' : 'Failed'
	}
}

const resultWords: Record<TaskResult, string> = {
	pending: 'Pending',
	success: 'Success',
	warning: 'Warning',
	error: 'Error',
	cancelled: 'Cancelled',
}

/**
 * The result of a task in words. It is open until the task has stopped, so a "?" stands before the bad end that is
 * already certain; a good end is never promised.
 */
export function resultText({ state, result }: Pick<StatusFacts, 'state' | 'result'>): string {
	if (state === 'stopped') return resultWords[result]
	return result === 'pending' || result === 'success' ? '?' : `? ${resultWords[result]}`
}

const reasonSentences: Record<string, string> = {
	failed: 'A step failed.',
	lost: 'The worker of a step died while it ran.',
	timed_out: 'A step took longer than it may.',
	lock_conflict: 'Another task holds a lock that this one needs.',
	missed_start_before: 'It was not started before its latest start.',
	dependency_failed: 'A task that it depends on did not end well.',
	planning_failed: 'Its plan could not be made.',
	sub_tasks_paused: 'Its unfinished sub-tasks are all paused.',
	reverted: 'A step failed, and what had been done was taken back.',
	not_confirmed: 'Nobody confirmed it in time.',
	force_unlocked: 'Its locks were released by force.',
	cancelled: 'A person cancelled it.',
}

/** The reason of a bad end as a sentence. A word this page does not know is shown as it is. */
export function reasonSentence(reason: string): string {
	return reasonSentences[reason] ?? `${reason}.`
}
