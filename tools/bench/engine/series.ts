import { type Figures, median } from '../cases.ts'
import { peerPlans } from './peers.ts'
import type { CaseName } from './workload.ts'

/** Figures of the rounds by engine: `ours`, or the package of a peer. */
export class Series {
	readonly #values = new Map<string, number[]>()

	add(engine: string, value: number | null): void {
		if (value !== null) this.#values.set(engine, [...(this.#values.get(engine) ?? []), value])
	}

	/** Their medians; null for the peers of the case that are missing. */
	figures(name: CaseName): Figures {
		const of = (engine: string): number | null => {
			const values = this.#values.get(engine)
			return values ? median(values) : null
		}
		const peers = peerPlans.filter((plan) => plan.cases.includes(name)).map((plan) => plan.name)
		return { ours: of('ours'), peers: Object.fromEntries(peers.map((peer) => [peer, of(peer)])) }
	}
}
