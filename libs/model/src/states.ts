/**
 * The words for what a task, a step and an attempt can be.
 *
 * A task goes `scheduled → pending → planning → planned → running ⇄ paused → stopped`. A step goes
 * `pending → running → success`, with detours. The position of a word in its list is the small integer that
 * the database stores for it: append, never reorder.
 */

export const taskStates = ['scheduled', 'pending', 'planning', 'planned', 'running', 'paused', 'stopped'] as const
export type TaskState = (typeof taskStates)[number]

export const taskResults = ['pending', 'success', 'warning', 'error', 'cancelled'] as const
export type TaskResult = (typeof taskResults)[number]

/** Why a task ended badly, or needs attention; structured, beside the result. */
export const reasons = [
	'failed',
	'lost',
	'timed_out',
	'lock_conflict',
	'missed_start_before',
	'dependency_failed',
	'planning_failed',
	'sub_tasks_paused',
	'reverted',
	'not_confirmed',
	'force_unlocked',
	'cancelled',
] as const
export type Reason = (typeof reasons)[number]

export const stepStates = [
	'pending',
	'running',
	'success',
	'error',
	'suspended',
	'skipped',
	'cancelled',
	'finalizing',
	'finalized',
	'reverting',
	'reverted',
	'revert_failed',
] as const
export type StepState = (typeof stepStates)[number]

/** How far a cancel has come: asked, the running attempts were signalled, they were killed after the deadline. */
export const cancelPhases = ['none', 'requested', 'signalled', 'killed'] as const
export type CancelPhase = (typeof cancelPhases)[number]

export const attemptKinds = ['plan', 'run', 'poll', 'cancel', 'finalize', 'revert'] as const
export type AttemptKind = (typeof attemptKinds)[number]

/** How an attempt ended. `handed_back` and `lost` are not the step's own doing and cost no try. */
export const attemptOutcomes = ['success', 'failed', 'lost', 'handed_back', 'cancelled', 'timed_out', 'fenced_off'] as const
export type AttemptOutcome = (typeof attemptOutcomes)[number]

/** What a task that is not stopped can wait for. */
export const waitKinds = [
	'start_time',
	'dependency',
	'confirmation',
	'frozen',
	'worker',
	'capacity',
	'lock',
	'back_off',
	'limit',
	'event',
	'poll',
	'timer',
	'sub_tasks',
] as const
export type WaitKind = (typeof waitKinds)[number]

/** What a task asks of the end of another before it may begin. */
export const dependencyPolicies = ['success', 'ended', 'any'] as const
export type DependencyPolicy = (typeof dependencyPolicies)[number]

/** What is due at the time of a timer. */
export const timerKinds = ['back_off', 'start_at', 'start_before', 'confirmation', 'time_out', 'wake', 'cancel', 'silence'] as const
export type TimerKind = (typeof timerKinds)[number]

/** What a suspended step waits for. */
export const suspensionKinds = ['event', 'timer', 'poll', 'sub_tasks'] as const
export type SuspensionKind = (typeof suspensionKinds)[number]

/** Why a suspended step is begun again: what came, a person who resumed it after it had failed, or a cancel that it is to pass on. */
export const wakes = ['event', 'timer', 'poll', 'joined', 'resumed', 'cancel'] as const
export type Wake = (typeof wakes)[number]

export const lockModes = ['exclusive', 'shared'] as const
export type LockMode = (typeof lockModes)[number]

export const logStreams = ['stdout', 'stderr', 'log'] as const
export type LogStream = (typeof logStreams)[number]
