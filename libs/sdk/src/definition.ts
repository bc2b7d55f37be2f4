/** What a definition is once it is made: what the engine runs, and what a worker registers as data. */

import type { LockClaim, Plan, ResourceKey, RetryPolicy, StepPolicies } from '@taskyard/model/plan'
import type { LogStream } from '@taskyard/model/states'

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
}

export interface ActionDefinition {
	readonly label: string
	readonly run: (input: never, context: StepContext) => Promise<unknown> | unknown
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
	readonly cancellable: boolean
	readonly retry: RetryPolicy
}

export interface TaskDefinition {
	readonly data: TaskTypeData
	readonly actions: ReadonlyMap<string, ActionDefinition>
	/** Checks and completes the input (defaults), then calls the author's `plan`. Throws what the author throws. */
	readonly plan: (input: unknown) => Promise<Planned>
}
