/** The lease of this child, judged by its monotonic clock: when it is over, nothing that this process does counts any more. */

/** Ended early by so much, in milliseconds, so that this child has stopped before another takes over; of a short lease by a quarter. */
const longestMargin = 1000
const lookEvery = 100

export interface Lease {
	/** @param until by `monotonicNow` */
	renew(until: number): void
	/** Once over, it stays so: this process ends. */
	readonly over: boolean
	stop(): void
}

/** Milliseconds of a clock that never jumps and that all processes of this machine share. */
export function monotonicNow(): number {
	return Number(process.hrtime.bigint() / 1000n) / 1000
}

export interface LeaseOptions {
	/** Milliseconds from one renewal to the end. */
	readonly length: number
	/** End of the first one, by `monotonicNow`: a message that is read late prolongs nothing. */
	readonly until: number
	readonly onOver: () => void
}

export function openLease({ length, until, onOver }: LeaseOptions): Lease {
	const margin = Math.min(longestMargin, length / 4)
	let ends = until - margin
	let over = false
	const timer = setInterval(() => {
		if (over || monotonicNow() < ends) return
		// After a busy moment timers come before messages: a renewal that has arrived already is read first.
		setImmediate(() => {
			if (over || monotonicNow() < ends) return
			over = true
			onOver()
		})
	}, lookEvery)
	return {
		renew(next) {
			ends = Math.max(ends, next - margin)
		},
		get over() {
			return over
		},
		stop() {
			clearInterval(timer)
		},
	}
}
