/** What a task does on its own, without anybody asking: the first table of the domain, line by line. */

import { beginAttempt, cancelAttempt, endAttempt, fenceOff } from './attempts.ts'
import { cancelPending, pause, stop } from './ends.ts'
import { doingOf, isBusy, lifeAt, noteEnd, shapeAt, stepAt, type Change, type Life, type StepLife, type World } from './life.ts'
import { claim, verdictOnClaims } from './locks.ts'
import { candidates, fatal, isPassed, isResting, mayBegin, toRevert } from './ready.ts'
import { endingOf, endingOfPlan, numberedShape } from './shapes.ts'
import { endByEvent, endingEvent, isSuspended, look, suspend, waitsAgain, waitsToCancel } from './waits.ts'

/** What may come next for one task. */
export interface Moves {
	readonly changes: readonly Change[]
	/**
	 * Which orders make a difference: none, so that one change is enough; those of this task's own changes; or also what
	 * other tasks do in between, because locks or edges are at stake.
	 */
	readonly order: 'free' | 'own' | 'contended'
}

const none: Moves = { changes: [], order: 'free' }

export function movesOf(world: World, number: number): Moves {
	const life = lifeAt(world, number)
	const { now } = world
	const early = life.phase === 'scheduled' || life.phase === 'pending' || life.phase === 'planning' || life.phase === 'planned'
	const missed = early && !life.started && life.expires !== null && life.expires <= now
	switch (life.phase) {
		case 'scheduled':
			return scheduled(life, number, now, missed)
		case 'pending':
			if (missed) return ending(world, number, miss(number))
			if (life.planRest !== null && life.planRest > now) return none
			return alone((one) => {
				const mine = lifeAt(one, number)
				mine.phase = 'planning'
				mine.planNumber += 1
				mine.planRest = null
			})
		case 'planning':
			if (missed) return ending(world, number, miss(number))
			return life.shape.planHeld ? none : alone(endPlanning(life, number))
		case 'planned':
			if (missed) return ending(world, number, miss(number))
			if (life.claims === 'waiting' && verdictOnClaims(world, number) !== 'granted') return none
			return { changes: [takeClaims(number)], order: life.shape.claims.length > 0 ? 'contended' : 'free' }
		case 'running':
			return running(world, life, number)
		case 'paused':
		case 'stopped':
			return none
	}
}

function alone(change: Change): Moves {
	return { changes: [change], order: 'free' }
}

/** An end that frees locks, or that somebody waits for, contends. */
function ending(world: World, number: number, ...changes: Change[]): Moves {
	const awaited = world.lives.some((life) => life.edges.some((edge) => edge.on === number && edge.settled === 'open'))
	const contended = awaited || lifeAt(world, number).claims !== 'none'
	return { changes, order: contended ? 'contended' : 'free' }
}

function scheduled(life: Life, number: number, now: number, missed: boolean): Moves {
	const changes: Change[] = []
	if (missed) changes.push(miss(number))
	if (life.edges.some((edge) => edge.settled === 'failed')) changes.push(stopFor(number, 'dependency_failed'))
	if (life.confirmUntil !== null && life.confirmUntil <= now) changes.push(stopFor(number, 'not_confirmed'))
	if (changes.length > 0) return { changes, order: 'contended' }
	const open = (life.opens !== null && life.opens > now) || life.confirmUntil !== null || life.edges.some((edge) => edge.settled === 'open')
	return open ? none : alone((one) => void (lifeAt(one, number).phase = 'pending'))
}

function stopFor(number: number, trouble: 'missed_start_before' | 'dependency_failed' | 'not_confirmed'): Change {
	return (world) => {
		const life = lifeAt(world, number)
		fenceOff(life)
		life.trouble = trouble
		stop(world, life)
	}
}

const miss = (number: number): Change => stopFor(number, 'missed_start_before')

/** Author code of a plan ends: a plan, another try later, or the type's strategy. */
export function endPlanning(before: Life, number: number): Change {
	const how = endingOfPlan(before.shape, before.planNumber)
	return (world) => {
		const life = lifeAt(world, number)
		if (how === 'well') {
			life.phase = 'planned'
			life.hasPlan = true
			life.steps = numberedShape(life.shape).steps.map(freshStep)
			return
		}
		noteEnd(life, { step: null, number: life.planNumber, outcome: ['failed'] })
		life.planTries += 1
		if (how !== 'hopelessly' && life.planTries < life.shape.planTries) {
			life.phase = 'pending'
			life.planRest = world.now + 1
			return
		}
		life.trouble = 'planning_failed'
		if (life.shape.planRescue === 'pause') pause(life)
		else stop(world, life)
	}
}

