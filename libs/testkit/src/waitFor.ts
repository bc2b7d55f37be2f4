/** Waiting for a state, never for a time. */

import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks again and again, quickly first, until the answer is neither undefined, null nor false, and returns it. An error
 * of `predicate` counts as "not yet" and is the cause of the failure when time runs out.
 *
 *     const task = await waitFor('the task to stop', () => stoppedTask(pool, id))
 */
export async function waitFor<T>(
	description: string,
	predicate: () => T | Promise<T>,
	{ timeout = 15_000 }: { timeout?: number } = {},
): Promise<Exclude<T, undefined | null | false>> {
	const begun = performance.now()
	let pause = 1
	let last: unknown
	for (;;) {
		let cause: unknown
		try {
			const answer = await predicate()
			if (isThere(answer)) return answer
			last = answer
		} catch (error) {
			cause = error
			last = error instanceof Error ? error.message : error
		}
		if (performance.now() - begun > timeout) {
			throw new Error(`Waited ${timeout / 1000} s for ${description}; the last answer was ${String(last)}.`, { cause })
		}
		await delay(pause)
		pause = Math.min(pause * 1.5, 50)
	}
}

const isThere = <T>(answer: T): answer is Exclude<T, undefined | null | false> =>
	answer !== undefined && answer !== null && answer !== false
