import { noGates, type Task } from './task.ts'

/** A task that was just started, and waits for nothing. */
export function newTask(id: string, label: string): Task {
	return {
		id,
		label,
		state: 'pending',
		result: 'pending',
		reason: null,
		revision: 0,
		cancel: 'none',
		pauseAsked: false,
		unlocked: false,
		touched: false,
		waitingFor: null,
		gates: noGates,
		startedAt: null,
		endedAt: null,
		runningSince: null,
		ranFor: 0,
		progress: 0,
		planAttempt: 0,
		planTries: 0,
		notBefore: null,
		recorded: false,
		silentUntil: null,
		planChild: null,
		planStartedAt: null,
		error: null,
		plan: null,
		steps: [],
	}
}
