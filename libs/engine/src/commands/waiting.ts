/**
 * Waits for rows to say something: of all that is waited for in this process at once, with one statement for each wake-up,
 * and never in parallel with itself.
 */

import type { ChangeListener } from './changeListener.ts'

/** What is there to say of some ids now; of the others there is nothing yet. */
export type Look<Found> = (ids: readonly string[]) => Promise<ReadonlyMap<string, Found>>

export interface Waiting<Found> {
	/** Resolves with what was found, or with null when the time is over. */
	until(id: string, limit: number): Promise<Found | null>
	/** Ends all waits with null. */
	close(): void
}

/** Longest delay that a timer of Node can have: a limit beyond it is none. */
const longestDelay = 2 ** 31 - 1

export function openWaiting<Found>(listener: ChangeListener, look: Look<Found>): Waiting<Found> {
	const waiters = new Map<string, Set<(found: Found | null) => void>>()
	let stopListening: (() => void) | null = null
	let looking = false
	let lookAgain = false

	async function lookAround(): Promise<void> {
		lookAgain = true
		if (looking) return
		looking = true
		while (lookAgain && waiters.size > 0) {
			lookAgain = false
			try {
				for (const [id, found] of await look([...waiters.keys()])) for (const tell of waiters.get(id) ?? []) tell(found)
			} catch {
				// The database is away. The next second looks again; who waits has a limit.
			}
		}
		looking = false
	}

	return {
		until(id, limit) {
			return new Promise((resolve) => {
				const others = waiters.get(id) ?? new Set()
				waiters.set(id, others)
				const tell = (found: Found | null): void => {
					clearTimeout(impatience)
					others.delete(tell)
					if (others.size === 0) waiters.delete(id)
					if (waiters.size === 0) {
						stopListening?.()
						stopListening = null
					}
					resolve(found)
				}
				const impatience = setTimeout(() => tell(null), Math.min(Math.max(0, limit), longestDelay))
				others.add(tell)
				stopListening ??= listener.listen(() => void lookAround())
				void lookAround()
			})
		},
		close() {
			for (const tells of [...waiters.values()]) for (const tell of [...tells]) tell(null)
		},
	}
}
