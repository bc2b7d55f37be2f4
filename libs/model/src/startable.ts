/** Which steps of a plan can start now. */

import type { PlanNode } from './plan.ts'
import type { StepState } from './states.ts'
import type { Step } from './task.ts'

/** A step that lets its successors start. */
export function isPassed(state: StepState): boolean {
	return state === 'success' || state === 'finalized' || state === 'skipped'
}

/** Steps that are pending with all that stands before them passed, in plan order; those in back-off included. */
export function readySteps(tree: PlanNode, steps: readonly Step[]): number[] {
	const ready: number[] = []
	visit(tree, steps, ready)
	return ready
}

/** Returns whether the whole node is passed; collects the ready steps found on the way. */
function visit(node: PlanNode, steps: readonly Step[], ready: number[]): boolean {
	switch (node.kind) {
		case 'step': {
			const step = steps[node.index]
			if (!step) return false
			if (step.state === 'pending') ready.push(node.index)
			return isPassed(step.state)
		}
		case 'sequence': {
			for (const child of node.nodes) if (!visit(child, steps, ready)) return false
			return true
		}
		case 'concurrence': {
			let passed = true
			for (const child of node.nodes) if (!visit(child, steps, ready)) passed = false
			return passed
		}
	}
}
