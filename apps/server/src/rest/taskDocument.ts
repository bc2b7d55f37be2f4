/** A task, its steps and its history as REST answers them: the fields of the GraphQL types, with JSON as it is. */

import type { CommandAnswer, RunAnswer, RunTaskAnswer, StartAnswer } from '@taskyard/engine/commands/types'
import type { Context } from '../context.ts'
import type { Failure } from '../tasks/failure.ts'
import type { HistoryEntry, TaskHistory } from '../tasks/historyResolver.ts'
import type { Step, StepWait } from '../tasks/step.ts'
import type { Task } from '../tasks/task.ts'
import { loadTask } from '../tasks/taskResolver.ts'
import { ExactText } from './exactText.ts'
import { problem, refused } from './problem.ts'
import type { RouteAnswer } from './route.ts'

/** Where a task is found. */
export const locationOf = (id: string): string => `/api/tasks/${id}`

/** The task as it now is, or why nothing changed. */
export async function taskAnswer(context: Context, given: CommandAnswer, status = 200): Promise<RouteAnswer> {
	return 'refusal' in given ? refused(given.refusal) : answerWith(context, given.task.id, status)
}

/** The task that was started, or the one that counts in its place. */
export async function startAnswer(context: Context, given: StartAnswer): Promise<RouteAnswer> {
	if ('refusal' in given) return refused(given.refusal)
	return given.discarded ? answerWith(context, given.task.id, 200, { discarded: true }) : answerWith(context, given.task.id, 202)
}

/** A task that was awaited: how it ended, why it did not end well, or that it goes on. */
export async function awaitedAnswer(context: Context, given: RunAnswer | RunTaskAnswer, goesOn: number): Promise<RouteAnswer> {
	if ('refusal' in given) return refused(given.refusal)
	const more = 'discarded' in given && given.discarded ? { discarded: true } : {}
	if ('timedOut' in given) return answerWith(context, given.timedOut.task.id, goesOn, { ...more, goesOn: given.timedOut.message })
	if (!('failure' in given)) return answerWith(context, given.task.id, 200, more)
	const { task, state, result, message, error } = given.failure
	return answerWith(context, task.id, 200, { ...more, failure: { state, result, message, code: error?.code ?? null } })
}

async function answerWith(context: Context, id: string, status: number, more: object = {}): Promise<RouteAnswer> {
	const task = await loadTask(context, id)
	if (task === null) return noSuchTask(id)
	const headers = status === 201 || status === 202 ? { location: locationOf(task.id) } : {}
	return { status, headers, body: { ...(await taskDocument(task)), ...more } }
}

export const noSuchTask = (id: string): RouteAnswer => problem(404, 'not_found', `There is no task ${id.slice(0, 80)}.`)

export async function taskDocument(task: Task): Promise<object> {
	const [input, output, steps, waitingFor, externalIds, subTasks] = await Promise.all([
		task.input(),
		task.output(),
		task.stepsWith(true),
		task.waitingFor(),
		task.externalIds(),
		task.subTasks(),
	])
	return {
		id: task.id,
		label: task.label,
		name: task.name,
		state: task.state,
		result: task.result,
		reason: task.reason,
		progress: task.progress,
		revision: task.revision,
		queue: task.queue,
		owner: userDocument(task.owner),
		correlationId: task.correlationId,
		cancelPhase: task.cancelPhase,
		pauseAsked: task.pauseAsked,
		unlocked: task.unlocked,
		waitingFor,
		confirmBefore: instant(task.confirmBefore),
		recorded: task.recorded,
		parent: task.parent,
		rerunOf: task.rerunOf,
		createdAt: instant(task.createdAt),
		startAt: instant(task.startAt),
		startBefore: instant(task.startBefore),
		startedAt: instant(task.startedAt),
		endedAt: instant(task.endedAt),
		stateUpdatedAt: instant(task.stateUpdatedAt),
		input: ExactText.of(input),
		output: ExactText.of(output),
		error: failureDocument(task.error),
		steps: steps.map(stepDocument),
		externalIds,
		subTasks,
	}
}

function stepDocument(step: Step): object {
	return {
		index: step.index,
		name: step.name,
		action: step.action,
		state: step.state,
		attempt: step.attempt,
		progress: step.progress,
		progressDetail: step.progressDetail,
		startedAt: instant(step.startedAt),
		endedAt: instant(step.endedAt),
		notBefore: instant(step.notBefore),
		wait: step.wait && waitDocument(step.wait),
		error: failureDocument(step.error),
	}
}

function waitDocument({ kind, until, timeoutAt, externalId }: StepWait): object {
	return { kind, until: instant(until), timeoutAt: instant(timeoutAt), externalId }
}

function failureDocument(failure: Failure | null): object | null {
	if (failure === null) return null
	const { message, type, code, trace, details, reason } = failure
	return { message, type, code, trace, details: ExactText.of(details), reason }
}

export function historyDocument({ entries, endCursor, tombstone }: TaskHistory): object {
	return {
		entries: entries.map(entryDocument),
		endCursor,
		tombstone: tombstone && {
			id: tombstone.id,
			label: tombstone.label,
			name: tombstone.name,
			result: tombstone.result,
			rule: tombstone.rule,
			owner: userDocument(tombstone.owner),
			endedAt: instant(tombstone.endedAt),
			deletedAt: instant(tombstone.deletedAt),
			deletedBy: userDocument(tombstone.deletedBy),
		},
	}
}

function entryDocument(entry: HistoryEntry): object {
	return {
		id: entry.id,
		at: instant(entry.at),
		kind: entry.kind,
		step: entry.step,
		stepName: entry.stepName,
		oldState: entry.oldState,
		newState: entry.newState,
		attempt: entry.attempt,
		worker: entry.worker,
		startedAt: instant(entry.startedAt),
		who: userDocument(entry.who),
		why: entry.why,
	}
}

const userDocument = (user: { readonly login: string; readonly name: string } | null): object | null =>
	user && { login: user.login, name: user.name }

const instant = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
