import type { BulkAction } from '@taskyard/engine/commands/types'
import { Arg, Args, ArgsType, Ctx, Field, ID, Mutation, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { given } from '../schema/inputs.ts'
import { BulkActionEnum } from '../schema/enums.ts'
import { TaskAnswer } from '../tasks/taskAnswer.ts'
import { answer, order } from '../tasks/taskCommands.ts'

@ArgsType()
class BulkTerms {
	@Field(() => String, { nullable: true, description: 'Kept in the history of each task.' })
	readonly why?: string | null

	@Field(() => Boolean, { nullable: true, description: 'An unlock must be.' })
	readonly confirmed?: boolean | null
}

/** Actions on many tasks, each of them a task itself: with progress, and an outcome for each item. */
@Resolver()
export class BulkCommands {
	@Mutation(() => TaskAnswer, {
		description:
			'Does something to up to 100,000 tasks, as a task of its own. id: a UUIDv7 for it; again with it, the same one is answered',
	})
	async startBulk(
		@Arg('action', () => BulkActionEnum) action: BulkAction,
		@Arg('ids', () => [ID]) ids: readonly string[],
		@Args(() => BulkTerms) { why, ...terms }: BulkTerms,
		@Arg('id', () => ID, { nullable: true }) id: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const { correlationId } = context
		const bulk = { action, ids, who: await context.owner(), why: why ?? null, correlationId, ...given(terms), ...(id && { id }) }
		return answer(context, await (await context.commands()).startBulk(bulk))
	}

	@Mutation(() => TaskAnswer, { description: 'Does it again for the items that failed or were refused. newId: a UUIDv7 for the new one' })
	async bulkAgain(
		@Arg('id', () => ID) id: string,
		@Args(() => BulkTerms) { why, ...terms }: BulkTerms,
		@Arg('newId', () => ID, { nullable: true }) newId: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const again = { ...(await order(context, id, why)), correlationId: context.correlationId, ...given(terms), ...(newId && { newId }) }
		return answer(context, await (await context.commands()).bulkAgain(again))
	}
}
