/** What the commands take and answer. The server knows the engine by this alone. */

import type { LockClaim, Plan, ResourceKey } from '@taskyard/model/plan'
import type { DependencyPolicy, TaskResult, TaskState } from '@taskyard/model/states'
import type { Secrets } from '@taskyard/model/sensitive/secrets'
import type { StepError } from '@taskyard/model/task'

/** A place in the input that is wrong. */
export interface Fault {
	/** Path in the input, e.g. `/exclude/0`; empty for the whole. */
	readonly path: string
	readonly message: string
}

export const commandRefusals = [
	'not_found',
	'already_stopped',
	'not_paused',
	'not_cancellable',
	'invalid_input',
	'unknown_task_type',
	'id_taken',
	'invalid_id',
	'not_running',
	'not_stopped',
	'not_in_error',
	'no_such_step',
	'already_ended',
	'not_awaiting_confirmation',
	/** The setting `dangerous_actions` is off. */
	'dangerous_actions_off',
	/** What the task would claim again is held by others. */
	'locks_held',
	/** Another task waits for this one. */
	'awaited',
	/** A sub-task, or one of its, has not stopped. */
	'descendants_unfinished',
	'invalid_dependency',
	'invalid_start_time',
	/** There is no key to encrypt the sensitive fields of the input with. */
	'no_encryption_key',
	'invalid_queue',
	'invalid_priority',
	'unknown_setting',
	'invalid_setting',
	/** No items, too many, or wrong ones; or the task is no bulk. */
	'invalid_bulk',
	/** What cannot be taken back must be confirmed. */
	'not_confirmed',
	/** Tasks of this type are started by a command of their own. */
	'started_otherwise',
	/** Another program carries the task out, or none does. */
	'not_recorded',
	'invalid_event',
	/** As many events as may be wait for the step. */
	'too_many_events',
	'no_such_callback',
	'callback_used',
	'callback_expired',
] as const
export type CommandRefusal = (typeof commandRefusals)[number]

/** Why nothing changed. */
export interface Refusal {
	readonly code: CommandRefusal
	readonly message: string
	readonly faults: readonly Fault[]
}

export interface Refused {
	readonly refusal: Refusal
}

export interface TaskAnswered {
	readonly task: { readonly id: string }
}

/** The task that was started or changed, or why not. */
export type CommandAnswer = TaskAnswered | Refused

/** `discarded`: no task was made, for this one has the same duplicate key and counts. */
export interface TaskStarted extends TaskAnswered {
	readonly discarded: boolean
}

export type StartAnswer = TaskStarted | Refused

/** A task that is to stop before another may begin, and how. */
export interface DependsOn {
	readonly task: string
	readonly policy: DependencyPolicy
}

/** Times are milliseconds since 1970. */
export interface StartTask {
	/** A UUIDv7 of the caller's: asked again with it, the same task is answered. */
	readonly id?: string
	readonly label: string
	/** JSON text. */
	readonly input: string
	/** Id of the user who asks, and who owns the task. */
	readonly who: number
	readonly correlationId: string
	/** Not before this time. */
	readonly startAt?: number
	/** Latest first start: a task that has not begun its first step by then stops with `missed_start_before`. */
	readonly startBefore?: number
	readonly dependsOn?: readonly DependsOn[]
	/** The step that starts it, for a sub-task, with what the sub-task inherits where neither its start nor its type says otherwise. */
	readonly parent?: { readonly task: string; readonly step: number; readonly queue?: string; readonly priority?: number }
	/** Default: that of the type, or of the parent when the type names none. */
	readonly queue?: string
	/** From -10 to 10; higher ones overtake in their queue. Default: that of the type, of the parent, or 0. */
	readonly priority?: number
	/**
	 * A hint: the caller's own process carries the task out if its type is marked light. No job is enqueued then; the
	 * sweep finds a task that its caller has left.
	 */
	readonly start?: 'inline'
	/** The task that this one repeats. */
	readonly rerunOf?: string
	/** The input is that of a stored task: what is sensitive in it is sealed already. */
	readonly sealed?: true
	/** What the step that asks was told in confidence: what contains it is sealed in the input. */
	readonly secrets?: Secrets | null
}

export interface RunTask extends StartTask {
	/** How long to wait for its end, in milliseconds. The task goes on after that. */
	readonly limit: number
}

