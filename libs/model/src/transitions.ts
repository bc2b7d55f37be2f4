/**
 * The tables of moves, as data. Read them first: everything else in this room carries them out.
 *
 * A task waits (`scheduled`) or is ready (`pending`), is planned by a child (`planning`), has a plan and waits for
 * locks or a worker (`planned`), runs, pauses when it needs a person, and stops once.
 */

import type { StepState, TaskState } from './states.ts'

/** Where a task may go from each state. */
export const taskMoves: Readonly<Record<TaskState, readonly TaskState[]>> = {
	scheduled: ['pending', 'stopped'],
	pending: ['planning', 'stopped'],
	planning: ['pending', 'planned', 'paused', 'stopped'],
	planned: ['running', 'paused', 'stopped'],
	running: ['paused', 'stopped'],
	paused: ['pending', 'planned', 'running', 'stopped'],
	// Only a task that was unlocked goes on; one without a plan is planned first.
	stopped: ['planned', 'pending'],
}

/** Where a step may go from each state. */
export const stepMoves: Readonly<Record<StepState, readonly StepState[]>> = {
	pending: ['running', 'skipped', 'cancelled'],
	running: ['success', 'error', 'suspended', 'cancelled', 'skipped', 'pending'],
	suspended: ['pending', 'success', 'error', 'cancelled'],
	// To success: only its finalize had failed, and is tried again. To reverting: the same, and the task is reverted.
	// To suspended: its sub-tasks were all paused, and are resumed.
	error: ['pending', 'skipped', 'success', 'reverting', 'suspended'],
	success: ['finalizing', 'reverting'],
	// Back to success: the attempt was lost, handed back, or failed and is tried again.
	finalizing: ['finalized', 'error', 'success', 'skipped', 'cancelled'],
	finalized: ['reverting'],
	reverting: ['reverted', 'revert_failed', 'success', 'cancelled'],
	revert_failed: ['reverting', 'success'],
	// Only its finalize was skipped, and the task is reverted.
	skipped: ['reverting'],
	cancelled: [],
	reverted: [],
}

/** What can happen to a task. */
export const factKinds = [
	'claimed',
	'planned',
	'plan_failed',
	'claims_granted',
	'claims_refused',
	'claims_queued',
	'activated',
	'declined',
	'step_succeeded',
	'step_failed',
	'step_cancelled',
	'step_suspended',
	'event_sent',
	'sub_tasks_changed',
	'reported',
	'closed',
	'attempt_lost',
	'attempt_handed_back',
	'due',
	'cancel_signalled',
	'cancel_deadline',
	'step_cancel_deadline',
	'confirm_asked',
	'cancel_asked',
	'pause_asked',
	'resume_asked',
	'retry_step_asked',
	'skip_step_asked',
	'cancel_step_asked',
	'unlock_asked',
	'force_unlock_asked',
	'rerun_asked',
] as const
export type FactKind = (typeof factKinds)[number]

/** What `decide` does with a fact in a state: a move by name, or nothing with the reason, or a refusal that its sender is told. */
export type Rule = { readonly move: Move } | { readonly ignored: string } | { readonly refused: RefusalCode; readonly because: string }

export type RefusalCode =
	| 'fenced_off'
	| 'not_paused'
	| 'not_running'
	| 'not_stopped'
	| 'already_stopped'
	| 'not_startable'
	| 'not_in_error'
	| 'already_ended'
	| 'not_cancellable'
	| 'not_awaiting_confirmation'
	| 'no_such_step'
	| 'not_recorded'

