import { randomUUID } from 'node:crypto'
import type { EventOutcome } from '@taskyard/engine/commands/types'
import { GraphQLError } from 'graphql'
import { Arg, Args, ArgsType, Ctx, Field, Float, ID, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { FailureInput, given, givenError } from '../schema/inputs.ts'
import { JsonText } from '../schema/scalars.ts'
import { linkable } from '../tasks/externalId.ts'
import { Task } from '../tasks/task.ts'
import { Refusal } from '../tasks/taskAnswer.ts'
import { loadTask } from '../tasks/taskResolver.ts'

@InputType({ description: 'What a step ends with, without running again: one of both.' })
export class OutcomeInput {
	@Field(() => JsonText, { nullable: true })
	readonly output?: string | null

	@Field(() => FailureInput, { nullable: true })
	readonly error?: FailureInput | null
}

@ObjectType({ description: 'That an event is stored, or why it is not.' })
export class EventAnswer {
	@Field(() => Task, { nullable: true })
	readonly task!: Task | null

	@Field(() => Boolean, { description: 'It was stored already, and counts once.' })
	readonly repeated!: boolean

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}

@ObjectType({ description: 'What a token stands for, or why nothing was taken by it.' })
export class CallbackAnswer {
	@Field(() => ID, { nullable: true })
	readonly task!: string | null

	@Field(() => Int, { nullable: true })
	readonly step!: number | null

	@Field(() => Boolean, { description: 'An event or an outcome was taken, and the token is good for nothing more.' })
	readonly usedUp!: boolean

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}

@ObjectType({ description: 'A step that has work under way elsewhere, or had.' })
export class ExternalWork {
	@Field(() => Task, { nullable: true, description: 'Null when it was deleted since.' })
	readonly task!: Task | null

	@Field(() => Int)
	readonly step!: number

	@Field(() => String, { nullable: true, description: 'Where a person finds the work.' })
	readonly url!: string | null
}

@ArgsType()
class Message {
	@Field(() => String, { nullable: true, description: "The caller's, up to 200 characters: sent again with it, the event counts once." })
	readonly id?: string | null

	@Field(() => JsonText, { nullable: true })
	readonly payload?: string | null

	@Field(() => OutcomeInput, { nullable: true })
	readonly outcome?: OutcomeInput | null
}

@ArgsType()
class CallbackMessage extends Message {
	@Field(() => String, { nullable: true, description: 'Of the event.' })
	readonly name?: string | null

	@Field(() => Float, { nullable: true, description: '0…1' })
	readonly progress?: number | null

	@Field(() => [String], { nullable: true, description: 'For the log of the step.' })
	readonly lines?: readonly string[] | null
}

/** What wakes steps from outside. */
@Resolver()
export class EventCommands {
	@Mutation(() => EventAnswer, {
		description: 'Wakes a step that is suspended, or ends it with an outcome. Kept for a step that is not yet.',
	})
	async sendEvent(
		@Arg('task', () => ID) task: string,
		@Arg('step', () => Int, { description: 'Index of the step in the plan.' }) step: number,
		@Arg('name', () => String) name: string,
		@Args(() => Message) { id, payload, outcome }: Message,
		@Ctx() context: Context,
	): Promise<EventAnswer> {
		const more = { ...(typeof payload === 'string' && { payload }), ...givenOutcome(outcome) }
		const sent = await (await context.commands()).sendEvent({
			task,
			step,
			id: id ?? randomUUID(),
			name,
			...more,
			who: await context.owner(),
		})
		if ('refusal' in sent) return { task: null, repeated: false, refusal: sent.refusal }
		return { task: await loadTask(context, sent.task.id), repeated: sent.repeated, refusal: null }
	}

	@Mutation(() => CallbackAnswer, {
		description:
			'Takes what work elsewhere says by the token of its step. An event or an outcome uses the token up; progress and lines do not.',
	})
	async useCallback(
		@Arg('token', () => String) token: string,
		@Args(() => CallbackMessage) { outcome, ...message }: CallbackMessage,
		@Ctx() context: Context,
	): Promise<CallbackAnswer> {
		const used = await (await context.commands()).useCallback({ token, ...given(message), ...givenOutcome(outcome) })
		if ('refusal' in used) return { task: null, step: null, usedUp: false, refusal: used.refusal }
		return { task: used.task.id, step: used.step, usedUp: used.usedUp, refusal: null }
	}

	@Query(() => [ExternalWork], { description: 'Steps by the id that their work has elsewhere, newest task first, a hundred at most.' })
	async stepsByExternalId(@Arg('id', () => String) id: string, @Ctx() context: Context): Promise<ExternalWork[]> {
		const found = await (await context.commands()).findByExternalId(id)
		return Promise.all(found.map(async ({ task, step, url }) => ({ task: await loadTask(context, task), step, url: linkable(url) })))
	}
}

function givenOutcome(outcome: OutcomeInput | null | undefined): { readonly outcome?: EventOutcome } {
	const { output, error } = outcome ?? {}
	if (typeof output === 'string' && error) {
		throw new GraphQLError('outcome: expected an output or an error, but both are given', { extensions: { code: 'BAD_USER_INPUT' } })
	}
	if (typeof output === 'string') return { outcome: { output } }
	return error ? { outcome: { error: givenError(error) } } : {}
}
