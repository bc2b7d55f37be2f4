import type { BulkOutcome, CommandRefusal, BulkItem as Item } from '@taskyard/engine/commands/types'
import { readTaskRows } from '@taskyard/store/tasks/readTaskRows'
import { GraphQLError } from 'graphql'
import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { BulkOutcomeEnum, RefusalCodeEnum } from '../schema/enums.ts'
import { pageSize } from '../schema/arguments.ts'
import { DateTime } from '../schema/scalars.ts'
import { TaskReference } from '../tasks/taskReference.ts'

@ObjectType({ description: 'What has become of one task of a bulk.' })
export class BulkItem implements Item {
	readonly #tasks: () => Promise<ReadonlyMap<string, TaskReference>>

	/** @param tasks those of the page, read when the first of them is asked for */
	constructor(item: Item, tasks: () => Promise<ReadonlyMap<string, TaskReference>>) {
		Object.assign(this, item)
		this.#tasks = tasks
	}

	@Field(() => Int, { description: 'Its number, from 0 on, in the order in which they were named.' })
	readonly place!: number

	@Field(() => ID, { description: 'The task that it is about.' })
	readonly task!: string

	@Field(() => TaskReference, { nullable: true, description: 'The same task as it is now; null when there is none.' })
	async subject(): Promise<TaskReference | null> {
		return (await this.#tasks()).get(this.task) ?? null
	}

	@Field(() => BulkOutcomeEnum)
	readonly outcome!: BulkOutcome

	@Field(() => String, { nullable: true, description: 'Why it was refused, failed or was not done.' })
	readonly reason!: string | null

	@Field(() => RefusalCodeEnum, { nullable: true })
	readonly code!: CommandRefusal | null

	@Field(() => ID, { nullable: true, description: 'The task that a rerun has made.' })
	readonly made!: string | null

	@Field(() => DateTime, { nullable: true })
	readonly at!: number | null
}

@ObjectType({ description: 'How many items have come to what.' })
export class BulkCounts {
	@Field(() => Int)
	readonly done!: number

	@Field(() => Int)
	readonly refused!: number

	@Field(() => Int)
	readonly failed!: number

	@Field(() => Int)
	readonly open!: number

	@Field(() => Int)
	readonly notDone!: number
}

@ObjectType({ description: 'A page of the items of a bulk, in the order in which they were named.' })
export class BulkItems {
	@Field(() => [BulkItem])
	readonly items!: readonly BulkItem[]

	@Field(() => Int, { nullable: true, description: 'Pass as `after` for the next page; null at the end' })
	readonly next!: number | null

	@Field(() => BulkCounts, { description: 'Of all items.' })
	readonly counts!: BulkCounts
}

const longestItemPage = 1_000

@Resolver()
export class BulkResolver {
	@Query(() => BulkItems, { nullable: true, description: 'Null for a task that is not there. first: at most 1000' })
	async bulkItems(
		@Arg('id', () => ID) id: string,
		@Arg('outcome', () => BulkOutcomeEnum, { nullable: true }) outcome: BulkOutcome | null | undefined,
		@Arg('first', () => Int, { defaultValue: 100 }) first: number,
		@Arg('after', () => Int, { nullable: true }) after: number | null | undefined,
		@Ctx() context: Context,
	): Promise<BulkItems | null> {
		const page = { id, limit: pageSize(first, longestItemPage), ...(outcome && { outcome }), ...(typeof after === 'number' && { after }) }
		const read = await (await context.commands()).readBulkItems(page)
		if (!('refusal' in read)) {
			const { not_done: notDone, ...counts } = read.counts
			const tasks = tasksOf(context, read.items)
			return { ...read, items: read.items.map((item) => new BulkItem(item, tasks)), counts: { ...counts, notDone } }
		}
		if (read.refusal.code === 'not_found') return null
		throw new GraphQLError(read.refusal.message, { extensions: { code: 'BAD_USER_INPUT' } })
	}
}

/** The tasks of a page of items, read at most once. */
function tasksOf({ database }: Pick<Context, 'database'>, items: readonly Item[]): () => Promise<ReadonlyMap<string, TaskReference>> {
	let asked: Promise<ReadonlyMap<string, TaskReference>> | undefined
	const read = async () =>
		new Map(
			(
				await readTaskRows(
					database,
					items.map(({ task }) => task),
				)
			).map((row) => [row.id, row]),
		)
	return () => (asked ??= read())
}
