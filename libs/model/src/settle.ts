/** What a running task does next: begin steps, finalize, revert, wait, pause, or stop. */

import type { Decision } from './decision.ts'
import type { Draft } from './draft.ts'
import type { Taker } from './facts.ts'
import { endInError } from './moves/attempts.ts'
import type { RescueStrategy } from './plan.ts'
import { failedFor, hasAttempt, isBusy, isOverTime, isPassed, isReverting, nextSteps, stepsToCancel } from './startable.ts'
import type { StepState, Wake } from './states.ts'
import type { Step, StepError, WaitingFor } from './task.ts'

/** Activations enqueued at once at most: who has done a step takes the next one, so more would only find nothing to do. */
const mostActivations = 64

/**
 * Of the steps that can start and that nobody was given, how many somebody is to be told of. `new`: those that could not
 * start before; to tell of each again with each step that ends would make a wide concurrence quadratic. `more`: also one
 * of those before, for two that became startable one after the other may have left a single activation in the queue.
 * `all`: each of them.
 */
export type Announcement = 'new' | 'more' | 'all'

function unannounced(draft: Draft, startable: readonly number[], at: number, announcement: Announcement): number {
	const left = startable.filter((index) => !draft.start.includes(index))
	if (left.length === 0) return 0
	const { before } = draft
	if (announcement === 'all' || before.state !== 'running' || before.pauseAsked) return Math.min(mostActivations, left.length)
	const known = new Set(nextSteps(before).filter((index) => (before.steps[index]?.notBefore ?? 0) <= at))
	const news = left.filter((index) => !known.has(index)).length
	return Math.min(mostActivations, Math.max(news, announcement === 'more' && draft.start.length > 0 ? 1 : 0))
}

/** What a running task does next, once its steps have changed. `taker`: who asks for one step to begin now, if anybody. */
export function settle(draft: Draft, at: number, taker: Taker | null, announcement: Announcement = 'new'): Decision {
	if (!draft.plan) return draft.finish()
	if (draft.cancel !== 'none') {
		endElsewhere(draft, at, taker)
		if (!isWaiting(draft)) stop(draft, at)
		return draft.finish()
	}
	if (!isReverting(draft)) {
		const failed = failedFor(draft)
		if (failed !== null) {
			endElsewhere(draft, at, taker)
			if (isWaiting(draft)) return draft.finish()
			if (failed === 'fail') {
				stop(draft, at, { why: failedBy(draft, failed)?.error?.message ?? null })
				return draft.finish()
			}
			beginReverting(draft, at)
		}
	}
	if (!isReverting(draft) && isOverTime(draft, at) && endWaits(draft, at)) return settle(draft, at, taker, announcement)
	const busy = draft.steps.some((step) => isBusy(step.state))
	const next = nextSteps(draft)
	if (!busy && next.length === 0) {
		finishTask(draft, at)
		return draft.finish()
	}
	if (draft.pauseAsked || (!isReverting(draft) && isOverTime(draft, at))) {
		if (!busy) pause(draft, at)
		return draft.finish()
	}
	const startable = comeDue(draft, next, at)
	const mine = taker === null ? undefined : startable.find((index) => canTake(draft, taker, index))
	if (taker !== null && mine !== undefined) begin(draft, mine, taker, at)
	draft.dispatch = unannounced(draft, startable, at, announcement)
	draft.waitingFor = null
	if (startable.length > 0) return draft.finish()
	if (busy) {
		draft.waitingFor = waitOf(draft)
		return draft.finish()
	}
	const first = next.reduce((soonest, index) => (notBefore(draft, index) < notBefore(draft, soonest) ? index : soonest))
	draft.waitingFor = { kind: 'back_off', keys: { step: first, until: notBefore(draft, first) } }
	return draft.finish()
}

