import { defineEntity, p } from '@mikro-orm/core'
import { eventOutcomeCode } from '../tasks/codes.ts'
import { instant, jsonText, label, word } from './columns.ts'

/** What was sent to a step. */
export const StepEventEntity = defineEntity({
	name: 'StepEvent',
	tableName: 'step_event',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		n: p.integer().primary(),
		/** The sender's. */
		id: p.text(),
		name: p.text(),
		payload: jsonText(),
		/** The payload is what ends the step. */
		outcome: word(eventOutcomeCode).nullable(),
		at: instant(),
		sentBy: p.integer().nullable(),
	},
})

/** A one-time token, of which only the hash is kept. */
export const CallbackEntity = defineEntity({
	name: 'Callback',
	tableName: 'callback',
	properties: {
		tokenHash: p.blob().primary(),
		taskId: p.uuid(),
		step: p.integer(),
		attempt: p.integer(),
		expiresAt: instant().nullable(),
		usedAt: instant().nullable(),
	},
})

/** What the work of a step is called elsewhere. */
export const ExternalIdEntity = defineEntity({
	name: 'ExternalId',
	tableName: 'external_id',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		value: label().primary(),
		url: p.text().nullable(),
	},
})
