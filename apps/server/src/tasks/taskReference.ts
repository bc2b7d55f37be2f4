import type { TaskState } from '@taskyard/model/states'
import { Field, ID, ObjectType } from 'type-graphql'
import { TaskStateEnum } from '../schema/enums.ts'

@ObjectType({ description: 'As much of a task as a link to it needs.' })
export class TaskReference {
	@Field(() => ID)
	readonly id!: string

	@Field(() => String)
	readonly name!: string

	@Field(() => TaskStateEnum)
	readonly state!: TaskState
}
