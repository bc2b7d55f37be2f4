import type { TaskResult } from '@taskyard/model/states'
import { type HistoryEntry as Entry, type HistoryPlace, readHistory } from '@taskyard/store/tasks/readHistory'
import { readTombstone } from '@taskyard/store/tasks/readTombstone'
import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql'
import type { Context } from '../context.ts'
import { knownId, pageSize } from '../schema/arguments.ts'
import { TaskResultEnum } from '../schema/enums.ts'
import { DateTime } from '../schema/scalars.ts'
import { User } from './user.ts'

@ObjectType({ description: 'One entry in the history of a task: a change of state, or what a person did.' })
export class HistoryEntry {
	readonly #entry: Entry

	constructor(entry: Entry) {
		this.#entry = entry
	}

	@Field(() => ID, { description: 'Pass as `after` to continue behind it.' })
	get id(): string {
		return `${this.#entry.revision}.${this.#entry.n}`
	}

	@Field(() => DateTime)
	get at(): number {
		return this.#entry.at
	}

	@Field(() => String, { description: '`created`; `task` and `step`: a change of state; else the action of a person, such as `resume`' })
	get kind(): string {
		return this.#entry.kind
	}

	@Field(() => Int, { nullable: true, description: 'Null: it concerns the task.' })
	get step(): number | null {
		return this.#entry.step?.index ?? null
	}

	@Field(() => String, { nullable: true })
	get stepName(): string | null {
		return this.#entry.step?.name ?? null
	}

	@Field(() => String, { nullable: true })
	get oldState(): string | null {
		return this.#entry.old
	}

	@Field(() => String, { nullable: true })
	get newState(): string | null {
		return this.#entry.new
	}

	@Field(() => Int, { nullable: true })
	get attempt(): number | null {
		return this.#entry.attempt
	}

	@Field(() => String, { nullable: true, description: 'Node and process where it happened.' })
	get worker(): string | null {
		return this.#entry.worker
	}

	@Field(() => DateTime, { nullable: true, description: 'When the attempt that ended had started.' })
	get startedAt(): number | null {
		return this.#entry.startedAt
	}

	@Field(() => User, { nullable: true, description: 'Null: the engine.' })
	get who(): User | null {
		return this.#entry.who
	}

	@Field(() => String, { nullable: true })
	get why(): string | null {
		return this.#entry.why
	}
}

@ObjectType({ description: 'What stays of a deleted task.' })
export class Tombstone {
	@Field(() => ID)
	readonly id!: string

	@Field(() => String)
	readonly label!: string

	@Field(() => String)
	readonly name!: string

	@Field(() => User)
	readonly owner!: User

	@Field(() => TaskResultEnum)
	readonly result!: TaskResult

	@Field(() => DateTime)
	readonly endedAt!: number

	@Field(() => DateTime)
	readonly deletedAt!: number

	@Field(() => User, { nullable: true, description: 'Null when a rule of retention deleted it.' })
	readonly deletedBy!: User | null

	@Field(() => String, { nullable: true })
	readonly rule!: string | null
}

@ObjectType({ description: 'A part of the history, first things first.' })
export class TaskHistory {
	@Field(() => [HistoryEntry])
	readonly entries!: readonly HistoryEntry[]

	@Field(() => ID, { nullable: true, description: 'Pass as `after` for the next part; null at the end' })
	readonly endCursor!: string | null

	@Field(() => Tombstone, { nullable: true, description: 'Of a deleted task, whose history is what people did.' })
	readonly tombstone!: Tombstone | null
}

const longestHistory = 500

@Resolver()
export class HistoryResolver {
	@Query(() => TaskHistory, { nullable: true, description: 'Null for a task that never was. first: at most 500' })
	async taskHistory(
		@Arg('id', () => ID) id: string,
		@Arg('first', () => Int, { defaultValue: 100 }) first: number,
		@Arg('after', () => ID, { nullable: true }) after: string | null | undefined,
		@Ctx() context: Context,
	): Promise<TaskHistory | null> {
		return readTaskHistory(context, id, first, after)
	}
}

/** A part of the history; null for a task that never was. */
export async function readTaskHistory(
	{ database }: Pick<Context, 'database'>,
	id: string,
	first: number,
	after: string | null | undefined,
): Promise<TaskHistory | null> {
	const known = knownId(id)
	if (known === null) return null
	const size = pageSize(first, longestHistory)
	const [{ entries, next }, tombstone] = await Promise.all([
		readHistory(database, known, placeOf(after), size),
		readTombstone(database, known),
	])
	// Every task has at least the entry of its creation.
	if (entries.length === 0 && !tombstone && !after) return null
	return { entries: entries.map((entry) => new HistoryEntry(entry)), endCursor: next && `${next.revision}.${next.n}`, tombstone }
}

function placeOf(after: string | null | undefined): HistoryPlace | null {
	const match = /^(\d{1,9})\.(\d{1,5})$/.exec(after ?? '')
	return match ? { revision: Number(match[1]), n: Number(match[2]) } : null
}
