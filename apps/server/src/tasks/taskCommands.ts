import type { CommandAnswer, OperateTask, StartAnswer, StartTask } from '@taskyard/engine/commands/types'
import { Arg, Ctx, ID, InputType, Int, Field, Mutation, Resolver } from 'type-graphql'
import type { DependencyPolicy } from '@taskyard/model/states'
import type { Context } from '../context.ts'
import { DependencyPolicyEnum } from '../schema/enums.ts'
import { DateTime, JsonText } from '../schema/scalars.ts'
import { TaskAnswer } from './taskAnswer.ts'
import { loadTask } from './taskResolver.ts'

@InputType({ description: 'A task that has to stop first, and how.' })
export class DependencyInput {
	@Field(() => ID)
	readonly task!: string

	@Field(() => DependencyPolicyEnum, { defaultValue: 'success' })
	readonly policy!: DependencyPolicy
}

@InputType({ description: 'When a task may begin, and who goes first.' })
export class StartConditions {
	@Field(() => DateTime, { nullable: true, description: 'Not before this instant.' })
	readonly startAt?: number | null

	@Field(() => DateTime, {
		nullable: true,
		description: 'Latest first start; a task that has not begun by then stops with `missed_start_before`.',
	})
	readonly startBefore?: number | null

	@Field(() => [DependencyInput], { nullable: true })
	readonly dependsOn?: readonly DependencyInput[] | null

	@Field(() => String, { nullable: true, description: 'The queue it waits in. Default: that of its type.' })
	readonly queue?: string | null

	@Field(() => Int, {
		nullable: true,
		description: 'From -10 to 10; higher ones overtake in their queue. Default: that of its type, or 0.',
	})
	readonly priority?: number | null
}

const why = { nullable: true, description: 'Kept in the history of the task.' } as const

@Resolver()
export class TaskCommands {
	@Mutation(() => TaskAnswer, { description: "id: a UUIDv7 of the caller's; calling again with it answers the same task" })
	async startTask(
		@Arg('label', () => String) label: string,
		@Arg('input', () => JsonText) input: string,
		@Arg('id', () => ID, { nullable: true }) id: string | null | undefined,
		@Arg('when', () => StartConditions, { nullable: true }) when: StartConditions | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const commands = await context.commands()
		return answer(context, await commands.startTask(await startOrder(context, label, input, id, when)))
	}

	@Mutation(() => TaskAnswer, {
		description: 'Runs the failed steps of a paused task again, from where the error happened; claims the locks of an unlocked one again.',
	})
	async resumeTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).resumeTask(await order(context, id, reason)))
	}

	@Mutation(() => TaskAnswer, { description: 'Lets the running steps end, begins no other, and pauses.' })
	async pauseTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).pauseTask(await order(context, id, reason)))
	}

	@Mutation(() => TaskAnswer, { description: 'Stops a task: at once, or as soon as its running steps have ended.' })
	async cancelTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).cancelTask(await order(context, id, reason)))
	}

	@Mutation(() => TaskAnswer, {
		description: "A new task of the same type and input, linked to this one. newId: a UUIDv7 of the caller's for it",
	})
	async rerunTask(
		@Arg('id', () => ID) id: string,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Arg('newId', () => ID, { nullable: true }) newId: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const commands = await context.commands()
		const { correlationId } = context
		return answer(context, await commands.rerunTask({ ...(await order(context, id, reason)), correlationId, ...(newId && { newId }) }))
	}

	@Mutation(() => TaskAnswer, {
		description: 'Answers a task that waits for a confirmation: yes starts it, no ends it. There is one answer.',
	})
	async confirmTask(
		@Arg('id', () => ID) id: string,
		@Arg('yes', () => Boolean) yes: boolean,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).confirmTask({ ...(await order(context, id, reason)), yes }))
	}
}

export async function order(context: Context, id: string, reason: string | null | undefined): Promise<OperateTask> {
	return { id, who: await context.owner(), why: reason ?? null }
}

export async function startOrder(
	context: Context,
	label: string,
	input: string,
	id: string | null | undefined,
	when: StartConditions | null | undefined,
): Promise<StartTask> {
	const { startAt, startBefore, dependsOn, queue, priority } = when ?? {}
	return {
		label,
		input,
		who: await context.owner(),
		correlationId: context.correlationId,
		...(id && { id }),
		...(typeof startAt === 'number' && { startAt }),
		...(typeof startBefore === 'number' && { startBefore }),
		...(dependsOn && dependsOn.length > 0 && { dependsOn: dependsOn.map(({ task, policy }) => ({ task, policy })) }),
		...(typeof queue === 'string' && { queue }),
		...(typeof priority === 'number' && { priority }),
	}
}

export async function answer(context: Context, given: CommandAnswer | StartAnswer): Promise<TaskAnswer> {
	if ('refusal' in given) return { task: null, discarded: false, refusal: given.refusal }
	const discarded = 'discarded' in given && given.discarded
	return { task: await loadTask(context, given.task.id), discarded, refusal: null }
}
