/**
 * The one door for each change of state: a task, a fact, and what follows, as data. Nothing here has an effect; the
 * engine writes the decision, bound to the revision it was decided on.
 */

import type { Fact } from './facts.ts'
import { planProgress } from './progress.ts'
import { reasonOf, resultOf } from './result.ts'
import { nextDelay } from './retry.ts'
import { isPassed, readySteps } from './startable.ts'
import type { StepState, TaskState } from './states.ts'
import type { AttemptDraft, EventDraft, Step, StepError, Task, WaitingFor } from './task.ts'
import { defaultPolicies, type StepPolicies } from './plan.ts'
import { type Move, type RefusalCode, taskRules } from './transitions.ts'

export interface Changed {
	readonly kind: 'changed'
	/** The task after the fact. Its revision is raised by whoever writes it. */
	readonly task: Task
	/** Indices of the steps that differ, ascending. */
	readonly steps: readonly number[]
	readonly events: readonly EventDraft[]
	readonly attempts: readonly AttemptDraft[]
	/** Steps that the asking child runs now: they are marked running with their attempt. */
	readonly start: readonly number[]
	/** How many activations to enqueue for steps that can start and that nobody was given. */
	readonly dispatch: number
	/** Steps whose back-off ends at a time. */
	readonly timers: readonly { readonly step: number; readonly dueAt: number }[]
	readonly ended: boolean
}

export type Decision =
	| Changed
	| { readonly kind: 'ignored'; readonly reason: string }
	| { readonly kind: 'refused'; readonly code: RefusalCode; readonly because: string }

export function decide(task: Task, fact: Fact): Decision {
	const rule = taskRules[task.state][fact.kind]
	if ('ignored' in rule) return { kind: 'ignored', reason: rule.ignored }
	if ('refused' in rule) return { kind: 'refused', code: rule.refused, because: rule.because }
	return carryOut(rule.move, new Draft(task), fact)
}

/** A copy of the task under way to its next revision, with what is to be written beside it. */
class Draft {
	readonly before: Task
	state: TaskState
	cancel: Task['cancel']
	touched: boolean
	waitingFor: WaitingFor | null
	startedAt: number | null
	endedAt: number | null
	planAttempt: number
	planChild: number | null
	planStartedAt: number | null
	error: StepError | null
	plan: Task['plan']
	steps: readonly Step[]
	progressMayFall = false
	readonly changed = new Set<number>()
	readonly events: EventDraft[] = []
	readonly attempts: AttemptDraft[] = []
	readonly start: number[] = []
	readonly timers: { step: number; dueAt: number }[] = []
	dispatch = 0

	constructor(task: Task) {
		this.before = task
		this.state = task.state
		this.cancel = task.cancel
		this.touched = task.touched
		this.waitingFor = task.waitingFor
		this.startedAt = task.startedAt
		this.endedAt = task.endedAt
		this.planAttempt = task.planAttempt
		this.planChild = task.planChild
		this.planStartedAt = task.planStartedAt
		this.error = task.error
		this.plan = task.plan
		this.steps = task.steps
	}

	enter(
		state: TaskState,
		by: { who?: number; why?: string | null; child?: number | null; attempt?: number; startedAt?: number | null } = {},
	): void {
		this.events.push({
			kind: 'task',
			step: null,
			old: this.state,
			new: state,
			attempt: by.attempt ?? null,
			child: by.child ?? null,
			startedAt: by.startedAt ?? null,
			who: by.who ?? null,
			why: by.why ?? null,
		})
		this.state = state
	}

	command(kind: 'resume' | 'cancel', fact: { who: number; why: string | null }): void {
		this.events.push({ kind, step: null, old: null, new: null, attempt: null, child: null, startedAt: null, who: fact.who, why: fact.why })
	}

	/** Changes a step; a change of its state is an event, but for the start, which the event of its end carries. */
	change(step: Step, changes: Partial<Step>, why: string | null = null): void {
		const next: Step = { ...step, ...changes, stored: true }
		if (this.changed.size === 0) this.steps = [...this.steps]
		;(this.steps as Step[])[step.index] = next
		this.changed.add(step.index)
		if (next.state !== step.state && next.state !== 'running') {
			this.events.push({
				kind: 'step',
				step: step.index,
				old: step.state,
				new: next.state,
				attempt: step.attempt,
				child: step.state === 'running' ? step.child : null,
				startedAt: step.state === 'running' ? step.startedAt : null,
				who: null,
				why,
			})
		}
	}

