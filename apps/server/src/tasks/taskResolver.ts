import { listSubTasks, type SubTaskFilter } from '@taskyard/store/tasks/listSubTasks'
import { listTasks } from '@taskyard/store/tasks/listTasks'
import { readTaskRows } from '@taskyard/store/tasks/readTaskRows'
import { viewTasks } from '@taskyard/store/tasks/viewTasks'
import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { knownId, pageSize } from '../schema/arguments.ts'
import { SubTaskFilterEnum } from '../schema/enums.ts'
import { Task } from './task.ts'
import { TaskPage } from './taskPage.ts'

/** Most tasks of a page, and of a window that is watched. */
export const longestPage = 200

@Resolver()
export class TaskResolver {
	@Query(() => Task, { nullable: true })
	async task(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<Task | null> {
		return loadTask(context, id)
	}

	@Query(() => TaskPage, { description: 'The tasks that the steps of one have started, in the order in which they were made' })
	async subTasks(
		@Arg('of', () => ID) of: string,
		@Arg('step', () => Int, { nullable: true, description: 'Only those of this step' }) step: number | null,
		@Arg('filter', () => SubTaskFilterEnum, { nullable: true }) filter: SubTaskFilter | null | undefined,
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after: string | null,
		@Ctx() { database }: Context,
	): Promise<TaskPage> {
		const size = pageSize(first ?? 50, longestPage)
		const parent = knownId(of)
		if (parent === null) return { tasks: [], endCursor: null }
		const from = after === null || after === undefined ? null : knownId(after, 'continue after')
		const rows = await listSubTasks(database, { task: parent, step: step ?? null, filter: filter ?? null }, size + 1, from)
		const page = rows.slice(0, size)
		return {
			tasks: viewTasks(database, page).map((view) => new Task(view)),
			endCursor: rows.length > size ? (page.at(-1)?.id ?? null) : null,
		}
	}

	@Query(() => TaskPage, { description: 'Newest first, keyset-paged; first is at most 200' })
	async tasks(
		@Arg('first', () => Int, { nullable: true, defaultValue: 50 }) first: number | null,
		@Arg('after', () => String, { nullable: true }) after: string | null,
		@Ctx() { database }: Context,
	): Promise<TaskPage> {
		const size = pageSize(first ?? 50, longestPage)
		const rows = await listTasks(database, size + 1, after === null || after === undefined ? null : knownId(after, 'continue after'))
		const page = rows.slice(0, size)
		return {
			tasks: viewTasks(database, page).map((view) => new Task(view)),
			endCursor: rows.length > size ? (page.at(-1)?.id ?? null) : null,
		}
	}
}

/** The task with this id; null when there is none. */
export async function loadTask({ database }: Pick<Context, 'database'>, id: string): Promise<Task | null> {
	const known = knownId(id)
	if (known === null) return null
	const [view] = viewTasks(database, await readTaskRows(database, [known]))
	return view ? new Task(view) : null
}
