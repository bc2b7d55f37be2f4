/** How attempts begin and end: the domain's *Step state* and *Errors and rescue*. Each way that it leaves open is a change of its own. */

import { doingOf, lifeAt, noteEnd, shapeAt, stepAt, type Change, type Life, type StepLife, type Why } from './life.ts'
import { dependents } from './ready.ts'
import type { Ending } from './shapes.ts'

export function beginAttempt(number: number, step: number): Change {
	return (world) => {
		const life = lifeAt(world, number)
		const found = stepAt(life, step)
		found.phase = life.reverting ? 'reverting' : found.phase === 'success' ? 'finalizing' : 'running'
		found.number += 1
		found.rest = null
		found.fault = null
		found.found = found.waited && found.phase === 'running' ? null : found.seen
	}
}

/** The ways in which an attempt can end by what its code does. */
export function endAttempt(life: Life, number: number, step: number, ending: Ending): Change[] {
	if (ending === 'well') return [succeed(number, step)]
	const changes = [failAttempt(number, step, ending)]
	// Who ends badly after it was told to end may count as cancelled, or as failed, with neither another try nor a rescue.
	if (life.cancelAsked || stepAt(life, step).asked)
		changes.push(failAttempt(number, step, ending, false), cancelAttempt(number, step, ['failed', 'timed_out', 'cancelled']))
	return changes
}

export function succeed(number: number, step: number): Change {
	return (world) => {
		const found = stepAt(lifeAt(world, number), step)
		found.phase = ({ run: 'success', finalize: 'finalized', revert: 'reverted' } as const)[doingOf(found)]
		found.asked = false
		// Each kind of attempt has its own tries.
		found.tries = 0
	}
}

export function failAttempt(number: number, step: number, ending: Ending, onItsOwn = true): Change {
	return (world) => {
		const life = lifeAt(world, number)
		const found = stepAt(life, step)
		const why = ending === 'never' ? 'timed_out' : 'failed'
		noteEnd(life, { step, number: found.number, outcome: [why] })
		found.tries += 1
		if (!onItsOwn || ending === 'hopelessly' || found.tries >= shapeAt(life, step).tries) giveUp(life, step, why, onItsOwn)
		else {
			stepBack(found)
			found.rest = world.now + 1
		}
	}
}

/** Ends an attempt because a person wants it: the task's cancel, or the step's. */
export function cancelAttempt(number: number, step: number, outcome: readonly string[] = ['cancelled', 'fenced_off']): Change {
	return (world) => {
		const life = lifeAt(world, number)
		const found = stepAt(life, step)
		noteEnd(life, { step, number: found.number, outcome })
		found.phase = 'cancelled'
		found.byPerson = true
		found.asked = false
	}
}

/** The ways in which a step goes on whose process is gone, or gave it back. */
export function loseAttempt(life: Life, number: number, step: number, how: 'lost' | 'handed_back'): Change[] {
	const again = shapeAt(life, step).onLost === 'retry'
	const lose: Change = (world) => {
		const now = lifeAt(world, number)
		const found = stepAt(now, step)
		noteEnd(now, { step, number: found.number, outcome: [again ? how : 'lost'] })
		if (again) stepBack(found)
		else giveUp(now, step, 'lost')
	}
	const asked = life.cancelAsked || stepAt(life, step).asked
	return asked ? [lose, cancelAttempt(number, step, ['lost', 'handed_back', 'cancelled'])] : [lose]
}

/** To where the attempt began. */
function stepBack(found: StepLife): void {
	found.phase = found.phase === 'running' ? 'pending' : 'success'
}

/** No further automatic try comes: the step's strategy says what now. */
export function giveUp(life: Life, step: number, why: Why, rescued = true): void {
	const found = stepAt(life, step)
	const during = doingOf(found)
	found.fault = { why, during }
	found.asked = false
	if (during === 'revert') found.phase = 'revert_failed'
	else if (rescued && shapeAt(life, step).rescue === 'skip') skip(life, step)
	else found.phase = 'error'
}

/** Skips a step and those that need its output. */
export function skip(life: Life, step: number): void {
	stepAt(life, step).phase = 'skipped'
	for (const other of dependents(life, step)) {
		const found = stepAt(life, other)
		if (found.phase === 'pending') found.phase = 'skipped'
	}
}

/** Fences off what runs: nobody waits for it, and what it says no longer counts. */
export function fenceOff(life: Life): void {
	if (life.phase === 'planning') noteEnd(life, { step: null, number: life.planNumber, outcome: ['fenced_off', 'cancelled'] })
	for (const [step, found] of life.steps.entries()) {
		if (found.phase === 'suspended') found.phase = 'cancelled'
		if (found.phase !== 'running' && found.phase !== 'finalizing' && found.phase !== 'reverting') continue
		noteEnd(life, { step, number: found.number, outcome: ['fenced_off', 'cancelled'] })
		found.phase = 'cancelled'
	}
}
