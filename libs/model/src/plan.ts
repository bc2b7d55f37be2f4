/**
 * A plan: a tree of *sequence* and *concurrence* over steps. It is data: made once when the task is planned,
 * stored as JSON, never recomputed for a task that has one.
 */

import type { LockMode } from './states.ts'

export type PlanNode = PlanGroup | { readonly kind: 'step'; readonly index: number }

/** Steps in an order. */
export interface PlanGroup {
	readonly kind: 'sequence' | 'concurrence'
	readonly nodes: readonly PlanNode[]
	/** What a person reads, e.g. `for each file`. */
	readonly name?: string
	/** Why planning left out what would stand here: a condition that did not hold, or a list without items. */
	readonly omitted?: string
	/** The strategy that this node asks of all steps below it, in place of their own. Their policies carry it already. */
	readonly rescue?: RescueStrategy
}

/** How often a step is tried, and how long it waits between two tries. Durations are milliseconds. */
export interface RetryPolicy {
	/** Tries in all, the first included; 1 means no automatic retry. */
	readonly attempts: number
	readonly backoff: 'fixed' | 'exponential'
	readonly initial: number
	readonly max: number
	/** Share of the delay that is random, 0…1. */
	readonly jitter: number
}

export type RescueStrategy = 'pause' | 'skip' | 'fail' | 'revert'
export type OnLost = 'retry' | 'rescue'

/** `own`: an attempt has a child process to itself, which is killed when the attempt does not end in time. */
export type Isolation = 'shared' | 'own'

export interface StepPolicies {
	readonly retry: RetryPolicy
	readonly rescue: RescueStrategy
	readonly onLost: OnLost
	readonly idempotent: boolean
	/** Whether a running attempt can be asked to end. A step that is not cancellable is awaited until the deadline. */
	readonly cancellable: boolean
	/** Limit of one attempt in milliseconds; null means none. */
	readonly timeout: number | null
	readonly isolation: Isolation
}

/** One step of a plan, as data. */
export interface PlannedStep {
	/** Label of the action that runs it, e.g. `Backup::Directory/checksum`. */
	readonly action: string
	/** What a person reads, e.g. `checksum 2 of 4`. */
	readonly name: string
	/**
	 * JSON value of the input. An object with the single key `$output` stands for (a part of) another step's output:
	 * `{ "$output": { "step": 0, "path": ["files", 0] } }`.
	 */
	readonly input: unknown
	/** Share of the task's progress, relative to the other steps. */
	readonly weight: number
	readonly policies: StepPolicies
	/** The action has something to do once all steps have succeeded. */
	readonly finalize?: true
	/** The action can take back what the step has done. */
	readonly revert?: true
	/** The action looks after work that goes on elsewhere. */
	readonly poll?: true
	/** The action can end what a suspended step has under way elsewhere. */
	readonly cancel?: true
	/** The action makes the output of what its sub-tasks have come to. */
	readonly joined?: true
}

export interface Plan {
	readonly tree: PlanNode
	readonly steps: readonly PlannedStep[]
	/** What becomes the task's output: a JSON value with output references, or undefined for the last step's output. */
	readonly output?: unknown
	/** What the task claims before its first step; kept with the plan so that a resume claims the same again. */
	readonly locks: readonly LockClaim[]
	/** Limit of the task's time in *running*, in milliseconds; absent means none. */
	readonly timeout?: number
}

/** A claim that a task makes on a resource. */
export interface LockClaim {
	readonly resource: ResourceKey
	/** The operation, or `*` for all. */
	readonly name: string
	readonly mode: LockMode
	/** What to do when it is not free: pause with `lock_conflict`, which is the default, or stand in line. */
	readonly onConflict?: 'fail' | 'wait'
	/** How many claims may stand on the resource, this one included; one more is refused also where it would wait. */
	readonly most?: number
}

export interface ResourceKey {
	readonly type: string
	readonly id: string
	readonly title?: string
}

export interface OutputReference {
	readonly step: number
	readonly path: readonly (string | number)[]
}

/** Stored plans leave out what is like this: another default would change the tasks that have their plan. */
export const defaultPolicies: StepPolicies = {
	retry: { attempts: 1, backoff: 'exponential', initial: 1000, max: 60_000, jitter: 0.2 },
	rescue: 'pause',
	onLost: 'retry',
	idempotent: true,
	cancellable: true,
	timeout: null,
	isolation: 'shared',
}
