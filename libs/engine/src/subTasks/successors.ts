/**
 * Sub-tasks that were held by a limit and begin in the place of one that has ended in this process: it goes on with them
 * at once, without a trip through the queue. Only for a moment, for what else waits in the queue came before them. One
 * that this process does not come to is enqueued.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import type { Pool } from '@taskyard/store/connection'
import type { ReleasedTask } from '@taskyard/store/tasks/releaseHeld'

/** How long one activation goes on with others after its own, in milliseconds. */
const longest = 250
/** How long one waits for the end of the activation whose place it has. */
const patience = 50

export interface Successors {
	/** @param since when the activation began, by the monotonic clock */
	isOpen(since: number): boolean
	/** Takes over what is committed. */
	take(tasks: readonly ReleasedTask[]): void
	/** For an activation that has ended: what it goes on with. */
	next(since: number): string | undefined
	/** Nothing more begins here. */
	close(): void
}

export function openSuccessors(pool: Pool, log: (level: 'error', message: string) => void): Successors {
	let waiting: ReleasedTask[] = []
	let timer: NodeJS.Timeout | null = null
	let closed = false

	function passOn(): void {
		timer = null
		const left = waiting
		waiting = []
		if (left.length === 0) return
		enqueue(
			pool,
			left.map((one) => ({ ...one, branch: 0 })),
		).catch((error: Error) => log('error', `Sub-tasks that may begin were not enqueued; the sweep will find them: ${error.message}`))
	}

	const isOpen = (since: number): boolean => !closed && performance.now() - since < longest

	return {
		isOpen,
		take(tasks) {
			waiting.push(...tasks)
			if (closed) passOn()
			else timer ??= setTimeout(passOn, patience)
		},
		next: (since) => (isOpen(since) ? waiting.shift()?.task : undefined),
		close() {
			closed = true
			if (timer) clearTimeout(timer)
			passOn()
		},
	}
}
