import type { TaskFrame as LiveTaskFrame, TaskListFrame as LiveListFrame } from '@taskyard/live/frames'
import { ArgsType, Field, ID, Int, Resolver, Root, Subscription } from 'type-graphql'
import type { Context } from '../context.ts'
import { knownId, pageSize } from '../schema/arguments.ts'
import { Cursor } from '../schema/scalars.ts'
import { streamArguments } from '../schema/streamArguments.ts'
import { Task } from './task.ts'
import { TaskFrame, TaskListFrame } from './taskFrames.ts'
import { longestPage } from './taskResolver.ts'

@ArgsType()
class WatchTask {
	@Field(() => ID)
	readonly id!: string

	@Field(() => Cursor, { nullable: true })
	readonly after!: string | null | undefined
}

@ArgsType()
class WatchTasks {
	@Field(() => Int, { nullable: true, defaultValue: 50 })
	readonly first!: number | null

	@Field(() => Cursor, { nullable: true })
	readonly after!: string | null | undefined
}

@Resolver()
export class TaskSubscriptions {
	@Subscription(() => TaskFrame, {
		description: 'The task now, then each change. With `after`, the `to` of the last frame, it continues from there.',
		subscribe: ({ args, context }: { args: WatchTask; context: Context }) =>
			context.hub.watchTask(knownId(args.id, 'watch'), args.after ?? null),
	})
	@streamArguments(() => WatchTask)
	taskChanged(@Root() frame: LiveTaskFrame): TaskFrame {
		return { ...frame, task: frame.task && new Task(frame.task) }
	}

	@Subscription(() => TaskListFrame, {
		description: 'The newest tasks, then each change of them. With `after`, the `to` of the last frame, it continues from there.',
		subscribe: ({ args, context }: { args: WatchTasks; context: Context }) =>
			context.hub.watchTasks(pageSize(args.first ?? 50, longestPage), args.after ?? null),
	})
	@streamArguments(() => WatchTasks)
	taskListChanged(@Root() frame: LiveListFrame): TaskListFrame {
		return { ...frame, rows: frame.rows.map((view) => new Task(view)) }
	}
}
