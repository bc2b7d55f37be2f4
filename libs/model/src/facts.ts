/** What can happen to a task, with what its decision needs. Every time is milliseconds since 1970 by the database's clock. */

import type { Plan } from './plan.ts'
import type { StepError } from './task.ts'

/** A child that asks for work says who it is. */
interface Taker {
	readonly child: number
	readonly at: number
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

export type Fact =
	| ({ readonly kind: 'claimed' } & Taker)
	| { readonly kind: 'planned'; readonly attempt: number; readonly plan: Plan; readonly at: number }
	| { readonly kind: 'plan_failed'; readonly attempt: number; readonly error: StepError; readonly at: number }
	| ({ readonly kind: 'claims_granted' } & Taker)
	| { readonly kind: 'claims_refused'; readonly conflict: StepError; readonly at: number }
	/** A child asks for one step that can start. */
	| ({ readonly kind: 'activated' } & Taker)
	/** `take`: the child goes on with the next step at once. `output` is JSON text. */
	| ({ readonly kind: 'step_succeeded'; readonly output: string | null; readonly take: number | null } & Outcome)
	/** `random`, 0…1, decides the jitter of the back-off; `progress` is the last that the attempt reported. */
	| ({
			readonly kind: 'step_failed'
			readonly error: StepError
			readonly retryable: boolean
			readonly random: number
			readonly progress: number
	  } & Outcome)
	| ({ readonly kind: 'step_cancelled' } & Outcome)
	/** `step` null: the planning attempt. */
	| {
			readonly kind: 'attempt_lost'
			readonly step: number | null
			readonly attempt: number
			readonly error: StepError
			readonly at: number
	  }
	| { readonly kind: 'attempt_handed_back'; readonly step: number | null; readonly attempt: number; readonly at: number }
	| { readonly kind: 'due'; readonly at: number }
	| { readonly kind: 'cancel_signalled'; readonly at: number }
	| { readonly kind: 'cancel_deadline'; readonly at: number }
	| ({ readonly kind: 'cancel_asked' } & Command)
	| ({ readonly kind: 'resume_asked' } & Command)

/** The facts of one kind. */
export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>
