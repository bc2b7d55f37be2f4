/** What a test gives to a task in memory, and what it sees of it. */

import type { MemoryUnit } from './memoryExternalWork.ts'
import type { LockClaim, ResourceKey } from '@taskyard/model/plan'
import type { LogStream, Reason, StepState, TaskResult, TaskState } from '@taskyard/model/states'
import type { AttemptDraft, EventDraft, StepError, WaitingFor } from '@taskyard/model/task'
import type { StepContext, TaskType } from './definition.ts'
import type { ManualClock } from './memoryClock.ts'
import type { MemoryEvent } from './memoryEvents.ts'
import type { StepSql } from './stepTransaction.ts'

export interface MemoryOptions {
	/** Id of the task. */
	readonly id?: string
	/** Cancels the task when aborted. */
	readonly signal?: AbortSignal
	/** Default: one that jumps over waits, so that no test waits for a back-off or a start time. */
	readonly clock?: ManualClock
	readonly startAt?: Date
	readonly startBefore?: Date
	/** Types that steps may start by label; those they start by their type need not be named. */
	readonly types?: readonly TaskType[]
	/** Decides the jitter of the back-off, 0…1. Default 0.5. */
	readonly random?: () => number
	/** How long a cancelled step is awaited before it is given up, in milliseconds. Default 10,000. */
	readonly cancelDeadline?: number
	/** How long a step may go on after its time limit before it is given up, in milliseconds. Default 5,000. */
	readonly grace?: number
	/** Replaces parts of the context that steps get, e.g. `stillMine`. */
	readonly context?: (context: StepContext) => Partial<StepContext>
	/** Stands for the database in steps with a `transaction`, which fail without it. Nothing takes back what it was told. */
	readonly sql?: StepSql
	readonly onLog?: (line: MemoryLine) => void
	readonly onProgress?: (report: MemoryProgress) => void
}

export interface MemoryLine {
	readonly step: number
	readonly attempt: number
	readonly stream: LogStream
	readonly line: string
}

export interface MemoryProgress {
	readonly step: number
	readonly attempt: number
	/** 0…1, or null when the report names no total. */
	readonly fraction: number | null
	readonly done?: number
	readonly total?: number
	readonly unit?: string
}

export interface MemoryStep {
	readonly name: string
	readonly action: string
	readonly state: StepState
	readonly attempt: number
	/** With the outputs it refers to, as its last attempt got it. */
	readonly input: unknown
	readonly output: unknown
	readonly error: StepError | null
}

/** What a person can ask of a task. Each answers the task when nothing of it runs any more, and throws when it is refused. */
export interface MemoryCommands<Output = unknown> {
	resume(): Promise<MemoryRun<Output>>
	/** Steps are called by their index, or by their name where it is the only one. */
	retryStep(step: number | string): Promise<MemoryRun<Output>>
	skipStep(step: number | string): Promise<MemoryRun<Output>>
	cancelStep(step: number | string): Promise<MemoryRun<Output>>
	/** Wakes a suspended step, or ends it; kept for one that is not suspended yet. An event with a known id changes nothing. */
	sendEvent(step: number | string, event?: MemoryEvent): Promise<MemoryRun<Output>>
	pause(): Promise<MemoryRun<Output>>
	cancel(): Promise<MemoryRun<Output>>
	confirm(yes: boolean): Promise<MemoryRun<Output>>
	unlock(): Promise<MemoryRun<Output>>
	forceUnlock(): Promise<MemoryRun<Output>>
	/** What runs is lost, as when its worker is killed. Its code goes on, but counts no more. */
	loseWorker(): Promise<MemoryRun<Output>>
}

/** A task as it was when nothing of it ran: stopped, paused, or waiting for a time or a person; with all that can be seen of it. */
export interface MemoryRun<Output = unknown> extends MemoryCommands<Output> {
	readonly id: string
	readonly state: TaskState
	readonly result: TaskResult
	readonly reason: Reason | null
	readonly waitingFor: WaitingFor | null
	readonly name: string
	/** Undefined while the task has not succeeded. */
	readonly output: Output | undefined
	/** What concerns the whole task, e.g. why planning failed; else the error of the first step that has one. */
	readonly error: StepError | null
	/** 0…1. */
	readonly progress: number
	readonly steps: readonly MemoryStep[]
	readonly log: readonly MemoryLine[]
	readonly reports: readonly MemoryProgress[]
	/** What it claims: nobody else does, so that it has them. */
	readonly locks: readonly LockClaim[]
	readonly links: readonly ResourceKey[]
	readonly events: readonly EventDraft[]
	/** Attempts that ended otherwise than with a success at the first try. */
	readonly attempts: readonly AttemptDraft[]
	/** Process groups that steps have stored. */
	readonly processGroups: readonly number[]
	/** What its steps had at other services. */
	readonly externalWork: readonly MemoryUnit[]
	/** Tokens that steps have made for work elsewhere. What would answer by one is an event to its step. */
	readonly callbacks: readonly { readonly step: number; readonly token: string }[]
	/** Tasks that its steps have started. */
	readonly tasks: readonly MemoryRun[]
}

/** A task under way. */
export interface MemoryTask<Output = unknown> extends MemoryCommands<Output> {
	/** What can be seen of it now. */
	readonly current: MemoryRun<Output>
	/** Resolves when nothing of it runs: it has stopped or paused, or waits for a time or a person. */
	settled(): Promise<MemoryRun<Output>>
}
