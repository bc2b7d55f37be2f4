/** Frames of the newest tasks: a window of a size, newest first. */

import type { TaskView } from '@taskyard/store/tasks/viewTasks'
import type { FrameMaker } from './cohort.ts'
import type { TaskListFrame } from './frames.ts'

/** Newest first. */
export type Window = readonly TaskView[]

export interface WindowChange {
	/** Ids in the window that are new or changed. */
	readonly changed: readonly string[]
	/** Ids that were in the window and are no more. */
	readonly left: readonly string[]
}

export const listFrames: FrameMaker<Window, WindowChange, TaskListFrame> = {
	whole: (kind, rows, { cursor, at }) => ({ kind, from: null, to: cursor, serverTime: at, rows, left: [] }),
	delta(rows, changes, from, { cursor, at }) {
		const changed = new Set(changes.flatMap((change) => change.changed))
		const present = new Set(rows.map((view) => view.row.id))
		const left = new Set(changes.flatMap((change) => change.left))
		return {
			kind: 'DELTA',
			from,
			to: cursor,
			serverTime: at,
			rows: rows.filter((view) => changed.has(view.row.id)),
			left: [...left].filter((id) => !present.has(id)),
		}
	},
	heartbeat: (from, { cursor, at }) => ({ kind: 'HEARTBEAT', from, to: cursor, serverTime: at, rows: [], left: [] }),
}

/** Which of the changed tasks a window of this size may show: those in it, and of the newer ones as many as fit. */
export function neededByWindow(window: Window, size: number, changed: readonly string[]): string[] {
	const present = new Set(window.map((view) => view.row.id))
	const oldest = window.length < size ? '' : (window.at(-1)?.row.id ?? '')
	const newcomers = changed.filter((id) => !present.has(id) && id > oldest)
	// Ids are UUIDv7: the order of their text is that of creation.
	const fitting = newcomers.sort((a, b) => (a < b ? 1 : -1)).slice(0, size)
	return [...changed.filter((id) => present.has(id)), ...fitting]
}

/**
 * The window with what was loaded of the tasks it needs; `gone` are those that do not exist any more.
 * Null when the window is as it was.
 */
export function applyToWindow(
	window: Window,
	size: number,
	loaded: readonly TaskView[],
	gone: ReadonlySet<string>,
): { readonly window: Window; readonly change: WindowChange } | null {
	const byId = new Map(window.map((view) => [view.row.id, view]))
	for (const id of gone) byId.delete(id)
	for (const view of loaded) byId.set(view.row.id, view)
	const next = [...byId.values()].sort((a, b) => (a.row.id < b.row.id ? 1 : -1)).slice(0, size)
	const present = new Set(next.map((view) => view.row.id))
	const changed = loaded.map((view) => view.row.id).filter((id) => present.has(id))
	const left = window.map((view) => view.row.id).filter((id) => !present.has(id))
	return changed.length === 0 && left.length === 0 ? null : { window: next, change: { changed, left } }
}
