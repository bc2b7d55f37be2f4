/** Which operator actions a task and its steps allow now: one place for the server, the page and the command line. */

import type { CancelPhase, StepState, TaskState } from './states.ts'
import type { RefusalCode } from './transitions.ts'

/** The actions on a task, in the order in which they are offered. */
export const operatorActions = ['resume', 'confirm', 'pause', 'cancel', 'unlock', 'force_unlock', 'rerun', 'delete'] as const
export type OperatorAction = (typeof operatorActions)[number]

/** The actions on a step. */
export const stepActions = ['retry', 'skip', 'cancel'] as const
export type StepAction = (typeof stepActions)[number]

/** For programs, why an action is not allowed. */
export type ActionRefusal = RefusalCode | 'dangerous_actions_off' | 'recorded'

/** Whether an action is allowed, and if not, the sentence why. */
export interface AvailableAction<Name extends string = OperatorAction> {
	readonly name: Name
	readonly allowed: boolean
	readonly reason: string | null
	readonly code: ActionRefusal | null
}

/** What of a task decides its actions. */
export interface ActionSubject {
	/** Of its type. */
	readonly label: string
	readonly state: TaskState
	readonly cancel: CancelPhase
	readonly pauseAsked: boolean
	readonly unlocked: boolean
	/** Whether a person is asked to confirm it, and has not answered. */
	readonly awaitsConfirmation: boolean
	/** Whether its type can be cancelled while a step runs. */
	readonly cancellable: boolean
	/** For a task that another program carries out, whether that program can be told of a cancel; null for others. */
	readonly recorded: { readonly callback: boolean } | null
	/** Whether a step is running, suspended, or being finalized or reverted. */
	readonly busy: boolean
	/** The setting that offers unlock and force unlock. */
	readonly dangerousActions: boolean
}

/** What of a step decides its actions, beside its task. */
export interface StepActionSubject {
	readonly state: StepState
	readonly cancelAsked: boolean
	/** Label of its action. */
	readonly action: string
	readonly cancellable: boolean
	/** Whether what the task has done is being taken back. */
	readonly reverting: boolean
}

type Refusal = readonly [code: ActionRefusal, sentence: string]

/** Every action with its answer; the refusals of the commands say the same. */
export function availableActions(task: ActionSubject): AvailableAction[] {
	return operatorActions.map((name) => answer(name, whyNot(name, task)))
}

/** Every action on a step with its answer. */
export function availableStepActions(
	task: Pick<ActionSubject, 'state' | 'cancel'>,
	step: StepActionSubject,
): AvailableAction<StepAction>[] {
	return stepActions.map((name) => answer(name, whyNotStep(name, task, step)))
}

function answer<Name extends string>(name: Name, refusal: Refusal | null): AvailableAction<Name> {
	return { name, allowed: refusal === null, reason: refusal?.[1] ?? null, code: refusal?.[0] ?? null }
}

const hasStopped: Refusal = ['already_stopped', 'The task has already stopped.']

function whyNot(action: OperatorAction, task: ActionSubject): Refusal | null {
	switch (action) {
		case 'resume':
			if (task.state === 'paused' || (task.state === 'stopped' && task.unlocked)) return null
			if (task.state === 'stopped') {
				return ['already_stopped', 'The task has stopped. Only a paused task, or one that was unlocked, can be resumed.']
			}
			if (task.state === 'running' && task.pauseAsked) return null
			return ['not_paused', `The task is ${task.state}. Only a paused task can be resumed.`]
		case 'confirm':
			if (task.state === 'scheduled' && task.awaitsConfirmation) return null
			return [
				'not_awaiting_confirmation',
				'The task does not wait for a confirmation: it needs none, or was answered, or its time is over.',
			]
		case 'pause':
			if (task.state === 'stopped') return hasStopped
			if (task.state === 'paused') return ['not_running', 'The task is paused already.']
			if (task.recorded) return ['recorded', 'Another program carries out this task; Taskyard cannot pause it.']
			if (task.state !== 'running') return ['not_running', `The task is ${task.state}. Only a running task can be paused.`]
			if (task.cancel !== 'none') return ['not_running', 'The task is being cancelled; it cannot be paused.']
			return task.pauseAsked ? ['not_running', 'A pause is under way already; the running steps are awaited.'] : null
		case 'cancel':
			if (task.state === 'stopped') return hasStopped
			if (task.state === 'paused') return null
			if (task.recorded?.callback === false) {
				return ['not_cancellable', 'Another program carries out this task, and it gave no address at which it hears of a cancel.']
			}
			if (task.cancel !== 'none') return ['not_cancellable', 'The task is being cancelled already; its running steps are awaited.']
			if (!task.cancellable && task.busy) return ['not_cancellable', `Cancel is not supported by ${task.label} while a step runs.`]
			return null
		case 'unlock':
			if (task.state === 'stopped') return hasStopped
			if (!task.dangerousActions) return dangerousActionsOff('Unlock')
			return task.state === 'paused' ? null : ['not_paused', `The task is ${task.state}. Only a paused task can be unlocked.`]
		case 'force_unlock':
			if (task.state === 'stopped') return hasStopped
			return task.dangerousActions ? null : dangerousActionsOff('Force unlock')
		case 'rerun':
			if (task.recorded) return ['recorded', 'Another program carried out this task. Start it again there.']
			if (task.state === 'stopped') return null
			return ['not_stopped', `The task is ${task.state}. Only a task that has stopped can be run again.`]
		case 'delete':
			if (task.state === 'stopped') return null
			return ['not_stopped', `The task is ${task.state}. Only a task that has stopped can be deleted.`]
	}
}

function dangerousActionsOff(action: string): Refusal {
	return ['dangerous_actions_off', `${action} is switched off. Who may edit settings can turn on "dangerous_actions".`]
}

function whyNotStep(action: StepAction, task: Pick<ActionSubject, 'state' | 'cancel'>, step: StepActionSubject): Refusal | null {
	if (task.state === 'stopped') return hasStopped
	switch (action) {
		case 'retry':
			if (task.state !== 'paused') return ['not_paused', `The task is ${task.state}. A step can be retried only while its task is paused.`]
			if (step.state === 'revert_failed' || (step.state === 'error' && !step.reverting)) return null
			return notInError(step)
		case 'skip':
			if (task.state !== 'paused') return ['not_paused', `The task is ${task.state}. A step can be skipped only while its task is paused.`]
			if (step.state === 'error' && !step.reverting) return null
			if (step.state === 'revert_failed') return ['not_in_error', 'A revert that failed can be tried again, not skipped.']
			return notInError(step)
		case 'cancel':
			if (task.state !== 'running') return ['not_running', `The task is ${task.state}. Only a running step can be cancelled.`]
			if (task.cancel !== 'none') return ['not_cancellable', 'The whole task is being cancelled already.']
			if (step.state === 'pending') return ['not_running', 'The step does not run.']
			if (step.state !== 'running' && step.state !== 'suspended') return ['already_ended', 'The step has already ended.']
			if (step.cancelAsked) return ['not_cancellable', 'The step is being cancelled already; its end is awaited.']
			return step.cancellable ? null : ['not_cancellable', `Cancel is not supported by ${step.action}.`]
	}
}

function notInError(step: StepActionSubject): Refusal {
	if (step.state === 'error') return ['not_in_error', 'What the task has done is being taken back; its failed step stays as it is.']
	return ['not_in_error', `The step is ${step.state}. Only a step in error can be retried or skipped.`]
}