	policies(index: number): StepPolicies {
		return this.plan?.steps[index]?.policies ?? defaultPolicies
	}

	finish(): Changed {
		const { before } = this
		const computed = this.plan ? planProgress(this.plan, this.steps) : 0
		const task: Task = {
			id: before.id,
			label: before.label,
			state: this.state,
			result: resultOf(this),
			reason: reasonOf(this),
			revision: before.revision,
			cancel: this.cancel,
			touched: this.touched,
			waitingFor: this.waitingFor,
			startedAt: this.startedAt,
			endedAt: this.endedAt,
			progress: this.progressMayFall ? computed : Math.max(before.progress, computed),
			planAttempt: this.planAttempt,
			planChild: this.planChild,
			planStartedAt: this.planStartedAt,
			error: this.error,
			plan: this.plan,
			steps: this.steps,
		}
		return {
			kind: 'changed',
			task,
			steps: this.changed.size < 2 ? [...this.changed] : [...this.changed].sort((a, b) => a - b),
			events: this.events,
			attempts: this.attempts,
			start: this.start,
			dispatch: this.dispatch,
			timers: this.timers,
			ended: task.state === 'stopped' && before.state !== 'stopped',
		}
	}
}

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>

function carryOut(move: Move, draft: Draft, fact: Fact): Decision {
	switch (move) {
		case 'startPlanning':
			return startPlanning(draft, fact as FactOf<'claimed'>)
		case 'keepPlan':
			return keepPlan(draft, fact as FactOf<'planned'>)
		case 'failPlanning':
			return failPlanning(draft, fact as FactOf<'plan_failed'>)
		case 'planAgain':
			return planAgain(draft, fact as FactOf<'attempt_lost' | 'attempt_handed_back'>)
		case 'beginRunning':
			return beginRunning(draft, fact as FactOf<'claims_granted'>)
		case 'pauseForLocks':
			return pauseForLocks(draft, fact as FactOf<'claims_refused'>)
		case 'startStep':
			return startStep(draft, fact as FactOf<'activated'>)
		case 'completeStep':
			return completeStep(draft, fact as FactOf<'step_succeeded'>)
		case 'failStep':
			return failStep(draft, fact as FactOf<'step_failed'>)
		case 'endCancelledStep':
			return endCancelledStep(draft, fact as FactOf<'step_cancelled'>)
		case 'recoverStep':
			return recoverStep(draft, fact as FactOf<'attempt_lost'>)
		case 'handBackStep':
			return handBackStep(draft, fact as FactOf<'attempt_handed_back'>)
		case 'wake':
			return wake(draft, fact.at)
		case 'notePhase':
			return notePhase(draft)
		case 'endAtDeadline':
			return endAtDeadline(draft, fact.at)
		case 'stopAtOnce':
			return stopAtOnce(draft, fact as FactOf<'cancel_asked'>)
		case 'askToCancel':
			return askToCancel(draft, fact as FactOf<'cancel_asked'>)
		case 'resume':
			return resume(draft, fact as FactOf<'resume_asked'>)
	}
}

const fencedOff: Decision = {
	kind: 'refused',
	code: 'fenced_off',
	because: 'this attempt is no longer the current one: another took over, or the step has ended',
}

function startPlanning(draft: Draft, fact: FactOf<'claimed'>): Decision {
	draft.planAttempt += 1
	draft.planChild = fact.child
	draft.planStartedAt = fact.at
	draft.waitingFor = null
	draft.enter('planning', { attempt: draft.planAttempt, child: fact.child })
	return draft.finish()
}

function keepPlan(draft: Draft, fact: FactOf<'planned'>): Decision {
	if (fact.attempt !== draft.planAttempt) return fencedOff
	draft.plan = fact.plan
	draft.steps = fact.plan.steps.map((_, index) => newStep(index))
	const started = { attempt: fact.attempt, child: draft.planChild, startedAt: draft.planStartedAt }
	draft.planChild = null
	draft.enter('planned', started)
	return draft.finish()
}

