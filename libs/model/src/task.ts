/** What the rules know of a task and its steps. The store loads these, `decide` moves them, the store writes them back. */

import type { Plan } from './plan.ts'
import type {
	AttemptKind,
	AttemptOutcome,
	CancelPhase,
	Reason,
	StepState,
	SuspensionKind,
	TaskResult,
	TaskState,
	TimerKind,
	WaitKind,
	Wake,
} from './states.ts'

/** What went wrong in an attempt, as stored and shown. */
export interface StepError {
	readonly message: string
	/** Class of the error, e.g. `Failure`, `TypeError`. */
	readonly type: string
	readonly code: string | null
	readonly trace: string | null
	readonly details: unknown
	readonly reason: Reason
	/** What the step was doing, where that was not its run: a finalize that failed is tried again without the run. */
	readonly during?: 'finalize' | 'revert'
}

/** One step of a task. A step of the plan that was never started is `pending` with attempt 0 and has no row yet. */
export interface Step {
	readonly index: number
	readonly state: StepState
	/** Number of the last attempt: the fence. Only grows. */
	readonly attempt: number
	/** Attempts of one kind that failed by the step's own doing since the last resume. */
	readonly tries: number
	/** A person asked to cancel this step. */
	readonly cancelAsked: boolean
	/** Incarnation of the worker child that runs the current attempt. */
	readonly child: number | null
	/** Milliseconds since 1970 by the database's clock. */
	readonly startedAt: number | null
	readonly endedAt: number | null
	readonly notBefore: number | null
	/** 0…1. */
	readonly progress: number
	/** JSON text, kept as given. */
	readonly output: string | null
	readonly error: StepError | null
	/** From its first suspension until it succeeds: what it waits for, or why it is begun again. */
	readonly suspension: Suspension | null
	/** Events that have arrived, and those of them that an attempt was given which suspended the step again. */
	readonly events: number
	readonly eventsSeen: number
	/** Whether the database has a row for it, once this has been written. */
	readonly stored: boolean
}

/** What a step waits for without a worker. Times are milliseconds since 1970 by the database's clock. */
export interface Suspension {
	readonly kind: SuspensionKind
	/** JSON text that the author gets back when the step is woken. */
	readonly state: string | null
	/** When it is woken by itself: its timer, or its next poll. */
	readonly until: number | null
	/** When it fails, if nothing has woken it. */
	readonly timeoutAt: number | null
	readonly poll: PollPolicy | null
	/** The work elsewhere, and where it can be looked at. */
	readonly externalId: string | null
	readonly externalUrl?: string
	/** JSON Schema of an output that a caller may end the step with; null for any. */
	readonly accepts: object | null
	/** Set while the step is to be begun again, or is. */
	readonly wake: Wake | null
	/** Until when its cancel may take; null while nobody asked for one. */
	readonly cancelBy: number | null
	/** Of a fan-out: some sub-task is paused. */
	readonly somePaused: boolean
	/** Of a fan-out: who resumed its paused sub-tasks, and when. */
	readonly resumed: { readonly who: number; readonly at: number } | null
}

/** How a step looks after work elsewhere. Durations are milliseconds. */
export interface PollPolicy {
	readonly initial: number
	readonly factor: number
	readonly max: number
	/** Failed polls in a row that fail the step. */
	readonly mostFailures: number
	/** The wait before the next poll, and how many have failed since the last that did not. */
	readonly delay: number
	readonly failures: number
}

/** How the sub-tasks of a step stand. `open`: not stopped; paused ones are open too. */
export interface SubTaskCounts {
	readonly total: number
	readonly open: number
	readonly paused: number
	readonly success: number
	readonly warning: number
	readonly error: number
	readonly cancelled: number
}

/** What a task waits for: kind and keys only; holder and place are computed when read. */
export interface WaitingFor {
	readonly kind: WaitKind
	readonly keys: Readonly<Record<string, string | number>>
}

/** Times are milliseconds since 1970 by the database's clock; null where a gate does not exist. */
export interface Gates {
	readonly startAt: number | null
	/** Latest first start. */
	readonly startBefore: number | null
	/** Until when a person may confirm it; null for a task that needs no confirmation, or has it. */
	readonly confirmBefore: number | null
	/** How many tasks it still waits for. */
	readonly open: number
	/** One of them, to name it. */
	readonly waitsFor: string | null
	/** A task that ended otherwise than the dependency on it demands. */
	readonly failed: string | null
}

export const noGates: Gates = { startAt: null, startBefore: null, confirmBefore: null, open: 0, waitsFor: null, failed: null }

export interface Task {
	readonly id: string
	readonly label: string
	readonly state: TaskState
	readonly result: TaskResult
	readonly reason: Reason | null
	readonly revision: number
	readonly cancel: CancelPhase
	/** A person asked for a pause: no further step begins. */
	readonly pauseAsked: boolean
	/** Stopped by an unlock: the only stopped tasks that can be resumed. */
	readonly unlocked: boolean
	/** A person resumed, skipped, retried or unlocked: the result is at best a warning. */
	readonly touched: boolean
	readonly waitingFor: WaitingFor | null
	/** What keeps a scheduled task from becoming pending. */
	readonly gates: Gates
	readonly startedAt: number | null
	readonly endedAt: number | null
	/** Since when the task is running, and for how many milliseconds it was before: the clock of its time limit. */
	readonly runningSince: number | null
	readonly ranFor: number
	readonly progress: number
	readonly planAttempt: number
	/** Planning attempts that failed since the last resume, and when the next one may begin. */
	readonly planTries: number
	readonly notBefore: number | null
	/** Another program carries it out, and records here what it does. */
	readonly recorded: boolean
	/** Of a recorded task: when it counts as lost, if nothing is heard of it; null for never. */
	readonly silentUntil: number | null
	readonly planChild: number | null
	readonly planStartedAt: number | null
	/** Error of the planning attempt, or the lock conflict that paused the task. */
	readonly error: StepError | null
	readonly plan: Plan | null
	/** One per step of the plan, by index; empty without a plan. */
	readonly steps: readonly Step[]
}

/** An entry of the history, before it has a number. `step` is null for what concerns the task. */
export interface EventDraft {
	readonly kind: EventKind
	readonly step: number | null
	readonly old: string | null
	readonly new: string | null
	readonly attempt: number | null
	readonly child: number | null
	readonly startedAt: number | null
	/** Id of the user who acted, or null for the engine. */
	readonly who: number | null
	readonly why: string | null
}

/** `task` and `step` are changes of state; the others are what a person did, named as in the table of operator actions. */
export const eventKinds = [
	'created',
	'task',
	'step',
	'resume',
	'cancel',
	'skip',
	'retry',
	'unlock',
	'force_unlock',
	'confirm',
	'rerun',
	'delete',
	'pause',
	'cancel_step',
	'event',
	'close',
] as const
export type EventKind = (typeof eventKinds)[number]

/** A time at which a task is looked at again. `step` is null for what concerns the task. */
export interface TimerDraft {
	readonly step: number | null
	readonly kind: TimerKind
	readonly dueAt: number
}

/** An ended attempt that is kept: all but a success at the first try. `step` is null for planning. */
export interface AttemptDraft {
	readonly step: number | null
	readonly number: number
	readonly kind: AttemptKind
	readonly outcome: AttemptOutcome
	readonly child: number | null
	readonly startedAt: number | null
	readonly endedAt: number
	readonly error: StepError | null
}
