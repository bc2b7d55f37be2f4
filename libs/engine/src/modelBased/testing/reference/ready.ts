/** What a task could do next, as the domain's *Task state*, *Step state* and *Errors and rescue* say. */

import { isBusy, shapeAt, type Life, type StepLife } from './life.ts'
import { numberedShape, type NumberedTree } from './shapes.ts'

/** A step that lets those after it begin. */
export const isPassed = ({ phase }: StepLife): boolean => phase === 'success' || phase === 'finalized' || phase === 'skipped'

/** Steps to run whose predecessors have all passed, resting ones included. */
function toRun(life: Life): number[] {
	const found: number[] = []
	const visit = (tree: NumberedTree): boolean => {
		if (typeof tree === 'number') {
			const step = life.steps[tree]
			if (step?.phase === 'pending') found.push(tree)
			return step !== undefined && isPassed(step)
		}
		let passed = true
		for (const part of tree.parts) {
			const through = visit(part)
			passed &&= through
			if (!through && tree.order === 'sequence') break
		}
		return passed
	}
	visit(numberedShape(life.shape).tree)
	return found
}

/** Steps, in plan order, that still have something to take back. */
export function toRevert(life: Life): number[] {
	return life.steps.flatMap((step, number) => {
		if (shapeAt(life, number).revert === null) return []
		const ran = (step.phase === 'error' || step.phase === 'skipped') && step.fault?.during === 'finalize'
		const done = step.phase === 'success' || step.phase === 'finalized' || ran
		return done ? [number] : []
	})
}

/** Candidates to begin, resting ones included: steps to run, else the one whose finalize is next; while reverting the last that can be. */
export function candidates(life: Life): number[] {
	if (life.reverting) {
		const last = toRevert(life).at(-1)
		return last === undefined || life.steps.some(isBusy) ? [] : [last]
	}
	const ready = toRun(life)
	if (ready.length > 0 || !life.steps.every(isPassed)) return ready
	const next = life.steps.findIndex((step, number) => step.phase === 'success' && shapeAt(life, number).finalize !== null)
	return next === -1 ? [] : [next]
}

export const isResting = (step: StepLife, now: number): boolean => step.rest !== null && step.rest > now

/** The strategy that ends the whole task, where a step has come to its end badly. */
export function fatal(life: Life): 'fail' | 'revert' | null {
	const strategies = life.steps.flatMap((step, number) => (step.phase === 'error' ? [shapeAt(life, number).rescue] : []))
	if (strategies.includes('revert')) return 'revert'
	return strategies.includes('fail') ? 'fail' : null
}

/** Whether anything new may begin in a running task. */
export function mayBegin(life: Life): boolean {
	if (life.cancelAsked || life.pauseAsked) return false
	if (life.reverting) return !life.steps.some((step) => step.phase === 'revert_failed')
	return fatal(life) === null
}

/** Steps that take the output of one that is skipped, and those that need theirs. */
export function dependents(life: Life, number: number): number[] {
	const { needs } = numberedShape(life.shape)
	const found = new Set([number])
	for (let grown = true; grown; ) {
		grown = false
		for (const [step, needed] of needs.entries()) {
			if (needed === null || !found.has(needed) || found.has(step)) continue
			found.add(step)
			grown = true
		}
	}
	found.delete(number)
	return [...found]
}
