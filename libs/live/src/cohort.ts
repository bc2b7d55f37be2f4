/**
 * All who watch the same thing.
 *
 * A cohort holds the present state and a ring of its last changes; a watcher is only a place in that ring. So a frame
 * is one object for all watchers at the same place, whoever executes or serialises it does so once, and a slow watcher
 * costs no memory: when it comes back it gets what changed since its place in one frame, or all of it when the ring
 * has moved on.
 */

import { type FrameSource, Watcher } from './watcher.ts'

/** Where the feed stands, and the database's time. */
export interface Stamp {
	readonly cursor: string
	readonly at: number
}

/** How states and changes of one kind of query become frames. */
export interface FrameMaker<State, Change, Frame> {
	whole(kind: 'SNAPSHOT' | 'RESYNC', state: State, stamp: Stamp): Frame
	/** @param changes oldest first, at least one */
	delta(state: State, changes: readonly Change[], from: string, stamp: Stamp): Frame
	heartbeat(from: string, stamp: Stamp): Frame
}

interface Place {
	/** What is due: all of it for the first time, all of it again, or what comes after `seen`. */
	due: 'SNAPSHOT' | 'RESYNC' | 'FOLLOW'
	/** Number of the last change that it has. */
	seen: number
	/** Its cursor. */
	cursor: string | null
	/** Number of the last heartbeat that it has. */
	beat: number
}

const ringSize = 128
const cursorsKept = 512

export class Cohort<State, Change, Frame> implements FrameSource<Frame> {
	readonly #maker: FrameMaker<State, Change, Frame>
	readonly #onEmpty: () => void
	/**
	 * The cursor advances with changes and heartbeats only, not with each look: all who have the same change have the
	 * same cursor, and so the same next frame.
	 */
	#present: { readonly state: State; readonly stamp: Stamp } | null = null
	/** False while the hub has not looked since the last watcher left: what is known may be old. */
	#current = false
	#last = 0
	readonly #ring: Change[] = []
	/** Cursors that were handed out, and the change they stand behind. */
	readonly #cursors = new Map<string, number>()
	readonly #watchers = new Map<Watcher<Frame>, Place>()
	/** Frames made since the last change or look, by what they contain. */
	readonly #frames = new Map<string, Frame>()
	#beat = 0
	#emptySince: number | null = null

	constructor(maker: FrameMaker<State, Change, Frame>, onEmpty: () => void) {
		this.#maker = maker
		this.#onEmpty = onEmpty
	}

	get size(): number {
		return this.#watchers.size
	}

	/** Monotonic time since which nobody watches; null while somebody does. */
	get emptySince(): number | null {
		return this.#emptySince
	}

	get loaded(): boolean {
		return this.#present !== null
	}

	/** The present state; null before it is loaded. */
	get state(): State | null {
		return this.#present?.state ?? null
	}

	/** @param after cursor of a watcher that comes back */
	watch(after: string | null): Watcher<Frame> {
		const watcher = new Watcher<Frame>(this)
		this.#emptySince = null
		this.#watchers.set(watcher, { due: 'SNAPSHOT', seen: 0, cursor: after, beat: this.#beat })
		return watcher
	}

	/** The first state, or after a break all of it anew. */
	load(state: State, stamp: Stamp): void {
		if (this.#present !== null) {
			for (const place of this.#watchers.values()) if (place.due === 'FOLLOW') place.due = 'RESYNC'
			this.#ring.length = 0
			this.#cursors.clear()
			this.#last += 1
		}
		this.#present = { state, stamp }
	}

	change(state: State, change: Change, stamp: Stamp): void {
		this.#present = { state, stamp }
		this.#last += 1
		this.#ring.push(change)
		if (this.#ring.length > ringSize) this.#ring.shift()
		this.#frames.clear()
	}

	/** The hub has looked: nothing is missing now. */
	lookedAt(at: number): void {
		if (this.#present === null) return
		const { state, stamp } = this.#present
		this.#present = { state, stamp: { cursor: stamp.cursor, at } }
		this.#current = true
		this.#frames.clear()
	}

	/** Nobody looks any more: who comes waits for the next look. */
	rest(): void {
		this.#current = false
	}

	/** Says to all that nothing else has changed up to here. */
	heartbeat(stamp: Stamp): void {
		if (this.#present === null) return
		this.#present = { state: this.#present.state, stamp }
		this.#beat += 1
	}

	/** Hands out what is new. */
	wake(): void {
		for (const watcher of [...this.#watchers.keys()]) watcher.wake()
	}

	end(): void {
		for (const watcher of [...this.#watchers.keys()]) watcher.end()
	}

	leave(watcher: Watcher<Frame>): void {
		if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return
		this.#emptySince = performance.now()
		this.#onEmpty()
	}

	take(watcher: Watcher<Frame>): Frame | null {
		const place = this.#watchers.get(watcher)
		if (!place || !this.#present || !this.#current) return null
		const frame = this.#frameFor(place)
		if (frame === null) return null
		const { cursor } = this.#present.stamp
		this.#remember(cursor)
		place.due = 'FOLLOW'
		place.seen = this.#last
		place.cursor = cursor
		place.beat = this.#beat
		return frame
	}

	#frameFor(place: Place): Frame | null {
		if (place.due === 'SNAPSHOT' && place.cursor !== null) {
			const seen = this.#cursors.get(place.cursor)
			if (seen === undefined) return this.#whole('RESYNC')
			place.seen = seen
			return this.#since(place.seen, place.cursor) ?? this.#beatOf(place.cursor)
		}
		if (place.due === 'SNAPSHOT' || place.due === 'RESYNC' || place.cursor === null) {
			return this.#whole(place.due === 'RESYNC' ? 'RESYNC' : 'SNAPSHOT')
		}
		return this.#since(place.seen, place.cursor) ?? (place.beat < this.#beat ? this.#beatOf(place.cursor) : null)
	}

	/** What came after a change; null when nothing did. */
	#since(seen: number, cursor: string): Frame | null {
		if (seen === this.#last) return null
		const missing = this.#last - seen
		if (missing > this.#ring.length) return this.#whole('RESYNC')
		return this.#shared(`${seen} ${cursor}`, (state, stamp) => this.#maker.delta(state, this.#ring.slice(-missing), cursor, stamp))
	}

	#whole(kind: 'SNAPSHOT' | 'RESYNC'): Frame {
		return this.#shared(kind, (state, stamp) => this.#maker.whole(kind, state, stamp))
	}

	#beatOf(cursor: string): Frame {
		return this.#shared(`HEARTBEAT ${cursor}`, (_, stamp) => this.#maker.heartbeat(cursor, stamp))
	}

	#shared(key: string, make: (state: State, stamp: Stamp) => Frame): Frame {
		let frame = this.#frames.get(key)
		if (frame === undefined) {
			if (!this.#present) throw new Error('a cohort makes no frame before it is loaded')
			frame = make(this.#present.state, this.#present.stamp)
			this.#frames.set(key, frame)
		}
		return frame
	}

	/** A cursor stands behind the first change it was handed out with: later changes under it are sent once more, never left out. */
	#remember(cursor: string): void {
		if (this.#cursors.has(cursor)) return
		this.#cursors.set(cursor, this.#last)
		if (this.#cursors.size > cursorsKept) {
			const oldest = this.#cursors.keys().next()
			if (!oldest.done) this.#cursors.delete(oldest.value)
		}
	}
}
