/** The rounds of the engine bench: in each one every engine in turn, so that noise of the machine meets all. */

import { type Pool, withDatabase } from '@taskyard/store/connection'
import { figure, median, percentile } from '../cases.ts'
import { Cost } from './cost.ts'
import type { ReadyPeer } from './preparePeers.ts'
import { Series } from './series.ts'
import type { EngineFigures } from './targets.ts'
import type { Taskyard } from './taskyard.ts'
import { withPool } from './withPool.ts'
import { type CaseName, caseNames, type FanOut, type Load, type Sample, samplesInTurn, type Sizes, stepsOf } from './workload.ts'
import { measureYardstick, type Yardstick } from './yardstick.ts'

export interface RoundsPlace {
	readonly admin: Pool
	readonly url: string
	readonly sizes: Sizes
	readonly say: (line: string) => void
	readonly cases: ReadonlySet<CaseName>
	readonly ours: Taskyard
	readonly peers: readonly ReadyPeer[]
}

/** Runs them all; answers the medians. */
export async function runRounds(place: RoundsPlace): Promise<EngineFigures> {
	const { admin, url, sizes, say, cases, ours, peers } = place
	const yardsticks: Yardstick[] = []
	const series = Object.fromEntries(caseNames.map((name) => [name, new Series()])) as Record<CaseName, Series>
	const worst = { first: new Series(), ten: new Series(), event: new Series() }
	const beside = new Series()
	const cost = cases.has('cost') ? new Cost(admin, ours, say) : null
	const roundOf = async (name: CaseName): Promise<string[]> => {
		switch (name) {
			case 'durable':
				return roundOfLoad(name, place, series[name], cost)
			case 'single':
				return roundOfLoad(name, place, series[name], null)
			case 'first':
			case 'ten':
			case 'event':
				return roundOfSamples(name, place, series[name], worst[name])
			case 'fanOut':
			case 'limited':
				return roundOfFanOut(name, place, series[name])
			case 'bulk':
				return roundOfBulk(place, series[name], beside)
			case 'cost':
				return []
		}
	}
	for (let round = 1; round <= sizes.rounds; round++) {
		for (const name of caseNames.filter((one) => one !== 'cost' && cases.has(one))) {
			const yardstick = await withPool(withDatabase(url, 'postgres'), (pool) => measureYardstick(pool, 500))
			yardsticks.push(yardstick)
			const said = await roundOf(name)
			say(`round ${round}, ${name}: yardstick ${figure(yardstick.rate)}/s, a commit ${figure(yardstick.commit)} ms; ${said.join('; ')}`)
		}
	}
	return {
		yardstick: { rate: median(yardsticks.map((one) => one.rate)), commit: median(yardsticks.map((one) => one.commit)) },
		...(cases.has('durable') && { durable: series.durable.figures('durable') }),
		...(cases.has('first') && { first: { p50: series.first.figures('first'), p99: worst.first.figures('first') } }),
		...(cases.has('ten') && { ten: series.ten.figures('ten') }),
		...(cases.has('single') && { single: series.single.figures('single') }),
		...(cases.has('fanOut') && { fanOut: series.fanOut.figures('fanOut') }),
		...(cases.has('limited') && { limited: series.limited.figures('limited') }),
		...(cases.has('event') && { event: { p50: series.event.figures('event'), p99: worst.event.figures('event') } }),
		...(cases.has('bulk') && { bulk: { cancel: series.bulk.figures('bulk'), beside: beside.figures('bulk') } }),
		...(cost && { cost: await cost.figures(peers) }),
	}
}

/** Steps a second: of tasks with one step each, these are tasks a second. */
async function roundOfLoad(load: Load, { sizes, ours, peers }: RoundsPlace, series: Series, cost: Cost | null): Promise<string[]> {
	const said: string[] = []
	const tell = (engine: string, steps: number, milliseconds: number): void => {
		const rate = (steps * 1000) / milliseconds
		series.add(engine, rate)
		said.push(`${engine} ${figure(rate)}/s`)
	}
	const tasks = sizes.tasks[load]
	const steps = tasks * stepsOf(load)
	const run = (): Promise<number> => ours.run(load, tasks)
	tell('ours', steps, await (cost ? cost.ofOurs(steps, run) : run()))
	for (const ready of peersFor(load, peers)) {
		const peerTasks = ready.plan.keepsHistory ? sizes.tasksOfSlowPeers[load] : tasks
		const peerSteps = peerTasks * stepsOf(load)
		const runPeer = (): Promise<number> => ready.peer.run(load, peerTasks)
		tell(ready.plan.name, peerSteps, await (cost ? cost.ofPeer(ready, peerSteps, runPeer) : runPeer()))
	}
	await cost?.settle()
	return said
}

/**
 * Milliseconds of each sample: the middle one, and the 99th of a hundred. The engines take turns within a round too: a
 * moment in which the machine is busy is longer than all samples of one.
 */
async function roundOfSamples(what: Sample, { sizes, ours, peers }: RoundsPlace, middle: Series, worst: Series): Promise<string[]> {
	const engines: [name: string, sample: (samples: number) => Promise<number[]>][] = [
		['ours', (samples) => ours.sample(what, samples)],
		...peersFor(what, peers).map(({ plan, peer }): (typeof engines)[number] => [plan.name, (samples) => peer.sample(what, samples)]),
	]
	const milliseconds = new Map<string, number[]>(engines.map(([name]) => [name, []]))
	for (let taken = 0; taken < sizes.samples[what]; taken += samplesInTurn) {
		for (const [name, sample] of engines) milliseconds.get(name)?.push(...(await sample(samplesInTurn)))
	}
	return [...milliseconds].map(([engine, values]) => {
		const [p50, p99] = [median(values), percentile(99, values)]
		middle.add(engine, p50)
		worst.add(engine, p99)
		return `${engine} ${figure(p50)} ms (p99 ${figure(p99)})`
	})
}

/** Milliseconds from the start of a task until it has ended with all its sub-tasks. */
async function roundOfFanOut(what: FanOut, { sizes, ours, peers }: RoundsPlace, series: Series): Promise<string[]> {
	const said: string[] = []
	const tell = (engine: string, milliseconds: number): void => {
		series.add(engine, milliseconds)
		said.push(`${engine} ${figure(milliseconds)} ms`)
	}
	tell('ours', await ours.fanOut(what, sizes.subTasks))
	for (const { plan, peer } of peersFor(what, peers)) tell(plan.name, await peer.fanOut(sizes.subTasks))
	return said
}

async function roundOfBulk({ sizes, ours }: RoundsPlace, cancel: Series, beside: Series): Promise<string[]> {
	const measured = await ours.bulkCancel(sizes.bulk)
	cancel.add('ours', measured.milliseconds)
	beside.add('ours', measured.beside / measured.alone)
	return [`${figure(measured.milliseconds)} ms`, `${figure(measured.alone)} steps/s without it, ${figure(measured.beside)}/s beside it`]
}

const peersFor = (name: CaseName, peers: readonly ReadyPeer[]): ReadyPeer[] => peers.filter(({ plan }) => plan.cases.includes(name))
