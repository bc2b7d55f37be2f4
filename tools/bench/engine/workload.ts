/** The work that every engine does in a round, and what it is called. */

/** The short names of the cases, in the order in which they are told. */
export const caseNames = ['durable', 'first', 'ten', 'single', 'cost', 'fanOut', 'limited', 'event', 'bulk'] as const
export type CaseName = (typeof caseNames)[number]

/** What an engine is asked to do in a round; `cost` is read off the others. */
export type Load = 'durable' | 'single'
export type Sample = 'first' | 'ten' | 'event'
/** A task with many sub-tasks of one step: all at once, or so many at a time. */
export type FanOut = 'fanOut' | 'limited'

export const stepsPerTask = 10

/** Sub-tasks that the limited fan-out has under way at a time. */
export const limitOfFanOut = 50

/** Samples that an engine takes before it is the turn of the next one. */
export const samplesInTurn = 10

export interface Sizes {
	readonly rounds: number
	/** Tasks of a round. */
	readonly tasks: Readonly<Record<Load, number>>
	/** Tasks of a round of a peer that keeps history: it takes many times as long. */
	readonly tasksOfSlowPeers: Readonly<Record<Load, number>>
	/** Tasks of a round of samples, one after the other: so many turns. */
	readonly samples: Readonly<Record<Sample, number>>
	/** Sub-tasks of a fan-out. */
	readonly subTasks: number
	/** Waiting tasks that a bulk cancels. */
	readonly bulk: number
	/** Of each peer's settings, so many are tried. */
	readonly candidates: number
	/** Tasks and samples of a trial; as many go before it, to warm up. */
	readonly trial: Readonly<Record<Load | Sample | 'fanOut', number>>
	/** Tasks of our own warm-up, until the programs are compiled. */
	readonly warmUp: Readonly<Record<Load | Sample | FanOut, number>>
}

/** Milliseconds between two samples, in which everything comes to rest. */
export const pause = 5

/** Milliseconds that a step has waited when its event comes: a peer that does not tell when it waits does so by then. */
export const pauseBeforeEvent = 30

const tasks = { durable: 2_000, single: 20_000 }

export const fullSizes: Sizes = {
	rounds: 3,
	tasks,
	tasksOfSlowPeers: tasks,
	samples: { first: 300, ten: 150, event: 300 },
	subTasks: 10_000,
	bulk: 10_000,
	candidates: Number.POSITIVE_INFINITY,
	trial: { durable: 300, single: 2_000, first: 50, ten: 30, event: 50, fanOut: 1_000 },
	warmUp: { durable: 4_000, single: 8_000, first: 50, ten: 30, event: 50, fanOut: 4_000, limited: 2_000 },
}

export const quickSizes: Sizes = {
	rounds: 1,
	tasks,
	tasksOfSlowPeers: { durable: 2_000, single: 5_000 },
	samples: { first: 150, ten: 60, event: 150 },
	subTasks: 10_000,
	bulk: 10_000,
	candidates: 2,
	trial: { durable: 100, single: 1_000, first: 20, ten: 10, event: 20, fanOut: 500 },
	warmUp: { durable: 4_000, single: 8_000, first: 50, ten: 30, event: 50, fanOut: 4_000, limited: 2_000 },
}

export function stepsOf(what: Load | Sample): number {
	if (what === 'event') return stepsOfEvent
	return what === 'durable' || what === 'ten' ? stepsPerTask : 1
}

/** The one that waits, or tells what it waits for, and the next. */
const stepsOfEvent = 2
