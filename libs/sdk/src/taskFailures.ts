/** What `context.tasks` throws, the same from the engine and from the harness. */

import { Failure } from './failure.ts'

/** A command was refused: another try would be too. `faults`: places in the input that are wrong. */
export function commandRefused(code: string, message: string, faults: readonly unknown[] = []): Failure {
	return new Failure(message, { code, retryable: false, details: faults.length > 0 ? { faults } : null })
}

/** Of a type whose tasks may turn out not to be made, or not to begin, there is no fan-out. */
export function notFannedOut(label: string, why: string): Failure {
	return new Failure(`${label} ${why}: its tasks cannot be fanned out. Start them one by one, with context.tasks.`, {
		code: 'invalid_fan_out',
		retryable: false,
	})
}

export interface FailedTask {
	readonly id: string
	readonly state: string
	readonly result: string
	/** Code of the error that it ended with. */
	readonly code: string | null
}

/** A task that was run has ended otherwise than well, or has paused. */
export function taskFailed({ id, state, result, code }: FailedTask, message: string): Failure {
	return new Failure(message, { code: 'task_failed', details: { task: id, state, result, code } })
}

/** A task that was run takes longer than its caller waits. It goes on, so another try would start a second one. */
export function taskNotEnded(id: string, timeout: number): Failure {
	return new Failure(`Task ${id} has not ended within ${timeout / 1000} s. It goes on: look at it by its id.`, {
		code: 'task_not_ended',
		retryable: false,
		details: { task: id },
	})
}
