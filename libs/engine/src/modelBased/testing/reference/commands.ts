/** What persons, the world and the code of authors do to tasks: the domain's *Operator actions*, one by one. */

import { fenceOff, loseAttempt, skip } from './attempts.ts'
import { cancelPending, settle, stop } from './ends.ts'
import {
	copyOf,
	isBusy,
	lifeAt,
	newLife,
	noteEnd,
	shapeAt,
	stepAt,
	vary,
	type Brought,
	type Change,
	type Life,
	type Order,
	type World,
} from './life.ts'
import { claim, verdictOnClaims } from './locks.ts'
import { endOfCode, endPlanning } from './moves.ts'
import { fatal, isResting } from './ready.ts'
import type { Doing } from './shapes.ts'
import { arrive, cancelWait, isOver, isSuspended } from './waits.ts'

/** An attempt: a step's, or with `step` null that of a plan. */
export interface Attempt {
	readonly life: number
	readonly step: number | null
	readonly doing: Doing
	readonly number: number
}

export type Command =
	| { readonly kind: 'start'; readonly order: Order }
	| { readonly kind: 'pause' | 'resume' | 'cancel' | 'unlock' | 'forceUnlock' | 'rerun' | 'remove'; readonly life: number }
	| { readonly kind: 'retryStep' | 'skipStep' | 'cancelStep'; readonly life: number; readonly step: number }
	/** Numbers count the events of a step from 1: one that has come already comes again. */
	| { readonly kind: 'sendEvent'; readonly life: number; readonly step: number; readonly number: number; readonly brings: Brought }
	| { readonly kind: 'confirm'; readonly life: number; readonly yes: boolean }
	| { readonly kind: 'allowDanger'; readonly allowed: boolean }
	/** The code of an attempt ends as its script says. It may be one that no longer counts. */
	| { readonly kind: 'letEnd'; readonly attempt: Attempt }
	/** A process is gone with all that ran in it, or has given all of it back. */
	| { readonly kind: 'kill' | 'drain'; readonly attempts: readonly Attempt[] }
	/** What that means for one of its attempts: each is found on its own, and others may go on in between. */
	| { readonly kind: 'lose'; readonly attempt: Attempt; readonly how: 'lost' | 'handed_back' }
	| { readonly kind: 'passHours'; readonly hours: number }

export type Answer = 'done' | 'refused'

export interface Taken {
	readonly world: World
	readonly answer: Answer
}

/** Every way in which a command can be taken up in a world. */
export function take(world: World, command: Command): Taken[] {
	switch (command.kind) {
		case 'start':
			return start(world, command.order)
		case 'allowDanger':
			return done(world, (one) => void (one.dangerous = command.allowed))
		case 'passHours':
			return done(world, (one) => void (one.now += command.hours))
		case 'letEnd':
			return letEnd(world, command.attempt)
		case 'lose':
			return lose(world, command.attempt, command.how).map((one) => ({ world: one, answer: 'done' }))
		case 'kill':
		case 'drain':
			throw new Error(`A ${command.kind} is taken up as the loss of each of its attempts.`)
		case 'pause':
		case 'resume':
		case 'cancel':
		case 'unlock':
		case 'forceUnlock':
		case 'rerun':
		case 'remove':
		case 'retryStep':
		case 'skipStep':
		case 'cancelStep':
		case 'sendEvent':
		case 'confirm':
			return operate(world, command)
	}
}

type Operation = Extract<Command, { readonly life: number }>

