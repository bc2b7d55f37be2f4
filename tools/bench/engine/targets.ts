/** What each case of the engine bench has to reach. The peers' figures and the yardstick are those of the same run. */

import { atLeast, atMost, type BenchCase, type Figures, targetFrom } from '../cases.ts'

/** The packages of the peers. */
export const peerNames = {
	dbos: '@dbos-inc/dbos-sdk',
	restate: '@restatedev/restate-server',
	pgBoss: 'pg-boss',
	bullmq: 'bullmq',
	graphileWorker: 'graphile-worker',
} as const
export type PeerName = (typeof peerNames)[keyof typeof peerNames]

/** Medians over the rounds; what was not measured in this run is left out. */
export interface EngineFigures {
	/** Single-row committed updates: so many a second, and the milliseconds of one. */
	readonly yardstick: { readonly rate: number; readonly commit: number }
	/** Steps a second. */
	readonly durable?: Figures
	/** Milliseconds from the start to the first step. */
	readonly first?: { readonly p50: Figures; readonly p99: Figures }
	/** Milliseconds of ten steps. */
	readonly ten?: Figures
	/** Tasks a second. */
	readonly single?: Figures
	/** Milliseconds of a fan-out of 10,000 sub-tasks: all at once, and with a limit. */
	readonly fanOut?: Figures
	readonly limited?: Figures
	/** Milliseconds from an event to the step after the one that waited for it. */
	readonly event?: { readonly p50: Figures; readonly p99: Figures }
	/** Milliseconds of a bulk cancel of 10,000 waiting tasks, and steps a second beside it as a part of those without it. */
	readonly bulk?: { readonly cancel: Figures; readonly beside: Figures }
	readonly cost?: {
		/** Bytes a step, what the plan stores for it left out and with it. */
		readonly walOfSteps: Figures
		readonly wal: Figures
		/** Most megabytes of one process. */
		readonly memory: Figures
		/** `xact_commit` a step. */
		readonly commits: Figures
	}
}

const { dbos, restate, pgBoss, bullmq, graphileWorker } = peerNames

/** The cases in the order in which they are told. */
export function judgeEngine({ yardstick, durable, first, ten, single, cost, fanOut, limited, event, bulk }: EngineFigures): BenchCase[] {
	const { rate, commit } = yardstick
	const cases: BenchCase[] = []
	if (durable) {
		const target = targetFrom(durable.peers, (peers) =>
			Math.max(20 * of(peers, dbos), 5 * of(peers, restate), of(peers, pgBoss), of(peers, bullmq)),
		)
		cases.push(atLeast(target, { name: 'durable steps/s', unit: 'steps/s', ...durable, yardstick: rate }))
	}
	if (first) {
		const slower = (figures: Figures, by: number): number | null => targetFrom(figures.peers, (peers) => of(peers, graphileWorker) + by)
		cases.push(
			atMost(slower(first.p50, 2), { name: 'start → first step, idle, p50', unit: 'ms', ...first.p50, yardstick: commit }),
			atMost(slower(first.p99, 4), { name: 'start → first step, idle, p99', unit: 'ms', ...first.p99, yardstick: commit }),
		)
	}
	if (ten) {
		const start = first?.p50.ours ?? null
		const target = start === null ? null : targetFrom(ten.peers, () => 15 * commit + start)
		cases.push(atMost(target, { name: 'ten steps, idle, end to end p50', unit: 'ms', ...ten, yardstick: commit }))
	}
	if (single) {
		const target = targetFrom(single.peers, (peers) => Math.max(8_000, 4 * of(peers, dbos)))
		cases.push(atLeast(target, { name: 'single-step tasks/s, history kept', unit: 'tasks/s', ...single, yardstick: rate }))
	}
	if (cost) {
		const bounded = (bound: number, figures: Figures): number | null => targetFrom(figures.peers, () => bound)
		const { walOfSteps, wal, memory, commits } = cost
		cases.push(
			atMost(bounded(930, walOfSteps), { name: "WAL per step without the plan's rows", unit: 'bytes', ...walOfSteps, yardstick: null }),
			atMost(bounded(1_150, wal), { name: 'WAL per step', unit: 'bytes', ...wal, yardstick: null }),
			atMost(bounded(150, memory), { name: 'memory of a child under load', unit: 'MB', ...memory, yardstick: null }),
			atMost(0.2, { name: 'commits per step', unit: 'xact_commit/step', ...commits, yardstick: null }),
		)
	}
	if (fanOut) {
		const target = targetFrom(fanOut.peers, () => 3_000)
		cases.push(atMost(target, { name: 'fan-out of 10,000 sub-tasks, start to joined', unit: 'ms', ...fanOut, yardstick: commit }))
	}
	if (limited) {
		const unlimited = fanOut?.ours ?? null
		const target = unlimited === null ? null : 1.5 * unlimited
		cases.push(atMost(target, { name: 'the same, 50 at a time', unit: 'ms', ...limited, yardstick: commit }))
	}
	if (event) {
		const start = (figure: 'p50' | 'p99'): number | null => {
			const ours = first?.[figure].ours ?? null
			return ours === null ? null : targetFrom(event[figure].peers, () => ours)
		}
		cases.push(
			atMost(start('p50'), { name: 'event → next step, idle, p50', unit: 'ms', ...event.p50, yardstick: commit }),
			atMost(start('p99'), { name: 'event → next step, idle, p99', unit: 'ms', ...event.p99, yardstick: commit }),
		)
	}
	if (bulk) {
		cases.push(
			atMost(5_000, { name: 'bulk cancel of 10,000 waiting tasks', unit: 'ms', ...bulk.cancel, yardstick: commit }),
			atLeast(0.8, { name: 'durable steps/s beside the bulk cancel', unit: 'of those without it', ...bulk.beside, yardstick: null }),
		)
	}
	return cases
}

/** Of a peer that the case must have measured. */
function of(peers: Readonly<Record<string, number>>, name: PeerName): number {
	const known = peers[name]
	if (known === undefined) throw new Error(`The target is made from ${name}, which was not measured in this case.`)
	return known
}