/** The time of the task is over also for steps that wait; sub-tasks have limits of their own. Answers whether there was one. */
function endWaits(draft: Draft, at: number): boolean {
	const waiting = draft.steps.filter(
		({ state, suspension }) => state === 'suspended' && suspension?.kind !== 'sub_tasks' && suspension?.cancelBy === null,
	)
	for (const step of waiting) endInError(draft, step, timeOverWhileWaiting(draft.plan?.timeout ?? 0), at)
	return waiting.length > 0
}

function timeOverWhileWaiting(limit: number): StepError {
	return { ...timeOver(limit), message: `The time limit of the task, ${limit / 1000} s, was over while the step waited.` }
}

/** Whether something is under way that has to end before the task can: here, elsewhere, or about to be ended there. */
function isWaiting(draft: Draft): boolean {
	return draft.steps.some((step) => isBusy(step.state)) || stepsToCancel(draft).length > 0
}

/** How long the end of what goes on elsewhere is waited for, in milliseconds. */
export const longestCancel = 60_000

/**
 * The task ends: what suspended steps have under way elsewhere ends too. An action that can is asked to see to it, sub-tasks
 * are waited for, and whoever waits for nothing but a word is cancelled at once.
 */
function endElsewhere(draft: Draft, at: number, taker: Taker | null): void {
	for (const step of draft.steps)
		if (step.state === 'suspended' || (step.state === 'pending' && step.suspension)) cancelSuspended(draft, step, at)
	const left = comeDue(draft, stepsToCancel(draft), at)
	const mine = taker === null ? undefined : left.find((index) => canTake(draft, taker, index))
	if (taker !== null && mine !== undefined) begin(draft, mine, taker, at)
	draft.waitingFor = null
	draft.dispatch = unannounced(draft, left, at, 'all')
}

/** A suspended step is to end. */
export function cancelSuspended(draft: Draft, step: Step, at: number): void {
	const { suspension } = step
	if (!suspension || suspension.cancelBy !== null) return
	const cancelBy = at + longestCancel
	const awaited = suspension.kind === 'sub_tasks'
	if (awaited && step.state === 'suspended') draft.change(step, { suspension: { ...suspension, cancelBy } })
	else if (!awaited && draft.plan?.steps[step.index]?.cancel)
		wakeStep(draft, { ...step, suspension: { ...suspension, cancelBy } }, 'cancel')
	else {
		draft.change(step, { state: 'cancelled', endedAt: at })
		return
	}
	draft.timers.push({ step: step.index, kind: 'cancel', dueAt: cancelBy })
}

/** The attempt of a step that is to be cancelled has ended; what it had under way elsewhere before ends too. */
export function endCancelled(draft: Draft, step: Step, at: number, why: string | null = null): void {
	if (step.suspension && step.suspension.cancelBy === null) cancelSuspended(draft, step, at)
	else draft.change(step, { state: 'cancelled', endedAt: at }, why)
}

/** A suspended step is begun again, and told why. */
export function wakeStep(draft: Draft, step: Step, wake: Wake): void {
	const { suspension } = step
	if (suspension) draft.change(step, { state: 'pending', notBefore: null, suspension: { ...suspension, wake } })
}

/** What a task waits for of which no attempt runs: the first of its suspended steps says it. */
function waitOf(draft: Draft): WaitingFor | null {
	if (draft.steps.some((step) => hasAttempt(step.state))) return null
	const step = draft.steps.find(({ state }) => state === 'suspended')
	if (!step?.suspension) return null
	const { kind, until } = step.suspension
	return { kind, keys: { step: step.index, ...(until !== null && { until }) } }
}

/** Nothing is under way and nothing can begin: the task has ended, or needs a person. */
function finishTask(draft: Draft, at: number): void {
	// A pause that was asked for has come about, for whatever reason.
	draft.pauseAsked = false
	draft.waitingFor = null
	const stuck = draft.steps.find((step) => step.state === 'revert_failed')
	if (isReverting(draft)) {
		if (!stuck) stop(draft, at, { why: draft.error?.message ?? null })
		else draft.enter('paused', at, { why: stuck.error?.message ?? null })
		return
	}
	const failed = draft.steps.find((step) => step.state === 'error')
	if (failed) {
		draft.enter('paused', at, { why: failed.error?.message ?? null })
		return
	}
	// What is left can never start: it stands behind a step that a person cancelled.
	if (draft.steps.every((step) => isPassed(step.state)) || draft.steps.some((step) => step.state === 'cancelled')) stop(draft, at)
	else draft.enter('paused', at)
}