/** A task that stopped with success or warning. */
export interface RunEnded {
	readonly task: { readonly id: string }
	readonly result: Extract<TaskResult, 'success' | 'warning'>
	/** JSON text; null for a task that leaves nothing. */
	readonly output: string | null
}

/** A task that did not end well, or cannot go on without a person. */
export interface RunFailed {
	readonly failure: {
		readonly task: { readonly id: string }
		readonly state: Extract<TaskState, 'paused' | 'stopped'>
		readonly result: TaskResult
		readonly message: string
		/** Of the task or of its first step in error; null for a task that was cancelled. */
		readonly error: StepError | null
	}
}

/** The task goes on: look at it by its id. */
export interface RunTimedOut {
	readonly timedOut: { readonly task: { readonly id: string }; readonly limit: number; readonly message: string }
}

export type RunAnswer = RunEnded | RunFailed | RunTimedOut | Refused

/** `discarded`: no task was made, and the answer is that of the one that counts. */
export type RunTaskAnswer = ((RunEnded | RunFailed | RunTimedOut) & { readonly discarded: boolean }) | Refused

export interface AwaitTask {
	readonly id: string
	readonly limit: number
	/** Leaves what is sensitive in the output sealed, for who can open it; else it is •••. */
	readonly sealed?: true
}

export interface OperateTask {
	readonly id: string
	readonly who: number
	readonly why: string | null
}

export interface OperateStep extends OperateTask {
	/** Its index in the plan. */
	readonly step: number
}

export interface ConfirmTask extends OperateTask {
	readonly yes: boolean
}

export interface UnlockTask extends OperateTask {
	/** Without it the consequences are answered, and nothing changes. */
	readonly confirmed?: boolean
}

export interface RerunTask extends OperateTask {
	readonly correlationId: string
	/** A UUIDv7 of the caller's for the new task: asked again with it, the same task is answered. */
	readonly newId?: string
}

/** What an unlock would mean, counted over the task and its sub-tasks. */
export interface UnlockConsequences {
	/** What falls free, and which tasks are next in line for it. */
	readonly locks: readonly FreedLock[]
	/** Sub-tasks that are not stopped, at any depth, which are unlocked with the task. */
	readonly subTasks: number
	/** Attempts that run now, and no longer count. */
	readonly runningAttempts: number
	/** What all this is in words. */
	readonly message: string
}

export interface FreedLock {
	readonly resource: ResourceKey
	readonly name: string
	readonly mode: LockClaim['mode']
	/** Who holds it: the task or a sub-task of it. */
	readonly task: string
	readonly next: readonly { readonly id: string; readonly name: string }[]
}

export type UnlockAnswer = CommandAnswer | { readonly consequences: UnlockConsequences }

export interface DryRun {
	readonly label: string
	/** JSON text. */
	readonly input: string
	readonly who: number
	/** How long to wait for a worker that plans it, in milliseconds. */
	readonly limit: number
}

/** What the task would do. Nothing of it is stored. */
export interface DryRunPlanned {
	readonly planned: {
		readonly name: string
		readonly plan: Plan
		readonly locks: readonly LockClaim[]
	}
}

export type DryRunAnswer =
	| DryRunPlanned
	/** The author's plan threw. */
	| { readonly failure: StepError }
	| { readonly timedOut: { readonly limit: number; readonly message: string } }
	| Refused

export const settingKeys = ['dangerous_actions'] as const
export type SettingKey = (typeof settingKeys)[number]

export interface Setting {
	readonly key: SettingKey
	readonly value: boolean
	/** Id of the user who changed it last, and when; null for one that was never changed. */
	readonly changedBy: number | null
	readonly changedAt: number | null
}

export interface ChangeSetting {
	readonly key: string
	readonly value: boolean
	readonly who: number
}

/** What a program says that carries out a task itself. */
export interface OpenTask {
	/** What kind of task it is, e.g. `Nightly::Export`; none of the registered types. */
	readonly label: string
	/** Default: the label. */
	readonly name?: string
	readonly who: number
	readonly correlationId: string
	/** A UUIDv7 of the caller's. */
	readonly id?: string
	/** The program's own name for the task, one for each owner: opened again with it, the same task is answered. */
	readonly key?: string
	/** JSON text of an object. */
	readonly input?: string
	/** Milliseconds without a report after which the task counts as lost. Default: never. */
	readonly silence?: number
	/** Where the program hears of a cancel, by a POST of `{"task": id, "cancel": true}`; without it the task cannot be cancelled. */
	readonly callbackUrl?: string
	readonly links?: readonly ResourceKey[]
}

