/** What an attempt that has ended says of itself, as a fact. */

import type { Fact, Taker } from '@taskyard/model/facts'
import { hasAttempt } from '@taskyard/model/startable'
import type { Step, StepError, Task } from '@taskyard/model/task'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import type { Running } from './attemptContext.ts'
import type { SuspensionData } from '@taskyard/sdk/suspensionOf'
import { timeOverError } from './timeLimit.ts'

/** What the author's code left: JSON text, what the step waits for, or what it threw; or that the database went away with the step's transaction. */
export type Outcome =
	| { readonly output: string | null }
	| { readonly suspended: SuspensionData }
	| { readonly thrown: unknown /** The event whose outcome it is. */; readonly endedBy?: number }
	| { readonly broken: Error }

/** @param take who goes on with the next step at once */
export function outcomeFact(
	now: Task,
	step: Step,
	outcome: Outcome,
	{ aborted, reported, seen, confidant }: Running,
	take: Taker | null,
	at: number,
): Fact {
	const { index, attempt } = step
	if ('suspended' in outcome)
		return { kind: 'step_suspended', step: index, attempt, ...outcome.suspended, ...seen, progress: reported, take, at }
	if ('output' in outcome) return { kind: 'step_succeeded', step: index, attempt, output: outcome.output, at, take }
	if (aborted === 'cancelled' && isCancelAsked(now, index)) return { kind: 'step_cancelled', step: index, attempt, at, progress: reported }
	if (aborted === 'handed_back') return givenBack(now, step, at)
	// Whatever an author's code makes of the signal, what happened is that its time was over.
	if (aborted === 'timed_out') return timedOut(now, step, reported, at)
	if ('broken' in outcome) return takenBack(now, step, confidant.redact(outcome.broken.message), at)
	const { error, retryable } = confidant.errorOf(outcome.thrown)
	const ended = outcome.endedBy === undefined ? {} : { seen: outcome.endedBy }
	return { kind: 'step_failed', step: index, attempt, error, retryable, random: Math.random(), at, progress: reported, ...ended }
}

function isCancelAsked(task: Task, index: number): boolean {
	return task.cancel !== 'none' || task.steps[index]?.cancelAsked === true
}

/** Its time was over: a try like any other that failed. */
function timedOut(
	now: Task,
	{ index, attempt, startedAt }: Pick<Step, 'index' | 'attempt' | 'startedAt'>,
	progress: number,
	at: number,
): Fact {
	const error = timeOverError(now, { index, startedAt }, at)
	return { kind: 'step_failed', step: index, attempt, error, retryable: true, random: Math.random(), at, progress }
}

/** What becomes of an attempt that did not end when it had to; null when it has ended. */
export function overdueFact(
	{ task }: LoadedTask,
	{ step: index, attempt, reported = 0 }: Overdue,
	why: 'timed_out' | 'cancelled',
	at: number,
): Fact | null {
	const step = task.steps[index]
	if (!step || !hasAttempt(step.state) || step.attempt !== attempt) return null
	if (why === 'timed_out') return timedOut(task, step, Math.max(step.progress, reported), at)
	return task.cancel === 'none' ? { kind: 'step_cancel_deadline', step: index, attempt, at } : { kind: 'cancel_deadline', at }
}

interface Overdue {
	readonly step: number
	readonly attempt: number
	/** The last progress, where the process that ran it still knows it. */
	readonly reported?: number
}

function givenBack(now: Task, step: Step, at: number): Fact {
	return onceMore(
		now,
		step,
		'worker_stopped',
		'The worker was stopped while this step ran. Look at what it has done, then resume the task.',
		at,
	)
}

function takenBack(now: Task, step: Step, message: string, at: number): Fact {
	const what = `The database did not keep the transaction of this step, and its SQL is taken back: ${message}. Look at what else it has done, then resume the task.`
	return onceMore(now, step, 'transaction_lost', what, at)
}

/** A step that may run twice is handed back; for another a person decides, as for one that was lost. */
function onceMore(now: Task, { index, attempt }: Step, code: string, message: string, at: number): Fact {
	if (now.plan?.steps[index]?.policies.onLost === 'retry') return { kind: 'attempt_handed_back', step: index, attempt, at }
	const error: StepError = { message, type: 'Lost', code, trace: null, details: null, reason: 'lost' }
	return { kind: 'attempt_lost', step: index, attempt, error, at }
}
