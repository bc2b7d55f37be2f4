/**
 * The reference's own picture of tasks: one `Life` each, in a `World` with a clock that only the test moves. Written from
 * the tables of the domain and nothing else; it shares no word and no code with the model.
 */

import { numberedShape, type Doing, type Shape, type StepShape } from './shapes.ts'

export type LifePhase = 'scheduled' | 'pending' | 'planning' | 'planned' | 'running' | 'paused' | 'stopped'
export type StepPhase =
	| 'pending'
	| 'running'
	| 'suspended'
	| 'success'
	| 'error'
	| 'skipped'
	| 'cancelled'
	| 'finalizing'
	| 'finalized'
	| 'reverting'
	| 'reverted'
	| 'revert_failed'

export type Why = 'failed' | 'lost' | 'timed_out'

/** How an event ends the step that it is for; null for one that wakes it. */
export type Brought = 'well' | 'badly' | null

export interface StepLife {
	phase: StepPhase
	/** Attempts begun. */
	number: number
	tries: number
	/** Between two tries: not before this hour. */
	rest: number | null
	fault: { why: Why; during: Exclude<Doing, 'plan'> } | null
	/** A person asked to cancel this step. */
	asked: boolean
	/** Cancelled because a person wanted it, and not because the task ended otherwise. */
	byPerson: boolean
	/** It has waited before: a run goes on where it did, whatever came in between. */
	waited: boolean
	/** That were sent, in the order in which they came. */
	events: readonly Brought[]
	/** Of these, so many are behind it. */
	seen: number
	/** So many its code was given before it waited the last time. */
	given: number
	/** So many its attempt has found; null where it has not looked yet. */
	found: number | null
}

export type EdgePolicy = 'success' | 'ended' | 'any'

export interface Edge {
	readonly on: number
	readonly policy: EdgePolicy
	settled: 'open' | 'met' | 'failed'
}

/** An attempt that has ended otherwise than well; several words where the domain leaves it open. */
export interface Ended {
	readonly step: number | null
	readonly number: number
	readonly outcome: readonly string[]
}

/** Why a task as a whole has stopped or paused, apart from its steps. */
export type Trouble = 'planning_failed' | 'lock_conflict' | 'missed_start_before' | 'dependency_failed' | 'not_confirmed' | 'force_unlocked'

export interface Life {
	readonly shape: Shape
	phase: LifePhase
	/** Hours of the world's clock. */
	opens: number | null
	expires: number | null
	/** Until when it may be confirmed. */
	confirmUntil: number | null
	edges: Edge[]
	hasPlan: boolean
	planNumber: number
	planTries: number
	planRest: number | null
	started: boolean
	pauseAsked: boolean
	cancelAsked: boolean
	touched: boolean
	unlocked: boolean
	reverting: boolean
	trouble: Trouble | null
	claims: 'none' | 'waiting' | 'held'
	/** In the line, while it waits. */
	place: number
	steps: StepLife[]
	ended: Ended[]
	deleted: boolean
}

export interface World {
	/** Hours since the sequence began. */
	now: number
	dangerous: boolean
	places: number
	lives: Life[]
}

export const emptyWorld: World = { now: 0, dangerous: true, places: 0, lives: [] }

export interface Order {
	readonly shape: Shape
	readonly opens: number | null
	readonly expires: number | null
	readonly edges: readonly { readonly on: number; readonly policy: EdgePolicy }[]
}

/** A task that has just been asked for. */
export function newLife({ shape, opens, expires, edges }: Order, now: number): Life {
	const gated = opens !== null || shape.confirmation || edges.length > 0
	return {
		shape,
		phase: gated ? 'scheduled' : 'pending',
		opens,
		expires,
		confirmUntil: shape.confirmation ? now + 1 : null,
		edges: edges.map((edge) => ({ ...edge, settled: 'open' })),
		hasPlan: false,
		planNumber: 0,
		planTries: 0,
		planRest: null,
		started: false,
		pauseAsked: false,
		cancelAsked: false,
		touched: false,
		unlocked: false,
		reverting: false,
		trouble: null,
		claims: 'none',
		place: 0,
		steps: [],
		ended: [],
		deleted: false,
	}
}

/** A change that is made to a copy of a world. */
export type Change = (world: World) => void

/** One copy for each way in which it can go. */
export function vary(world: World, changes: readonly Change[]): World[] {
	return changes.map((change) => {
		const copy = copyOf(world)
		change(copy)
		return copy
	})
}

export function copyOf(world: World): World {
	return {
		...world,
		lives: world.lives.map((life) => ({
			...life,
			edges: life.edges.map((edge) => ({ ...edge })),
			steps: life.steps.map((step) => ({ ...step })),
			ended: [...life.ended],
		})),
	}
}

/** Worlds with the same key are the same. Values without their names: all have the same in the same order, and most of the time goes into keys. */
export function keyOf({ lives, ...rest }: World): string {
	return JSON.stringify([rest, ...lives.map(valuesOf)].map((part) => Object.values(part)))
}

function valuesOf({ shape: _, steps, edges, ...rest }: Life): object {
	return { ...rest, steps: steps.map((step) => Object.values(step)), edges: edges.map(({ settled }) => settled) }
}
export function lifeAt(world: World, number: number): Life {
	const life = world.lives[number]
	if (!life) throw new Error(`The reference has no task ${number}.`)
	return life
}

/** In the order of the plan, whichever ended first: worlds that differ in nothing else are the same. */
export function noteEnd(life: Life, one: Ended): void {
	const after = life.ended.findIndex(
		({ step, number }) => (step ?? -1) - (one.step ?? -1) > 0 || (step === one.step && number > one.number),
	)
	life.ended.splice(after === -1 ? life.ended.length : after, 0, one)
}

export function stepAt(life: Life, number: number): StepLife {
	const step = life.steps[number]
	if (!step) throw new Error(`The task has no step ${number}; its plan has ${life.steps.length}.`)
	return step
}

export function shapeAt(life: Life, number: number): StepShape {
	const shape = numberedShape(life.shape).steps[number]
	if (!shape) throw new Error(`The shape has no step ${number}.`)
	return shape
}

export const isBusy = ({ phase }: StepLife): boolean => phase === 'running' || phase === 'finalizing' || phase === 'reverting'

/** What a busy step does. */
export function doingOf({ phase }: StepLife): Exclude<Doing, 'plan'> {
	return phase === 'finalizing' ? 'finalize' : phase === 'reverting' ? 'revert' : 'run'
}
