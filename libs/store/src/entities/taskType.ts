import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { instant, jsonText, label } from './columns.ts'

/** A task type as its workers registered it: data, no code. */
export const TaskTypeEntity = defineEntity({
	name: 'TaskType',
	tableName: 'task_type',
	properties: {
		label: label().primary(),
		version: p.integer(),
		definition: jsonText(),
		registeredAt: instant(),
		offeredAt: instant(),
		discarded: p.integer(),
	},
})
export type TaskTypeRow = InferEntity<typeof TaskTypeEntity>

/** A question what a task of a type would do, and its answer. */
export const DryRunEntity = defineEntity({
	name: 'DryRun',
	tableName: 'dry_run',
	properties: {
		id: p.uuid().primary(),
		label: label(),
		input: jsonText(),
		askedAt: instant(),
		askedBy: p.integer(),
		answer: jsonText().nullable(),
		answeredAt: instant().nullable(),
	},
})
