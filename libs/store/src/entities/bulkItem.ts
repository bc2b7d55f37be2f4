import { defineEntity, p } from '@mikro-orm/core'
import { storedOutcomeCode } from '../bulk/outcomes.ts'
import { instant, word } from './columns.ts'

/** A task that a bulk is to act on, and what has become of it. */
export const BulkItemEntity = defineEntity({
	name: 'BulkItem',
	tableName: 'bulk_item',
	properties: {
		taskId: p.uuid().primary(),
		place: p.integer().primary(),
		item: p.uuid(),
		outcome: word(storedOutcomeCode).nullable(),
		code: p.text().nullable(),
		reason: p.text().nullable(),
		/** The task that a rerun makes. */
		made: p.uuid().nullable(),
		at: instant().nullable(),
	},
})
