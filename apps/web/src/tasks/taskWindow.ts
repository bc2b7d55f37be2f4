/**
 * The newest tasks, as ids in the order of the list. `shown` is what stands on the screen and `newest` what the
 * server last said; they differ while the person reads, because nothing moves under a pointer.
 */
export interface TaskWindow {
	readonly shown: readonly string[]
	readonly newest: readonly string[]
	/** Whether `shown` stays as it is until somebody asks for the new ones. */
	readonly held: boolean
	readonly loaded: boolean
}

export interface WindowFrame {
	readonly kind: 'SNAPSHOT' | 'RESYNC' | 'DELTA' | 'HEARTBEAT'
	readonly rows: readonly { readonly id: string }[]
	readonly left: readonly string[]
}

export const emptyWindow: TaskWindow = { shown: [], newest: [], held: false, loaded: false }

/** Newest first: ids are UUIDv7, so their text is in the order of creation. */
const newestFirst = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0)

/** The window after a frame. It never grows beyond `size`. */
export function applyFrame(window: TaskWindow, frame: WindowFrame, size: number): TaskWindow {
	if (frame.kind === 'HEARTBEAT') return window
	const replaced = frame.kind === 'SNAPSHOT' || frame.kind === 'RESYNC'
	const left = new Set(frame.left)
	const ids = new Set(replaced ? [] : window.newest.filter((id) => !left.has(id)))
	for (const { id } of frame.rows) ids.add(id)
	const newest = [...ids].sort(newestFirst).slice(0, size)
	if (window.loaded && sameIds(newest, window.newest)) return window
	return { ...window, loaded: true, newest, shown: window.held && window.loaded ? window.shown : newest }
}

/** Holds what is shown, or lets it follow again. */
export function hold(window: TaskWindow, held: boolean): TaskWindow {
	if (held === window.held) return window
	return held ? { ...window, held } : release({ ...window, held })
}

/** Shows the newest, whether held or not. */
export function release(window: TaskWindow): TaskWindow {
	return window.shown === window.newest ? window : { ...window, shown: window.newest }
}

/** How many of the newest are not on the screen yet. */
export function countNew({ shown, newest }: TaskWindow): number {
	if (shown === newest) return 0
	const seen = new Set(shown)
	return newest.filter((id) => !seen.has(id)).length
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((id, index) => id === b[index])
}
