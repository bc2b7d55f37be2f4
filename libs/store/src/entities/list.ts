/** Every entity, for the ORM. */

import { SettingEntity, UserEntity } from './account.ts'
import { ChangeEntity, EventEntity } from './event.ts'
import { LinkEntity, LockEntity, ResourceEntity } from './lock.ts'
import { LogChunkEntity } from './log.ts'
import { AttemptEntity, StepEntity } from './step.ts'
import { TaskEntity, TaskPayloadEntity, TaskPlanEntity, TaskProgressEntity, TimerEntity } from './task.ts'
import { TaskTypeEntity } from './taskType.ts'
import { ChildEntity, ProcessGroupEntity, WorkerEntity } from './worker.ts'

export const entities = [
	UserEntity,
	SettingEntity,
	TaskTypeEntity,
	WorkerEntity,
	ChildEntity,
	ProcessGroupEntity,
	TaskEntity,
	TaskPayloadEntity,
	TaskPlanEntity,
	TaskProgressEntity,
	TimerEntity,
	StepEntity,
	AttemptEntity,
	EventEntity,
	ChangeEntity,
	LogChunkEntity,
	ResourceEntity,
	LockEntity,
	LinkEntity,
]
