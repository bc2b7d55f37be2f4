/** How long an attempt may take: the limit of the attempt, or what is left of the task's time, whichever ends first. */

import { defaultPolicies } from '@taskyard/model/plan'
import { isReverting, timeLeft } from '@taskyard/model/startable'
import type { Step, StepError, Task } from '@taskyard/model/task'

/** Whether an attempt of the step has any limit: the question that is asked of each, and must cost nothing. */
export function isLimited({ plan, steps }: Task, index: number): boolean {
	if (steps[index]?.suspension?.wake === 'cancel') return true
	return plan !== null && (plan.timeout !== undefined || (plan.steps[index]?.policies ?? defaultPolicies).timeout !== null)
}

/** Milliseconds that are left of both limits, by the time the attempt started; null without a limit. */
export function attemptTimeLeft(task: Task, step: Pick<Step, 'index' | 'startedAt'>, at: number): number | null {
	const own = ownTimeLeft(task, step, at)
	const cancel = cancelTimeLeft(task, step, at)
	if (cancel !== null) return own === null ? cancel : Math.min(own, cancel)
	// What is done is taken back however long that takes: the task's clock has done its work by then.
	const whole = isReverting(task) ? null : timeLeft(task, at)
	if (own === null) return whole
	return whole === null ? own : Math.min(own, whole)
}

/** A cancel that is passed on to work elsewhere has a deadline, whatever time the task has left. */
function cancelTimeLeft({ steps }: Task, { index }: Pick<Step, 'index'>, at: number): number | null {
	const suspension = steps[index]?.suspension
	return suspension?.wake === 'cancel' && suspension.cancelBy !== null ? Math.max(0, suspension.cancelBy - at) : null
}

function ownTimeLeft({ plan }: Task, { index, startedAt }: Pick<Step, 'index' | 'startedAt'>, at: number): number | null {
	const limit = (plan?.steps[index]?.policies ?? defaultPolicies).timeout
	return limit === null ? null : limit - (at - (startedAt ?? at))
}

/** The error of an attempt whose time was over, naming the limit that ended it. */
export function timeOverError(task: Task, step: Pick<Step, 'index' | 'startedAt'>, at: number): StepError {
	if (cancelTimeLeft(task, step, at) === 0) return timedOut('The work elsewhere was not ended before the deadline of the cancel.')
	const own = ownTimeLeft(task, step, at)
	const whole = timeLeft(task, at)
	const byTask = whole !== null && (own === null || whole < own)
	const limit = byTask ? task.plan?.timeout : task.plan?.steps[step.index]?.policies.timeout
	const message = byTask
		? `The time limit of the task, ${seconds(limit)}, was over before the step ended.`
		: `The step did not end within its time limit of ${seconds(limit)}.`
	return timedOut(message)
}

function timedOut(message: string): StepError {
	return { message, type: 'TimedOut', code: 'timed_out', trace: null, details: null, reason: 'timed_out' }
}

function seconds(limit: number | null | undefined): string {
	return `${(limit ?? 0) / 1000} s`
}
