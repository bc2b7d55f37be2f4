import type { TaskFrame as LiveTaskFrame, TaskListFrame as LiveListFrame } from '@taskyard/live/frames'
import { Arg, ID, Int, Resolver, Root, Subscription } from 'type-graphql'
import type { Context } from '../context.ts'
import { knownId, pageSize } from '../schema/arguments.ts'
import { Cursor } from '../schema/scalars.ts'
import { Task } from './task.ts'
import { TaskFrame, TaskListFrame } from './taskFrames.ts'
import { longestPage } from './taskResolver.ts'

type After = string | null | undefined

@Resolver()
export class TaskSubscriptions {
	@Subscription(() => TaskFrame, {
		description: 'The task now, then each change. With `after`, the `to` of the last frame, it continues from there.',
		subscribe: ({ args, context }: { args: { id: string; after: After }; context: Context }) =>
			context.hub.watchTask(knownId(args.id, 'watch'), args.after ?? null),
	})
	taskChanged(
		@Root() frame: LiveTaskFrame,
		@Arg('id', () => ID) _id: string,
		@Arg('after', () => Cursor, { nullable: true }) _after: After,
	): TaskFrame {
		return { ...frame, task: frame.task && new Task(frame.task) }
	}

	@Subscription(() => TaskListFrame, {
		description: 'The newest tasks, then each change of them. With `after`, the `to` of the last frame, it continues from there.',
		subscribe: ({ args, context }: { args: { first: number | null; after: After }; context: Context }) =>
			context.hub.watchTasks(pageSize(args.first ?? 50, longestPage), args.after ?? null),
	})
	taskListChanged(
		@Root() frame: LiveListFrame,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) _first: number | null,
		@Arg('after', () => Cursor, { nullable: true }) _after: After,
	): TaskListFrame {
		return { ...frame, rows: frame.rows.map((view) => new Task(view)) }
	}
}
