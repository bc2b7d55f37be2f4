/** What an operator asks of one task or step, through the one door: a fact, or the reason why not in the words of the page. */

import { type ActionSubject, availableActions, availableStepActions, type OperatorAction, type StepAction } from '@taskyard/model/available'
import type { Fact } from '@taskyard/model/facts'
import { hasAttempt, isBusy, isReverting } from '@taskyard/model/startable'
import type { Step, Task } from '@taskyard/model/task'
import type { IdSource } from '@taskyard/store/ids'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import type { Door } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'
import type { KnownTypes } from '../taskTypes/knownTypes.ts'
import { isTaskId, noSuchTask, refuse } from './refuse.ts'
import type { CommandAnswer, CommandRefusal, ConfirmTask, OperateStep, OperateTask, Refused } from './types.ts'

export interface OperateOptions {
	readonly door: Door
	readonly clock: IdSource
	readonly types: KnownTypes
	/** Called after a command that workers must hear of at once. */
	readonly wakeWorkers: () => void
}

export interface Operations {
	pauseTask(order: OperateTask): Promise<CommandAnswer>
	resumeTask(order: OperateTask): Promise<CommandAnswer>
	cancelTask(order: OperateTask): Promise<CommandAnswer>
	confirmTask(order: ConfirmTask): Promise<CommandAnswer>
	retryStep(order: OperateStep): Promise<CommandAnswer>
	skipStep(order: OperateStep): Promise<CommandAnswer>
	cancelStep(order: OperateStep): Promise<CommandAnswer>
}

/** What a command is: which action it asks for, when it has come through already, and the fact that it becomes. */
interface Command {
	/** Null where it is not allowed now. */
	refusal(loaded: LoadedTask, cancellable: boolean): Refused | null
	/** Asked twice is asked once: nothing is left to do. */
	done(task: Task): boolean
	fact(at: number): Fact
}

export function openOperations({ door, clock, types, wakeWorkers }: OperateOptions): Operations {
	async function operate(id: string, command: Command): Promise<CommandAnswer> {
		if (!isTaskId(id)) return noSuchTask(id)
		const known = await door.submit(id, () => null)
		if (known.kind === 'missing') return noSuchTask(id)
		const type = await types.find(known.loaded.task.label)
		const cancellable = type?.data.cancellable ?? true
		const answer = await door.submit(id, (loaded) =>
			command.done(loaded.task) || command.refusal(loaded, cancellable) ? null : [{ fact: command.fact(clock.now()) }],
		)
		if (answer.kind === 'missing') return noSuchTask(id)
		const { loaded } = answer
		if (answer.kind === 'nothing')
			return command.done(loaded.task) ? { task: { id } } : (command.refusal(loaded, cancellable) ?? { task: { id } })
		const last = answer.decisions.at(-1)
		if (last?.kind === 'refused') return refuse(last.code as CommandRefusal, `${capital(last.because)}.`)
		return { task: { id } }
	}

	const wakingWorkers = async (work: Promise<CommandAnswer>): Promise<CommandAnswer> => {
		const answer = await work
		if (atFailurePoint && 'task' in answer) await atFailurePoint('cancel.noted', answer.task.id)
		if ('task' in answer) wakeWorkers()
		return answer
	}

	const onTask = (
		action: OperatorAction,
		{ who, why }: OperateTask,
		kind: 'pause_asked' | 'resume_asked' | 'cancel_asked',
		done: (task: Task) => boolean,
	): Command => ({
		refusal: (loaded, cancellable) => refusalOf(loaded, cancellable, action),
		done,
		fact: (at) => ({ kind, who, why, at }),
	})

	const onStep = (
		action: StepAction,
		{ who, why, step }: OperateStep,
		kind: 'retry_step_asked' | 'skip_step_asked' | 'cancel_step_asked',
		done: (step: Step) => boolean,
	): Command => ({
		refusal: (loaded) => stepRefusalOf(loaded, step, action),
		done: (task) => {
			const found = task.steps[step]
			return found !== undefined && done(found)
		},
		fact: (at) => ({ kind, step, who, why, at }),
	})

	return {
		pauseTask: (order) =>
			operate(
				order.id,
				onTask('pause', order, 'pause_asked', (task) => task.state === 'paused' || (task.state === 'running' && task.pauseAsked)),
			),
		resumeTask: (order) =>
			operate(
				order.id,
				onTask('resume', order, 'resume_asked', () => false),
			),
		cancelTask: async (order) => {
			if (atFailurePoint) await atFailurePoint('cancel.asked', order.id)
			return wakingWorkers(
				operate(
					order.id,
					onTask('cancel', order, 'cancel_asked', (task) => task.cancel !== 'none'),
				),
			)
		},
		confirmTask: ({ id, who, why, yes }) =>
			operate(id, {
				refusal: (loaded, cancellable) => refusalOf(loaded, cancellable, 'confirm'),
				done: () => false,
				fact: (at) => ({ kind: 'confirm_asked', yes, who, why, at }),
			}),
		retryStep: (order) =>
			operate(
				order.id,
				onStep('retry', order, 'retry_step_asked', () => false),
			),
		skipStep: (order) =>
			operate(
				order.id,
				onStep('skip', order, 'skip_step_asked', (step) => step.state === 'skipped'),
			),
		cancelStep: (order) =>
			wakingWorkers(
				operate(
					order.id,
					onStep(
						'cancel',
						order,
						'cancel_step_asked',
						(step) => step.cancelAsked && (hasAttempt(step.state) || step.state === 'cancelled'),
					),
				),
			),
	}
}

/** What the list of available actions asks of a task that the engine has loaded. */
export function subjectOf({ task }: LoadedTask, cancellable: boolean, dangerousActions = false): ActionSubject {
	const { label, state, cancel, pauseAsked, unlocked, gates } = task
	const busy = task.steps.some((step) => isBusy(step.state))
	return {
		label,
		state,
		cancel,
		pauseAsked,
		unlocked,
		awaitsConfirmation: gates.confirmBefore !== null,
		cancellable,
		// What may be cancelled of a recorded task says `cancelRecorded`.
		recorded: task.recorded ? { callback: true } : null,
		busy,
		dangerousActions,
	}
}

export function refusalOf(loaded: LoadedTask, cancellable: boolean, action: OperatorAction): Refused | null {
	const found = availableActions(subjectOf(loaded, cancellable)).find((one) => one.name === action)
	return found && !found.allowed ? refuse(found.code as CommandRefusal, found.reason ?? '') : null
}

function stepRefusalOf({ task }: LoadedTask, index: number, action: StepAction): Refused | null {
	const step = task.steps[index]
	const planned = task.plan?.steps[index]
	if (!step || !planned) {
		const count = task.steps.length
		return refuse(
			'no_such_step',
			count === 0 ? 'The task has no plan yet.' : `The task has ${count} steps, 0 to ${count - 1}, and no step ${index}.`,
		)
	}
	const subject = {
		state: step.state,
		cancelAsked: step.cancelAsked,
		action: planned.action,
		cancellable: planned.policies.cancellable,
		reverting: isReverting(task),
	}
	const found = availableStepActions(task, subject).find((one) => one.name === action)
	return found && !found.allowed ? refuse(found.code as CommandRefusal, found.reason ?? '') : null
}

export const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)
