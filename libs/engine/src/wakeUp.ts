/** Wake-ups for whoever watches: without data, in a transaction of their own after the commit, because NOTIFY serialises commits. */

import type { Pool } from '@taskyard/store/connection'

/** Something in the change feed is new. */
export const changeChannel = 'taskyard_change'
/** A running task was asked to end: workers look at once instead of with the next heartbeat. */
export const controlChannel = 'taskyard_control'

/** Shortest time between two wake-ups of a process, in milliseconds. */
const spacing = 25

/** Answers a function that asks for a wake-up. One that gets lost costs the watchers one second. */
export function openWakeUp(pool: Pool, channel: string): () => void {
	let last = -spacing
	let due: NodeJS.Timeout | null = null
	const send = (): void => {
		due = null
		last = performance.now()
		pool.query(`select pg_notify('${channel}', '')`).catch(() => undefined)
	}
	return () => {
		if (due) return
		const left = last + spacing - performance.now()
		if (left <= 0) send()
		else {
			due = setTimeout(send, left)
			due.unref()
		}
	}
}
