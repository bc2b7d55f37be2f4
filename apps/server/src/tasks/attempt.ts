import type { StoredAttempt } from '@taskyard/store/tasks/readAttempts'
import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../schema/scalars.ts'
import { Failure } from './failure.ts'

@ObjectType({ description: 'An ended execution of a step, or of the planning. Kept: all but a success at the first try.' })
export class Attempt {
	readonly #attempt: StoredAttempt

	constructor(attempt: StoredAttempt) {
		this.#attempt = attempt
	}

	@Field(() => Int, { nullable: true, description: 'Null: the planning.' })
	get step(): number | null {
		return this.#attempt.step
	}

	@Field(() => Int)
	get number(): number {
		return this.#attempt.number
	}

	@Field(() => String)
	get kind(): string {
		return this.#attempt.kind
	}

	@Field(() => String)
	get outcome(): string {
		return this.#attempt.outcome
	}

	@Field(() => String, { nullable: true })
	get worker(): string | null {
		return this.#attempt.worker
	}

	@Field(() => DateTime, { nullable: true })
	get startedAt(): number | null {
		return this.#attempt.startedAt
	}

	@Field(() => DateTime)
	get endedAt(): number {
		return this.#attempt.endedAt
	}

	@Field(() => Failure, { nullable: true })
	get error(): Failure | null {
		return Failure.from(this.#attempt.error)
	}
}