export function newStep(index: number): Step {
	return {
		index,
		state: 'pending',
		attempt: 0,
		tries: 0,
		child: null,
		startedAt: null,
		endedAt: null,
		notBefore: null,
		progress: 0,
		output: null,
		error: null,
		stored: false,
	}
}

function failPlanning(draft: Draft, fact: FactOf<'plan_failed'>): Decision {
	if (fact.attempt !== draft.planAttempt) return fencedOff
	keepPlanAttempt(draft, 'failed', fact.error, fact.at)
	draft.error = fact.error
	draft.enter('paused', { attempt: fact.attempt, child: draft.planChild, startedAt: draft.planStartedAt, why: fact.error.message })
	draft.planChild = null
	return draft.finish()
}

function keepPlanAttempt(draft: Draft, outcome: AttemptDraft['outcome'], error: StepError | null, at: number): void {
	draft.attempts.push({
		step: null,
		number: draft.planAttempt,
		kind: 'plan',
		outcome,
		child: draft.planChild,
		startedAt: draft.planStartedAt,
		endedAt: at,
		error,
	})
}

function planAgain(draft: Draft, fact: FactOf<'attempt_lost' | 'attempt_handed_back'>): Decision {
	if (fact.step !== null || fact.attempt !== draft.planAttempt) return fencedOff
	const lost = fact.kind === 'attempt_lost'
	keepPlanAttempt(draft, lost ? 'lost' : 'handed_back', lost ? fact.error : null, fact.at)
	draft.enter('pending', {
		attempt: fact.attempt,
		child: draft.planChild,
		startedAt: draft.planStartedAt,
		why: lost ? fact.error.message : null,
	})
	draft.planChild = null
	draft.dispatch = 1
	return draft.finish()
}

function beginRunning(draft: Draft, fact: FactOf<'claims_granted'>): Decision {
	draft.waitingFor = null
	draft.startedAt ??= fact.at
	draft.enter('running', { child: fact.child })
	return settle(draft, fact.at, fact.child)
}

function pauseForLocks(draft: Draft, fact: FactOf<'claims_refused'>): Decision {
	draft.error = fact.conflict
	draft.enter('paused', { why: fact.conflict.message })
	return draft.finish()
}

function startStep(draft: Draft, fact: FactOf<'activated'>): Decision {
	const decision = settle(draft, fact.at, fact.child)
	if (draft.start.length === 0 && draft.state === 'running' && draft.events.length === 0) {
		return { kind: 'refused', code: 'not_startable', because: 'no step of the task can start now' }
	}
	return decision
}

/** The running step that an outcome is for, or null when the attempt no longer counts. */
function currentStep(draft: Draft, fact: { step: number | null; attempt: number }): Step | null {
	if (fact.step === null) return null
	const step = draft.steps[fact.step]
	return step && step.state === 'running' && step.attempt === fact.attempt ? step : null
}

function completeStep(draft: Draft, fact: FactOf<'step_succeeded'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	// A success at the first try is the event; only what differs is kept as an attempt too.
	if (step.attempt > 1) keepAttempt(draft, step, 'success', null, fact.at)
	draft.change(step, { state: 'success', endedAt: fact.at, progress: 1, output: fact.output, error: null })
	return settle(draft, fact.at, fact.take)
}

function keepAttempt(draft: Draft, step: Step, outcome: AttemptDraft['outcome'], error: StepError | null, at: number): void {
	draft.attempts.push({
		step: step.index,
		number: step.attempt,
		kind: 'run',
		outcome,
		child: step.child,
		startedAt: step.startedAt,
		endedAt: at,
		error,
	})
}

function failStep(draft: Draft, fact: FactOf<'step_failed'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, fact.error.reason === 'timed_out' ? 'timed_out' : 'failed', fact.error, fact.at)
	const reported = { ...step, progress: Math.max(step.progress, fact.progress) }
	return fail(draft, { ...reported, tries: step.tries + 1 }, reported, fact.error, fact.retryable, fact.random, fact.at)
}

