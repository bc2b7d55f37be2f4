import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClock } from './clock.ts'
import type { Connection } from './connection.ts'
import { createSource } from './source.ts'

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
	vi.useRealTimers()
})

test('moves once a second while live, and stands still while not', () => {
	const connection = createSource<Connection>({ kind: 'live' })
	const clock = createClock(connection)
	const told = vi.fn()
	const stop = clock.subscribe(told)
	vi.advanceTimersByTime(3000)
	expect(told).toHaveBeenCalledTimes(3)
	expect(clock.get()).toBe(1_003_000)

	connection.set({ kind: 'reconnecting', since: 1_003_000 })
	vi.advanceTimersByTime(60_000)
	expect(clock.get()).toBe(1_003_000)

	connection.set({ kind: 'live' })
	expect(clock.get()).toBe(1_063_000)
	stop()
	expect(vi.getTimerCount()).toBe(0)
})

test('shows the time of the server, whatever the clock of the browser says', () => {
	const clock = createClock(createSource<Connection>({ kind: 'live' }))
	clock.learn(4_600_000)
	expect(clock.now()).toBe(4_600_000)
	clock.learn(4_600_100)
	expect(clock.now()).toBe(4_600_000)
})
