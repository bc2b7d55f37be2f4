/** The calls that start a task with arguments, by the names and with the message that AWX has for them. */

import type { StartOptions } from './definition.ts'
import { Failure } from './failure.ts'
import { publisherFor, type TaskPublisher } from './publishing.ts'

/** Arguments by name; the code gets them as one object after the others, when there are any. */
export type NamedArguments = Readonly<Record<string, unknown>>

/** What was published: the message by the keys that it has in AWX, and where it went. */
export interface PublishedMessage {
	/** Id of the task; where no task was made because another one counts for it, the id of that one. */
	readonly uuid: string
	/** Its label. */
	readonly task: string
	readonly args: readonly unknown[]
	readonly kwargs: NamedArguments
	/** Null: the queue that the worker has registered with the task. */
	readonly queue: string | null
	/** By `on_duplicate`: no task was made. */
	readonly discarded: boolean
}

/** What one call says otherwise than the task does. */
export interface CallOptions extends Omit<StartOptions, 'startAt'> {
	/** A UUIDv7 for the task: asked again with it, the same task is answered. AWX's word for it is `uuid`. */
	readonly id?: string
	readonly uuid?: string
	/** Seconds until it may begin, or the time from which on it may. Kept in the database. */
	readonly delay?: number | Date
	/** Seconds that one attempt may take. */
	readonly timeout?: number
}

/** The arguments, those by name, and what this one call says otherwise. */
export interface Submission<Arguments extends readonly unknown[]> extends CallOptions {
	readonly args?: Readonly<Partial<Arguments>>
	readonly kwargs?: NamedArguments
}

export interface TaskCalls<Arguments extends readonly unknown[]> {
	/** Starts the task with these arguments, and all else as the task says. */
	delay(...args: Arguments): Promise<PublishedMessage>
	apply_async(args?: Readonly<Partial<Arguments>>, kwargs?: NamedArguments, options?: CallOptions): Promise<PublishedMessage>
	submit(submission?: Submission<Arguments>): Promise<PublishedMessage>
	/** The same calls, by somebody else than the step that makes them or the one that `publishWith` names. */
	by(publisher: TaskPublisher): TaskCalls<Arguments>
}

/** Decides the queue of a call when it is made. */
export type QueueOf = (message: Pick<PublishedMessage, 'task' | 'args' | 'kwargs'>) => string

/** What the calls know of their task. */
export interface CalledTask {
	readonly label: string
	readonly queueOf: QueueOf | null
	/** The input of the task that a call starts. */
	readonly inputOf: (message: CallMessage) => unknown
}

/** What is stored of a call. */
export interface CallMessage {
	readonly args: readonly unknown[]
	readonly kwargs: NamedArguments
	/** Seconds. */
	readonly timeout?: number
}

export function callsOf(task: CalledTask, publisher: TaskPublisher | null = null): TaskCalls<readonly unknown[]> {
	async function submit({ args = [], kwargs = {}, ...options }: Submission<readonly unknown[]> = {}): Promise<PublishedMessage> {
		const { id, uuid = id, delay, timeout, queue = task.queueOf?.({ task: task.label, args, kwargs }), ...others } = options
		if (id !== undefined && uuid !== id) throw wrong(task, `the id ${id} and the uuid ${uuid} are the same thing; give one of them`)
		if (queue !== undefined && (typeof queue !== 'string' || queue.trim() === ''))
			throw wrong(task, `its queue is ${JSON.stringify(queue)}; expected the name of a queue`)
		if (timeout !== undefined && !(timeout > 0 && Number.isFinite(timeout)))
			throw wrong(task, `its timeout is ${timeout}; expected seconds, more than 0`)
		const startAt = delay === undefined ? undefined : startOf(task, delay)
		const answer = await (publisher ?? publisherFor(task.label)).start(
			task.label,
			task.inputOf({ args, kwargs, ...(timeout !== undefined && { timeout }) }),
			{ ...others, ...(uuid !== undefined && { id: uuid }), ...(queue !== undefined && { queue }), ...(startAt && { startAt }) },
		)
		const { id: made, discarded = false } = typeof answer === 'string' ? { id: answer } : answer
		return { uuid: made, task: task.label, args, kwargs, queue: queue ?? null, discarded }
	}

	return {
		delay: (...args) => submit({ args }),
		apply_async: (args = [], kwargs = {}, options = {}) => submit({ ...options, args, kwargs }),
		submit,
		by: (other) => callsOf(task, other),
	}
}

function startOf(task: CalledTask, delay: number | Date): Date {
	const start = typeof delay === 'number' ? new Date(Date.now() + delay * 1000) : delay
	if ((typeof delay === 'number' && !(delay >= 0)) || Number.isNaN(start.getTime()))
		throw wrong(task, `its delay is ${String(delay)}; expected seconds, 0 or more, or a Date`)
	return start
}

function wrong({ label }: CalledTask, what: string): Failure {
	return new Failure(`${label} was not started: ${what}.`, { code: 'invalid_call', retryable: false })
}
