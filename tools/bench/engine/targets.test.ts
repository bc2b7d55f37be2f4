import { describe, expect, test } from 'vitest'
import { peerPlans } from './peers.ts'
import { type EngineFigures, judgeEngine } from './targets.ts'
import { caseNames } from './workload.ts'

const dbos = '@dbos-inc/dbos-sdk'
const restate = '@restatedev/restate-server'
const costPeers = { [dbos]: 900, [restate]: 600 }

/** A run that meets every target, each just so. */
const figures = {
	yardstick: { rate: 4_000, commit: 0.25 },
	durable: { ours: 38_000, peers: { [dbos]: 1_900, [restate]: 6_200, 'pg-boss': 27_000, bullmq: 12_000 } },
	first: {
		p50: { ours: 6.2, peers: { 'graphile-worker': 4.2, 'pg-boss': 3, bullmq: 1, [dbos]: 2 } },
		p99: { ours: 11.1, peers: { 'graphile-worker': 7.1, 'pg-boss': 5, bullmq: 2, [dbos]: 4 } },
	},
	ten: { ours: 9.95, peers: { [restate]: 16, bullmq: 5, [dbos]: 15 } },
	single: { ours: 8_000, peers: { [dbos]: 2_000, [restate]: 3_700, 'pg-boss': 20_000, bullmq: 12_000, 'graphile-worker': 28_000 } },
	cost: {
		walOfSteps: { ours: 930, peers: costPeers },
		wal: { ours: 1_150, peers: costPeers },
		memory: { ours: 150, peers: costPeers },
		commits: { ours: 0.2, peers: {} },
	},
	fanOut: { ours: 3_000, peers: { [dbos]: 21_000, [restate]: 14_000, 'pg-boss': 9_000, bullmq: 1_300 } },
	limited: { ours: 4_500, peers: {} },
	event: {
		p50: { ours: 6.2, peers: { [dbos]: 5, [restate]: 3 } },
		p99: { ours: 11.1, peers: { [dbos]: 15, [restate]: 9 } },
	},
	bulk: { cancel: { ours: 5_000, peers: {} }, beside: { ours: 0.8, peers: {} } },
} satisfies EngineFigures

test('the cases are those of the table, in its order, durable steps/s first', () => {
	expect(judgeEngine(figures).map(({ name, target, bound, met }) => ({ name, target, bound, met }))).toEqual([
		{ name: 'durable steps/s', target: 38_000, bound: 'at least', met: true },
		{ name: 'start → first step, idle, p50', target: 6.2, bound: 'at most', met: true },
		{ name: 'start → first step, idle, p99', target: 11.1, bound: 'at most', met: true },
		{ name: 'ten steps, idle, end to end p50', target: 9.95, bound: 'at most', met: true },
		{ name: 'single-step tasks/s, history kept', target: 8_000, bound: 'at least', met: true },
		{ name: "WAL per step without the plan's rows", target: 930, bound: 'at most', met: true },
		{ name: 'WAL per step', target: 1_150, bound: 'at most', met: true },
		{ name: 'memory of a child under load', target: 150, bound: 'at most', met: true },
		{ name: 'commits per step', target: 0.2, bound: 'at most', met: true },
		{ name: 'fan-out of 10,000 sub-tasks, start to joined', target: 3_000, bound: 'at most', met: true },
		{ name: 'the same, 50 at a time', target: 4_500, bound: 'at most', met: true },
		{ name: 'event → next step, idle, p50', target: 6.2, bound: 'at most', met: true },
		{ name: 'event → next step, idle, p99', target: 11.1, bound: 'at most', met: true },
		{ name: 'bulk cancel of 10,000 waiting tasks', target: 5_000, bound: 'at most', met: true },
		{ name: 'durable steps/s beside the bulk cancel', target: 0.8, bound: 'at least', met: true },
	])
})

describe('durable steps have to be', () => {
	test.each([
		['20 times those of DBOS', { [dbos]: 2_000 }, 40_000],
		['5 times those of Restate', { [restate]: 8_000 }, 40_000],
		["above pg-boss's chained jobs", { 'pg-boss': 50_000 }, 50_000],
		["above BullMQ's chained jobs", { bullmq: 60_000 }, 60_000],
	])('%s', (_, faster, target) => {
		const durable = { ...figures.durable, peers: { ...figures.durable.peers, ...faster } }
		expect(judgeEngine({ yardstick: figures.yardstick, durable })).toMatchObject([{ target, met: false }])
	})
})

test('single-step tasks have to be 4 times those of a fast DBOS', () => {
	const single = { ...figures.single, peers: { ...figures.single.peers, [dbos]: 2_500 } }
	expect(judgeEngine({ yardstick: figures.yardstick, single })).toMatchObject([{ target: 10_000, met: false }])
})

test('ten steps have no target when the start was not measured', () => {
	expect(judgeEngine({ yardstick: figures.yardstick, ten: figures.ten })).toMatchObject([{ target: null, met: false }])
})

test('what is compared with other cases of ours has no target without them', () => {
	const { yardstick, limited, event } = figures
	expect(judgeEngine({ yardstick, limited, event }).map(({ target, met }) => ({ target, met }))).toEqual(
		Array.from({ length: 3 }, () => ({ target: null, met: false })),
	)
})

test('with any peer of it missing a case is not met', () => {
	for (const key of ['durable', 'ten', 'single', 'fanOut'] as const) {
		for (const peer of Object.keys(figures[key].peers)) {
			const lacking = { ...figures[key], peers: { ...figures[key].peers, [peer]: null } }
			const { yardstick, first } = figures
			expect(judgeEngine({ yardstick, first, [key]: lacking }).at(key === 'durable' ? 0 : -1)).toMatchObject({ target: null, met: false })
		}
	}
})

test('what was not measured in a run is no case of it', () => {
	expect(judgeEngine({ yardstick: figures.yardstick })).toEqual([])
})

test('a case that lacks a peer which its target names is a mistake of the bench', () => {
	const durable = { ours: 1, peers: { [dbos]: 1 } }
	expect(() => judgeEngine({ yardstick: figures.yardstick, durable })).toThrow(`made from ${restate}, which was not measured`)
})

test('each case is measured with the peers that the table names', () => {
	const peersOf = (name: (typeof caseNames)[number]): string[] =>
		peerPlans
			.filter((plan) => plan.cases.includes(name))
			.map((plan) => plan.name)
			.sort()
	expect(Object.fromEntries(caseNames.map((name) => [name, peersOf(name)]))).toEqual({
		durable: Object.keys(figures.durable.peers).sort(),
		first: Object.keys(figures.first.p50.peers).sort(),
		ten: Object.keys(figures.ten.peers).sort(),
		single: Object.keys(figures.single.peers).sort(),
		cost: Object.keys(costPeers).sort(),
		fanOut: Object.keys(figures.fanOut.peers).sort(),
		limited: [],
		event: Object.keys(figures.event.p50.peers).sort(),
		bulk: [],
	})
})
