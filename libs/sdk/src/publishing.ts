/** Who carries the calls of `task(…)` and `@Task()` to Taskyard: the step that makes them, or what a program has named once. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { StartedTask, StartOptions } from './definition.ts'
import { Failure } from './failure.ts'

/** Whatever starts tasks by their label: `context.tasks` of a step, the commands of an engine, a client over HTTP. */
export interface TaskPublisher {
	/** Answers the id; where no task was made because another one counts for it, the id of that one. */
	start(label: string, input: unknown, options?: StartOptions): Promise<string | StartedTask>
}

let configured: TaskPublisher | null = null
const ofStep = new AsyncLocalStorage<TaskPublisher>()

/**
 * Names, once for the process, who starts the tasks that are called outside of steps; null takes it back. Within a step
 * of such a task it is the step, so that what it calls is linked to it.
 *
 * @example publishWith(connect({ url: 'http://localhost:4180' }))
 */
export function publishWith(publisher: TaskPublisher | null): void {
	configured = publisher
}

/** Runs author code; what it calls is started by this publisher. */
export function publishingBy<Result>(publisher: TaskPublisher, work: () => Result): Result {
	return ofStep.run(publisher, work)
}

/** @param task label of the task that is called */
export function publisherFor(task: string): TaskPublisher {
	const publisher = ofStep.getStore() ?? configured
	if (publisher) return publisher
	throw new Failure(
		`${task} was called, and nobody was named who starts it. Call publishWith(…) once when the program begins; in a step that defineTask or defineAction made, write ${task}.by(context.tasks).delay(…).`,
		{ code: 'no_publisher', retryable: false },
	)
}
