import type { TaskLogFrame as LiveFrame } from '@taskyard/live/frames'
import { readLog } from '@taskyard/store/logs/readLog'
import { Arg, Args, ArgsType, Ctx, Field, Float, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql'
import type { Context } from '../context.ts'
import { knownId, pageSize, wholeNumber } from '../schema/arguments.ts'
import { LogChunk, TaskLogFrame } from './logChunk.ts'

@ArgsType()
class LogPlace {
	@Field(() => ID)
	readonly id!: string

	@Field(() => Int)
	readonly step!: number

	@Field(() => Float, { nullable: true, defaultValue: 0 })
	readonly afterLine!: number | null
}

@Resolver()
export class LogResolver {
	@Query(() => [LogChunk], { description: 'Log of a task in order, from a chunk on: chunks that come after (step, line)' })
	async taskLog(
		@Args(() => LogPlace) { id, step, afterLine }: LogPlace,
		@Arg('first', () => Int, { nullable: true, defaultValue: 200 }) first: number | null,
		@Ctx() { database }: Context,
	): Promise<LogChunk[]> {
		const taskId = knownId(id)
		if (taskId === null) return []
		const position = { taskId, step, afterLine: wholeNumber('afterLine', afterLine ?? 0) }
		const [chunks] = await readLog(database, [position], pageSize(first ?? 200, 500))
		return (chunks ?? []).map((chunk) => LogChunk.from(step, chunk))
	}

	@Subscription(() => TaskLogFrame, {
		description: 'The log of one step from a line on, then what is appended',
		subscribe: ({ args, context }: { args: LogPlace; context: Context }) => {
			const { id, step, afterLine } = args
			return context.hub.watchLog({ taskId: knownId(id, 'follow'), step, afterLine: wholeNumber('afterLine', afterLine ?? 0) })
		},
	})
	taskLogAppended(@Root() frame: LiveFrame, @Args(() => LogPlace) { step }: LogPlace): TaskLogFrame {
		return { chunks: frame.chunks.map((chunk) => LogChunk.from(step, chunk)) }
	}
}
