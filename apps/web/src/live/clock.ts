import type { Connection } from './connection.ts'
import type { Source } from './source.ts'

/**
 * The time by the server's clock, in milliseconds. Moves once a second, for those who watch, and stands still while
 * the page is not live: a duration that ticks on without news would be a lie.
 */
export interface Clock extends Source<number> {
	/** The server's time this instant, live or not. */
	now(): number
	/** Corrects the clock by a moment that the server just named. */
	learn(serverTime: number): void
}

/** Network delay makes each reading late by a few milliseconds: smaller differences are no news. */
const noise = 250

export function createClock(connection: Source<Connection>, browserNow: () => number = Date.now): Clock {
	const listeners = new Set<() => void>()
	let offset = 0
	let shown = browserNow()
	let timer: ReturnType<typeof setInterval> | null = null
	let stopWatching: (() => void) | null = null
	const now = () => browserNow() + offset
	const tick = () => {
		if (connection.get().kind !== 'live') return
		shown = now()
		for (const listener of [...listeners]) listener()
	}
	return {
		get: () => shown,
		now,
		learn(serverTime) {
			const seen = serverTime - browserNow()
			if (Math.abs(seen - offset) <= noise) return
			offset = seen
			shown = now()
			for (const listener of [...listeners]) listener()
		},
		subscribe(listener) {
			listeners.add(listener)
			if (listeners.size === 1) {
				timer = setInterval(tick, 1000)
				stopWatching = connection.subscribe(tick)
				if (connection.get().kind === 'live') shown = now()
			}
			return () => {
				listeners.delete(listener)
				if (listeners.size > 0) return
				if (timer) clearInterval(timer)
				stopWatching?.()
			}
		},
	}
}
