/** What a definition is once it is made: what the engine runs, and what a worker registers as data. */

import type { Duplicates } from '@taskyard/model/duplicates'
import type { JoinedCounts } from '@taskyard/model/fanOut'
import type { LockClaim, Plan, RescueStrategy, ResourceKey, RetryPolicy, StepPolicies } from '@taskyard/model/plan'
import type { LogStream } from '@taskyard/model/states'
import type { FanOutOptions } from './fanOut.ts'
import type { StepSql } from './stepTransaction.ts'
import type { Suspended } from './suspend.ts'

/** A running attempt as its author sees it. */
export interface StepContext {
	readonly taskId: string
	readonly step: number
	/** Number of this attempt: use it, with task and step, in temporary names. */
	readonly attempt: number
	/** Tries that failed before this one, since the last resume. */
	readonly tries: number
	/** Follows the task through sub-tasks and logs. */
	readonly correlationId: string
	/** Aborted when the step is cancelled, timed out, or no longer this worker's; its reason is made by `abortReason`. */
	readonly signal: AbortSignal
	/** Reports progress: a fraction 0…1, or how much of what is done. Cheap; stored at most twice a second. */
	progress(report: number | { done: number; total?: number; unit?: string }): void
	/** Appends a line to the task's log. Resolves when there is room for more: await it in loops that log much. */
	log(line: string, stream?: LogStream): Promise<void>
	/** Says that the step lives, where it neither logs nor reports progress for long. */
	heartbeat(): void
	/** Asks the database whether this attempt still counts. Ask before an effect that cannot be taken back. */
	stillMine(): Promise<boolean>
	/**
	 * Stores a process group that this attempt is about to start work in, so that whoever recovers the attempt ends
	 * it first. Resolves when stored: start the work after that.
	 */
	ownProcessGroup(pid: number): Promise<void>
	/** Keeps what this step has started at another service, so that it is cancelled there if the task stops without it. */
	readonly externalWork: ExternalWork
	/**
	 * Starts a sub-task for each input. Return what it answers: the step waits then without a worker until all have stopped,
	 * and has their counts as its output, or what the action's `joined` makes of them. Begun again, a step goes on where it
	 * was interrupted, so give the inputs in the same order. Once in a step.
	 *
	 * @example run: ({ repositories }, context) => context.fanOut(sync, repositories.map((id) => ({ id })), { limit: 50 })
	 */
	fanOut<Input>(type: TaskType<Input>, inputs: readonly NoInfer<Input>[], options?: FanOutOptions): Promise<Suspended>
	fanOut(type: string | TaskDefinition, inputs: readonly unknown[], options?: FanOutOptions): Promise<Suspended>
	/** Starts, cancels and resumes other tasks, in the name of this task's owner. */
	readonly tasks: TaskCommands
	/** Why the step is begun again after it was suspended; null for one that was not. */
	readonly wake: StepWake | null
	/**
	 * Makes an address for work elsewhere to answer to, once: with an event that wakes the step, or with its outcome, and
	 * before that with progress and lines. It is good until the task stops, or for `expires` milliseconds.
	 */
	callback(options?: { readonly expires?: number }): Promise<Callback>
}

export interface StepWake {
	/** `resumed`: it had failed, and a person resumed it. */
	readonly reason: 'event' | 'timer' | 'resumed'
	/** Those that no attempt was given which suspended the step again, in the order in which they came. */
	readonly events: readonly StepEvent[]
	/** What it was suspended with. */
	readonly state: unknown
}

export interface StepEvent {
	readonly id: string
	readonly name: string
	readonly payload: unknown
}

/** The unit of work that a step has at another service: one at a time, over attempts and resumes until it is over. */
export interface ExternalWork {
	/** The unit that is not over, if there is one. */
	current(): Promise<ExternalUnit | null>
	/**
	 * Stores that work is about to be started there; call it before the start. Another attempt gets the same unit, until
	 * it is over: send its key along, so that the service can tell a repeated start from a second one.
	 */
	begin(url: string): Promise<ExternalUnit>
	/** Stores where the work is, and how to end it. The first address stays: an answer with another one means a second unit. */
	keep(key: string, where: { readonly address?: string; readonly cancel?: CancelRequest }): Promise<ExternalUnit>
	/** The work has ended, or was cancelled there. */
	over(key: string): Promise<void>
}

export interface ExternalUnit {
	/** Stable for task and step until the unit is over. */
	readonly key: string
	/** Null until the service has said it. */
	readonly address: string | null
}

/** What ends work at another service. A good answer, 404, 409 and 410 all mean that nothing is left to cancel. */
export interface CancelRequest {
	readonly method: 'POST' | 'PATCH' | 'DELETE'
	readonly url: string
	readonly headers: { readonly [name: string]: string }
	readonly body?: unknown
}

export interface Callback {
	readonly url: string
	/** Whoever knows it may answer: it is a secret. */
	readonly token: string
}

/**
 * What a step can ask of other tasks. A refusal is thrown as a Failure whose code says which; another try makes no
 * sense then.
 */
