/** When the sub-tasks of a step count as failed, and how many of them may be under way. */

import type { SubTaskCounts } from './task.ts'

/** How many sub-tasks must fail before their step does: any of them, all of them, or more than a share of them. */
export type FailWhen = 'any' | 'all' | { readonly share: number }

export interface FanOutPolicy {
	readonly failWhen: FailWhen
	/** Whether the others go on, and are waited for, once too many have failed. */
	readonly leaveRunning: boolean
	/** How many may be under way at a time; null for all. */
	readonly limit: number | null
}

/** Whether so many have failed that their step will, whatever becomes of the others. A cancelled one has failed. */
export function tooManyFailed(
	failWhen: FailWhen,
	{ total, error, cancelled }: Pick<SubTaskCounts, 'total' | 'error' | 'cancelled'>,
): boolean {
	const failed = error + cancelled
	if (failWhen === 'any') return failed > 0
	if (failWhen === 'all') return total > 0 && failed >= total
	return failed > failWhen.share * total
}

/** Whether the step fails now: the others are waited for where they are left running. */
export function failsNow({ failWhen, leaveRunning }: FanOutPolicy, counts: SubTaskCounts): boolean {
	return tooManyFailed(failWhen, counts) && (counts.open === 0 || !leaveRunning)
}

/** How many of those that are held may begin. Paused ones need no room; who resumes takes it, also beyond the limit. */
export function freeSlots(limit: number | null, held: number, { open, paused }: Pick<SubTaskCounts, 'open' | 'paused'>): number {
	if (limit === null) return held
	return Math.max(0, Math.min(held, limit - (open - paused - held)))
}

/** What became of the sub-tasks, for the author: the output of their step, and what its `joined` is given. */
export type JoinedCounts = Pick<SubTaskCounts, 'total' | 'success' | 'warning' | 'error' | 'cancelled'>
