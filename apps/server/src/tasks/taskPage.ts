import { Field, ObjectType } from 'type-graphql'
import { Task } from './task.ts'

@ObjectType({ description: 'A part of the list, newest first.' })
export class TaskPage {
	@Field(() => [Task])
	readonly tasks!: readonly Task[]

	@Field(() => String, { nullable: true, description: 'Pass as `after` for the next page; null at the end' })
	readonly endCursor!: string | null
}