export interface TaskCommands {
	/**
	 * Starts a task and answers its id, or that of the one that counts in its place. It is stored by then, and goes on
	 * whatever becomes of this step.
	 */
	start<Input>(type: TaskType<Input>, input: NoInfer<Input>, options?: StartOptions): Promise<StartedTask>
	start(label: string, input: unknown, options?: StartOptions): Promise<StartedTask>
	/**
	 * Starts a task, waits until it has stopped, and answers its output. One that ends otherwise than with success or a
	 * warning, or pauses, is a Failure with its id in the details; so is one that takes longer than `timeout`: it goes on.
	 */
	run<Input, Output>(type: TaskType<Input, Output>, input: NoInfer<Input>, options?: RunOptions): Promise<Output>
	run(label: string, input: unknown, options?: RunOptions): Promise<unknown>
	cancel(id: string, why?: string): Promise<void>
	resume(id: string, why?: string): Promise<void>
}

export interface StartOptions {
	/** A UUIDv7. Asked again with it, by another attempt of the step, the same task is answered instead of a second one. */
	readonly id?: string
	readonly startAt?: Date
	/** Latest first start. */
	readonly startBefore?: Date
	/** Default: that of the type, or of the task that starts it when the type names none. */
	readonly queue?: string
	/** From -10 to 10; higher ones overtake in their queue. Default: that of the type, or of the task that starts it, or 0. */
	readonly priority?: number
}

export interface StartedTask {
	readonly id: string
	/** No task was made, by `onDuplicate` of the type: this one has the same key and counts. */
	readonly discarded: boolean
}

export interface RunOptions extends StartOptions {
	/** How long to wait for its end, in milliseconds. Default: as long as the step may run. */
	readonly timeout?: number
}

export interface ActionDefinition {
	readonly label: string
	readonly run: (input: never, context: StepContext) => Promise<unknown> | unknown
	/** In place of `run` where there is a database: its SQL and its outcome are committed together. */
	readonly transaction?: (sql: StepSql, input: never, context: StepContext) => Promise<unknown> | unknown
	/** Makes the output of a step whose sub-tasks have stopped. */
	readonly joined?: (input: never, counts: JoinedCounts, context: StepContext) => Promise<unknown> | unknown
	/** Called once all steps of the plan have succeeded or were skipped, in plan order, one after the other. */
	readonly finalize?: (input: never, output: never, context: StepContext) => Promise<unknown> | unknown
	/** Takes back what the step has done, when the task reverts; called in the reverse order of the plan. */
	readonly revert?: (input: never, output: never, context: StepContext) => Promise<unknown> | unknown
	/** Looks after work elsewhere, for which `run` has suspended the step. Answers the output, or suspends again. */
	readonly poll?: (input: never, state: never, context: StepContext) => Promise<unknown> | unknown
	/** Ends what a suspended step has under way elsewhere, when the step or its task is cancelled. */
	readonly cancel?: (input: never, state: never, context: StepContext) => Promise<unknown> | unknown
	/** JSON Schema of the output: a plan that refers to a part it never has is refused. */
	readonly outputSchema?: { readonly [keyword: string]: unknown }
	/** JSON Schemas of input and output that mark sensitive fields; absent where they mark none. */
	readonly sensitiveInput?: object
	readonly sensitiveOutput?: object
	readonly policies: StepPolicies
	/** Policies that depend on the input, e.g. a command's `idempotent`. Merged over `policies` when planned. */
	readonly policiesFor?: (input: never) => PolicyOptions
}

/** Policies as authors give them: what is left out has its default. */
export type PolicyOptions = Partial<Omit<StepPolicies, 'retry'>> & { readonly retry?: Partial<RetryPolicy> }

export interface Planned {
	readonly plan: Plan
	/** Name computed in `plan`; undefined: the template's. */
	readonly name?: string
	/** Locks computed in `plan`; undefined: the templates'. */
	readonly locks?: readonly LockClaim[]
	readonly links?: readonly ResourceKey[]
	/** What stands in the sensitive fields of the completed input: nothing of it may be read where it is stored. */
	readonly sensitive?: readonly unknown[]
}

/** What a worker registers of a task type: data, so that the server knows it without importing author code. */
export interface TaskTypeData {
	readonly label: string
	readonly version: number
	readonly description?: string
	/** Template over the input: `Backup of {source}`. */
	readonly name: string
	/** JSON Schema 2020-12. */
	readonly inputSchema: object
	readonly outputSchema?: object
	/** Static locks; `id` and `name` are templates over the input. */
	readonly locks: readonly LockClaim[]
	readonly queue: string
	/** From -10 to 10; absent for a type that says nothing. */
	readonly priority?: number
	/** Which tasks of the type are duplicates of each other, and what becomes of them. */
	readonly duplicates?: Duplicates
	readonly cancellable: boolean
	/** How often, and how far apart, planning is tried; and what becomes of the task when all tries failed. */
	readonly retry: RetryPolicy
	readonly rescue: RescueStrategy
	/** Limit of a task's time in *running*, in milliseconds; null means none. */
	readonly timeout: number | null
	/** A person must confirm each task before it begins. */
	readonly confirmation: boolean
	/** Short enough to be run where it is asked for, when locks are free. */
	readonly light: boolean
	/** Labels of the actions that its plans may use. */
	readonly actions: readonly string[]
}

export interface TaskDefinition {
	readonly data: TaskTypeData
	readonly actions: ReadonlyMap<string, ActionDefinition>
	/** Checks and completes the input (defaults), then calls the author's `plan`. Throws what the author throws. */
	readonly plan: (input: unknown) => Promise<Planned>
}

declare const types: unique symbol

/** A task type with the types of its input, as callers give it, and of its output. */
export interface TaskType<Input = never, Output = unknown> extends TaskDefinition {
	readonly [types]?: { takes: (input: Input) => void; gives: Output }
}
