import { defineEntity, p } from '@mikro-orm/core'
import { attemptKindCode, attemptOutcomeCode, stepStateCode } from '../tasks/codes.ts'
import { instant, jsonText, word } from './columns.ts'

/** A step that was started at least once, with its running attempt. Written by `tasks/applyDecisions` alone. */
export const StepEntity = defineEntity({
	name: 'Step',
	tableName: 'step',
	properties: {
		taskId: p.uuid().primary(),
		index: p.integer().primary(),
		state: word(stepStateCode),
		attempt: p.integer(),
		tries: p.integer(),
		cancelAsked: p.boolean(),
		childId: p.integer().nullable(),
		startedAt: instant().nullable(),
		endedAt: instant().nullable(),
		notBefore: instant().nullable(),
		progress: p.float().columnType('real'),
		output: jsonText().nullable(),
		error: jsonText().nullable(),
		suspension: jsonText().nullable(),
		events: p.integer(),
		eventsSeen: p.integer(),
	},
})

/** An attempt that ended, and was not a success at the first try. */
export const AttemptEntity = defineEntity({
	name: 'Attempt',
	tableName: 'attempt',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		number: p.integer().primary(),
		kind: word(attemptKindCode),
		outcome: word(attemptOutcomeCode),
		childId: p.integer().nullable(),
		startedAt: instant().nullable(),
		endedAt: instant(),
		error: jsonText().nullable(),
		fingerprint: p.text().nullable(),
	},
})

/** The sub-tasks of a step, counted. Written by `tasks/makeSubTasks`, `tasks/countSubTasks` and `tasks/releaseHeld`. */
export const FanOutEntity = defineEntity({
	name: 'FanOut',
	tableName: 'fan_out',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		total: p.integer(),
		created: p.integer(),
		open: p.integer(),
		paused: p.integer(),
		held: p.integer(),
		success: p.integer(),
		warning: p.integer(),
		error: p.integer(),
		cancelled: p.integer(),
		atOnce: p.integer().nullable(),
		failWhen: p.smallint(),
		share: p.double().columnType('double precision').nullable(),
		leaveRunning: p.boolean(),
	},
})