export type Move =
	| 'startPlanning'
	| 'keepPlan'
	| 'failPlanning'
	| 'planAgain'
	| 'beginRunning'
	| 'pauseForLocks'
	| 'joinLine'
	| 'startStep'
	| 'noteWait'
	| 'completeStep'
	| 'failStep'
	| 'endCancelledStep'
	| 'suspendStep'
	| 'keepEvent'
	| 'noteEvent'
	| 'noteSubTasks'
	| 'noteReport'
	| 'close'
	| 'recoverStep'
	| 'handBackStep'
	| 'wake'
	| 'notePhase'
	| 'endAtDeadline'
	| 'endStepAtDeadline'
	| 'confirm'
	| 'stopAtOnce'
	| 'askToCancel'
	| 'askToPause'
	| 'withdrawPause'
	| 'resume'
	| 'resumeUnlocked'
	| 'retryStep'
	| 'skipStep'
	| 'askToCancelStep'
	| 'unlock'
	| 'forceUnlock'
	| 'noteRerun'

const fenced = (because: string): Rule => ({ refused: 'fenced_off', because })
const ignored = (reason: string): Rule => ({ ignored: reason })
const move = (name: Move): Rule => ({ move: name })
const refused = (code: RefusalCode, because: string): Rule => ({ refused: code, because })

const notRunningYet = {
	step_succeeded: fenced('no step of this task runs'),
	step_failed: fenced('no step of this task runs'),
	step_cancelled: fenced('no step of this task runs'),
	step_suspended: fenced('no step of this task runs'),
	sub_tasks_changed: ignored('no step of this task waits for sub-tasks'),
	reported: refused('not_recorded', 'no other program carries out the task'),
	closed: refused('not_recorded', 'no other program carries out the task'),
	cancel_signalled: ignored('a task without running steps stops at once when it is cancelled'),
	cancel_deadline: ignored('a task without running steps stops at once when it is cancelled'),
	step_cancel_deadline: ignored('no step of this task runs'),
} as const

const noAttempt = {
	attempt_lost: ignored('no attempt of this task runs'),
	attempt_handed_back: ignored('no attempt of this task runs'),
} as const

const notPlanning = {
	planned: fenced('the planning attempt no longer counts'),
	plan_failed: fenced('the planning attempt no longer counts'),
} as const

const noClaims = {
	claims_granted: fenced('the task makes no claims now'),
	claims_refused: fenced('the task makes no claims now'),
	claims_queued: fenced('the task makes no claims now'),
} as const

const onlyScheduled = { confirm_asked: refused('not_awaiting_confirmation', 'the task does not wait for a confirmation') } as const

const onlyStopped = { rerun_asked: refused('not_stopped', 'only a task that has stopped can be run again') } as const

/** What a person asks of a task that has not begun its steps. */
const notBegun = {
	...onlyStopped,
	event_sent: move('keepEvent'),
	cancel_asked: move('stopAtOnce'),
	force_unlock_asked: move('forceUnlock'),
	pause_asked: refused('not_running', 'only a running task can be paused'),
	resume_asked: refused('not_paused', 'only a paused task can be resumed'),
	retry_step_asked: refused('not_paused', 'a step can be retried only while its task is paused'),
	skip_step_asked: refused('not_paused', 'a step can be skipped only while its task is paused'),
	cancel_step_asked: refused('not_running', 'no step of the task runs'),
	unlock_asked: refused('not_paused', 'only a paused task can be unlocked'),
} as const

