/** What the hands of a child say to its supervisor. */

/** Names an attempt between the hands of a child and their supervisor. */
export interface AttemptKey {
	readonly task: string
	readonly step: number
	readonly attempt: number
}

/** Why an attempt was to end, and has not. */
export type Overdue = 'timed_out' | 'cancelled'

/** The supervisor, as the hands of its child speak to it: a process cannot kill itself, or give a step a process of its own. */
export interface SupervisorLine {
	/** A step that can start needs a child of its own. */
	needsOwnChild(task: string, step: number): void
	/** The attempt has so many milliseconds left. A child that blocks its own event loop cannot see them pass. */
	limited(attempt: AttemptKey, left: number): void
	/** The attempt has ended. */
	ended(attempt: AttemptKey): void
	/**
	 * The attempt has not ended after its grace period. An own child is killed for it, and then its supervisor says what
	 * became of the attempt; a shared child has said it, and is to end once its other attempts have.
	 */
	overdue(attempt: AttemptKey, why: Overdue): void
}
