/** What a server says of tasks. Instants are texts, ISO 8601 in UTC. */

import type { CancelPhase, StepState, SuspensionKind, TaskResult, TaskState } from '@taskyard/model/states'

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
	/** How far a cancel has come. */
	readonly cancelPhase: CancelPhase
	readonly correlationId: string
	readonly createdAt: string
	readonly startedAt: string | null
	readonly endedAt: string | null
	readonly input: unknown
	/** Null while there is none. */
	readonly output: unknown
	readonly error: ReportedError | null
	readonly steps: readonly StepReport[]
	/** What has become of the sub-tasks that its steps have fanned out; null where none has. */
	readonly subTasks: SubTaskCounts | null
	/** What the work of its steps is called where it is done. */
	readonly externalIds: readonly { readonly step: number; readonly value: string; readonly url: string | null }[]
}

export interface SubTaskCounts {
	/** How many there are to be. */
	readonly total: number
	/** Not stopped; paused and held ones are open too. */
	readonly open: number
	readonly paused: number
	/** Waiting for the limit of how many may be under way. */
	readonly held: number
	readonly success: number
	readonly warning: number
	readonly error: number
	readonly cancelled: number
}

export interface StepReport {
	readonly index: number
	readonly name: string
	readonly state: StepState
	readonly progress: number
	/** What it waits for while it is suspended. */
	readonly wait: { readonly kind: SuspensionKind; readonly until: string | null; readonly externalId: string | null } | null
	readonly error: ReportedError | null
}

export interface ReportedError {
	readonly message: string
	/** A word for programs. */
	readonly code: string | null
	readonly details: unknown
}

/** An error as a program gives it. */
export interface GivenError {
	/** For people: what to do. */
	readonly message: string
	/** A word for programs, e.g. `no_space`. */
	readonly code?: string
	/** Any JSON value. */
	readonly details?: unknown
}
