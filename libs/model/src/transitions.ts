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
	// Only a task that was unlocked goes on.
	stopped: ['planned'],
}

/** Where a step may go from each state. */
export const stepMoves: Readonly<Record<StepState, readonly StepState[]>> = {
	pending: ['running', 'skipped', 'cancelled'],
	running: ['success', 'error', 'suspended', 'cancelled', 'skipped', 'pending'],
	suspended: ['pending', 'success', 'error', 'cancelled'],
	error: ['pending', 'skipped'],
	success: ['finalizing', 'reverting'],
	finalizing: ['finalized', 'error'],
	reverting: ['reverted', 'revert_failed'],
	revert_failed: ['reverting'],
	skipped: [],
	cancelled: [],
	finalized: [],
	reverted: [],
}

/** What can happen to a task. */
export const factKinds = [
	'claimed',
	'planned',
	'plan_failed',
	'claims_granted',
	'claims_refused',
	'activated',
	'step_succeeded',
	'step_failed',
	'step_cancelled',
	'attempt_lost',
	'attempt_handed_back',
	'due',
	'cancel_signalled',
	'cancel_deadline',
	'cancel_asked',
	'resume_asked',
] as const
export type FactKind = (typeof factKinds)[number]

/** What `decide` does with a fact in a state: a move by name, or nothing with the reason, or a refusal that its sender is told. */
export type Rule = { readonly move: Move } | { readonly ignored: string } | { readonly refused: RefusalCode; readonly because: string }

export type RefusalCode = 'fenced_off' | 'not_paused' | 'already_stopped' | 'not_startable'

export type Move =
	| 'startPlanning'
	| 'keepPlan'
	| 'failPlanning'
	| 'planAgain'
	| 'beginRunning'
	| 'pauseForLocks'
	| 'startStep'
	| 'completeStep'
	| 'failStep'
	| 'endCancelledStep'
	| 'recoverStep'
	| 'handBackStep'
	| 'wake'
	| 'notePhase'
	| 'endAtDeadline'
	| 'stopAtOnce'
	| 'askToCancel'
	| 'resume'

const fenced = (because: string): Rule => ({ refused: 'fenced_off', because })
const ignored = (reason: string): Rule => ({ ignored: reason })
const move = (name: Move): Rule => ({ move: name })

const notRunningYet = {
	step_succeeded: fenced('no step of this task runs'),
	step_failed: fenced('no step of this task runs'),
	step_cancelled: fenced('no step of this task runs'),
	cancel_signalled: ignored('a task without running steps stops at once when it is cancelled'),
	cancel_deadline: ignored('a task without running steps stops at once when it is cancelled'),
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
} as const

const notStopped: Rule = { refused: 'not_paused', because: 'only a paused task can be resumed' }

/** Every pair of state and fact. A job is a hint that may be late or doubled, so most pairs are harmless and say why. */
export const taskRules: Readonly<Record<TaskState, Readonly<Record<FactKind, Rule>>>> = {
	scheduled: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		claimed: { refused: 'not_startable', because: 'the task is not due yet' },
		activated: { refused: 'not_startable', because: 'the task is not due yet' },
		due: move('wake'),
		cancel_asked: move('stopAtOnce'),
		resume_asked: notStopped,
	},
	pending: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		claimed: move('startPlanning'),
		activated: { refused: 'not_startable', because: 'the task has no plan yet' },
		due: ignored('the task is already due'),
		cancel_asked: move('stopAtOnce'),
		resume_asked: notStopped,
	},
	planning: {
		...notRunningYet,
		...noClaims,
		claimed: { refused: 'not_startable', because: 'another child plans it' },
		planned: move('keepPlan'),
		plan_failed: move('failPlanning'),
		activated: { refused: 'not_startable', because: 'the task has no plan yet' },
		attempt_lost: move('planAgain'),
		attempt_handed_back: move('planAgain'),
		due: ignored('the task is already due'),
		cancel_asked: move('stopAtOnce'),
		resume_asked: notStopped,
	},
	planned: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		claimed: { refused: 'not_startable', because: 'the task has a plan' },
		claims_granted: move('beginRunning'),
		claims_refused: move('pauseForLocks'),
		activated: { refused: 'not_startable', because: 'the task has not taken its locks yet' },
		due: ignored('the task is already due'),
		cancel_asked: move('stopAtOnce'),
		resume_asked: notStopped,
	},
	running: {
		...notPlanning,
		...noClaims,
		claimed: { refused: 'not_startable', because: 'the task runs' },
		activated: move('startStep'),
		step_succeeded: move('completeStep'),
		step_failed: move('failStep'),
		step_cancelled: move('endCancelledStep'),
		attempt_lost: move('recoverStep'),
		attempt_handed_back: move('handBackStep'),
		due: move('wake'),
		cancel_signalled: move('notePhase'),
		cancel_deadline: move('endAtDeadline'),
		cancel_asked: move('askToCancel'),
		resume_asked: notStopped,
	},
	paused: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		claimed: { refused: 'not_startable', because: 'the task is paused' },
		activated: { refused: 'not_startable', because: 'the task is paused' },
		due: ignored('a paused task waits for a person, not for a time'),
		cancel_asked: move('stopAtOnce'),
		resume_asked: move('resume'),
	},
	stopped: {
		...notRunningYet,
		...noAttempt,
		...notPlanning,
		...noClaims,
		claimed: { refused: 'already_stopped', because: 'the task has stopped' },
		activated: { refused: 'already_stopped', because: 'the task has stopped' },
		due: ignored('the task has stopped'),
		cancel_asked: { refused: 'already_stopped', because: 'the task has already stopped' },
		resume_asked: { refused: 'already_stopped', because: 'the task has already stopped' },
	},
}