/** A try has ended in failure: back-off, or the rescue strategy. */
function fail(draft: Draft, counted: Step, step: Step, error: StepError, retryable: boolean, random: number, at: number): Decision {
	const policies = draft.policies(step.index)
	const delay = retryable && draft.cancel === 'none' ? nextDelay(policies.retry, counted.tries, random) : null
	if (delay !== null) {
		const dueAt = at + delay
		draft.change(step, { state: 'pending', tries: counted.tries, endedAt: at, notBefore: dueAt, error, child: null }, error.message)
		draft.timers.push({ step: step.index, dueAt })
	} else if (policies.rescue === 'skip' && draft.cancel === 'none') {
		draft.change(step, { state: 'skipped', tries: counted.tries, endedAt: at, error }, error.message)
	} else {
		draft.change(step, { state: 'error', tries: counted.tries, endedAt: at, error }, error.message)
	}
	return settle(draft, at, null)
}

function endCancelledStep(draft: Draft, fact: FactOf<'step_cancelled'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, 'cancelled', null, fact.at)
	draft.change(step, { state: 'cancelled', endedAt: fact.at })
	return settle(draft, fact.at, null)
}

function recoverStep(draft: Draft, fact: FactOf<'attempt_lost'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, 'lost', fact.error, fact.at)
	if (draft.cancel !== 'none') {
		draft.change(step, { state: 'cancelled', endedAt: fact.at }, fact.error.message)
	} else if (draft.policies(step.index).onLost === 'retry') {
		draft.change(step, { state: 'pending', endedAt: fact.at, child: null }, fact.error.message)
	} else {
		// Not repeatable by itself: a person decides, so the rescue strategy follows without another automatic try.
		return fail(draft, step, step, fact.error, false, 0, fact.at)
	}
	return settle(draft, fact.at, null)
}

function handBackStep(draft: Draft, fact: FactOf<'attempt_handed_back'>): Decision {
	const step = currentStep(draft, fact)
	if (!step) return fencedOff
	keepAttempt(draft, step, 'handed_back', null, fact.at)
	draft.change(step, { state: draft.cancel === 'none' ? 'pending' : 'cancelled', endedAt: fact.at, child: null })
	return settle(draft, fact.at, null)
}

function wake(draft: Draft, at: number): Decision {
	if (draft.state === 'scheduled') {
		draft.waitingFor = null
		draft.enter('pending')
		draft.dispatch = 1
		return draft.finish()
	}
	const decision = settle(draft, at, null, true)
	if (draft.dispatch === 0 && draft.events.length === 0) return { kind: 'ignored', reason: 'no step of the task is due' }
	return decision
}

function notePhase(draft: Draft): Decision {
	if (draft.cancel !== 'requested') return { kind: 'ignored', reason: 'the cancel is past this phase, or was not asked' }
	draft.cancel = 'signalled'
	return draft.finish()
}

function endAtDeadline(draft: Draft, at: number): Decision {
	if (draft.cancel === 'none') return { kind: 'ignored', reason: 'no cancel was asked' }
	draft.cancel = 'killed'
	for (const step of draft.steps) {
		if (step.state !== 'running') continue
		keepAttempt(draft, step, 'cancelled', null, at)
		draft.change(step, { state: 'cancelled', endedAt: at }, 'it did not end before the deadline of the cancel')
	}
	return settle(draft, at, null)
}

function stopAtOnce(draft: Draft, fact: FactOf<'cancel_asked'>): Decision {
	draft.command('cancel', fact)
	draft.cancel = 'requested'
	if (draft.state === 'planning') {
		keepPlanAttempt(draft, 'fenced_off', null, fact.at)
		// The number is the fence: a plan that comes late no longer counts.
		draft.planAttempt += 1
		draft.planChild = null
	}
	stop(draft, fact.at, { who: fact.who, why: fact.why })
	return draft.finish()
}

function askToCancel(draft: Draft, fact: FactOf<'cancel_asked'>): Decision {
	if (draft.cancel !== 'none') return { kind: 'ignored', reason: 'a cancel is already under way' }
	draft.command('cancel', fact)
	draft.cancel = 'requested'
	return settle(draft, fact.at, null)
}

