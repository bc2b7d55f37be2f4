import type { Changed } from './decision.ts'
import { defaultPolicies, type StepPolicies } from './plan.ts'
import { planProgress } from './progress.ts'
import { reasonOf, resultOf } from './result.ts'
import type { TaskState } from './states.ts'
import type { AttemptDraft, EventDraft, Step, StepError, Task, WaitingFor } from './task.ts'

/** A copy of the task under way to its next revision, with what is to be written beside it. */
export class Draft {
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
