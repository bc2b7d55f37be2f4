import type { StepError } from '@taskyard/model/task'
import { Field, ObjectType } from 'type-graphql'
import { JsonText } from '../schema/scalars.ts'
import { parseExact, stringifyExact } from './exactJson.ts'

@ObjectType({ description: 'What went wrong.' })
export class Failure {
	readonly #error: StepError

	constructor(error: StepError) {
		this.#error = error
	}

	/** From JSON text as stored; null where nothing went wrong. */
	static from(text: string | null): Failure | null {
		return text === null ? null : new Failure(parseExact(text) as StepError)
	}

	@Field(() => String)
	get message(): string {
		return this.#error.message
	}

	@Field(() => String, { description: 'Class of the error, e.g. `Failure`, `TypeError`.' })
	get type(): string {
		return this.#error.type
	}

	@Field(() => String, { nullable: true })
	get code(): string | null {
		return this.#error.code
	}

	@Field(() => String, { nullable: true })
	get trace(): string | null {
		return this.#error.trace
	}

	@Field(() => JsonText, { nullable: true })
	get details(): string | null {
		return this.#error.details === null || this.#error.details === undefined ? null : stringifyExact(this.#error.details)
	}

	@Field(() => String)
	get reason(): string {
		return this.#error.reason
	}
}