/** Whoever asked for the pause, or the time limit, is why. */
function pause(draft: Draft, at: number): void {
	draft.waitingFor = null
	if (!draft.pauseAsked && draft.plan?.timeout !== undefined) draft.error = timeOver(draft.plan.timeout)
	draft.pauseAsked = false
	draft.enter('paused', at, { why: draft.error?.message ?? null })
}

function timeOver(limit: number): StepError {
	return {
		message: `The task has used up its time limit of ${limit / 1000} s. A resume gives it the same time again.`,
		type: 'TimedOut',
		code: 'timed_out',
		trace: null,
		details: null,
		reason: 'timed_out',
	}
}

/** What has not begun is cancelled; what is done will be taken back. The marker of the phase is the task's error. */
function beginReverting(draft: Draft, at: number): void {
	const failed = failedBy(draft, 'revert')
	draft.error = {
		message: `${draft.plan?.steps[failed?.index ?? 0]?.name ?? 'A step'} failed, and what was done before is taken back: ${failed?.error?.message ?? ''}`,
		type: failed?.error?.type ?? 'Failure',
		code: failed?.error?.code ?? null,
		trace: null,
		details: null,
		reason: 'reverted',
	}
	for (const step of draft.steps) {
		if (step.state === 'pending') draft.change(step, { state: 'cancelled', endedAt: at })
		// A revert has tries of its own, also after a finalize that used all of its.
		else if (step.state === 'success' || step.state === 'finalized' || step.error?.during === 'finalize')
			draft.change(step, { tries: 0, notBefore: null })
	}
}

/** The step whose failure ends the task. */
function failedBy(draft: Draft, rescue: RescueStrategy): Step | undefined {
	return draft.steps.find((step) => step.state === 'error' && draft.policies(step.index).rescue === rescue)
}

function canTake(draft: Draft, taker: Taker, index: number): boolean {
	if (taker.only !== undefined) return taker.only === index
	return taker.own === true || draft.policies(index).isolation === 'shared'
}

/** Those whose time has come. It has for every process then: who is told may have a clock that is a moment behind, and is told once. */
function comeDue(draft: Draft, next: readonly number[], at: number): number[] {
	const due = next.filter((index) => notBefore(draft, index) <= at)
	for (const index of due) {
		const step = draft.steps[index]
		if (step && step.notBefore !== null) draft.change(step, { notBefore: null })
	}
	return due
}

function notBefore(draft: Draft, index: number): number {
	return draft.steps[index]?.notBefore ?? 0
}

function begin(draft: Draft, index: number, taker: Taker, at: number): void {
	const step = draft.steps[index]
	if (!step) return
	const attempt = { attempt: step.attempt + 1, child: taker.child, startedAt: at, endedAt: null, notBefore: null, error: null }
	if (isReverting(draft)) draft.change(step, { ...attempt, state: 'reverting' })
	else if (step.state === 'success') draft.change(step, { ...attempt, state: 'finalizing' })
	else if (step.suspension) draft.change(step, { ...attempt, state: 'running' })
	else {
		if (step.attempt > 0) draft.progressMayFall = true
		draft.change(step, { ...attempt, state: 'running', progress: 0 })
	}
	draft.start.push(index)
}

/** Ends the task. What has not begun is cancelled; a failed step keeps its error. */
export function stop(draft: Draft, at: number, by: Parameters<Draft['enter']>[2] = {}): void {
	for (const step of draft.steps) {
		if (step.state === 'pending' || step.state === 'suspended') draft.change(step, { state: 'cancelled' satisfies StepState, endedAt: at })
	}
	draft.endedAt = at
	draft.waitingFor = null
	draft.pauseAsked = false
	draft.enter('stopped', at, by)
}
