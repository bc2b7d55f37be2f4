/** Which steps of a plan can start now. */

import { defaultPolicies, type PlanNode } from './plan.ts'
import type { StepState } from './states.ts'
import type { Step, Task } from './task.ts'

/** A step that lets its successors start. */
export function isPassed(state: StepState): boolean {
	return state === 'success' || state === 'finalized' || state === 'skipped'
}

/** A step that has a current attempt, or waits for the world with its attempt ended. */
export function isBusy(state: StepState): boolean {
	return state === 'running' || state === 'finalizing' || state === 'reverting' || state === 'suspended'
}

/** A step whose current attempt runs in a child. */
export function hasAttempt(state: StepState): boolean {
	return state === 'running' || state === 'finalizing' || state === 'reverting'
}

/** A step that nothing begins again by itself, nor a person. */
export function isFinal({ plan }: Pick<Task, 'plan'>, { index, state }: Step): boolean {
	if (state === 'success') return plan?.steps[index]?.finalize === undefined
	return state === 'finalized' || state === 'skipped' || state === 'cancelled' || state === 'reverted'
}

/** Steps that are to end what they have under way elsewhere: they may begin although nothing else may. */
export function stepsToCancel({ steps }: Pick<Task, 'steps'>): number[] {
	return steps.flatMap((step) => (step.state === 'pending' && step.suspension?.wake === 'cancel' ? [step.index] : []))
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

/** Indices of the steps in the order of the plan. */
export function planOrder(tree: PlanNode): number[] {
	return tree.kind === 'step' ? [tree.index] : tree.nodes.flatMap(planOrder)
}

/** Whether the task has begun to take back what its steps have done. */
export function isReverting(task: Pick<Task, 'error'>): boolean {
	return task.error?.reason === 'reverted'
}

/** Steps that can be begun now or after their back-off: to run, or one to be finalized, or one to be reverted. */
export function nextSteps(task: Pick<Task, 'plan' | 'steps' | 'error'>): number[] {
	const { plan, steps } = task
	if (!plan) return []
	if (isReverting(task)) {
		// What comes before must stand as long as what came after it does.
		if (steps.some((step) => isBusy(step.state) || step.state === 'revert_failed')) return []
		const next = planOrder(plan.tree).findLast((index) => isRevertible(task, index))
		return next === undefined ? [] : [next]
	}
	const ready = readySteps(plan.tree, steps)
	if (ready.length > 0 || !mayFinalize(task)) return ready
	const next = planOrder(plan.tree).find((index) => steps[index]?.state === 'success' && plan.steps[index]?.finalize)
	return next === undefined ? [] : [next]
}

function mayFinalize({ plan, steps }: Pick<Task, 'plan' | 'steps'>): boolean {
	return plan !== null && plan.steps.some((step) => step.finalize) && steps.every((step) => isPassed(step.state))
}

function isRevertible({ plan, steps }: Pick<Task, 'plan' | 'steps'>, index: number): boolean {
	const step = steps[index]
	if (!step || !plan?.steps[index]?.revert) return false
	if (step.state === 'success' || step.state === 'finalized') return true
	// Its run is done; only its finalize has failed, or was skipped.
	return (step.state === 'error' || step.state === 'skipped') && step.error?.during === 'finalize'
}

/** Whether new steps may begin at all: no cancel and no pause was asked, nothing has failed for good, and there is time left. */
export function mayBegin(
	task: Pick<Task, 'state' | 'cancel' | 'pauseAsked' | 'plan' | 'steps' | 'error' | 'runningSince' | 'ranFor'>,
	at: number,
): boolean {
	if (task.state !== 'running' || task.cancel !== 'none' || task.pauseAsked) return false
	if (isReverting(task)) return true
	return failedFor(task) === null && !isOverTime(task, at)
}

/** The strategy by which a step that is in error ends the task, if there is one. To revert comes before to fail. */
export function failedFor({ plan, steps }: Pick<Task, 'plan' | 'steps'>): 'fail' | 'revert' | null {
	let found: 'fail' | 'revert' | null = null
	for (const step of steps) {
		if (step.state !== 'error') continue
		const rescue = plan?.steps[step.index]?.policies.rescue
		if (rescue === 'revert') return 'revert'
		if (rescue === 'fail') found = 'fail'
	}
	return found
}

/** Milliseconds that a running task has left of its time limit at a time; null without a limit. */
export function timeLeft({ plan, runningSince, ranFor }: Pick<Task, 'plan' | 'runningSince' | 'ranFor'>, at: number): number | null {
	if (plan?.timeout === undefined) return null
	return plan.timeout - ranFor - (runningSince === null ? 0 : at - runningSince)
}

export function isOverTime(task: Pick<Task, 'plan' | 'runningSince' | 'ranFor'>, at: number): boolean {
	const left = timeLeft(task, at)
	return left !== null && left <= 0
}

/** Steps that can begin now and need a child of their own. */
export function ownSteps(task: Task, at: number): number[] {
	return (mayBegin(task, at) ? nextSteps(task) : stepsToCancel(task)).filter(
		(index) => (task.steps[index]?.notBefore ?? 0) <= at && (task.plan?.steps[index]?.policies ?? defaultPolicies).isolation === 'own',
	)
}
