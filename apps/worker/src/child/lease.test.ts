import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Lease, monotonicNow, openLease } from './lease.ts'

let lease: Lease
let ended = 0

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'hrtime'] })
	ended = 0
})
afterEach(() => {
	lease.stop()
	vi.useRealTimers()
})

const open = (length: number): void => {
	lease = openLease({ length, until: monotonicNow() + length, onOver: () => void (ended += 1) })
}

describe('a lease', () => {
	it.each([
		[10_000, 9_000],
		[2_000, 1_500],
		[1_000, 750],
	])('of %i ms is over after %i, before anybody else may take over', (length, over) => {
		open(length)
		vi.advanceTimersByTime(over - 100)
		expect([lease.over, ended]).toEqual([false, 0])
		vi.advanceTimersByTime(200)
		expect([lease.over, ended]).toEqual([true, 1])
		vi.advanceTimersByTime(length)
		expect(ended).toBe(1)
	})

	it('goes on with each renewal, and not longer than the renewal says', () => {
		open(2_000)
		for (let beat = 0; beat < 10; beat++) {
			vi.advanceTimersByTime(1_000)
			lease.renew(monotonicNow() + 2_000)
		}
		expect(lease.over).toBe(false)
		// Read late: said two seconds ago.
		lease.renew(monotonicNow())
		vi.advanceTimersByTime(1_400)
		expect(lease.over).toBe(false)
		vi.advanceTimersByTime(300)
		expect(lease.over).toBe(true)
	})

	it('that is over stays so', () => {
		open(1_000)
		vi.advanceTimersByTime(1_000)
		lease.renew(monotonicNow() + 5_000)
		expect(lease.over).toBe(true)
	})
})
