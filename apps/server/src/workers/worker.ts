import { Field, Int, ObjectType } from 'type-graphql'
import { DateTime } from '../schema/scalars.ts'

@ObjectType({ description: 'One child process of a worker: it executes steps while its lease lasts.' })
export class WorkerChild {
	@Field(() => Int)
	readonly id!: number

	@Field(() => Int)
	readonly pid!: number

	@Field(() => DateTime)
	readonly startedAt!: number

	@Field(() => DateTime)
	readonly leaseUntil!: number

	@Field(() => Boolean)
	readonly alive!: boolean
}

@ObjectType({ description: 'One dispatcher process on a node, with its child processes.' })
export class Worker {
	@Field(() => Int)
	readonly id!: number

	@Field(() => String)
	readonly node!: string

	@Field(() => Int)
	readonly pid!: number

	@Field(() => String)
	readonly version!: string

	@Field(() => [String])
	readonly queues!: readonly string[]

	@Field(() => Int, { description: 'Steps that it executes at a time.' })
	readonly capacity!: number

	@Field(() => DateTime)
	readonly startedAt!: number

	@Field(() => DateTime)
	readonly heartbeatAt!: number

	@Field(() => Boolean, { description: 'Whether it was heard lately.' })
	readonly alive!: boolean

	@Field(() => [WorkerChild])
	readonly children!: readonly WorkerChild[]
}
