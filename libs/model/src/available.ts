/** Which operator actions a task allows now: one place for the server, the page and the command line. */

import type { CancelPhase, TaskState } from './states.ts'

/** The actions that exist, in the order in which they are offered. */
export const operatorActions = ['resume', 'cancel'] as const
export type OperatorAction = (typeof operatorActions)[number]

/** Whether an action is allowed, and if not, the sentence why. */
export interface AvailableAction {
	readonly name: OperatorAction
	readonly allowed: boolean
	readonly reason: string | null
}

/** What of a task decides its actions. */
export interface ActionSubject {
	readonly state: TaskState
	readonly cancel: CancelPhase
	/** Whether its type can be cancelled while a step runs. */
	readonly cancellable: boolean
	/** Whether a step is running or suspended. */
	readonly busy: boolean
}

/** Every action with its answer; the refusals of the commands say the same. */
export function availableActions(task: ActionSubject): AvailableAction[] {
	return operatorActions.map((name) => {
		const reason = whyNot(name, task)
		return { name, allowed: reason === null, reason }
	})
}

function whyNot(action: OperatorAction, task: ActionSubject): string | null {
	switch (action) {
		case 'resume':
			if (task.state === 'paused') return null
			if (task.state === 'stopped') return 'The task has stopped. Only a paused task can be resumed.'
			return `The task is ${task.state}. Only a paused task can be resumed.`
		case 'cancel':
			if (task.state === 'stopped') return 'The task has already stopped.'
			if (task.state === 'paused') return null
			if (task.cancel !== 'none') return 'The task is being cancelled already; its running steps are awaited.'
			if (!task.cancellable && task.busy) return 'Tasks of this type cannot be cancelled while a step is running.'
			return null
	}
}
