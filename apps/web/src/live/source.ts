import { useSyncExternalStore } from 'react'

/** A value that changes and says so. The smallest thing React can subscribe to. */
export interface Source<Value> {
	get(): Value
	/** Returns how to stop listening. */
	subscribe(listener: () => void): () => void
}

export interface WritableSource<Value> extends Source<Value> {
	/** Tells the listeners, unless the value is the same. */
	set(value: Value): void
}

/** A source that holds one value. */
export function createSource<Value>(initial: Value): WritableSource<Value> {
	const listeners = new Set<() => void>()
	let value = initial
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) return
			value = next
			for (const listener of [...listeners]) listener()
		},
		subscribe(listener) {
			listeners.add(listener)
			return () => {
				listeners.delete(listener)
			}
		},
	}
}

/** The value of a source, or what `select` makes of it: the component renders again only when that changes. */
export function useSource<Value>(source: Source<Value>): Value
export function useSource<Value, Selected>(source: Source<Value>, select: (value: Value) => Selected): Selected
export function useSource<Value>(source: Source<Value>, select: (value: Value) => unknown = (value) => value): unknown {
	return useSyncExternalStore(source.subscribe, () => select(source.get()))
}
