/** When the next automatic try comes. */

import type { RetryPolicy } from './plan.ts'

/**
 * Delay in milliseconds before the next try, or null when none comes.
 *
 * @param tries tries that have failed so far, the last one included
 * @param random a number 0…1 that decides the jitter
 */
export function nextDelay(policy: RetryPolicy, tries: number, random: number): number | null {
	if (tries >= policy.attempts) return null
	const growth = policy.backoff === 'exponential' ? 2 ** Math.min(tries - 1, 52) : 1
	const delay = Math.min(policy.max, policy.initial * growth)
	const spread = delay * policy.jitter
	return Math.max(0, Math.round(delay - spread / 2 + spread * random))
}
