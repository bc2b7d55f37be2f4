/**
 * Hears that something has changed, while somebody wants to: one connection of its own that listens, opened when it is
 * first wanted and given up a while after nobody wants it any more. A wake-up may be lost, so whoever wants to hear looks
 * each second all the same.
 */

import { openPool } from '@taskyard/store/connection'
import { changeChannel } from '../wakeUp.ts'

export interface ChangeListener {
	/** Calls `onChange` from now on. Answers a function that ends it. */
	listen(onChange: () => void): () => void
	close(): Promise<void>
}

/** Longest time between two looks, in milliseconds. */
const interval = 1000
/** How long the connection is kept when nobody listens, in milliseconds. */
const linger = 10_000
/** Pause before a connection that broke is made again, in milliseconds. */
const pause = 250

export function openChangeListener(url: string, applicationName: string): ChangeListener {
	const listeners = new Set<() => void>()
	let closed = false
	let looking: NodeJS.Timeout | null = null
	let resting: NodeJS.Timeout | null = null
	/** Ends the connection that is there. */
	let rest: () => void = () => undefined
	let connected: Promise<void> | null = null

	const tell = (): void => {
		for (const listener of listeners) listener()
	}

	async function connect(): Promise<void> {
		const pool = openPool(url, { max: 1, applicationName })
		const over = new AbortController()
		const enough = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve(), { once: true }))
		rest = () => over.abort()
		try {
			while (!over.signal.aborted) {
				try {
					const client = await pool.connect()
					const lost = Promise.withResolvers<void>()
					client.once('error', () => lost.resolve())
					client.once('end', () => lost.resolve())
					client.on('notification', tell)
					await client.query(`listen ${changeChannel}`)
					// What came while nobody listened.
					tell()
					await Promise.race([lost.promise, enough])
					// Destroyed, not returned to the pool: it listens.
					client.release(true)
				} catch {
					// The database is away. Those who wait look each second, and have a limit.
				}
				await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), enough])
			}
		} finally {
			await pool.end()
		}
	}

	function keepConnected(): void {
		connected ??= connect()
			.catch(() => undefined)
			.finally(() => {
				connected = null
				if (listeners.size > 0 && !closed) keepConnected()
			})
	}

	return {
		listen(onChange) {
			listeners.add(onChange)
			if (resting) clearTimeout(resting)
			resting = null
			looking ??= setInterval(tell, interval)
			keepConnected()
			return () => {
				listeners.delete(onChange)
				if (listeners.size > 0) return
				if (looking) clearInterval(looking)
				looking = null
				resting = setTimeout(() => rest(), linger)
				resting.unref()
			}
		},
		async close() {
			closed = true
			listeners.clear()
			if (looking) clearInterval(looking)
			if (resting) clearTimeout(resting)
			rest()
			await connected
		},
	}
}
