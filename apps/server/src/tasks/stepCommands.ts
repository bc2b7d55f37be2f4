import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { TaskAnswer } from './taskAnswer.ts'
import { answer, order } from './taskCommands.ts'

const index = { description: 'Index of the step in the plan.' } as const
const why = { nullable: true, description: 'Kept in the history of the task.' } as const

/** What can be asked of one step. */
@Resolver()
export class StepCommands {
	@Mutation(() => TaskAnswer, { description: 'Runs one failed step of a paused task again.' })
	async retryStep(
		@Arg('id', () => ID) id: string,
		@Arg('step', () => Int, index) step: number,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).retryStep({ ...(await order(context, id, reason)), step }))
	}

	@Mutation(() => TaskAnswer, {
		description: 'Skips one failed step of a paused task, and those that need its output; the task goes on.',
	})
	async skipStep(
		@Arg('id', () => ID) id: string,
		@Arg('step', () => Int, index) step: number,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).skipStep({ ...(await order(context, id, reason)), step }))
	}

	@Mutation(() => TaskAnswer, { description: 'Asks one running step to end; the steps behind it do not run, those beside it go on.' })
	async cancelStep(
		@Arg('id', () => ID) id: string,
		@Arg('step', () => Int, index) step: number,
		@Arg('why', () => String, why) reason: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).cancelStep({ ...(await order(context, id, reason)), step }))
	}
}
