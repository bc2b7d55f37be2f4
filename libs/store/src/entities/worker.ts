import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { instant } from './columns.ts'

/** A dispatcher process on a node. */
export const WorkerEntity = defineEntity({
	name: 'Worker',
	tableName: 'worker',
	properties: {
		id: p.integer().primary(),
		node: p.text(),
		bootId: p.text(),
		pid: p.integer(),
		version: p.text(),
		queues: p.array().columnType('text[]'),
		capacity: p.integer(),
		labels: p.array().columnType('text[]'),
		versions: p.array<number>().columnType('integer[]'),
		actions: p.array().columnType('text[]'),
		startedAt: instant(),
		heartbeatAt: instant(),
		endedAt: instant().nullable(),
	},
})
export type WorkerRow = InferEntity<typeof WorkerEntity>

/** One incarnation of a child process of a worker, with its lease. */
export const ChildEntity = defineEntity({
	name: 'Child',
	tableName: 'child',
	properties: {
		id: p.integer().primary(),
		workerId: p.integer(),
		pid: p.integer(),
		poolId: p.text().nullable(),
		startTime: p.bigint('number').nullable(),
		startedAt: instant(),
		leaseUntil: instant(),
		endedAt: instant().nullable(),
		recoveredAt: instant().nullable(),
	},
})

/** The process group of a command under way. */
export const ProcessGroupEntity = defineEntity({
	name: 'ProcessGroup',
	tableName: 'process_group',
	properties: {
		taskId: p.uuid().primary(),
		step: p.integer().primary(),
		attempt: p.integer().primary(),
		childId: p.integer(),
		bootId: p.text(),
		pid: p.integer(),
		startTime: p.bigint('number'),
	},
})
