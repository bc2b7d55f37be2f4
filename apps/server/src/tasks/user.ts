import { Field, Int, ObjectType } from 'type-graphql'

@ObjectType({ description: 'Who owns tasks and acts on them.' })
export class User {
	@Field(() => Int)
	readonly id!: number

	@Field(() => String)
	readonly login!: string

	@Field(() => String)
	readonly name!: string
}
