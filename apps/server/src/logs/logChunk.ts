import type { LogStream } from '@taskyard/model/states'
import type { StoredChunk } from '@taskyard/store/logs/readLog'
import { Field, Float, Int, ObjectType } from 'type-graphql'
import { LogStreamEnum } from '../schema/enums.ts'
import { DateTime } from '../schema/scalars.ts'

@ObjectType({ description: 'Lines of the log of a step that were written together.' })
export class LogChunk {
	@Field(() => Int)
	readonly step!: number

	@Field(() => Int)
	readonly attempt!: number

	@Field(() => Float, { description: 'Number of the first line; lines are numbered from 1.' })
	readonly firstLine!: number

	@Field(() => Int)
	readonly count!: number

	@Field(() => DateTime)
	readonly at!: number

	@Field(() => LogStreamEnum)
	readonly stream!: LogStream

	@Field(() => [String])
	readonly lines!: readonly string[]

	static from(step: number, chunk: StoredChunk): LogChunk {
		return { step, ...chunk }
	}
}

@ObjectType({ description: 'What was appended to the log of a step.' })
export class TaskLogFrame {
	@Field(() => [LogChunk], { description: 'At most 500 chunks a frame, in order' })
	readonly chunks!: readonly LogChunk[]
}
