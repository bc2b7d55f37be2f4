import { Field, ObjectType } from 'type-graphql'

@ObjectType({ description: 'Whether an operator action is allowed now, and if not, the sentence why.' })
export class AvailableAction {
	@Field(() => String)
	readonly name!: string

	@Field(() => Boolean)
	readonly allowed!: boolean

	@Field(() => String, { nullable: true })
	readonly reason!: string | null
}
