/** What the store keeps: rows with an id, and a number that grows with each change of the row. */
export interface Revised {
	readonly id: string
	readonly revision: number
}

/**
 * Rows by id. Each reader listens to one row, so a change of one repaints one. A row older than the stored one is
 * ignored: snapshots and deltas may arrive in any order, and overlap. (Routing rows through the query cache stalled
 * the page for over a minute at 1,000 changes a second.)
 */
export interface KeyedStore<Row extends Revised> {
	get(id: string): Row | undefined
	/** Says whether the row was taken. Equal revisions are: progress moves without one. */
	put(row: Row): boolean
	/** Lets go of a row as soon as nobody reads it. */
	forget(id: string): void
	subscribe(id: string, listener: () => void): () => void
	readonly size: number
}

export function createKeyedStore<Row extends Revised>(): KeyedStore<Row> {
	const rows = new Map<string, Row>()
	const listeners = new Map<string, Set<() => void>>()
	const forgotten = new Set<string>()
	return {
		get: (id) => rows.get(id),
		put(row) {
			const stored = rows.get(row.id)
			forgotten.delete(row.id)
			if (stored && stored.revision > row.revision) return false
			rows.set(row.id, row)
			for (const listener of [...(listeners.get(row.id) ?? [])]) listener()
			return true
		},
		forget(id) {
			if (listeners.has(id)) forgotten.add(id)
			else rows.delete(id)
		},
		subscribe(id, listener) {
			const readers = listeners.get(id) ?? new Set()
			listeners.set(id, readers)
			readers.add(listener)
			return () => {
				readers.delete(listener)
				if (readers.size > 0) return
				listeners.delete(id)
				if (forgotten.delete(id)) rows.delete(id)
			}
		},
		get size() {
			return rows.size
		},
	}
}
