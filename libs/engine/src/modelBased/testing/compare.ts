/** Where the engine's tables and a world of the reference differ, in words. */

import type { HeldAttempt } from './choose.ts'
import type { Seen, SeenTask } from './observe.ts'
import { doingOf, isBusy, shapeAt, type Life, type StepLife, type World } from './reference/life.ts'
import { fatal } from './reference/ready.ts'
import { reasonsOf, resultsOf, waitsOf } from './reference/verdict.ts'

/** Everything that differs; nothing when the engine is where the reference says it can be. */
export function differences(world: World, seen: Seen, held: readonly HeldAttempt[]): string[] {
	const found: string[] = []
	if (seen.tasks.length !== world.lives.length) found.push(`${seen.tasks.length} tasks, expected ${world.lives.length}`)
	for (const [number, life] of world.lives.entries()) {
		const one = seen.tasks[number]
		if (one) found.push(...differencesOfTask(life, one, world.now).map((line) => `task ${number}: ${line}`))
	}
	found.push(...differencesOfHeld(world, held))
	if (seen.jobs > 0) found.push(`${seen.jobs} jobs that nobody has taken`)
	return found
}

function differencesOfTask(life: Life, seen: SeenTask, now: number): string[] {
	const { task } = seen
	if (life.deleted) return task === null && seen.tombstone ? [] : ['is there, expected only its tombstone']
	if (task === null) return ['is gone']
	const found: string[] = []
	const expect = (what: string, is: unknown, allowed: readonly unknown[]): void => {
		if (!allowed.includes(is)) found.push(`${what} ${String(is)}, expected ${allowed.map(String).join(' or ')}`)
	}
	expect('state', task.state, [life.phase])
	expect('result', task.result, resultsOf(life))
	expect('reason', task.reason, reasonsOf(life, task.result))
	expect('waiting for', task.waitingFor?.kind ?? null, waitsOf(life, now))
	expect('unlocked', task.unlocked, [life.unlocked])
	expect('planning attempt', task.planAttempt, numbersOf(life, life.planNumber))
	expect('steps', task.steps.length, [life.steps.length])
	for (const [number, step] of life.steps.entries()) {
		const is = task.steps[number]
		if (!is) continue
		expect(`step ${number}`, is.state, phasesOf(life, step))
		expect(`attempt of step ${number}`, is.attempt, numbersOf(life, step.number))
		if (countsTries(step)) expect(`tries of step ${number}`, is.tries, [step.tries])
	}
	expect('locks', seen.locks.join(), [life.shape.claims.flatMap(() => (life.claims === 'none' ? [] : [life.claims === 'held'])).join()])
	expect('attempts that ended', seen.ended.length, [life.ended.length])
	for (const one of life.ended) {
		const is = seen.ended.find(({ step, number }) => step === one.step && number === one.number)
		expect(`attempt ${one.number} of ${one.step === null ? 'the plan' : `step ${one.step}`}`, is?.outcome ?? 'none', one.outcome)
	}
	return found
}

/** A step that will not begin any more may be called cancelled at once, or when its task has ended. */
function phasesOf(life: Life, { phase }: StepLife): string[] {
	const over = fatal(life) !== null || life.trouble === 'force_unlocked' || life.trouble === 'missed_start_before' || life.cancelAsked
	return phase === 'pending' && over ? ['pending', 'cancelled'] : [phase]
}

/** Who is fenced off by the end of the task may be so by a number that nobody has. */
function numbersOf(life: Life, number: number): number[] {
	return life.phase === 'stopped' ? [number, number + 1] : [number]
}

function countsTries(step: StepLife): boolean {
	return step.phase === 'pending' || step.phase === 'running' || (step.phase === 'error' && step.fault?.during === 'run')
}

/** What waits in the hands must be what the reference says is busy; what no longer counts may wait on where it does not hear. */
function differencesOfHeld(world: World, held: readonly HeldAttempt[]): string[] {
	const found: string[] = []
	const open = new Map(held.map((one) => [`${one.life}/${one.step}/${one.number}`, one]))
	const expect = (number: number, step: number | null, doing: string, attempt: number): void => {
		const is = open.get(`${number}/${step}/${attempt}`)
		if (is?.doing !== doing)
			found.push(`task ${number}: nobody holds attempt ${attempt} to ${doing} ${step === null ? '' : `step ${step}`}`)
		open.delete(`${number}/${step}/${attempt}`)
	}
	for (const [number, life] of world.lives.entries()) {
		if (life.phase === 'planning' && life.shape.planHeld) expect(number, null, 'plan', life.planNumber)
		if (life.phase !== 'running') continue
		for (const [step, one] of life.steps.entries())
			if (isBusy(one) && shapeAt(life, step).held) expect(number, step, doingOf(one), one.number)
	}
	for (const { life, step, number } of open.values()) {
		const shape = world.lives[life]
		if (step === null || !shape || shape.steps.length === 0 || shapeAt(shape, step).deaf) continue
		found.push(`task ${life}: attempt ${number} of step ${step} still runs, although it no longer counts`)
	}
	return found
}
