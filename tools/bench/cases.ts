/** What a bench finds out, as it is written to a file. */

/** A figure of ours and those of the peers, by the names of their packages; null for what could not be measured. */
export interface Figures {
	readonly ours: number | null
	readonly peers: Readonly<Record<string, number | null>>
}

export interface BenchCase extends Figures {
	readonly name: string
	readonly unit: string
	/**
	 * What the machine gave in the same run, in the unit of the case: rows updated each in a commit of its own, a second,
	 * or the median time of one. Null where it says nothing.
	 */
	readonly yardstick: number | null
	/** Each figure as a multiple of the yardstick. */
	readonly ratio: Figures
	/** What `ours` has to reach, in the unit of the case; null when that depends on a peer that is missing. */
	readonly target: number | null
	/** Whether `ours` must be at least or at most the target. */
	readonly bound: 'at least' | 'at most'
	readonly met: boolean
}

/** A case before it is judged. */
export type Measured = Figures & Pick<BenchCase, 'name' | 'unit' | 'yardstick'>

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	if (values.length === 0) throw new Error('There is no median of nothing: measure at least once.')
	const sorted = [...values].sort((a, b) => a - b)
	const middle = sorted.length >> 1
	const upper = sorted[middle] as number
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}

/** The smallest of the values that so many per cent of them do not exceed. */
export function percentile(percent: number, values: readonly number[]): number {
	if (values.length === 0) throw new Error('There is no percentile of nothing: measure at least once.')
	const sorted = [...values].sort((a, b) => a - b)
	return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] as number
}

/** A target made from the figures of peers; null when a peer of the case is missing, also one that the target does not name. */
export function targetFrom<Peers extends Record<string, number | null>>(
	peers: Peers,
	target: (known: { readonly [name in keyof Peers]: number }) => number,
): number | null {
	const figures = Object.values(peers)
	return figures.length > 0 && figures.every((figure) => figure !== null) ? target(peers as { [name in keyof Peers]: number }) : null
}

/** A case that is met by reaching its target. */
export const atLeast = (target: number | null, measured: Measured): BenchCase => judged('at least', target, measured)

/** A case that is met by not exceeding its target. */
export const atMost = (target: number | null, measured: Measured): BenchCase => judged('at most', target, measured)

function judged(bound: BenchCase['bound'], target: number | null, { name, unit, ours, peers, yardstick }: Measured): BenchCase {
	const holds = ours !== null && target !== null && (bound === 'at least' ? ours >= target : ours <= target)
	const over = (value: number | null): number | null => (value === null || yardstick === null ? null : value / yardstick)
	const ratio = { ours: over(ours), peers: Object.fromEntries(Object.entries(peers).map(([peer, value]) => [peer, over(value)])) }
	return { name, unit, ours, peers, yardstick, ratio, target, bound, met: holds }
}

/** The file of `--json`. Figures have four digits: more of them would be noise. */
export function casesFile(cases: readonly BenchCase[]): string {
	const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)
	return `${JSON.stringify({ cases }, rounded, '\t')}\n`
}

/** A case in lines for a person: ours, the peers, the target. */
export function describeCase(one: BenchCase): string {
	const { name, unit, ours, peers, yardstick, ratio, target, bound, met } = one
	const said = (value: number | null, over: number | null): string =>
		value === null ? 'missing' : `${figure(value)}${over === null ? '' : ` (${figure(over)} × yardstick)`}`
	const others = Object.entries(peers).map(([peer, value]) => `${peer} ${said(value, ratio.peers[peer] ?? null)}`)
	return [
		`${met ? '✓' : '✗'} ${name}: ${met ? 'met' : 'not met'}`,
		`    ${said(ours, ratio.ours)} ${unit}; target ${target === null ? 'unknown, for a peer is missing' : `${bound} ${figure(target)}`}`,
		...(others.length > 0 ? [`    beside it: ${others.join('; ')}`] : []),
		...(yardstick === null ? [] : [`    yardstick: ${figure(yardstick)} ${unit}`]),
	].join('\n')
}

/** Three digits at least. */
export const figure = (value: number): string =>
	value >= 100 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(3)).toString()
