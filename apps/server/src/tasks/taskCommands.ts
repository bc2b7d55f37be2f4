import type { CommandAnswer } from '@taskyard/engine/commands/types'
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { JsonText } from '../schema/scalars.ts'
import { TaskAnswer } from './taskAnswer.ts'
import { loadTask } from './taskResolver.ts'

@Resolver()
export class TaskCommands {
	@Mutation(() => TaskAnswer, { description: "id: a UUIDv7 of the caller's; calling again with it answers the same task" })
	async startTask(
		@Arg('label', () => String) label: string,
		@Arg('input', () => JsonText) input: string,
		@Arg('id', () => ID, { nullable: true }) id: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const order = { label, input, who: await context.owner(), correlationId: context.correlationId }
		const commands = await context.commands()
		return answer(context, await commands.startTask(id ? { ...order, id } : order))
	}

	@Mutation(() => TaskAnswer, { description: 'Runs the failed steps of a paused task again, from where the error happened.' })
	async resumeTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, { nullable: true }) why: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const commands = await context.commands()
		return answer(context, await commands.resumeTask({ id, who: await context.owner(), why: why ?? null }))
	}

	@Mutation(() => TaskAnswer, { description: 'Stops a task: at once, or as soon as its running steps have ended.' })
	async cancelTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, { nullable: true }) why: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const commands = await context.commands()
		return answer(context, await commands.cancelTask({ id, who: await context.owner(), why: why ?? null }))
	}
}

async function answer(context: Context, given: CommandAnswer): Promise<TaskAnswer> {
	if ('refusal' in given) return { task: null, refusal: given.refusal }
	return { task: await loadTask(context, given.task.id), refusal: null }
}