function operate(world: World, command: Operation): Taken[] {
	const life = lifeAt(world, command.life)
	const change = (...ways: ((mine: Life, one: World) => void)[]): Taken[] =>
		done(
			world,
			...ways.map(
				(way): Change =>
					(one) =>
						way(lifeAt(one, command.life), one),
			),
		)
	const { phase } = life
	// Each is idempotent: what has come through already may be answered as done, and changes nothing.
	if (life.deleted) return command.kind === 'remove' ? either(world) : refused(world)
	if (hasComeThrough(life, command)) return either(world)
	const inError = (step: number): boolean => phase === 'paused' && stepAt(life, step).phase === 'error'
	switch (command.kind) {
		case 'pause':
			if (phase !== 'running') return refused(world)
			return life.cancelAsked ? either(world) : change((mine) => void (mine.pauseAsked = true))
		case 'resume':
			return resume(world, life, change)
		case 'cancel':
			return cancel(world, life, change)
		case 'unlock':
			if (phase !== 'paused' || !world.dangerous) return refused(world)
			return change((mine, one) => {
				mine.unlocked = true
				stop(one, mine)
			})
		case 'forceUnlock':
			if (phase === 'stopped' || !world.dangerous) return refused(world)
			return change((mine, one) => {
				fenceOff(mine)
				mine.trouble = 'force_unlocked'
				stop(one, mine)
			})
		case 'rerun':
			if (phase !== 'stopped') return refused(world)
			return done(world, (one) => void one.lives.push(newLife({ shape: life.shape, opens: null, expires: null, edges: [] }, one.now)))
		case 'remove': {
			if (phase !== 'stopped') return refused(world)
			const removal = change((mine) => void (mine.deleted = true))
			// One that others still need settled counts as awaited, or not.
			const awaited = world.lives.some((other) => other.phase === 'scheduled' && other.edges.some((edge) => edge.on === command.life))
			return awaited ? [...removal, ...refused(world)] : removal
		}
		case 'retryStep':
			if (!inError(command.step)) return refused(world)
			return change((mine) => {
				tryAgain(mine, command.step)
				goOn(mine)
			})
		case 'skipStep':
			if (!inError(command.step)) return refused(world)
			return change((mine) => {
				skip(mine, command.step)
				goOn(mine)
			})
		case 'cancelStep': {
			const { stoppable } = shapeAt(life, command.step)
			const waits = isSuspended(stepAt(life, command.step))
			if (phase !== 'running' || !(waits || isBusy(stepAt(life, command.step))) || !stoppable) return refused(world)
			if (waits) return change((mine) => cancelWait(stepAt(mine, command.step), true))
			return life.cancelAsked ? either(world) : change((mine) => void (stepAt(mine, command.step).asked = true))
		}
		case 'sendEvent':
			return sendEvent(world, life, command, change)
		case 'confirm':
			if (phase !== 'scheduled' || life.confirmUntil === null || life.confirmUntil <= world.now) return refused(world)
			return change((mine, one) => {
				if (command.yes) mine.confirmUntil = null
				else {
					mine.trouble = 'not_confirmed'
					stop(one, mine)
				}
			})
	}
}

function hasComeThrough(life: Life, command: Operation): boolean {
	switch (command.kind) {
		case 'pause':
			return life.phase === 'paused' || life.pauseAsked
		case 'cancel':
			return life.cancelAsked
		case 'unlock':
			return life.unlocked
		case 'forceUnlock':
			return life.trouble === 'force_unlocked'
		case 'skipStep':
			return stepAt(life, command.step).phase === 'skipped'
		case 'cancelStep':
			return stepAt(life, command.step).asked || stepAt(life, command.step).byPerson
		case 'sendEvent':
			return command.number <= stepAt(life, command.step).events.length
		case 'resume':
		case 'rerun':
		case 'remove':
		case 'retryStep':
		case 'confirm':
			return false
	}
}

/** One that comes while nothing waits is kept. What will not begin any more may be called cancelled already. */
function sendEvent(world: World, life: Life, { step, brings }: Extract<Command, { kind: 'sendEvent' }>, change: Ways): Taken[] {
	const { phase } = life
	if (phase === 'stopped') return refused(world)
	const kept = change((mine) => arrive(mine, step, brings))
	if (phase !== 'running' && phase !== 'paused') return kept
	if (isOver(life, step)) return refused(world)
	const ends = life.cancelAsked || fatal(life) !== null
	return ends && stepAt(life, step).phase === 'pending' ? [...kept, ...refused(world)] : kept
}

type Ways = (...ways: ((mine: Life, one: World) => void)[]) => Taken[]

function cancel(world: World, life: Life, change: Ways): Taken[] {
	switch (life.phase) {
		case 'stopped':
			return refused(world)
		case 'running':
			if (!life.shape.cancellable && life.steps.some((step) => isBusy(step) || isSuspended(step))) return refused(world)
			return change((mine) => {
				mine.cancelAsked = true
				mine.pauseAsked = false
			})
		case 'scheduled':
		case 'pending':
		case 'planning':
		case 'planned':
		case 'paused':
			return change((mine, one) => {
				fenceOff(mine)
				mine.cancelAsked = true
				cancelPending(mine, true)
				stop(one, mine)
			})
	}
}

