import { defineEntity, p } from '@mikro-orm/core'
import { eventKindCode } from '../tasks/codes.ts'
import { instant, word } from './columns.ts'

/** One entry in a task's history. `old` and `new` are states, of the task or of the step, as `kind` says. */
export const EventEntity = defineEntity({
	name: 'Event',
	tableName: 'event',
	properties: {
		taskId: p.uuid().primary(),
		revision: p.integer().primary(),
		n: p.smallint().primary(),
		at: instant(),
		kind: word(eventKindCode),
		step: p.integer().nullable(),
		old: p.smallint().nullable(),
		new: p.smallint().nullable(),
		attempt: p.integer().nullable(),
		childId: p.integer().nullable(),
		startedAt: instant().nullable(),
		who: p.integer().nullable(),
		why: p.text().nullable(),
	},
})

/** A row of the change feed. The table has no key; these columns tell its rows apart. */
export const ChangeEntity = defineEntity({
	name: 'Change',
	tableName: 'change',
	properties: {
		at: instant().primary(),
		xid: p.text().columnType('xid8').primary(),
		taskId: p.uuid().primary(),
		revision: p.integer(),
		kinds: p.smallint(),
	},
})
