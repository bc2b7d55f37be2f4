/** Every entity, for the ORM. */

import { SettingEntity, UserEntity } from './account.ts'
import { BulkItemEntity } from './bulkItem.ts'
import { ExternalWorkEntity, RecordedTaskEntity } from './elsewhere.ts'
import { ChangeEntity, EventEntity } from './event.ts'
import { LinkEntity, LockEntity, ResourceEntity } from './lock.ts'
import { LogChunkEntity } from './log.ts'
import { AttemptEntity, FanOutEntity, StepEntity } from './step.ts'
import { CallbackEntity, ExternalIdEntity, StepEventEntity } from './stepEvent.ts'
import {
	DependencyEntity,
	TaskEntity,
	TaskPayloadEntity,
	TaskPlanEntity,
	TaskProgressEntity,
	TimerEntity,
	TombstoneEntity,
} from './task.ts'
import { DryRunEntity, TaskTypeEntity } from './taskType.ts'
import { ChildEntity, ProcessGroupEntity, WorkerEntity } from './worker.ts'

export const entities = [
	UserEntity,
	SettingEntity,
	TaskTypeEntity,
	DryRunEntity,
	WorkerEntity,
	ChildEntity,
	ProcessGroupEntity,
	TaskEntity,
	TaskPayloadEntity,
	TaskPlanEntity,
	TaskProgressEntity,
	TimerEntity,
	DependencyEntity,
	TombstoneEntity,
	StepEntity,
	AttemptEntity,
	FanOutEntity,
	StepEventEntity,
	CallbackEntity,
	ExternalIdEntity,
	RecordedTaskEntity,
	ExternalWorkEntity,
	BulkItemEntity,
	EventEntity,
	ChangeEntity,
	LogChunkEntity,
	ResourceEntity,
	LockEntity,
	LinkEntity,
]
