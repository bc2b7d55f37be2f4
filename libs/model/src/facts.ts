/** What can happen to a task, with what its decision needs. Every time is milliseconds since 1970 by the database's clock. */

import type { Plan, RescueStrategy, RetryPolicy } from './plan.ts'
import type { TaskResult } from './states.ts'
import type { StepError, SubTaskCounts, Suspension, WaitingFor } from './task.ts'

/** A child that asks for work says who it is, and what it can take. */
export interface Taker {
	readonly child: number
	/** It may take steps that need a child of their own: it is one, or stands alone. */
	readonly own?: boolean
	/** The only step that it asks for. */
	readonly only?: number
}

interface Outcome {
	readonly step: number
	/** The fence: an outcome counts only while this is the step's current attempt. */
	readonly attempt: number
	readonly at: number
}

interface Command {
	/** Id of the user. */
	readonly who: number
	readonly why: string | null
	readonly at: number
}

interface StepCommand extends Command {
	readonly step: number
}

export type Fact =
	| ({ readonly kind: 'claimed'; readonly at: number } & Taker)
	| { readonly kind: 'planned'; readonly attempt: number; readonly plan: Plan; readonly at: number }
	/** The policies are the type's: without a plan the task has none. */
	| {
			readonly kind: 'plan_failed'
			readonly attempt: number
			readonly error: StepError
			readonly retryable: boolean
			readonly retry: RetryPolicy
			readonly rescue: RescueStrategy
			readonly random: number
			readonly at: number
	  }
	| ({ readonly kind: 'claims_granted'; readonly at: number } & Taker)
	| { readonly kind: 'claims_refused'; readonly conflict: StepError; readonly at: number }
	/** The claims stand in line. `waitingFor` names one resource that is not free. */
	| { readonly kind: 'claims_queued'; readonly waitingFor: WaitingFor; readonly at: number }
	/** A child asks for one step that can start. */
	| ({ readonly kind: 'activated'; readonly at: number } & Taker)
	/** A worker that was asked cannot: none of its code fits, or it has no room. Whoever removes the reason asks again. */
	| { readonly kind: 'declined'; readonly waitingFor: WaitingFor; readonly at: number }
	/** A run, a finalize or a revert has ended well. `take`: the child goes on at once. `output`, of a run, is JSON text. */
	| ({ readonly kind: 'step_succeeded'; readonly output: string | null; readonly take: Taker | null } & Outcome)
	/**
	 * `random`, 0…1, decides the jitter of the back-off; `progress` is the last that the attempt reported; `seen` is the
	 * event that it was ended with.
	 */
	| ({
			readonly kind: 'step_failed'
			readonly seen?: number
			readonly error: StepError
			readonly retryable: boolean
			readonly random: number
			readonly progress: number
	  } & Outcome)
	/** `progress` is the last that the attempt reported. */
	| ({ readonly kind: 'step_cancelled'; readonly progress?: number } & Outcome)
	/**
	 * A run or a poll has ended, and waits. `timeout` in milliseconds. `seen`: the last event that the attempt was given;
	 * `arrived`: the last there is.
	 */
	| ({
			readonly kind: 'step_suspended'
			readonly suspension: Pick<Suspension, 'kind' | 'state' | 'until' | 'poll' | 'externalId' | 'externalUrl' | 'accepts'>
			readonly timeout: number | null
			readonly seen: number
			readonly arrived: number
			readonly progress: number
			readonly take: Taker | null
	  } & Outcome)
	/** The event with this number for a step was stored. One with an outcome ends a suspended step. `who` null: nobody we know. */
	| {
			readonly kind: 'event_sent'
			readonly step: number
			readonly n: number
			readonly name: string
			readonly who: number | null
			readonly outcome: { readonly output: string | null } | { readonly error: StepError } | null
			readonly at: number
	  }
	/** `failed`: more of the sub-tasks have failed than may. */
	| {
			readonly kind: 'sub_tasks_changed'
			readonly step: number
			readonly counts: SubTaskCounts
			readonly failed: boolean
			readonly at: number
	  }
	/** Of a recorded task. `silentUntil` null: nobody waits for the next report. */
	| { readonly kind: 'reported'; readonly progress: number | null; readonly silentUntil: number | null; readonly at: number }
	| {
			readonly kind: 'closed'
			readonly result: Exclude<TaskResult, 'pending'>
			readonly error: StepError | null
			readonly who: number
			readonly why: string | null
			readonly at: number
	  }
	/** `step` null: the planning attempt. */
	| {
			readonly kind: 'attempt_lost'
			readonly step: number | null
			readonly attempt: number
			readonly error: StepError
			readonly at: number
	  }
	| { readonly kind: 'attempt_handed_back'; readonly step: number | null; readonly attempt: number; readonly at: number }
	/** A time has come, or a task that this one waited for has stopped. */
	| { readonly kind: 'due'; readonly at: number }
	| { readonly kind: 'cancel_signalled'; readonly at: number }
	| { readonly kind: 'cancel_deadline'; readonly at: number }
	/** The deadline of the cancel of one step. */
	| ({ readonly kind: 'step_cancel_deadline' } & Outcome)
	| ({ readonly kind: 'confirm_asked'; readonly yes: boolean } & Command)
	/** `who` null: what started the task has ended, and not by a person. */
	| ({ readonly kind: 'cancel_asked' } & Omit<Command, 'who'> & { readonly who: number | null })
	| ({ readonly kind: 'pause_asked' } & Command)
	| ({ readonly kind: 'resume_asked' } & Command)
	| ({ readonly kind: 'retry_step_asked' } & StepCommand)
	/** `also`: further steps in error that are skipped with it, before the task goes on. */
	| ({ readonly kind: 'skip_step_asked'; readonly also?: readonly number[] } & StepCommand)
	| ({ readonly kind: 'cancel_step_asked' } & StepCommand)
	| ({ readonly kind: 'unlock_asked' } & Command)
	| ({ readonly kind: 'force_unlock_asked' } & Command)
	/** A new task was started with the type and input of this one. */
	| ({ readonly kind: 'rerun_asked' } & Command)

/** The facts of one kind. */
export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>
