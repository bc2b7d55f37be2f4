import { defineEntity, p } from '@mikro-orm/core'
import { cancelPhaseCode, dependencyPolicyCode, reasonCode, taskResultCode, taskStateCode, timerKindCode } from '../tasks/codes.ts'
import { instant, jsonText, label, word } from './columns.ts'

/** One execution of a task type: what the list shows. Its state is written by `tasks/applyDecisions` alone. */
export const TaskEntity = defineEntity({
	name: 'Task',
	tableName: 'task',
	properties: {
		id: p.uuid().primary(),
		label: label(),
		typeVersion: p.integer(),
		name: p.text(),
		state: word(taskStateCode),
		result: word(taskResultCode),
		reason: word(reasonCode).nullable(),
		cancel: word(cancelPhaseCode),
		pauseAsked: p.boolean(),
		unlocked: p.boolean(),
		touched: p.boolean(),
		awaited: p.boolean(),
		revision: p.integer(),
		progress: p.float().columnType('real'),
		queue: p.text(),
		priority: p.smallint(),
		held: p.boolean(),
		member: p.boolean(),
		recorded: p.boolean(),
		silentUntil: instant().nullable(),
		duplicate: p.boolean(),
		ownerId: p.integer(),
		parentId: p.uuid().nullable(),
		parentStep: p.integer().nullable(),
		rerunOf: p.uuid().nullable(),
		correlationId: p.text(),
		waitingFor: jsonText().nullable(),
		error: jsonText().nullable(),
		planAttempt: p.integer(),
		planTries: p.integer(),
		notBefore: instant().nullable(),
		planChild: p.integer().nullable(),
		planStartedAt: instant().nullable(),
		createdAt: instant(),
		startAt: instant().nullable(),
		startBefore: instant().nullable(),
		confirmBefore: instant().nullable(),
		startedAt: instant().nullable(),
		runningSince: instant().nullable(),
		ranFor: p.double().columnType('double precision'),
		endedAt: instant().nullable(),
		stateUpdatedAt: instant(),
	},
})

/** Input and output of a task. */
export const TaskPayloadEntity = defineEntity({
	name: 'TaskPayload',
	tableName: 'task_payload',
	properties: {
		taskId: p.uuid().primary(),
		input: jsonText(),
		output: jsonText().nullable(),
	},
})

/** The plan of a task, stored once. */
export const TaskPlanEntity = defineEntity({
	name: 'TaskPlan',
	tableName: 'task_plan',
	properties: {
		taskId: p.uuid().primary(),
		plan: jsonText(),
	},
})

/** Progress between two checkpoints. */
export const TaskProgressEntity = defineEntity({
	name: 'TaskProgress',
	tableName: 'task_progress',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		attempt: p.integer(),
		fraction: p.float().columnType('real'),
		detail: jsonText().nullable(),
		at: instant(),
	},
})

/** Something that is due for a task at a time. */
export const TimerEntity = defineEntity({
	name: 'Timer',
	tableName: 'timer',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		kind: word(timerKindCode).primary(),
		dueAt: instant(),
	},
})

/** A task waits until another has stopped. */
export const DependencyEntity = defineEntity({
	name: 'Dependency',
	tableName: 'dependency',
	properties: {
		taskId: p.uuid().primary(),
		onTaskId: p.uuid().primary(),
		policy: word(dependencyPolicyCode),
		settledAt: instant().nullable(),
		met: p.boolean().nullable(),
	},
})

/** What stays of a deleted task. */
export const TombstoneEntity = defineEntity({
	name: 'Tombstone',
	tableName: 'tombstone',
	properties: {
		id: p.uuid().primary(),
		label: label(),
		name: p.text(),
		ownerId: p.integer(),
		result: word(taskResultCode),
		endedAt: instant(),
		deletedAt: instant(),
		deletedBy: p.integer().nullable(),
		rule: p.text().nullable(),
	},
})
