/** Frames of one task: always the whole task, for a page shows all of it. */

import type { TaskView } from '@taskyard/store/tasks/viewTasks'
import type { FrameMaker } from './cohort.ts'
import type { TaskFrame } from './frames.ts'

export type TaskState = TaskView | null
/** That something changed is all there is to say. */
export type TaskChange = true

export const taskFrames: FrameMaker<TaskState, TaskChange, TaskFrame> = {
	whole: (kind, task, { cursor, at }) => ({ kind, from: null, to: cursor, serverTime: at, task }),
	delta: (task, _, from, { cursor, at }) => ({ kind: 'DELTA', from, to: cursor, serverTime: at, task }),
	heartbeat: (from, { cursor, at }) => ({ kind: 'HEARTBEAT', from, to: cursor, serverTime: at, task: null }),
}
