import type { Changed } from './decision.ts'
import { defaultPolicies, type StepPolicies } from './plan.ts'
import { planProgress } from './progress.ts'
import { reasonOf, resultOf } from './result.ts'
import { hasAttempt } from './startable.ts'
import type { TaskResult, TaskState } from './states.ts'
import type { AttemptDraft, EventDraft, EventKind, Step, StepError, Task, TimerDraft, WaitingFor } from './task.ts'

/** A copy of the task under way to its next revision, with what is to be written beside it. */
export class Draft {
	readonly before: Task
	state: TaskState
	cancel: Task['cancel']
	pauseAsked: boolean
	unlocked: boolean
	touched: boolean
	silentUntil: number | null
	/** What another program said its task came to, and how far it is. */
	closedAs: TaskResult | null = null
	reported: number
	waitingFor: WaitingFor | null
	gates: Task['gates']
	startedAt: number | null
	endedAt: number | null
	runningSince: number | null
	ranFor: number
	planAttempt: number
	planTries: number
	notBefore: number | null
	planChild: number | null
	planStartedAt: number | null
	error: StepError | null
	plan: Task['plan']
	steps: readonly Step[]
	progressMayFall = false
	/** Who asked for what is decided here; null for the engine. All that follows at once is his doing. */
	#actor: number | null = null
	readonly changed = new Set<number>()
	readonly events: EventDraft[] = []
	readonly attempts: AttemptDraft[] = []
	readonly start: number[] = []
	readonly timers: TimerDraft[] = []
	dispatch = 0

	constructor(task: Task) {
		this.before = task
		this.state = task.state
		this.cancel = task.cancel
		this.pauseAsked = task.pauseAsked
		this.unlocked = task.unlocked
		this.touched = task.touched
		this.waitingFor = task.waitingFor
		this.silentUntil = task.silentUntil
		this.reported = task.plan ? 0 : task.progress
		this.gates = task.gates
		this.startedAt = task.startedAt
		this.endedAt = task.endedAt
		this.runningSince = task.runningSince
		this.ranFor = task.ranFor
		this.planAttempt = task.planAttempt
		this.planTries = task.planTries
		this.notBefore = task.notBefore
		this.planChild = task.planChild
		this.planStartedAt = task.planStartedAt
		this.error = task.error
		this.plan = task.plan
		this.steps = task.steps
	}

	/** @param at the clock of the time limit runs while the task is running */
	enter(
		state: TaskState,
		at: number,
		by: { who?: number | null; why?: string | null; child?: number | null; attempt?: number; startedAt?: number | null } = {},
	): void {
		this.events.push({
			kind: 'task',
			step: null,
			old: this.state,
			new: state,
			attempt: by.attempt ?? null,
			child: by.child ?? null,
			startedAt: by.startedAt ?? null,
			who: by.who ?? this.#actor,
			why: by.why ?? null,
		})
		if (this.state === 'running' && this.runningSince !== null) {
			this.ranFor += Math.max(0, at - this.runningSince)
			this.runningSince = null
		}
		if (state === 'running') {
			this.runningSince = at
			if (this.plan?.timeout !== undefined) {
				this.timers.push({ step: null, kind: 'time_out', dueAt: at + Math.max(0, this.plan.timeout - this.ranFor) })
			}
		}
		this.state = state
	}

	/** Notes what a person did. */
	command(kind: EventKind, fact: { who: number | null; why: string | null }, step: number | null = null): void {
		this.#actor = fact.who
		this.events.push({ kind, step, old: null, new: null, attempt: null, child: null, startedAt: null, who: fact.who, why: fact.why })
	}

	/** Changes a step; a change of its state is an event, but for the start, which the event of its end carries. */
	change(step: Step, changes: Partial<Step>, why: string | null = null): void {
		const next: Step = { ...step, ...changes, stored: true }
		if (this.changed.size === 0) this.steps = [...this.steps]
		;(this.steps as Step[])[step.index] = next
		this.changed.add(step.index)
		if (next.state !== step.state && !hasAttempt(next.state)) {
			this.events.push({
				kind: 'step',
				step: step.index,
				old: step.state,
				new: next.state,
				attempt: step.attempt,
				child: hasAttempt(step.state) ? step.child : null,
				startedAt: hasAttempt(step.state) ? step.startedAt : null,
				who: this.#actor,
				why,
			})
		}
	}

	policies(index: number): StepPolicies {
		return this.plan?.steps[index]?.policies ?? defaultPolicies
	}

	/** What another program said its task came to stands, whatever happens to the task afterwards. */
	#ending(): Pick<Task, 'result' | 'reason'> {
		const { before, closedAs } = this
		if (closedAs === 'cancelled') return { result: closedAs, reason: 'cancelled' }
		if (closedAs !== null) return { result: closedAs, reason: this.error?.reason ?? null }
		if (before.recorded && before.state === 'stopped') return { result: before.result, reason: before.reason }
		return { result: resultOf(this), reason: reasonOf(this) }
	}

	finish(): Changed {
		const { before } = this
		const computed = this.plan ? planProgress(this.plan, this.steps) : this.reported
		// Named, for a spread among the fields of a literal costs as much as all the rest of it.
		const { result, reason } = this.#ending()
		const task: Task = {
			id: before.id,
			label: before.label,
			state: this.state,
			result,
			reason,
			revision: before.revision,
			cancel: this.cancel,
			pauseAsked: this.pauseAsked,
			unlocked: this.unlocked,
			touched: this.touched,
			recorded: before.recorded,
			silentUntil: this.silentUntil,
			waitingFor: this.waitingFor,
			gates: this.gates,
			startedAt: this.startedAt,
			endedAt: this.endedAt,
			runningSince: this.runningSince,
			ranFor: this.ranFor,
			progress: this.progressMayFall ? computed : Math.max(before.progress, computed),
			planAttempt: this.planAttempt,
			planTries: this.planTries,
			notBefore: this.notBefore,
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
