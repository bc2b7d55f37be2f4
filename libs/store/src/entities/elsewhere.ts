import { defineEntity, p } from '@mikro-orm/core'
import { count, instant, jsonText } from './columns.ts'

/** What another program said when it opened a task that it carries out, and what is owed to it. */
export const RecordedTaskEntity = defineEntity({
	name: 'RecordedTask',
	tableName: 'recorded_task',
	properties: {
		taskId: p.uuid().primary(),
		ownerId: p.integer(),
		/** The program's own name for it. */
		key: p.text().nullable(),
		/** Milliseconds. */
		silenceMs: p.double().columnType('double precision').nullable(),
		callbackUrl: p.text().nullable(),
		lastNumber: count(),
		/** When it is told of the cancel. */
		tellAt: instant().nullable(),
		failures: p.integer(),
	},
})

/** A unit of work that a step has started at a service. */
export const ExternalWorkEntity = defineEntity({
	name: 'ExternalWork',
	tableName: 'external_work',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		n: p.integer().primary(),
		url: p.text(),
		address: p.text().nullable(),
		begunAt: instant(),
		/** The request that ends it. */
		cancel: jsonText().nullable(),
		overAt: instant().nullable(),
		tries: p.integer(),
		nextAt: instant(),
	},
})
