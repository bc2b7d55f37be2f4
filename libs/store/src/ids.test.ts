import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { boundary, createIdSource, idTime, isUuid7 } from './ids.ts'

const databaseTime = Date.UTC(2026, 10, 21, 11, 5, 56, 123)

afterEach(() => {
	vi.useRealTimers()
})

describe('createIdSource', () => {
	test('refuses to guess the time', () => {
		expect(() => createIdSource().next()).toThrow(/calibrate/)
	})

	test('makes ids in the database’s time, whatever the clock of the process says', () => {
		vi.useFakeTimers({ now: Date.UTC(1999, 0, 1), toFake: ['Date'] })
		const source = createIdSource()
		source.calibrate(databaseTime)
		const first = source.next()
		vi.setSystemTime(Date.UTC(2051, 0, 1))
		const second = source.next()
		for (const id of [first, second]) {
			expect(idTime(id)).toBeGreaterThanOrEqual(databaseTime)
			expect(idTime(id)).toBeLessThan(databaseTime + 60_000)
		}
		expect(second > first).toBe(true)
	})

	test('two processes with wrong clocks make ids in the order of the database', () => {
		let [mineMs, theirsMs] = [5_000_000, 17]
		const mine = createIdSource(() => mineMs)
		const theirs = createIdSource(() => theirsMs)
		mine.calibrate(databaseTime)
		theirs.calibrate(databaseTime)
		const ids: string[] = []
		for (let turn = 0; turn < 100; turn++) {
			mineMs += 1
			theirsMs += 1
			ids.push((turn % 2 === 0 ? mine : theirs).next())
		}
		expect(ids).toEqual([...ids].sort())
	})

	test('adds half of the round trip', () => {
		const source = createIdSource(() => 0)
		source.calibrate(databaseTime, 40)
		expect(source.now()).toBe(databaseTime + 20)
	})

	test('ids only grow, also in a burst and when the clock is set back', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 1, maxLength: 30 }), (steps) => {
				let clock = 0
				const source = createIdSource(() => clock)
				source.calibrate(databaseTime)
				let last = ''
				for (const step of steps) {
					clock += Math.max(step, 0)
					source.calibrate(databaseTime + clock + step)
					for (let n = 0; n < 200; n++) {
						const id = source.next()
						expect(isUuid7(id)).toBe(true)
						expect(id > last).toBe(true)
						last = id
					}
				}
			}),
			{ numRuns: 30 },
		)
	})

	test('a burst of more than 4,096 ids in a millisecond borrows from the next one', () => {
		const source = createIdSource(() => 0)
		source.calibrate(databaseTime)
		const ids = Array.from({ length: 10_000 }, () => source.next())
		expect(new Set(ids).size).toBe(10_000)
		expect(ids).toEqual([...ids].sort())
		expect(idTime(ids.at(-1) ?? '') - databaseTime).toBeLessThanOrEqual(3)
	})
})

describe('boundary', () => {
	test('lies below each id of its millisecond and above each of the one before', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 2 ** 48 - 2 }), (ms) => {
				const source = createIdSource(() => 0)
				source.calibrate(ms)
				const id = source.next()
				expect(id >= boundary(ms)).toBe(true)
				expect(id < boundary(ms + 1)).toBe(true)
			}),
		)
	})

	test('names what it cannot hold', () => {
		expect(() => boundary(-1)).toThrow(/outside/)
	})
})

describe('idTime', () => {
	test.each(['', 'x', '019a0b1c-2d3e-4f00-8000-0123456789ab', '019a0b1c2d3e7f0080000123456789ab'])('refuses %j', (text) => {
		expect(isUuid7(text)).toBe(false)
		expect(() => idTime(text)).toThrow(/no UUIDv7/)
	})
})
