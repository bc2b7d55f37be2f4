import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FailWhen, failsNow, freeSlots, tooManyFailed } from './fanOut.ts'
import type { SubTaskCounts } from './task.ts'

const none: SubTaskCounts = { total: 10, open: 10, paused: 0, success: 0, warning: 0, error: 0, cancelled: 0 }

describe('tooManyFailed', () => {
	const cases: readonly (readonly [FailWhen, Partial<SubTaskCounts>, boolean])[] = [
		['any', {}, false],
		['any', { error: 1 }, true],
		['any', { cancelled: 1 }, true],
		['any', { warning: 10 }, false],
		['all', { error: 9 }, false],
		['all', { error: 6, cancelled: 4 }, true],
		['all', { total: 0 }, false],
		[{ share: 0.2 }, { error: 2 }, false],
		[{ share: 0.2 }, { error: 2, cancelled: 1 }, true],
		[{ share: 0 }, { error: 1 }, true],
		[{ share: 1 }, { error: 10 }, false],
	]
	for (const [failWhen, counts, expected] of cases) {
		it(`${JSON.stringify(failWhen)} of ${JSON.stringify(counts)}: ${expected}`, () => {
			expect(tooManyFailed(failWhen, { ...none, ...counts })).toBe(expected)
		})
	}

	it('once true, more failures leave it true', () => {
		const policies = fc.oneof(
			fc.constant<FailWhen>('any'),
			fc.constant<FailWhen>('all'),
			fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) }),
		)
		fc.assert(
			fc.property(policies, fc.nat(50), fc.nat(50), fc.nat(50), (failWhen, error, cancelled, more) => {
				const counts = { total: 100, error, cancelled }
				if (tooManyFailed(failWhen, counts)) expect(tooManyFailed(failWhen, { ...counts, error: error + more })).toBe(true)
			}),
		)
	})
})

describe('failsNow', () => {
	const cases: readonly (readonly [boolean, number, boolean])[] = [
		[true, 5, false],
		[true, 0, true],
		[false, 5, true],
		[false, 0, true],
	]
	for (const [leaveRunning, open, expected] of cases) {
		it(`one has failed, ${open} are open, the others ${leaveRunning ? 'go on' : 'are cancelled'}: ${expected}`, () => {
			expect(failsNow({ failWhen: 'any', leaveRunning, limit: null }, { ...none, error: 1, open })).toBe(expected)
		})
	}
})

describe('freeSlots', () => {
	const cases: readonly (readonly [limit: number | null, held: number, open: number, paused: number, expected: number])[] = [
		[3, 7, 10, 0, 0],
		[3, 7, 9, 0, 1],
		[3, 7, 10, 2, 2],
		[3, 1, 2, 0, 1],
		[3, 5, 9, 0, 0],
		[3, 0, 0, 0, 0],
		[null, 4, 9, 0, 4],
	]
	for (const [limit, held, open, paused, expected] of cases) {
		it(`limit ${limit}, ${held} held of ${open} open, ${paused} paused: ${expected}`, () => {
			expect(freeSlots(limit, held, { open, paused })).toBe(expected)
		})
	}
})
