import type { LockMode } from '@taskyard/model/states'
import { type ExplainedClaim, type ExplainedWait, explainResource, explainTaskLocks } from '@taskyard/store/tasks/explainLocks'
import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { knownId } from '../schema/arguments.ts'
import { LockModeEnum } from '../schema/enums.ts'
import { DateTime } from '../schema/scalars.ts'
import { Resource } from '../tasks/lock.ts'
import { TaskReference } from '../tasks/taskReference.ts'

@ObjectType({ description: 'A claim of a task on a resource.' })
export class Claim {
	readonly #claim: ExplainedClaim

	constructor(claim: ExplainedClaim) {
		this.#claim = claim
	}

	@Field(() => TaskReference)
	get task(): TaskReference {
		return this.#claim.task
	}

	@Field(() => String, { description: 'The operation, or `*` for all.' })
	get name(): string {
		return this.#claim.name
	}

	@Field(() => LockModeEnum)
	get mode(): LockMode {
		return this.#claim.mode
	}

	@Field(() => Boolean)
	get granted(): boolean {
		return this.#claim.granted
	}

	@Field(() => DateTime, { description: 'When it was granted, or made when it stands in line.' })
	get since(): number {
		return this.#claim.since
	}
}

@ObjectType({ description: 'A claim with its place, and what must go before it.' })
export class ExplainedLock extends Claim {
	readonly #wait: ExplainedWait

	constructor(wait: ExplainedWait) {
		super(wait)
		this.#wait = wait
	}

	@Field(() => Resource)
	get resource(): Resource {
		const { type, id, title } = this.#wait.resource
		return { type, id, title: title ?? null }
	}

	@Field(() => Int, { nullable: true, description: '1 is the next in line; null: it is granted' })
	get place(): number | null {
		return this.#wait.place
	}

	@Field(() => [Claim], { description: 'Claims that must go first, the earliest of them.' })
	get before(): Claim[] {
		return this.#wait.before.map((claim) => new Claim(claim))
	}

	@Field(() => Int, { description: 'How many claims must go first.' })
	get beforeCount(): number {
		return this.#wait.beforeCount
	}
}

@ObjectType({ description: 'Who holds a resource, and who waits for it, both in the order in which they came.' })
export class ResourceLocks {
	@Field(() => Resource)
	readonly resource!: Resource

	@Field(() => [ExplainedLock])
	readonly holders!: readonly ExplainedLock[]

	@Field(() => [ExplainedLock])
	readonly line!: readonly ExplainedLock[]

	@Field(() => Int, { description: 'How many claims stand in line, those included that are not listed.' })
	readonly lineLength!: number
}

@Resolver()
export class LockResolver {
	@Query(() => ResourceLocks, { description: 'Why a resource is not free. One that nobody claims has no holders and no line.' })
	async resourceLocks(
		@Arg('type', () => String) type: string,
		@Arg('id', () => String) id: string,
		@Ctx() { database }: Context,
	): Promise<ResourceLocks> {
		const { resource, holders, line, lineLength } = await explainResource(database, { type, id })
		const explain = (waits: readonly ExplainedWait[]) => waits.map((wait) => new ExplainedLock(wait))
		return { resource: { ...resource, title: resource.title ?? null }, holders: explain(holders), line: explain(line), lineLength }
	}

	@Query(() => [ExplainedLock], { description: 'What a task claims, and what stands before each of its claims.' })
	async taskLocks(@Arg('id', () => ID) id: string, @Ctx() { database }: Context): Promise<ExplainedLock[]> {
		const known = knownId(id)
		return known === null ? [] : (await explainTaskLocks(database, known)).map((wait) => new ExplainedLock(wait))
	}
}