function freshStep(): StepLife {
	return {
		phase: 'pending',
		number: 0,
		tries: 0,
		rest: null,
		fault: null,
		asked: false,
		byPerson: false,
		waited: false,
		events: [],
		seen: 0,
		given: 0,
		found: 0,
	}
}

function takeClaims(number: number): Change {
	return (world) => {
		const life = lifeAt(world, number)
		const verdict = claim(world, number)
		if (verdict === 'granted') {
			life.phase = 'running'
			life.started = true
		} else if (verdict === 'conflict') {
			life.trouble = 'lock_conflict'
			pause(life)
		}
	}
}

function running(world: World, life: Life, number: number): Moves {
	const changes = waitsToCancel(life, number)
	for (const [step, found] of life.steps.entries()) if (isBusy(found)) changes.push(...endsByItself(life, number, step, found))
	const next = candidates(life)
	if (mayBegin(life)) {
		for (const step of next) if (!isResting(life.steps[step] as StepLife, world.now)) changes.push(beginAttempt(number, step))
	}
	if (changes.length > 0) return { changes, order: isTouchy(life) ? 'own' : 'free' }
	if (life.steps.some((step) => isBusy(step) || isSuspended(step))) return none
	return conclude(world, life, number, next)
}

/** What a busy attempt does without the word of the test. */
function endsByItself(life: Life, number: number, step: number, found: StepLife): Change[] {
	const shape = shapeAt(life, step)
	const told = life.cancelAsked || found.asked
	const changes: Change[] = []
	// Who hears it ends at once; who does not is awaited until the deadline, and then no longer counts.
	if (told) changes.push(cancelAttempt(number, step))
	const event = endingEvent(found)
	if (found.found === null) changes.push(look(number, step))
	else if (event >= 0) changes.push(...endByEvent(life, number, step, event))
	else if (!shape.held) changes.push(...endOfCode(life, number, step, found))
	return changes
}

/** The ways in which an attempt can go on whose code returns. */
export function endOfCode(life: Life, number: number, step: number, found: StepLife): Change[] {
	if (waitsAgain(life, step)) return [suspend(number, step)]
	return endAttempt(life, number, step, endingOf(shapeAt(life, step), doingOf(found), found.number))
}

/** Whether the order in which the steps of a task begin and end by themselves can make a difference: one may end it, or is told to end. */
function isTouchy(life: Life): boolean {
	return life.steps.some((step, number) => {
		const shape = shapeAt(life, number)
		const brought = step.events.slice(step.seen)
		if (shape.held && brought.every((one) => one === null)) return false
		if (step.asked || life.cancelAsked) return true
		if (shape.rescue !== 'fail' && shape.rescue !== 'revert') return false
		if (step.phase !== 'running' && step.phase !== 'pending') return false
		if (brought.includes('badly')) return true
		const ending = endingOf(shape, 'run', step.phase === 'running' ? step.number : step.number + 1)
		return ending === 'hopelessly' || (ending !== 'well' && step.tries + 1 >= shape.tries)
	})
}

/** Nothing is busy and nothing can begin now: the task ends, pauses, takes back, or waits for a back-off. */
function conclude(world: World, life: Life, number: number, next: readonly number[]): Moves {
	const end = (change: (mine: Life) => void): Moves =>
		ending(world, number, (one) => {
			const mine = lifeAt(one, number)
			change(mine)
			stop(one, mine)
		})
	const rest = alone((one) => pause(lifeAt(one, number)))
	if (life.cancelAsked) return end((mine) => cancelPending(mine, true))
	if (life.reverting) {
		if (life.steps.some((step) => step.phase === 'revert_failed')) return rest
		if (toRevert(life).length === 0) return end(() => undefined)
		return life.pauseAsked ? rest : none
	}
	const strategy = fatal(life)
	if (strategy === 'fail') return end((mine) => cancelPending(mine, false))
	if (strategy === 'revert') {
		return alone((one) => {
			const mine = lifeAt(one, number)
			cancelPending(mine, false)
			mine.reverting = true
			// Each kind of attempt has its own tries.
			for (const number of toRevert(mine)) Object.assign(stepAt(mine, number), { rest: null, tries: 0 })
		})
	}
	if (next.length > 0) return life.pauseAsked ? rest : none
	if (life.steps.some((step) => step.phase === 'error')) return rest
	const cancelled = life.steps.some((step) => step.phase === 'cancelled')
	if (cancelled) return end((mine) => cancelPending(mine, true))
	if (!life.steps.every(isPassed)) throw new Error('The reference has a running task that can neither go on nor end.')
	return end(() => undefined)
}
