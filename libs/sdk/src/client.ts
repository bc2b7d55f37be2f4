/** Tasks for programs that are no steps: the commands of a server, over HTTP. Needs nothing but `fetch`. */

import { type BulkAction, type BulkItem, type BulkOptions, type BulkOutcome, bulkAgain, bulkItems, startBulk } from './client/bulk.ts'
import { type OpenOptions, openTask, type RecordedTask } from './client/recordedTask.ts'
import { type Asked, type Connection, request } from './client/request.ts'
import { newTaskId } from './client/taskId.ts'
import type { GivenError, TaskReport } from './client/types.ts'
import type { RunOptions, StartedTask, StartOptions, TaskDefinition, TaskType } from './definition.ts'
import { Failure } from './failure.ts'
import { taskFailed, taskNotEnded } from './taskFailures.ts'

export interface ConnectOptions {
	/** Of the server, e.g. `http://localhost:4180`. */
	readonly url: string
	/** Follows the tasks that are started, through sub-tasks and logs. Default: each start has its own. */
	readonly correlationId?: string
	/** How long a request is repeated while the server does not answer, in milliseconds. Default 30 s. */
	readonly patience?: number
}

/**
 * What a program can ask. A refusal is thrown as a Failure whose code says which; so is a server that does not answer,
 * with the code `no_connection`. Every call may be repeated, and repeats itself where no answer came.
 */
export interface Client {
	/** Starts a task and answers its id, or that of the one that counts in its place. It is stored by then. */
	start<Input>(type: TaskType<Input>, input: NoInfer<Input>, options?: StartOptions): Promise<StartedTask>
	start(label: string, input?: unknown, options?: StartOptions): Promise<StartedTask>
	/**
	 * Starts a task, waits until it has stopped, and answers its output. One that ends otherwise than with success or a
	 * warning, or pauses, is a Failure with its id in the details; so is one that takes longer than `timeout`: it goes on.
	 */
	run<Input, Output>(type: TaskType<Input, Output>, input: NoInfer<Input>, options?: RunOptions): Promise<Output>
	run(label: string, input?: unknown, options?: RunOptions): Promise<unknown>
	/** Waits for a task that was started before, as `run` does. */
	ended(id: string, options?: Pick<RunOptions, 'timeout'>): Promise<unknown>
	get(id: string): Promise<TaskReport>
	cancel(id: string, why?: string): Promise<TaskReport>
	pause(id: string, why?: string): Promise<TaskReport>
	resume(id: string, why?: string): Promise<TaskReport>
	/** Wakes a suspended step, or ends it with an outcome; kept for a step that is not suspended yet. */
	sendEvent(task: string, step: number, name: string, event?: EventOptions): Promise<{ readonly repeated: boolean }>
	/** Says what work has come to that a step waits for, by the token that the step gave it. */
	useCallback(token: string, message: CallbackMessage): Promise<{ readonly task: string; readonly step: number; readonly usedUp: boolean }>
	/** Steps by the id that their work has elsewhere. */
	findByExternalId(value: string): Promise<readonly { readonly task: string; readonly step: number; readonly url: string | null }[]>
	/** Records a task that this program carries out itself. */
	openTask(label: string, options?: OpenOptions): Promise<RecordedTask>
	/** Does something to many tasks, as a task of its own; answers the id of that one, for `ended` and `bulkItems`. */
	bulk(action: BulkAction, ids: readonly string[], options?: BulkOptions): Promise<string>
	/** Once more, for the items that failed or were refused. */
	bulkAgain(id: string, options?: BulkOptions): Promise<string>
	bulkItems(id: string, outcome?: BulkOutcome): AsyncIterable<BulkItem>
}

/** What a step ends with, without running again. */
export type Outcome = { readonly output: unknown } | { readonly error: GivenError }

export interface EventOptions {
	/** Up to 200 characters: sent again with it, the event counts once. Default: a new one. */
	readonly id?: string
	readonly payload?: unknown
	readonly outcome?: Outcome
}

/** An event (`name`, `payload`) or an outcome uses the token up; progress and lines do not. */
export interface CallbackMessage extends EventOptions {
	readonly name?: string
	/** 0…1 */
	readonly progress?: number
	/** For the log of the step. */
	readonly lines?: readonly string[]
}

/** A task that was awaited. */
interface Awaited extends TaskReport {
	readonly failure?: { readonly state: string; readonly result: string; readonly message: string; readonly code: string | null }
	readonly goesOn?: string
	readonly discarded?: boolean
}

type Typed = string | TaskDefinition

/** Longest wait in one request, in milliseconds: what lies between may cut off a longer one. */
const longestWait = 50_000

