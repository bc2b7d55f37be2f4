/**
 * The peers of the engine bench, and which of their settings are tried before the rounds: the fastest counts. Each is
 * tuned as its documentation says for what it is asked to do, so one peer may run several times: for throughput, for a
 * short way from start to end, for a fan-out, for events.
 */

import { peerNames, type PeerName } from './targets.ts'
import type { CaseName } from './workload.ts'

export interface PeerSettings {
	readonly processes: number
	/** Tasks under way in each process. */
	readonly atOnce: number
	/** What only this peer knows. */
	readonly [name: string]: unknown
}

export interface PeerPlan {
	readonly name: PeerName
	/** Below `tools/bench/peers`. */
	readonly folder: string
	readonly cases: readonly CaseName[]
	/** In our PostgreSQL, or in a server of its own on the same disk. */
	readonly storage: 'postgresql' | 'own'
	/** What is there after a task has ended. */
	readonly keeps: string
	readonly keepsHistory: boolean
	/** The likeliest first: a quick run tries two. */
	readonly candidates: readonly PeerSettings[]
}

const history = 'workflow and steps'
const journal = 'invocation and journal for a day'
const nothing = 'nothing'

/** A process for each of two cores or fewer, pools from its default of 10 to 50. */
const dbosCandidates: readonly PeerSettings[] = [
	{ processes: 2, connections: 10, atOnce: 50 },
	{ processes: 2, connections: 20, atOnce: 100 },
	{ processes: 1, connections: 20, atOnce: 100 },
	{ processes: 2, connections: 50, atOnce: 1000 },
	{ processes: 3, connections: 10, atOnce: 70 },
]

/** Partitions about as many as cores: its default of 24 is meant for a cluster. */
const restateCandidates: readonly PeerSettings[] = [
	{ processes: 1, atOnce: 200, endpoints: 1, partitions: 4, log: 'replicated' },
	{ processes: 1, atOnce: 200, endpoints: 1, partitions: 2, log: 'replicated' },
	{ processes: 1, atOnce: 200, endpoints: 2, partitions: 4, log: 'replicated' },
	{ processes: 1, atOnce: 200, endpoints: 1, partitions: 4, log: 'local' },
]

const pgBossCandidates: readonly PeerSettings[] = [
	{ processes: 1, connections: 4, atOnce: 200, loops: 2, batch: 100 },
	{ processes: 2, connections: 4, atOnce: 100, loops: 1, batch: 100 },
	{ processes: 1, connections: 4, atOnce: 200, loops: 1, batch: 200 },
	{ processes: 1, connections: 6, atOnce: 200, loops: 4, batch: 50 },
]

const bullmqCandidates: readonly PeerSettings[] = [
	{ processes: 1, atOnce: 200 },
	{ processes: 2, atOnce: 100 },
	{ processes: 1, atOnce: 100 },
]

const localQueue = (size: number) => ({ localQueue: { size }, completeJobBatchDelay: 0, failJobBatchDelay: 0 })

export const peerPlans: readonly PeerPlan[] = [
	{
		name: peerNames.dbos,
		folder: 'dbos',
		cases: ['durable', 'single', 'cost'],
		storage: 'postgresql',
		keeps: history,
		keepsHistory: true,
		candidates: dbosCandidates,
	},
	{
		name: peerNames.restate,
		folder: 'restate',
		cases: ['durable', 'ten', 'single', 'cost'],
		storage: 'own',
		keeps: journal,
		keepsHistory: true,
		candidates: restateCandidates,
	},
	{
		name: peerNames.pgBoss,
		folder: 'pg-boss',
		cases: ['durable', 'single'],
		storage: 'postgresql',
		keeps: 'completed jobs',
		keepsHistory: false,
		candidates: pgBossCandidates,
	},
	{
		name: peerNames.bullmq,
		folder: 'bullmq',
		cases: ['durable', 'single'],
		storage: 'own',
		keeps: nothing,
		keepsHistory: false,
		candidates: bullmqCandidates,
	},
	{
		name: peerNames.dbos,
		folder: 'dbos',
		cases: ['fanOut'],
		storage: 'postgresql',
		keeps: history,
		keepsHistory: true,
		candidates: [
			{ processes: 1, connections: 20, atOnce: 100 },
			{ processes: 1, connections: 50, atOnce: 1000 },
		],
	},
	{
		name: peerNames.restate,
		folder: 'restate',
		cases: ['fanOut'],
		storage: 'own',
		keeps: journal,
		keepsHistory: true,
		candidates: restateCandidates.filter(({ endpoints }) => endpoints === 1),
	},
	{
		name: peerNames.pgBoss,
		folder: 'pg-boss',
		cases: ['fanOut'],
		storage: 'postgresql',
		keeps: 'completed jobs',
		keepsHistory: false,
		candidates: pgBossCandidates.filter(({ processes }) => processes === 1),
	},
	{
		name: peerNames.bullmq,
		folder: 'bullmq',
		cases: ['fanOut'],
		storage: 'own',
		keeps: nothing,
		keepsHistory: false,
		candidates: bullmqCandidates.filter(({ processes }) => processes === 1),
	},
	{
		name: peerNames.graphileWorker,
		folder: 'graphile-worker',
		cases: ['single'],
		storage: 'postgresql',
		keeps: nothing,
		keepsHistory: false,
		candidates: [
			{ processes: 1, connections: 10, atOnce: 24, preset: localQueue(500) },
			{ processes: 2, connections: 10, atOnce: 24, preset: localQueue(500) },
			{ processes: 1, connections: 10, atOnce: 100, preset: localQueue(100) },
		],
	},
	{
		name: peerNames.graphileWorker,
		folder: 'graphile-worker',
		cases: ['first'],
		storage: 'postgresql',
		keeps: nothing,
		keepsHistory: false,
		candidates: [
			{ processes: 1, connections: 10, atOnce: 10, preset: {} },
			{ processes: 1, connections: 10, atOnce: 10, preset: localQueue(10) },
		],
	},
	{
		name: peerNames.pgBoss,
		folder: 'pg-boss',
		cases: ['first'],
		storage: 'postgresql',
		keeps: 'completed jobs',
		keepsHistory: false,
		candidates: [{ processes: 1, connections: 4, atOnce: 1, loops: 1, batch: 1, listens: true }],
	},
	{
		name: peerNames.bullmq,
		folder: 'bullmq',
		cases: ['first', 'ten'],
		storage: 'own',
		keeps: nothing,
		keepsHistory: false,
		candidates: [{ processes: 1, atOnce: 1 }],
	},
	{
		name: peerNames.dbos,
		folder: 'dbos',
		cases: ['first', 'ten'],
		storage: 'postgresql',
		keeps: history,
		keepsHistory: true,
		candidates: [{ processes: 1, connections: 10, atOnce: 1 }],
	},
	{
		name: peerNames.dbos,
		folder: 'dbos',
		cases: ['event'],
		storage: 'postgresql',
		keeps: history,
		keepsHistory: true,
		candidates: [{ processes: 1, connections: 10, atOnce: 1, listens: true }],
	},
	{
		name: peerNames.restate,
		folder: 'restate',
		cases: ['event'],
		storage: 'own',
		keeps: journal,
		keepsHistory: true,
		candidates: restateCandidates.filter(({ endpoints }) => endpoints === 1),
	},
]
