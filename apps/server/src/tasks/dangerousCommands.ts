import type { UnlockAnswer as Given } from '@taskyard/engine/commands/types'
import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { Refusal } from './taskAnswer.ts'
import { answer, order } from './taskCommands.ts'
import { UnlockAnswer } from './unlockAnswer.ts'

@ObjectType({ description: 'The id of the deleted task, or why it is still there.' })
export class DeleteAnswer {
	@Field(() => ID, { nullable: true })
	readonly id!: string | null

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}

const why = { nullable: true, description: 'Kept in the history of the task.' } as const
const confirmed = { defaultValue: false, description: 'Without it the answer is what would happen, and nothing changes.' } as const

/** What cannot be taken back. */
@Resolver()
export class DangerousCommands {
	@Mutation(() => UnlockAnswer, {
		description: 'Stops a paused task with its result as shown and sets its locks free. Offered while the setting dangerous_actions is on.',
	})
	async unlockTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Arg('confirmed', () => Boolean, confirmed) isConfirmed: boolean,
		@Ctx() context: Context,
	): Promise<UnlockAnswer> {
		const commands = await context.commands()
		return unlockAnswer(context, await commands.unlockTask({ ...(await order(context, id, reason)), confirmed: isConfirmed }))
	}

	@Mutation(() => UnlockAnswer, {
		description:
			'Ends a task in any state with an error and sets its locks free; what runs no longer counts. Offered while the setting dangerous_actions is on.',
	})
	async forceUnlockTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Arg('confirmed', () => Boolean, confirmed) isConfirmed: boolean,
		@Ctx() context: Context,
	): Promise<UnlockAnswer> {
		const commands = await context.commands()
		return unlockAnswer(context, await commands.forceUnlockTask({ ...(await order(context, id, reason)), confirmed: isConfirmed }))
	}

	@Mutation(() => DeleteAnswer, {
		description: 'Deletes a stopped task with its sub-tasks. A tombstone stays, and what people did with the task.',
	})
	async deleteTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<DeleteAnswer> {
		const given = await (await context.commands()).deleteTask(await order(context, id, reason))
		return 'refusal' in given ? { id: null, refusal: given.refusal } : { id: given.task.id, refusal: null }
	}
}

export async function unlockAnswer(context: Context, given: Given): Promise<UnlockAnswer> {
	if (!('consequences' in given)) {
		const { task, refusal } = await answer(context, given)
		return { task, refusal, consequences: null }
	}
	const { locks, ...rest } = given.consequences
	const shown = locks.map((lock) => ({ ...lock, resource: { ...lock.resource, title: lock.resource.title ?? null } }))
	return { task: null, consequences: { ...rest, locks: shown }, refusal: null }
}
