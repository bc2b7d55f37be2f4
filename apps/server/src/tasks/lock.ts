import type { LockMode } from '@taskyard/model/states'
import { Field, ObjectType } from 'type-graphql'
import { LockModeEnum } from '../schema/enums.ts'
import { DateTime } from '../schema/scalars.ts'
import { TaskReference } from './taskReference.ts'

@ObjectType({ description: 'What a task works on.' })
export class Resource {
	@Field(() => String)
	readonly type!: string

	@Field(() => String)
	readonly id!: string

	@Field(() => String, { nullable: true })
	readonly title!: string | null
}

@ObjectType({ description: 'A claim of a task on a resource.' })
export class Lock {
	@Field(() => Resource)
	readonly resource!: Resource

	@Field(() => String, { description: 'The operation, or `*` for all.' })
	readonly name!: string

	@Field(() => LockModeEnum)
	readonly mode!: LockMode

	@Field(() => Boolean)
	readonly granted!: boolean

	@Field(() => DateTime)
	readonly since!: number

	@Field(() => [TaskReference], { description: 'Tasks that hold a conflicting lock, for a claim of this task that was refused.' })
	readonly holders!: readonly TaskReference[]
}
