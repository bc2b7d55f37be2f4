/** Chance that can be repeated: the same seed, the same moments. */

export interface Chance {
	/** A whole number from 0 to `below` - 1. */
	number(below: number): number
	pick<T>(items: readonly T[]): T
}

export function createChance(seed: number): Chance {
	let state = seed >>> 0
	const number = (below: number): number => {
		state = (state + 0x6d2b79f5) >>> 0
		let mixed = Math.imul(state ^ (state >>> 15), state | 1)
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
		return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
	}
	return {
		number,
		pick(items) {
			const found = items[number(items.length)]
			if (found === undefined) throw new Error('There is nothing to pick from.')
			return found
		},
	}
}
