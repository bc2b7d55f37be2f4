/** What `context.tasks` throws, the same from the engine and from the harness. */

import type { StepError } from '@taskyard/model/task'
import { Failure } from './failure.ts'

/** A command was refused: another try would be too. */
export function commandRefused(code: string, message: string, details: unknown = null): Failure {
	return new Failure(message, { code, retryable: false, details })
}

/** What is known of a task that was run and did not end well. */
export interface EndedTask {
	readonly id: string
	readonly name: string
	readonly state: string
	readonly result: string
	readonly reason: string | null
	readonly error: Pick<StepError, 'message'> | null
}

/** A task that was run has ended otherwise than well, or has paused. */
export function taskFailed({ id, name, state, result, reason, error }: EndedTask): Failure {
	const how = state === 'paused' ? 'has paused and waits for a person' : result === 'cancelled' ? 'was cancelled' : 'has failed'
	const why = error ? `: ${error.message}` : '.'
	return new Failure(`Task “${name}” (${id}) ${how}${why}`, {
		code: state === 'paused' ? 'task_paused' : result === 'cancelled' ? 'task_cancelled' : 'task_failed',
		retryable: false,
		details: { task: id, state, result, reason },
	})
}

/** A task that was run takes longer than its caller waits. It goes on. */
export function taskGoesOn(id: string, timeout: number): Failure {
	return new Failure(`Task ${id} has not ended within ${timeout} ms. It goes on: look at it, or wait for it, by this id.`, {
		code: 'task_goes_on',
		retryable: false,
		details: { task: id },
	})
}
