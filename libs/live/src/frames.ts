/** What a watcher is sent. The words of the protocol between server and page. */

import type { StoredChunk } from '@taskyard/store/logs/readLog'
import type { TaskView } from '@taskyard/store/tasks/viewTasks'

/**
 * - `SNAPSHOT`: the first frame, all that is watched.
 * - `DELTA`: what changed between the cursors `from` and `to`.
 * - `RESYNC`: all that is watched, for a watcher whose cursor is unknown here: forget what you had.
 * - `HEARTBEAT`: nothing changed up to `to`.
 */
export const frameKinds = ['SNAPSHOT', 'DELTA', 'RESYNC', 'HEARTBEAT'] as const
export type FrameKind = (typeof frameKinds)[number]

export interface Frame {
	readonly kind: FrameKind
	readonly from: string | null
	/** Hand it back as `after` to continue from here. */
	readonly to: string
	/** Milliseconds since 1970 by the database's clock. */
	readonly serverTime: number
}

export interface TaskFrame extends Frame {
	/** Null: nothing changed, or there is no such task. */
	readonly task: TaskView | null
}

export interface TaskListFrame extends Frame {
	/** The whole window, or of a delta the rows that are new or changed; newest first. */
	readonly rows: readonly TaskView[]
	/** Ids that left the window. */
	readonly left: readonly string[]
}

export interface TaskLogFrame {
	readonly chunks: readonly StoredChunk[]
}
