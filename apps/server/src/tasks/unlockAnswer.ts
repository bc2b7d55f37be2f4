import type { FreedLock as Freed, UnlockConsequences as Consequences } from '@taskyard/engine/commands/types'
import type { LockMode } from '@taskyard/model/states'
import { Field, ID, Int, ObjectType } from 'type-graphql'
import { LockModeEnum } from '../schema/enums.ts'
import { Resource } from './lock.ts'
import { Task } from './task.ts'
import { Refusal } from './taskAnswer.ts'

@ObjectType({ description: 'A task that gets a lock.' })
export class NextInLine {
	@Field(() => ID)
	readonly id!: string

	@Field(() => String)
	readonly name!: string
}

@ObjectType({ description: 'A lock that an unlock sets free.' })
export class FreedLock implements Omit<Freed, 'resource'> {
	@Field(() => Resource)
	readonly resource!: Resource

	@Field(() => String, { description: 'The operation, or `*` for all.' })
	readonly name!: string

	@Field(() => LockModeEnum)
	readonly mode!: LockMode

	@Field(() => ID, { description: 'Who holds it: the task, or one of its sub-tasks.' })
	readonly task!: string

	@Field(() => [NextInLine], { description: 'Who gets it.' })
	readonly next!: readonly NextInLine[]
}

@ObjectType({ description: 'What an unlock would mean, counted over the task and its sub-tasks.' })
export class UnlockConsequences implements Omit<Consequences, 'locks'> {
	@Field(() => [FreedLock])
	readonly locks!: readonly FreedLock[]

	@Field(() => Int, { description: 'Sub-tasks that have not stopped, and are unlocked with it.' })
	readonly subTasks!: number

	@Field(() => Int, { description: 'Attempts that run now, and will no longer count.' })
	readonly runningAttempts!: number

	@Field(() => String)
	readonly message!: string
}

@ObjectType({ description: 'The task as it now is, or what unlocking it would mean, or why nothing changed.' })
export class UnlockAnswer {
	@Field(() => Task, { nullable: true })
	readonly task!: Task | null

	@Field(() => UnlockConsequences, { nullable: true, description: 'Asked without `confirmed`: nothing has changed' })
	readonly consequences!: UnlockConsequences | null

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}
