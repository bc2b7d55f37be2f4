/** Tasks for programs that are no steps: the commands of a server, over HTTP. Needs nothing but `fetch`. */

import type { TaskResult, TaskState } from '@taskyard/model/states'
import { type Asked, type Connection, request } from './client/request.ts'
import { newTaskId } from './client/taskId.ts'
import type { RunOptions, StartOptions, TaskDefinition, TaskType } from './definition.ts'
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

/** A task as the server answers it. Instants are texts, ISO 8601 in UTC. */
export interface TaskReport {
	readonly id: string
	readonly label: string
	readonly name: string
	readonly state: TaskState
	readonly result: TaskResult
	/** Why it ended badly or needs attention. */
	readonly reason: string | null
	/** 0…1 */
	readonly progress: number
	readonly waitingFor: { readonly kind: string; readonly text: string } | null
	readonly correlationId: string
	readonly createdAt: string
	readonly startedAt: string | null
	readonly endedAt: string | null
	readonly input: unknown
	/** Null while there is none. */
	readonly output: unknown
	readonly error: { readonly message: string; readonly code: string | null } | null
	readonly steps: readonly StepReport[]
}

export interface StepReport {
	readonly index: number
	readonly name: string
	readonly state: string
	readonly progress: number
	readonly error: { readonly message: string; readonly code: string | null } | null
}

/**
 * What a program can ask. A refusal is thrown as a Failure whose code says which; so is a server that does not answer,
 * with the code `no_connection`. Every call may be repeated, and repeats itself where no answer came.
 */
export interface Client {
	/** Starts a task and answers its id. It is stored by then. */
	start<Input>(type: TaskType<Input>, input: NoInfer<Input>, options?: StartOptions): Promise<string>
	start(label: string, input?: unknown, options?: StartOptions): Promise<string>
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
}

/** A task that was awaited. */
interface Awaited extends TaskReport {
	readonly failure?: { readonly state: string; readonly result: string; readonly message: string; readonly code: string | null }
	readonly goesOn?: string
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

	async function begin(type: Typed, input: unknown, { id, startAt, startBefore }: StartOptions, wait?: number): Promise<Awaited> {
		const label = typeof type === 'string' ? type : type.data.label
		const order = {
			label,
			input: input ?? {},
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
		start: async (type: Typed, input: unknown, options: StartOptions = {}) => (await begin(type, input, options)).id,
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
	}
}

const placeOf = (id: string): string => `/tasks/${encodeURIComponent(id)}`
