/** What follows from a fact, as data. */

import type { AttemptDraft, EventDraft, Task, TimerDraft } from './task.ts'
import type { RefusalCode } from './transitions.ts'

/** The task changes. */
export interface Changed {
	readonly kind: 'changed'
	/** The task after the fact. Its revision is raised by whoever writes it. */
	readonly task: Task
	/** Indices of the steps that differ, ascending. */
	readonly steps: readonly number[]
	readonly events: readonly EventDraft[]
	readonly attempts: readonly AttemptDraft[]
	/** Steps that the asking child runs, finalizes or reverts now: they are marked so with their attempt. */
	readonly start: readonly number[]
	/** How many activations to enqueue for steps that can start and that nobody was given. */
	readonly dispatch: number
	readonly timers: readonly TimerDraft[]
	readonly ended: boolean
}

/** What becomes of a fact: the task changes, or nothing does, with the reason. */
export type Decision =
	| Changed
	| { readonly kind: 'ignored'; readonly reason: string }
	| { readonly kind: 'refused'; readonly code: RefusalCode; readonly because: string }

/** The answer to a writer whose attempt another has taken over. */
export const fencedOff: Decision = {
	kind: 'refused',
	code: 'fenced_off',
	because: 'this attempt is no longer the current one: another took over, or the step has ended',
}
