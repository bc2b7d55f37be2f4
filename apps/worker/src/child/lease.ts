/** The lease of this child, judged by its monotonic clock: when it is over, nothing that this process does counts any more. */

/** Ended early by so much, in milliseconds, so that this child has stopped before another takes over. */
const margin = 1000
const lookEvery = 100

export interface Lease {
	renew(remaining: number): void
	readonly over: boolean
	stop(): void
}

export function openLease(remaining: number, onOver: () => void): Lease {
	let ends = performance.now() + remaining - Math.min(margin, remaining / 2)
	let over = false
	const timer = setInterval(() => {
		if (over || performance.now() < ends) return
		over = true
		onOver()
	}, lookEvery)
	return {
		renew(next) {
			ends = performance.now() + next - Math.min(margin, next / 2)
		},
		get over() {
			return over || performance.now() >= ends
		},
		stop() {
			clearInterval(timer)
		},
	}
}
