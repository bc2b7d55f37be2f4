import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime, JsonText } from '../schema/scalars.ts'

@ObjectType({ description: 'What tasks can be started of: registered by workers as data, known without them.' })
export class TaskType {
	@Field(() => String)
	readonly label!: string

	@Field(() => Int)
	readonly version!: number

	@Field(() => String, { description: 'Template over the input: `Backup of {source}`.' })
	readonly name!: string

	@Field(() => String, { nullable: true })
	readonly description!: string | null

	@Field(() => JsonText, { description: 'JSON Schema 2020-12.' })
	readonly inputSchema!: string

	@Field(() => JsonText, { nullable: true, description: 'JSON Schema 2020-12.' })
	readonly outputSchema!: string | null

	@Field(() => String)
	readonly queue!: string

	@Field(() => Int, { description: 'Starts that made no task, because another one of the same duplicate key counts.' })
	readonly discarded!: number

	@Field(() => Boolean, { description: 'Whether a task of it can be cancelled while a step runs.' })
	readonly cancellable!: boolean

	@Field(() => Boolean, { description: 'Whether a living worker offers it' })
	readonly offered!: boolean

	@Field(() => DateTime)
	readonly offeredAt!: number
}
