import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RetryPolicy } from './plan.ts'
import { nextDelay } from './retry.ts'

const policy = (changes: Partial<RetryPolicy>): RetryPolicy => ({
	attempts: 5,
	backoff: 'exponential',
	initial: 100,
	max: 1000,
	jitter: 0,
	...changes,
})

describe('the delay before the next try', () => {
	it.each([
		['after the first of five', policy({}), 1, 100],
		['after the second: doubled', policy({}), 2, 200],
		['after the fourth', policy({}), 4, 800],
		['never more than the most', policy({ attempts: 99 }), 50, 1000],
		['fixed', policy({ backoff: 'fixed' }), 4, 100],
		['none after the last', policy({}), 5, null],
		['none without a retry', policy({ attempts: 1 }), 1, null],
	] as const)('%s', (_, given, tries, expected) => {
		expect(nextDelay(given, tries, 0.5)).toBe(expected)
	})

	it('stays within its jitter, whatever the random number', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 60 }),
				fc.double({ min: 0, max: 1, noNaN: true }),
				fc.double({ min: 0, max: 1, noNaN: true }),
				(tries, jitter, random) => {
					const exact = nextDelay(policy({ attempts: 99 }), tries, 0.5) ?? 0
					const delay = nextDelay(policy({ attempts: 99, jitter }), tries, random) ?? -1
					expect(delay).toBeGreaterThanOrEqual(Math.floor(exact * (1 - jitter / 2)))
					expect(delay).toBeLessThanOrEqual(Math.ceil(exact * (1 + jitter / 2)))
				},
			),
		)
	})
})
