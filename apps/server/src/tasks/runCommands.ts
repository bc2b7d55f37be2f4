import { Arg, Ctx, Field, Float, ID, Mutation, ObjectType, Resolver } from 'type-graphql'
import type { LockMode } from '@taskyard/model/states'
import type { Context } from '../context.ts'
import { LockModeEnum } from '../schema/enums.ts'
import { JsonText } from '../schema/scalars.ts'
import { stringifyExact } from './exactJson.ts'
import { Failure } from './failure.ts'
import { Resource } from './lock.ts'
import { longestWait } from './longestWait.ts'
import { Task } from './task.ts'
import { Refusal } from './taskAnswer.ts'
import { StartConditions, startOrder } from './taskCommands.ts'
import { loadTask } from './taskResolver.ts'

@ObjectType({ description: 'How a task ended that was started and awaited.' })
export class RunAnswer {
	@Field(() => Task, { nullable: true, description: 'Null only if it was refused.' })
	readonly task!: Task | null

	@Field(() => JsonText, { nullable: true, description: 'Of a task that ended well.' })
	readonly output!: string | null

	@Field(() => String, {
		nullable: true,
		description: 'Why there is no output: it failed, needs a person, or has not ended in time and goes on.',
	})
	readonly message!: string | null

	@Field(() => Boolean, { description: 'No task was made: this is the one that has the same duplicate key and counts, and its end.' })
	readonly discarded!: boolean

	@Field(() => Boolean, { description: 'It had not ended when the time to wait was over; it goes on.' })
	readonly timedOut!: boolean

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}

@ObjectType({ description: 'A lock that a task would claim.' })
export class PlannedLock {
	@Field(() => Resource)
	readonly resource!: Resource

	@Field(() => String)
	readonly name!: string

	@Field(() => LockModeEnum)
	readonly mode!: LockMode

	@Field(() => String, { description: '`fail` or `wait`' })
	readonly onConflict!: string
}

@ObjectType({ description: 'A step that a task would have.' })
export class PlannedStep {
	@Field(() => String)
	readonly name!: string

	@Field(() => String, { description: 'Label of the action that would run it.' })
	readonly action!: string

	@Field(() => JsonText)
	readonly input!: string
}

@ObjectType({ description: 'What a task would do. Nothing of it was stored.' })
export class DryRunAnswer {
	@Field(() => String, { nullable: true })
	readonly name!: string | null

	@Field(() => [PlannedStep])
	readonly steps!: readonly PlannedStep[]

	@Field(() => [PlannedLock])
	readonly locks!: readonly PlannedLock[]

	@Field(() => JsonText, { nullable: true, description: 'The whole plan as it would be stored.' })
	readonly plan!: string | null

	@Field(() => Failure, { nullable: true, description: 'What planning threw.' })
	readonly error!: Failure | null

	@Field(() => String, { nullable: true, description: 'No worker answered in time.' })
	readonly message!: string | null

	@Field(() => Refusal, { nullable: true })
	readonly refusal!: Refusal | null
}

const nothing = { name: null, steps: [], locks: [], plan: null, error: null, message: null, refusal: null }

@Resolver()
export class RunCommands {
	@Mutation(() => RunAnswer, {
		description: `Starts a task and waits for its end, by the change feed. limit: seconds, at most ${longestWait}; after it the task goes on`,
	})
	async runTask(
		@Arg('label', () => String) label: string,
		@Arg('input', () => JsonText) input: string,
		@Arg('limit', () => Float, { defaultValue: 30 }) limit: number,
		@Arg('id', () => ID, { nullable: true }) id: string | null | undefined,
		@Arg('when', () => StartConditions, { nullable: true }) when: StartConditions | null | undefined,
		@Ctx() context: Context,
	): Promise<RunAnswer> {
		const order = { ...(await startOrder(context, label, input, id, when)), limit: waitOf(limit) }
		const given = await (await context.commands()).runTask(order)
		if ('refusal' in given) return { task: null, discarded: false, output: null, message: null, timedOut: false, refusal: given.refusal }
		const answer = { discarded: given.discarded, output: null, message: null, timedOut: false, refusal: null }
		if ('timedOut' in given) {
			const { task, message } = given.timedOut
			return { ...answer, task: await loadTask(context, task.id), message, timedOut: true }
		}
		if ('failure' in given) {
			const { task, message } = given.failure
			return { ...answer, task: await loadTask(context, task.id), message }
		}
		return { ...answer, task: await loadTask(context, given.task.id), output: given.output }
	}

	@Mutation(() => DryRunAnswer, { description: 'Plans a task in a worker and stores nothing of it. limit: seconds to wait for a worker' })
	async dryRunTask(
		@Arg('label', () => String) label: string,
		@Arg('input', () => JsonText) input: string,
		@Arg('limit', () => Float, { defaultValue: 30 }) limit: number,
		@Ctx() context: Context,
	): Promise<DryRunAnswer> {
		const order = { label, input, who: await context.owner(), limit: waitOf(limit) }
		const given = await (await context.commands()).dryRunTask(order)
		if ('refusal' in given) return { ...nothing, refusal: given.refusal }
		if ('timedOut' in given) return { ...nothing, message: given.timedOut.message }
		if ('failure' in given) return { ...nothing, error: new Failure(given.failure) }
		const { name, plan, locks } = given.planned
		return {
			...nothing,
			name,
			steps: plan.steps.map((step) => ({ name: step.name, action: step.action, input: stringifyExact(step.input) })),
			locks: locks.map(({ resource, onConflict = 'fail', ...lock }) => ({
				...lock,
				onConflict,
				resource: { ...resource, title: resource.title ?? null },
			})),
			plan: stringifyExact(plan),
		}
	}
}

/** Seconds to milliseconds, within what a request may take. */
function waitOf(seconds: number): number {
	return Math.round(Math.min(longestWait, Math.max(0, Number.isFinite(seconds) ? seconds : longestWait)) * 1000)
}
