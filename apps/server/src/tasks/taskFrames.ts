import type { FrameKind } from '@taskyard/live/frames'
import { Field, ID, ObjectType } from 'type-graphql'
import { FrameKindEnum } from '../schema/enums.ts'
import { Cursor, DateTime } from '../schema/scalars.ts'
import { Task } from './task.ts'

@ObjectType({ description: 'What is new of one task.' })
export class TaskFrame {
	@Field(() => FrameKindEnum)
	readonly kind!: FrameKind

	@Field(() => Cursor, { nullable: true })
	readonly from!: string | null

	@Field(() => Cursor, { description: 'Hand it back as `after` to continue from here.' })
	readonly to!: string

	@Field(() => DateTime)
	readonly serverTime!: number

	@Field(() => Task, { nullable: true, description: 'null when nothing of the task changed (HEARTBEAT) or there is no such task' })
	readonly task!: Task | null
}

@ObjectType({ description: 'What is new in the window of the newest tasks.' })
export class TaskListFrame {
	@Field(() => FrameKindEnum)
	readonly kind!: FrameKind

	@Field(() => Cursor, { nullable: true })
	readonly from!: string | null

	@Field(() => Cursor, { description: 'Hand it back as `after` to continue from here.' })
	readonly to!: string

	@Field(() => DateTime)
	readonly serverTime!: number

	@Field(() => [Task], { description: 'SNAPSHOT, RESYNC: the whole window, newest first; DELTA: rows that are new or changed' })
	readonly rows!: readonly Task[]

	@Field(() => [ID], { description: 'Ids that left the window.' })
	readonly left!: readonly string[]
}
