import type { CommandRefusal } from '@taskyard/engine/commands/types'
import { Field, ObjectType } from 'type-graphql'
import { RefusalCodeEnum } from '../schema/enums.ts'
import { Task } from './task.ts'

@ObjectType({ description: 'A place in an input that is wrong.' })
export class Fault {
	@Field(() => String, { description: 'Path in the input, e.g. /exclude/0' })
	readonly path!: string

	@Field(() => String)
	readonly message!: string
}

@ObjectType({ description: 'Why a command changed nothing.' })
export class Refusal {
	@Field(() => RefusalCodeEnum)
	readonly code!: CommandRefusal

	@Field(() => String)
	readonly message!: string

	@Field(() => [Fault])
	readonly faults!: readonly Fault[]
}

@ObjectType({ description: 'Either the task as it now is, or the refusal that says why nothing changed.' })
export class TaskAnswer {
	@Field(() => Task, { nullable: true })
	readonly task!: Task | null

	@Field(() => Boolean, { description: 'Of a start: no task was made, for this one has the same duplicate key and counts.' })
	readonly discarded!: boolean

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}
