/** How a step waits without an attempt, and what events do to it: *suspended* in the domain's *Step state*. */

import { cancelAttempt, failAttempt, giveUp, succeed } from './attempts.ts'
import { lifeAt, shapeAt, stepAt, type Brought, type Change, type Life, type StepLife } from './life.ts'
import { fatal } from './ready.ts'

export const isSuspended = ({ phase }: StepLife): boolean => phase === 'suspended'

/** Its attempt finds the events that have come until then. */
export function look(number: number, step: number): Change {
	return (world) => {
		const found = stepAt(lifeAt(world, number), step)
		found.found = found.events.length
	}
}

/** The first of the events that the attempt has found and that ends the step; -1 for none. */
export function endingEvent({ phase, events, seen, found }: StepLife): number {
	return phase === 'running' ? events.findIndex((brought, index) => brought !== null && index >= seen && index < (found ?? seen)) : -1
}

/** The attempt ends with what an event has brought, and its code does not run. */
export function endByEvent(life: Life, number: number, step: number, event: number): Change[] {
	const { events, asked } = stepAt(life, step)
	const changes =
		events[event] === 'well'
			? [succeed(number, step)]
			: [
					failAttempt(number, step, 'hopelessly'),
					...(life.cancelAsked || asked ? [cancelAttempt(number, step, ['failed', 'cancelled'])] : []),
				]
	return changes.map((change) => (world) => {
		stepAt(lifeAt(world, number), step).seen = event + 1
		change(world)
	})
}

/** Whether the run waits instead of ending: once in any case, and again until its code has been given enough events. */
export function waitsAgain(life: Life, step: number): boolean {
	const { phase, waited, given, seen, found } = stepAt(life, step)
	const { waitsFor } = shapeAt(life, step)
	return phase === 'running' && waitsFor > 0 && (!waited || given + (found ?? seen) - seen < waitsFor)
}

/** What has come meanwhile wakes it at once. One that a person has asked to cancel does not wait. */
export function suspend(number: number, step: number): Change {
	return (world) => {
		const mine = stepAt(lifeAt(world, number), step)
		const found = mine.found ?? mine.seen
		mine.waited = true
		mine.given += found - mine.seen
		mine.seen = found
		if (mine.asked) cancelWait(mine, true)
		else mine.phase = mine.events.length > found ? 'pending' : 'suspended'
	}
}

export function cancelWait(step: StepLife, byPerson: boolean): void {
	step.phase = 'cancelled'
	step.byPerson = byPerson
	step.asked = false
}

/** Where the task will end, nobody wakes what waits. */
export function waitsToCancel(life: Life, number: number): Change[] {
	if (!life.cancelAsked && fatal(life) === null) return []
	return life.steps.flatMap((found, step): Change[] =>
		isSuspended(found) ? [(world) => cancelWait(stepAt(lifeAt(world, number), step), life.cancelAsked)] : [],
	)
}

/** Whether an event can still mean something to a step. */
export function isOver(life: Life, step: number): boolean {
	const { phase } = stepAt(life, step)
	if (phase === 'success') return shapeAt(life, step).finalize === null
	return phase === 'finalized' || phase === 'skipped' || phase === 'cancelled' || phase === 'reverted'
}

/** An event has come: it wakes or ends a step that waits, and is kept for any other. */
export function arrive(life: Life, step: number, brought: Brought): void {
	const found = stepAt(life, step)
	found.events = [...found.events, brought]
	if (!isSuspended(found) || life.phase !== 'running') return
	if (brought === null) {
		found.phase = 'pending'
		return
	}
	found.seen = found.events.length
	if (brought === 'badly') giveUp(life, step, 'failed')
	else {
		found.phase = 'success'
		found.tries = 0
	}
}