function resume(draft: Draft, fact: FactOf<'resume_asked'>): Decision {
	draft.command('resume', fact)
	draft.touched = true
	draft.progressMayFall = true
	const conflicted = draft.error?.reason === 'lock_conflict'
	draft.error = null
	if (!draft.plan || conflicted) {
		draft.enter(draft.plan ? 'planned' : 'pending', { who: fact.who, why: fact.why })
		draft.dispatch = 1
		return draft.finish()
	}
	draft.enter('running', { who: fact.who, why: fact.why })
	for (const step of draft.steps) {
		if (step.state !== 'error') continue
		draft.change(step, { state: 'pending', tries: 0, notBefore: null, progress: 0, error: null, child: null })
	}
	return settle(draft, fact.at, null)
}

/** Activations enqueued at once at most: who has done a step takes the next one, so more would only find nothing to do. */
const mostActivations = 64

/**
 * How many steps can start that nobody was given and nobody was told of. One that could start before has its
 * activation already; enqueuing it again with each step that ends would make a wide concurrence quadratic.
 */
function unannounced(draft: Draft, startable: readonly number[], at: number, announceAll: boolean): number {
	const left = startable.filter((index) => !draft.start.includes(index))
	if (left.length === 0) return 0
	const { before } = draft
	if (announceAll || before.state !== 'running' || !before.plan) return Math.min(mostActivations, left.length)
	const known = new Set(readySteps(before.plan.tree, before.steps).filter((index) => (before.steps[index]?.notBefore ?? 0) <= at))
	return Math.min(mostActivations, left.filter((index) => !known.has(index)).length)
}

/** What a running task does next, once its steps have changed. `child`: who asks for one step to run now, if anybody. */
function settle(draft: Draft, at: number, child: number | null, announceAll = false): Decision {
	const { plan } = draft
	if (!plan) return draft.finish()
	const running = draft.steps.some((step) => step.state === 'running' || step.state === 'suspended')
	if (draft.cancel !== 'none') {
		if (!running) stop(draft, at)
		return draft.finish()
	}
	const failedForGood = draft.steps.some((step) => step.state === 'error' && draft.policies(step.index).rescue === 'fail')
	if (failedForGood) {
		if (!running) stop(draft, at)
		return draft.finish()
	}
	const ready = readySteps(plan.tree, draft.steps)
	const startable = ready.filter((index) => (draft.steps[index]?.notBefore ?? 0) <= at)
	if (child !== null && startable.length > 0) begin(draft, startable[0] as number, child, at)
	draft.dispatch = unannounced(draft, startable, at, announceAll)
	draft.waitingFor = null
	if (running || startable.length > 0) return draft.finish()
	if (ready.length > 0) {
		const next = ready.reduce((soonest, index) => (notBefore(draft, index) < notBefore(draft, soonest) ? index : soonest))
		draft.waitingFor = { kind: 'back_off', keys: { step: next, until: notBefore(draft, next) } }
		return draft.finish()
	}
	if (draft.steps.every((step) => isPassed(step.state))) stop(draft, at)
	else draft.enter('paused', { why: draft.steps.find((step) => step.state === 'error')?.error?.message ?? null })
	return draft.finish()
}

function notBefore(draft: Draft, index: number): number {
	return draft.steps[index]?.notBefore ?? 0
}

function begin(draft: Draft, index: number, child: number, at: number): void {
	const step = draft.steps[index]
	if (!step) return
	if (step.attempt > 0) draft.progressMayFall = true
	draft.change(step, {
		state: 'running',
		attempt: step.attempt + 1,
		child,
		startedAt: at,
		endedAt: null,
		notBefore: null,
		progress: 0,
		error: null,
	})
	draft.start.push(index)
}

/** Ends the task. What has not begun is cancelled; a failed step keeps its error. */
function stop(draft: Draft, at: number, by: { who?: number; why?: string | null } = {}): void {
	for (const step of draft.steps) {
		if (step.state === 'pending' || step.state === 'suspended') draft.change(step, { state: 'cancelled' satisfies StepState, endedAt: at })
	}
	draft.endedAt = at
	draft.waitingFor = null
	draft.enter('stopped', by)
}
