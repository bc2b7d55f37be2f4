import { defineEntity, p } from '@mikro-orm/core'
import { logStreamCode } from '../tasks/codes.ts'
import { count, instant, word } from './columns.ts'

/** Some lines of a step's log, one after the other. */
export const LogChunkEntity = defineEntity({
	name: 'LogChunk',
	tableName: 'log_chunk',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		firstLine: count().primary(),
		attempt: p.integer(),
		count: p.integer(),
		at: instant(),
		stream: word(logStreamCode),
		text: p.text(),
	},
})
