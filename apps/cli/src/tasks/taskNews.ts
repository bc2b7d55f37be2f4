/** What happened to a task between two looks at it, as data; `sentence` says it to a person. */

import type { StepState, TaskResult, TaskState } from '@taskyard/model/states'
import type { TaskLineFragment, TaskStepsFragment } from '../graphql/generated/graphql.ts'
import { amountText, bar, clockText, durationText, percent, plainText } from '../terminal/text.ts'

export type WatchedTask = TaskLineFragment & TaskStepsFragment
export type WatchedStep = WatchedTask['steps'][number]

export type TaskNews =
	| {
			readonly event: 'task'
			readonly state: TaskState
			readonly result: TaskResult
			readonly reason: string | null
			readonly cancelPhase: string
			readonly waitingFor: string | null
			/** Of the task itself: its plan could not be made, or its locks were refused. */
			readonly error: string | null
			/** Names of the steps in error. */
			readonly failedSteps: readonly string[]
			/** From the first start to the end; null before that. */
			readonly milliseconds: number | null
	  }
	| {
			readonly event: 'step'
			readonly step: number
			readonly name: string
			readonly state: StepState
			readonly attempt: number
			readonly tries: number
			readonly notBefore: string | null
			readonly error: string | null
			readonly milliseconds: number | null
	  }
	/** Steps that were done before anybody watched. */
	| { readonly event: 'steps_done'; readonly done: number; readonly total: number }
	| { readonly event: 'progress'; readonly progress: number }

/**
 * What changed; of a task that is seen for the first time, how it stands.
 *
 * @param fromStart the first look is so early that each step that is done already is news
 */
export function newsOf(before: WatchedTask | null, now: WatchedTask, fromStart = false): TaskNews[] {
	const steps = before === null && !fromStart ? firstSteps(now) : changedSteps(before?.steps ?? [], now.steps)
	const task = before === null || taskKey(before) !== taskKey(now) ? [taskNews(now)] : []
	// What a step did explains the end or the pause of the task, and follows from its start.
	const settled = now.state === 'stopped' || now.state === 'paused'
	return [...(settled ? [...steps, ...task] : [...task, ...steps]), ...progressNews(before, now)]
}

function firstSteps({ state, steps }: WatchedTask): TaskNews[] {
	const done = steps.filter(isDone).length
	const noted = steps.filter((step) => !isDone(step) && (step.state !== 'pending' || step.notBefore !== null))
	return [...(done > 0 && state !== 'stopped' ? [{ event: 'steps_done', done, total: steps.length } as const] : []), ...noted.map(stepNews)]
}

/** Steps did what they were to do. */
export function isDone({ state }: Pick<WatchedStep, 'state'>): boolean {
	return state === 'success' || state === 'finalized'
}

function changedSteps(before: readonly WatchedStep[], now: readonly WatchedStep[]): TaskNews[] {
	return now.filter((step) => stepKey(before[step.index]) !== stepKey(step)).map(stepNews)
}

/** What of a step is worth a line. */
function stepKey(step: WatchedStep | undefined): string {
	if (step === undefined) return 'pending 0'
	return `${step.state} ${step.attempt} ${step.notBefore ?? ''}`.trimEnd()
}

function taskKey(task: WatchedTask): string {
	return JSON.stringify([task.state, task.result, task.cancelPhase, waitOf(task), task.error?.message])
}

/** Back-off and polls are told by their step. */
function waitOf({ state, waitingFor }: WatchedTask): string | null {
	return state === 'running' || state === 'stopped' ? null : (waitingFor?.text ?? null)
}

function stepNews(step: WatchedStep): TaskNews {
	const { index, name, state, attempt, tries, notBefore, error, startedAt, endedAt } = step
	return {
		event: 'step',
		step: index,
		name,
		state,
		attempt,
		tries,
		notBefore,
		error: error?.message ?? null,
		milliseconds: startedAt !== null && endedAt !== null ? Date.parse(endedAt) - Date.parse(startedAt) : null,
	}
}

function taskNews(task: WatchedTask): TaskNews {
	const { state, result, reason, cancelPhase, startedAt, endedAt } = task
	return {
		event: 'task',
		state,
		result,
		reason,
		cancelPhase,
		waitingFor: waitOf(task),
		error: task.error?.message ?? null,
		failedSteps: task.steps.filter(hasFailed).map((step) => step.name),
		milliseconds: startedAt !== null && endedAt !== null ? Date.parse(endedAt) - Date.parse(startedAt) : null,
	}
}

