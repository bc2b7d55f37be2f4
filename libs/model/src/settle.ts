/** What a running task does next: start steps, wait, pause, or stop. */

import type { Decision } from './decision.ts'
import type { Draft } from './draft.ts'
import { isPassed, readySteps } from './startable.ts'
import type { StepState } from './states.ts'

/** Activations enqueued at once at most: who has done a step takes the next one, so more would only find nothing to do. */
const mostActivations = 64

/**
 * How many steps can start that nobody was given and nobody was told of. One that could start before has its
 * activation already; enqueuing it again with each step that ends would make a wide concurrence quadratic.
 */
function unannounced(draft: Draft, startable: readonly number[], at: number, announceAll: boolean): number {
	const left = startable.filter((index) => !draft.start.includes(index))
	if (left.length === 0) return 0
	const { before } = draft
	if (announceAll || before.state !== 'running' || !before.plan) return Math.min(mostActivations, left.length)
	const known = new Set(readySteps(before.plan.tree, before.steps).filter((index) => (before.steps[index]?.notBefore ?? 0) <= at))
	return Math.min(mostActivations, left.filter((index) => !known.has(index)).length)
}

/** What a running task does next, once its steps have changed. `child`: who asks for one step to run now, if anybody. */
export function settle(draft: Draft, at: number, child: number | null, announceAll = false): Decision {
	const { plan } = draft
	if (!plan) return draft.finish()
	const running = draft.steps.some((step) => step.state === 'running' || step.state === 'suspended')
	if (draft.cancel !== 'none') {
		if (!running) stop(draft, at)
		return draft.finish()
	}
	const failedForGood = draft.steps.some((step) => step.state === 'error' && draft.policies(step.index).rescue === 'fail')
	if (failedForGood) {
		if (!running) stop(draft, at)
		return draft.finish()
	}
	const ready = readySteps(plan.tree, draft.steps)
	const startable = ready.filter((index) => (draft.steps[index]?.notBefore ?? 0) <= at)
	if (child !== null && startable.length > 0) begin(draft, startable[0] as number, child, at)
	draft.dispatch = unannounced(draft, startable, at, announceAll)
	draft.waitingFor = null
	if (running || startable.length > 0) return draft.finish()
	if (ready.length > 0) {
		const next = ready.reduce((soonest, index) => (notBefore(draft, index) < notBefore(draft, soonest) ? index : soonest))
		draft.waitingFor = { kind: 'back_off', keys: { step: next, until: notBefore(draft, next) } }
		return draft.finish()
	}
	if (draft.steps.every((step) => isPassed(step.state))) stop(draft, at)
	else draft.enter('paused', { why: draft.steps.find((step) => step.state === 'error')?.error?.message ?? null })
	return draft.finish()
}

function notBefore(draft: Draft, index: number): number {
	return draft.steps[index]?.notBefore ?? 0
}

function begin(draft: Draft, index: number, child: number, at: number): void {
	const step = draft.steps[index]
	if (!step) return
	if (step.attempt > 0) draft.progressMayFall = true
	draft.change(step, {
		state: 'running',
		attempt: step.attempt + 1,
		child,
		startedAt: at,
		endedAt: null,
		notBefore: null,
		progress: 0,
		error: null,
	})
	draft.start.push(index)
}

/** Ends the task. What has not begun is cancelled; a failed step keeps its error. */
export function stop(draft: Draft, at: number, by: { who?: number; why?: string | null } = {}): void {
	for (const step of draft.steps) {
		if (step.state === 'pending' || step.state === 'suspended') draft.change(step, { state: 'cancelled' satisfies StepState, endedAt: at })
	}
	draft.endedAt = at
	draft.waitingFor = null
	draft.enter('stopped', by)
}
