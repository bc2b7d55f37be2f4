import type { CloseTask, OpenTask } from '@taskyard/engine/commands/types'
import { Arg, Args, ArgsType, Ctx, Field, Float, ID, Mutation, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { EndResultEnum } from '../schema/enums.ts'
import { JsonText } from '../schema/scalars.ts'
import { TaskAnswer } from '../tasks/taskAnswer.ts'
import { answer, order } from '../tasks/taskCommands.ts'
import { FailureInput, givenError, given, ResourceInput, resourceOf } from '../schema/inputs.ts'

type EndResult = CloseTask['result']

@ArgsType()
class Opening {
	@Field(() => String, { description: "What kind of task it is, e.g. `Nightly::Export`; not the label of a worker's task type." })
	readonly label!: string

	@Field(() => String, { nullable: true, description: 'Left out: the label.' })
	readonly name?: string | null

	@Field(() => JsonText, { nullable: true, description: 'An object. Left out: `{}`.' })
	readonly input?: string | null

	@Field(() => ID, { nullable: true, description: "A UUIDv7 of the caller's." })
	readonly id?: string | null

	@Field(() => String, {
		nullable: true,
		description: "The program's own name for the task: opened again with it, the same task is answered.",
	})
	readonly key?: string | null

	@Field(() => Float, { nullable: true, description: 'Seconds without a report after which it ends as lost. Left out: never.' })
	readonly silence?: number | null

	@Field(() => String, {
		nullable: true,
		description:
			'Where the program hears of a cancel, by a POST of `{"task": id, "cancel": true}`; without it the task cannot be cancelled.',
	})
	readonly callbackUrl?: string | null

	@Field(() => [ResourceInput], { nullable: true })
	readonly links?: readonly ResourceInput[] | null
}

@ArgsType()
class Report {
	@Field(() => ID)
	readonly id!: string

	@Field(() => Float, { nullable: true, description: 'Greater with each report: one that is not was stored already, and changes nothing.' })
	readonly number?: number | null

	@Field(() => Float, { nullable: true, description: '0…1; it never goes back.' })
	readonly progress?: number | null

	@Field(() => [String], { nullable: true, description: 'For the log.' })
	readonly lines?: readonly string[] | null

	@Field(() => [ResourceInput], { nullable: true })
	readonly links?: readonly ResourceInput[] | null

	@Field(() => String, { nullable: true, description: 'What the work is called where it is done: the task is found by it.' })
	readonly externalId?: string | null

	@Field(() => String, { nullable: true, description: 'Where it can be looked at.' })
	readonly externalUrl?: string | null
}

@ArgsType()
class Closing {
	@Field(() => ID)
	readonly id!: string

	@Field(() => EndResultEnum)
	readonly result!: EndResult

	@Field(() => JsonText, { nullable: true })
	readonly output?: string | null

	@Field(() => FailureInput, { nullable: true })
	readonly error?: FailureInput | null

	@Field(() => [String], { nullable: true, description: 'The last lines of the log.' })
	readonly lines?: readonly string[] | null
}

/** Tasks that another program carries out: it opens one, reports on it, and closes it. */
@Resolver()
export class RecordedTaskCommands {
	@Mutation(() => TaskAnswer, {
		description: 'Records a task that another program carries out. It runs until it is closed, or silent for too long.',
	})
	async openTask(@Args(() => Opening) opening: Opening, @Ctx() context: Context): Promise<TaskAnswer> {
		return answer(context, await (await context.commands()).openTask(await openOrder(context, opening)))
	}

	@Mutation(() => TaskAnswer, { description: 'Says how far a recorded task is. Refused after its close.' })
	async reportTask(@Args(() => Report) { id, links, ...report }: Report, @Ctx() context: Context): Promise<TaskAnswer> {
		const order = { id, ...given(report), ...(links && { links: links.map(resourceOf) }) }
		return answer(context, await (await context.commands()).reportTask(order))
	}

	@Mutation(() => TaskAnswer, { description: 'Ends a recorded task. Again with the same result it is answered, with another refused.' })
	async closeTask(
		@Args(() => Closing) { id, result, error, ...closing }: Closing,
		@Arg('why', () => String, { nullable: true, description: 'Kept in the history of the task.' }) why: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskAnswer> {
		const closed = { ...(await order(context, id, why)), result, ...given(closing), ...(error && { error: givenError(error) }) }
		return answer(context, await (await context.commands()).closeTask(closed))
	}
}

/** What of an order REST gives as well: `silence` is in seconds. */
export async function openOrder(context: Context, { label, silence, links, ...opening }: Opening): Promise<OpenTask> {
	return {
		label,
		who: await context.owner(),
		correlationId: context.correlationId,
		...given(opening),
		...(typeof silence === 'number' && { silence: silence * 1000 }),
		...(links && { links: links.map(resourceOf) }),
	}
}