export interface ReportTask {
	readonly id: string
	/** Greater with each report: one that is not greater than the last was stored already, and changes nothing. */
	readonly number?: number
	/** 0…1; it never goes back. */
	readonly progress?: number
	/** For the log. */
	readonly lines?: readonly string[]
	readonly links?: readonly ResourceKey[]
	/** What the work is called where it is done: the task is found by it. */
	readonly externalId?: string
	/** Where it can be looked at. */
	readonly externalUrl?: string
}

export interface CloseTask {
	readonly id: string
	readonly who: number
	readonly why: string | null
	readonly result: Exclude<TaskResult, 'pending'>
	/** JSON text. */
	readonly output?: string
	readonly error?: { readonly message: string; readonly code?: string /** JSON text. */; readonly details?: string }
	readonly lines?: readonly string[]
}

/** What an event, or the outcome that came in its place, ends a step with. `output` is JSON text. */
export type EventOutcome =
	| { readonly output: string }
	| { readonly error: { readonly message: string; readonly code?: string /** JSON text. */; readonly details?: string } }

/** Something that a step may wait for. It is kept until the step suspends, also before the task is planned. */
export interface SendEvent {
	readonly task: string
	/** Index of the step in the plan. */
	readonly step: number
	/** The caller's, up to 200 characters: sent again with it, the event counts once. */
	readonly id: string
	readonly name: string
	/** JSON text; default null. */
	readonly payload?: string
	/** Ends the step instead of waking it. */
	readonly outcome?: EventOutcome
	/** Id of the user who sends it; null for somebody who had no more than a callback token. */
	readonly who: number | null
}

/** The event is stored. `repeated`: it was already. */
export interface EventSent {
	readonly task: { readonly id: string }
	readonly repeated: boolean
}

export type SendEventAnswer = EventSent | Refused

/**
 * What work elsewhere says by the token that its step gave it. Progress and lines may come as often as they like; an
 * event or an outcome uses the token up.
 */
export interface UseCallback {
	readonly token: string
	/** Of the event; default: one for each token. */
	readonly id?: string
	/** Of the event; default `callback`. An event is sent when a name, a payload or an outcome is given. */
	readonly name?: string
	/** JSON text. */
	readonly payload?: string
	readonly outcome?: EventOutcome
	/** 0…1. */
	readonly progress?: number
	/** For the log of the step. */
	readonly lines?: readonly string[]
}

/** `usedUp`: an event or outcome was taken, and the token is good for nothing more. */
export type UseCallbackAnswer = { readonly task: { readonly id: string }; readonly step: number; readonly usedUp: boolean } | Refused

/** A step that has work under way elsewhere, or had. */
export interface FoundExternalId {
	readonly task: string
	readonly step: number
	readonly url: string | null
}

/** What can be done to many tasks at once. `skip`: all steps that are in error. */
export const bulkActions = ['resume', 'cancel', 'skip', 'unlock', 'rerun', 'delete'] as const
export type BulkAction = (typeof bulkActions)[number]

/** Does something to many tasks, as a task of its own whose owner is who asks. */
export interface StartBulk {
	/** A UUIDv7 of the caller's for the bulk: asked again with it, the same bulk is answered. */
	readonly id?: string
	readonly action: BulkAction
	/** Of up to 100,000 tasks; one that is named twice is one. */
	readonly ids: readonly string[]
	readonly who: number
	/** Stands in the history of each task. */
	readonly why: string | null
	readonly correlationId: string
	/** An unlock must be. */
	readonly confirmed?: boolean
}

/** A bulk once more, for the items that failed or were refused. */
export interface BulkAgain {
	/** Of the bulk that has stopped. */
	readonly id: string
	readonly who: number
	/** Default: why the first one was. */
	readonly why: string | null
	readonly correlationId: string
	readonly confirmed?: boolean
	/** A UUIDv7 of the caller's for the new bulk. */
	readonly newId?: string
}