function resume(world: World, life: Life, change: Ways): Taken[] {
	const kept = (mine: Life): void => resumeSteps(mine)
	const hurried = (mine: Life): void => {
		resumeSteps(mine)
		for (const step of mine.steps) step.rest = null
	}
	// Whether a back-off goes on after a resume is not said.
	const ways = life.steps.some((step) => isResting(step, world.now)) ? [kept, hurried] : [kept]
	if (life.phase === 'running' && life.pauseAsked && !life.cancelAsked) {
		return change(
			(mine) => void (mine.pauseAsked = false),
			(mine) => {
				mine.pauseAsked = false
				mine.touched = true
			},
		)
	}
	if (life.phase === 'paused') {
		const claimsAgain = life.trouble === 'lock_conflict'
		return change(
			...ways.map((way) => (mine: Life) => {
				way(mine)
				mine.phase = !mine.hasPlan ? 'pending' : claimsAgain ? 'planned' : 'running'
			}),
		)
	}
	if (life.phase === 'stopped' && life.unlocked) {
		const number = world.lives.indexOf(life)
		if (life.hasPlan && verdictOnClaims(world, number) === 'conflict') return refused(world)
		return change(
			...ways.map((way) => (mine: Life, one: World) => {
				way(mine)
				mine.phase = mine.hasPlan ? 'planned' : 'pending'
				// Held from now on; whether it may still begin is decided with everything else.
				if (mine.hasPlan) claim(one, number)
			}),
		)
	}
	return refused(world)
}

/** Failed steps run again from where the error happened, and tries are counted anew. */
function resumeSteps(life: Life): void {
	goOn(life)
	life.unlocked = false
	life.planTries = 0
	life.planRest = null
	for (const [number, step] of life.steps.entries()) {
		if ((step.phase === 'error' && !life.reverting) || step.phase === 'revert_failed') tryAgain(life, number)
		step.tries = 0
	}
}

function tryAgain(life: Life, number: number): void {
	const step = stepAt(life, number)
	step.phase = step.phase === 'revert_failed' || step.fault?.during === 'finalize' ? 'success' : 'pending'
	step.fault = null
	step.tries = 0
}

/** What every act of a person on a paused task has in common. */
function goOn(life: Life): void {
	life.touched = true
	life.pauseAsked = false
	life.trouble = null
	life.phase = 'running'
}

function start(world: World, order: Order): Taken[] {
	if (order.edges.some((edge) => lifeAt(world, edge.on).deleted)) return refused(world)
	return done(world, (one) => {
		const life = newLife(order, one.now)
		one.lives.push(life)
		for (const edge of life.edges) settle(one, edge)
	})
}

function letEnd(world: World, attempt: Attempt): Taken[] {
	const { step, doing } = attempt
	const life = lifeAt(world, attempt.life)
	if (!isCurrent(life, attempt)) return done(world)
	if (step === null || doing === 'plan') return done(world, endPlanning(life, attempt.life))
	return done(world, ...endOfCode(life, attempt.life, step, stepAt(life, step)))
}

function isCurrent(life: Life, { step, number }: Attempt): boolean {
	if (step === null) return life.phase === 'planning' && life.planNumber === number
	const found = life.steps[step]
	return life.phase === 'running' && found !== undefined && isBusy(found) && found.number === number
}

function lose(world: World, attempt: Attempt, how: 'lost' | 'handed_back'): World[] {
	const life = lifeAt(world, attempt.life)
	if (!isCurrent(life, attempt)) return [world]
	if (attempt.step !== null) return vary(world, loseAttempt(life, attempt.life, attempt.step, how))
	return vary(world, [
		(one) => {
			const mine = lifeAt(one, attempt.life)
			noteEnd(mine, { step: null, number: mine.planNumber, outcome: ['lost', how] })
			mine.phase = 'pending'
		},
	])
}

function done(world: World, ...changes: Change[]): Taken[] {
	const worlds = changes.length > 0 ? vary(world, changes) : [copyOf(world)]
	return worlds.map((one) => ({ world: one, answer: 'done' }))
}

function refused(world: World): Taken[] {
	return [{ world, answer: 'refused' }]
}

/** Nothing changes, and how it is said is left open. */
function either(world: World): Taken[] {
	return [...done(world), ...refused(world)]
}