function hasFailed({ state }: Pick<WatchedStep, 'state'>): boolean {
	return state === 'error' || state === 'revert_failed'
}

/** The first thing that went wrong, with the name of its step. */
export function errorOf({ error, steps }: Pick<WatchedTask, 'error' | 'steps'>): string | null {
	if (error) return error.message
	const failed = steps.find(hasFailed)
	return failed?.error ? `${failed.name}: ${failed.error.message}` : null
}

/** One line for each tenth. */
function progressNews(before: WatchedTask | null, { state, progress }: WatchedTask): TaskNews[] {
	if (state !== 'running' || progress <= 0) return []
	return Math.floor(progress * 10) > Math.floor((before?.progress ?? 0) * 10) ? [{ event: 'progress', progress }] : []
}

/** The news as a person reads them, on one line. */
export function sentence(news: TaskNews): string {
	switch (news.event) {
		case 'task':
			return plainText(taskSentence(news))
		case 'step':
			return `  ${plainText(`${news.name}: ${stepSentence(news)}`)}`
		case 'steps_done':
			return `  ${news.done} of ${news.total} steps are done`
		case 'progress':
			return `  ${percent(news.progress)}`
	}
}

function taskSentence(news: TaskNews & { event: 'task' }): string {
	const { state, result, cancelPhase, waitingFor, milliseconds } = news
	switch (state) {
		case 'stopped':
			return `stopped: ${result}${milliseconds === null ? '' : ` after ${durationText(milliseconds)}`}${result === 'error' ? `: ${whyOf(news)}` : ''}`
		case 'paused':
			return `paused: ${whyOf(news)}`
		case 'scheduled':
		case 'pending':
		case 'planning':
		case 'planned':
		case 'running': {
			const cancel = cancelPhase === 'none' ? '' : `, cancel ${cancelPhase}`
			const preview = result === 'error' || result === 'cancelled' ? `, it will end with ${result}` : ''
			return `${state}${cancel || preview}${waitingFor === null ? '' : `: ${waitingFor}`}`
		}
	}
}

/** What a failed step says stands in its own line. */
function whyOf({ error, failedSteps, reason }: TaskNews & { event: 'task' }): string {
	const [first, ...others] = failedSteps
	if (error !== null) return error
	if (first !== undefined) return `${first}${others.length > 0 ? ` and ${others.length} more` : ''} failed`
	return reason?.replaceAll('_', ' ') ?? 'it needs a person'
}

const stepWords: Record<StepState, string> = {
	pending: 'not started',
	running: 'running',
	success: 'done',
	error: 'failed',
	suspended: 'suspended',
	skipped: 'skipped',
	cancelled: 'cancelled',
	finalizing: 'finalizing',
	finalized: 'done',
	reverting: 'being taken back',
	reverted: 'taken back',
	revert_failed: 'taking back failed',
}

function stepSentence({ state, attempt, tries, notBefore, error, milliseconds }: TaskNews & { event: 'step' }): string {
	const why = error === null ? '' : `: ${error}`
	const took = milliseconds === null ? '' : ` after ${durationText(milliseconds)}`
	switch (state) {
		case 'pending':
			if (notBefore !== null) return `try ${tries} failed, the next one begins at ${clockText(Date.parse(notBefore))}${why}`
			return attempt > 0 ? `starts again${why}` : stepWords.pending
		case 'running':
			return attempt > 1 ? `running, attempt ${attempt}` : 'running'
		case 'success':
		case 'finalized':
			return `${stepWords[state]}${took}`
		case 'error':
		case 'revert_failed':
			return `${stepWords[state]}${took}${why}`
		case 'suspended':
		case 'skipped':
		case 'cancelled':
		case 'finalizing':
		case 'reverting':
		case 'reverted':
			return stepWords[state]
	}
}

/** The line at the bottom of a terminal: how far the task is, and what its steps do. */
export function liveLine({ state, progress, steps }: WatchedTask): string {
	if (state !== 'running') return ''
	const running = steps.filter((step) => step.state === 'running')
	const parts = running.map((step) => (step.progressDetail ? `${step.name} ${amountText(step.progressDetail)}` : step.name))
	return `${bar(progress, 20)} ${percent(progress)}  ${plainText(parts.join(', '))}`
}
