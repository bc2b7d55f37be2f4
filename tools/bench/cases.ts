/** What a bench finds out, as it is written to a file. */

export interface BenchCase {
	readonly name: string
	readonly unit: string
	readonly ours: number
	/** By the name of the package; null for one that could not be measured. */
	readonly peers: Readonly<Record<string, number | null>>
	/** What the machine gave in the same run: single-row updates/s, each committed by itself. Null where it says nothing. */
	readonly yardstick: number | null
	/** What `ours` has to reach, in the unit of the case; null when that depends on a peer that is missing. */
	readonly target: number | null
	readonly met: boolean
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	if (values.length === 0) throw new Error('There is no median of nothing: measure at least once.')
	const sorted = [...values].sort((a, b) => a - b)
	const middle = sorted.length >> 1
	const upper = sorted[middle] as number
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/** A case that is met by being so many times faster than each peer. */
export function timesFaster(
	factor: number,
	measured: Pick<BenchCase, 'name' | 'unit' | 'ours' | 'peers'> & { readonly yardstick: number },
): BenchCase {
	const rates = Object.values(measured.peers)
	const known = rates.filter((rate) => rate !== null)
	const target = rates.length > 0 && known.length === rates.length ? factor * Math.max(...known) : null
	return { ...measured, target, met: target !== null && measured.ours >= target }
}

/** A case that is met by staying at or below a bound. */
export function atMost(bound: number, measured: Pick<BenchCase, 'name' | 'unit' | 'ours'>): BenchCase {
	return { ...measured, peers: {}, yardstick: null, target: bound, met: measured.ours <= bound }
}

/** The file of `--json`. Figures have four digits: more of them would be noise. */
export function casesFile(cases: readonly BenchCase[]): string {
	const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)
	return `${JSON.stringify({ cases }, rounded, '\t')}\n`
}