/** What has become of an item. `open`: its turn comes. `not_done`: the bulk has stopped before its turn. */
export const bulkOutcomes = ['done', 'refused', 'failed', 'open', 'not_done'] as const
export type BulkOutcome = (typeof bulkOutcomes)[number]

export interface ReadBulkItems {
	/** Of the bulk. */
	readonly id: string
	/** Only these. */
	readonly outcome?: BulkOutcome
	/** The place of the last item of the page before. */
	readonly after?: number
	/** Default 100, at most 1,000. */
	readonly limit?: number
}

export interface BulkItem {
	/** Its number, from 0 on, in the order in which they were named. */
	readonly place: number
	/** Id of the task that it is about. */
	readonly task: string
	readonly outcome: BulkOutcome
	/** Why it was refused, failed or was not done; null for one that is done or open. */
	readonly reason: string | null
	/** Of the command that refused it. */
	readonly code: CommandRefusal | null
	/** Id of the task that a rerun has made. */
	readonly made: string | null
	/** When its outcome was stored. */
	readonly at: number | null
}

export interface BulkItems {
	readonly items: readonly BulkItem[]
	/** For `after`; null when there are no more. */
	readonly next: number | null
	/** Of all items of the bulk. */
	readonly counts: Readonly<Record<BulkOutcome, number>>
}

/**
 * Everything that can be asked of tasks. Asking again does no harm: what has come through, or is under way, is answered
 * the same and changes nothing, or is refused where the task has gone on since (a resume of one that runs), or must be
 * answered once only (a confirmation). What does not fit the state of the task is refused with the reason.
 */
export interface Commands {
	startTask(order: StartTask): Promise<StartAnswer>
	/** Starts a task and waits for its end, up to a limit; for that of the task that counts when it was discarded. */
	runTask(order: RunTask): Promise<RunTaskAnswer>
	/** Waits for a task as `runTask` does. */
	awaitTask(order: AwaitTask): Promise<RunAnswer>
	/** No further step begins; the task is paused when its running ones have ended. */
	pauseTask(order: OperateTask): Promise<CommandAnswer>
	resumeTask(order: OperateTask): Promise<CommandAnswer>
	retryStep(order: OperateStep): Promise<CommandAnswer>
	/** The step, and those that need its output. */
	skipStep(order: OperateStep): Promise<CommandAnswer>
	cancelTask(order: OperateTask): Promise<CommandAnswer>
	cancelStep(order: OperateStep): Promise<CommandAnswer>
	/** Answers the new task, of the same type, input, queue and priority. */
	rerunTask(order: RerunTask): Promise<StartAnswer>
	confirmTask(order: ConfirmTask): Promise<CommandAnswer>
	unlockTask(order: UnlockTask): Promise<UnlockAnswer>
	forceUnlockTask(order: UnlockTask): Promise<UnlockAnswer>
	/** Payloads, steps and logs go, with the sub-tasks; a tombstone and what people did stay. */
	deleteTask(order: OperateTask): Promise<CommandAnswer>
	/** Records a task that another program carries out. It runs until it is closed, or silent for too long. */
	openTask(order: OpenTask): Promise<CommandAnswer>
	reportTask(order: ReportTask): Promise<CommandAnswer>
	/** Closed again with the same result, it is answered; with another, refused. */
	closeTask(order: CloseTask): Promise<CommandAnswer>
	/** Wakes a step that is suspended; kept for one that is not yet. */
	sendEvent(order: SendEvent): Promise<SendEventAnswer>
	useCallback(order: UseCallback): Promise<UseCallbackAnswer>
	/** Steps by the id that their work has elsewhere, newest task first, a hundred at most. */
	findByExternalId(value: string): Promise<readonly FoundExternalId[]>
	startBulk(order: StartBulk): Promise<CommandAnswer>
	bulkAgain(order: BulkAgain): Promise<CommandAnswer>
	readBulkItems(order: ReadBulkItems): Promise<BulkItems | Refused>
	dryRunTask(order: DryRun): Promise<DryRunAnswer>
	changeSetting(order: ChangeSetting): Promise<{ readonly setting: Setting } | Refused>
	readSettings(): Promise<readonly Setting[]>
	close(): Promise<void>
}