/** Every pair of state and fact. A job is a hint that may be late or doubled, so most pairs are harmless and say why. */
export const taskRules: Readonly<Record<TaskState, Readonly<Record<FactKind, Rule>>>> = {
	scheduled: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		...notBegun,
		claimed: refused('not_startable', 'the task is not due yet'),
		activated: refused('not_startable', 'the task is not due yet'),
		declined: ignored('the task is not due yet'),
		due: move('wake'),
		confirm_asked: move('confirm'),
	},
	pending: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		...notBegun,
		...onlyScheduled,
		claimed: move('startPlanning'),
		activated: refused('not_startable', 'the task has no plan yet'),
		declined: move('noteWait'),
		due: move('wake'),
	},
	planning: {
		...notRunningYet,
		...noClaims,
		...notBegun,
		...onlyScheduled,
		claimed: refused('not_startable', 'another child plans it'),
		planned: move('keepPlan'),
		plan_failed: move('failPlanning'),
		activated: refused('not_startable', 'the task has no plan yet'),
		declined: ignored('another child plans it'),
		attempt_lost: move('planAgain'),
		attempt_handed_back: move('planAgain'),
		due: move('wake'),
	},
	planned: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...notBegun,
		...onlyScheduled,
		claimed: refused('not_startable', 'the task has a plan'),
		claims_granted: move('beginRunning'),
		claims_refused: move('pauseForLocks'),
		claims_queued: move('joinLine'),
		activated: refused('not_startable', 'the task has not taken its locks yet'),
		declined: move('noteWait'),
		due: move('wake'),
	},
	running: {
		...notPlanning,
		...noClaims,
		...onlyScheduled,
		...onlyStopped,
		claimed: refused('not_startable', 'the task runs'),
		activated: move('startStep'),
		declined: move('noteWait'),
		step_succeeded: move('completeStep'),
		step_failed: move('failStep'),
		step_cancelled: move('endCancelledStep'),
		step_suspended: move('suspendStep'),
		event_sent: move('noteEvent'),
		sub_tasks_changed: move('noteSubTasks'),
		reported: move('noteReport'),
		closed: move('close'),
		attempt_lost: move('recoverStep'),
		attempt_handed_back: move('handBackStep'),
		due: move('wake'),
		cancel_signalled: move('notePhase'),
		cancel_deadline: move('endAtDeadline'),
		step_cancel_deadline: move('endStepAtDeadline'),
		cancel_asked: move('askToCancel'),
		pause_asked: move('askToPause'),
		resume_asked: move('withdrawPause'),
		retry_step_asked: refused('not_paused', 'a step can be retried only while its task is paused'),
		skip_step_asked: refused('not_paused', 'a step can be skipped only while its task is paused'),
		cancel_step_asked: move('askToCancelStep'),
		unlock_asked: refused('not_paused', 'only a paused task can be unlocked'),
		force_unlock_asked: move('forceUnlock'),
	},
	paused: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		...onlyScheduled,
		...onlyStopped,
		claimed: refused('not_startable', 'the task is paused'),
		activated: refused('not_startable', 'the task is paused'),
		declined: ignored('the task is paused'),
		due: ignored('a paused task waits for a person, not for a time'),
		event_sent: move('noteEvent'),
		cancel_asked: move('stopAtOnce'),
		pause_asked: ignored('the task is paused already'),
		resume_asked: move('resume'),
		retry_step_asked: move('retryStep'),
		skip_step_asked: move('skipStep'),
		cancel_step_asked: refused('not_running', 'no step of the task runs'),
		unlock_asked: move('unlock'),
		force_unlock_asked: move('forceUnlock'),
	},
	stopped: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		...onlyScheduled,
		reported: refused('already_stopped', 'the task has already stopped'),
		closed: refused('already_stopped', 'the task has already stopped'),
		claimed: refused('already_stopped', 'the task has stopped'),
		activated: refused('already_stopped', 'the task has stopped'),
		declined: ignored('the task has stopped'),
		due: ignored('the task has stopped'),
		event_sent: refused('already_stopped', 'the task has already stopped'),
		cancel_asked: refused('already_stopped', 'the task has already stopped'),
		pause_asked: refused('already_stopped', 'the task has already stopped'),
		resume_asked: move('resumeUnlocked'),
		retry_step_asked: refused('already_stopped', 'the task has already stopped'),
		skip_step_asked: refused('already_stopped', 'the task has already stopped'),
		cancel_step_asked: refused('already_stopped', 'the task has already stopped'),
		unlock_asked: refused('already_stopped', 'the task has already stopped'),
		force_unlock_asked: refused('already_stopped', 'the task has already stopped'),
		rerun_asked: move('noteRerun'),
	},
}
