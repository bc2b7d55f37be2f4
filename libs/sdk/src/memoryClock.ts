/** Clocks of the in-memory harness: one that a test moves by hand, and one that jumps over waits. */

import { setImmediate as turn } from 'node:timers/promises'

/** What a task does with time. Times are milliseconds since 1970. */
export interface MemoryClock {
	readonly now: number
	/** Whether waits are over at once. */
	readonly jumps: boolean
	/**
	 * Calls `ring` when the time has come. A `wait` is what nothing goes on before; a `limit` cuts off what runs, an
	 * `expiry` what may not even run. Answers how to take it back.
	 */
	alarm(at: number, kind: AlarmKind, ring: () => void): () => void
}

export type AlarmKind = 'wait' | 'limit' | 'expiry'

/**
 * A clock that stands still until a test moves it: back-offs, time-outs, start times and the time to confirm all follow
 * it, in their order.
 *
 * @example
 * const clock = new ManualClock()
 * const task = startInMemory(sync, input, { clock })
 * await clock.advance(60_000)
 * expect((await task.settled()).attempts).toHaveLength(2)
 */
export class ManualClock implements MemoryClock {
	readonly jumps = false
	#now: number
	/** Ordered by time, then by when it was set. */
	#alarms: { readonly at: number; readonly ring: () => void }[] = []

	constructor(start: Date | number = Date.UTC(2026, 0, 1)) {
		this.#now = Number(start)
	}

	get now(): number {
		return this.#now
	}

	/**
	 * Moves the clock on, and does on the way what is due. Before the first and after each of these, everything that needs
	 * no time comes to its end; a step that waits for a file or a process does not, and is awaited by `settled()`.
	 */
	async advance(milliseconds: number): Promise<void> {
		await this.advanceTo(this.#now + milliseconds)
	}

	async advanceTo(time: Date | number): Promise<void> {
		const target = Number(time)
		if (!(target >= this.#now)) {
			throw new RangeError(`the clock stands at ${this.#now} and cannot be moved to ${target}: expected a time that is not before it`)
		}
		await turn()
		for (let [next] = this.#alarms; next && next.at <= target; [next] = this.#alarms) {
			this.#alarms.shift()
			this.#now = Math.max(this.#now, next.at)
			next.ring()
			await turn()
		}
		this.#now = Math.max(this.#now, target)
	}

	alarm(at: number, _kind: AlarmKind, ring: () => void): () => void {
		const alarm = { at, ring }
		const later = this.#alarms.findIndex((other) => other.at > at)
		this.#alarms.splice(later < 0 ? this.#alarms.length : later, 0, alarm)
		return () => {
			this.#alarms = this.#alarms.filter((other) => other !== alarm)
		}
	}
}

const longestTimeout = 2 ** 31 - 1

/** The real time, but for waits: the clock is put on to their end. */
export class JumpingClock implements MemoryClock {
	readonly jumps = true
	#jumped = 0

	get now(): number {
		return Date.now() + this.#jumped
	}

	alarm(at: number, kind: AlarmKind, ring: () => void): () => void {
		if (kind !== 'wait') {
			const timer = setTimeout(ring, Math.min(longestTimeout, Math.max(0, at - this.now)))
			// The end of a test is not held up by a task that waits for a person.
			if (kind === 'expiry') timer.unref()
			return () => clearTimeout(timer)
		}
		let takenBack = false
		queueMicrotask(() => {
			if (takenBack) return
			this.#jumped += Math.max(0, at - this.now)
			ring()
		})
		return () => {
			takenBack = true
		}
	}
}
