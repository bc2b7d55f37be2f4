import type { ResourceKey } from '@taskyard/model/plan'
import { Field, InputType } from 'type-graphql'
import { JsonText } from './scalars.ts'

@InputType({ description: 'What a task works on.' })
export class ResourceInput {
	@Field(() => String)
	readonly type!: string

	@Field(() => String)
	readonly id!: string

	@Field(() => String, { nullable: true })
	readonly title?: string | null
}

@InputType({ description: 'What went wrong.' })
export class FailureInput {
	@Field(() => String, { description: 'For people: what to do.' })
	readonly message!: string

	@Field(() => String, { nullable: true, description: 'A word for programs, e.g. `no_space`.' })
	readonly code?: string | null

	@Field(() => JsonText, { nullable: true })
	readonly details?: string | null
}

export interface GivenError {
	readonly message: string
	readonly code?: string
	readonly details?: string
}

type Given<Fields> = { readonly [Name in keyof Fields]: Exclude<Fields[Name], null> }

/** What was given: GraphQL knows null for what was left out, the commands do not. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Given<Fields>
}

export const givenError = ({ message, ...more }: FailureInput): GivenError => ({ message, ...(given(more) as Omit<GivenError, 'message'>) })

export const resourceOf = ({ type, id, title }: ResourceInput): ResourceKey => ({ type, id, ...(typeof title === 'string' && { title }) })