/**
 * Answers a client of a server. Nothing is asked yet, and nothing has to be closed.
 *
 * @example
 * const taskyard = connect({ url: 'http://localhost:4180' })
 * const { total } = await taskyard.run(diskReport, { owner: 'ada', paths: ['/srv'] })
 */
export function connect({ url, correlationId, patience = 30_000 }: ConnectOptions): Client {
	const connection: Connection = {
		url: url.replace(/\/+$/, ''),
		headers: correlationId === undefined ? {} : { 'x-correlation-id': correlationId },
		patience,
	}

	async function ask<Result>(asked: Asked): Promise<Result> {
		return (await request(connection, asked)).body as Result
	}

	async function begin(
		type: Typed,
		input: unknown,
		{ id, startAt, startBefore, queue, priority }: StartOptions,
		wait?: number,
	): Promise<Awaited> {
		const label = typeof type === 'string' ? type : type.data.label
		const order = {
			label,
			input: input ?? {},
			queue,
			priority,
			...(startAt && { startAt: startAt.toISOString() }),
			...(startBefore && { startBefore: startBefore.toISOString() }),
		}
		const asked = { path: '/tasks', what: `Task ${label} was not started`, ...(wait !== undefined && { wait }) }
		try {
			// An id of our own makes a repetition harmless, when the answer gets lost.
			return await ask<Awaited>({ ...asked, body: { ...order, id: id ?? newTaskId() } })
		} catch (failure) {
			// The clock of this machine may be wrong, and the time is in the id: then the server makes one.
			if (id !== undefined || !(failure instanceof Failure) || failure.code !== 'invalid_id') throw failure
			return ask<Awaited>({ ...asked, body: order, once: true })
		}
	}

	/** @param known what the server has answered of it already */
	async function outputOf(id: string, { timeout }: RunOptions, known: Awaited | null, since: number): Promise<unknown> {
		const until = timeout === undefined ? Number.POSITIVE_INFINITY : since + timeout
		for (let task = known; ; ) {
			if (task?.failure) {
				const { state, result, code, message } = task.failure
				throw taskFailed({ id, state, result, code }, message)
			}
			if (task && task.goesOn === undefined) return task.output ?? undefined
			if (task && performance.now() >= until) throw taskNotEnded(id, timeout ?? 0)
			const wait = Math.max(0, Math.min(longestWait, until - performance.now()))
			task = await ask<Awaited>({ method: 'GET', path: placeOf(id), wait, what: `Task ${id} cannot be waited for` })
		}
	}

	const operate = (id: string, command: string, done: string, why: string | undefined): Promise<TaskReport> =>
		ask({ path: `${placeOf(id)}/${command}`, body: { why: why ?? null }, what: `Task ${id} was not ${done}` })

	return {
		async start(type: Typed, input: unknown, options: StartOptions = {}) {
			const { id, discarded = false } = await begin(type, input, options)
			return { id, discarded }
		},
		async run(type: Typed, input: unknown, options: RunOptions = {}) {
			const since = performance.now()
			const task = await begin(type, input, options, Math.min(longestWait, options.timeout ?? longestWait))
			return (await outputOf(task.id, options, task, since)) as never
		},
		ended: (id, options = {}) => outputOf(id, options, null, performance.now()),
		get: (id) => ask({ method: 'GET', path: placeOf(id), what: `Task ${id} cannot be read` }),
		cancel: (id, why) => operate(id, 'cancel', 'cancelled', why),
		pause: (id, why) => operate(id, 'pause', 'paused', why),
		resume: (id, why) => operate(id, 'resume', 'resumed', why),
		sendEvent: (task, step, name, event = {}) =>
			ask({
				path: `${placeOf(task)}/events`,
				body: { step, name, id: newTaskId(), ...event },
				what: `Step ${step} of task ${task} got no event`,
			}),
		useCallback(token, message) {
			const usesUp = message.name !== undefined || message.payload !== undefined || message.outcome !== undefined
			const path = `/callbacks/${encodeURIComponent(token)}`
			return ask({ path, body: message, what: 'Nothing was taken by this token', ...(usesUp && { once: true as const }) })
		},
		async findByExternalId(value) {
			const path = `/external-ids/${encodeURIComponent(value)}`
			return (await ask<{ readonly steps: never }>({ method: 'GET', path, what: `Steps cannot be looked for by ${value}` })).steps
		},
		openTask: (label, options = {}) => openTask(ask, label, options),
		bulk: (action, ids, options = {}) => startBulk(ask, action, ids, options),
		bulkAgain: (id, options = {}) => bulkAgain(ask, id, options),
		bulkItems: (id, outcome) => bulkItems(ask, id, outcome),
	}
}

const placeOf = (id: string): string => `/tasks/${encodeURIComponent(id)}`
