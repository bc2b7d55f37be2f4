/**
 * One who watches, as an async iterator. Written by hand: a generator parked on an await ignores `return()` until the
 * next event, and its listener would stay after the client is gone.
 */

/** Where the frames of a watcher come from. */
export interface FrameSource<Frame> {
	/** The next frame for this watcher, or null when there is nothing new for it. */
	take(watcher: Watcher<Frame>): Frame | null
	/** The watcher has left. */
	leave(watcher: Watcher<Frame>): void
}

export class Watcher<Frame> implements AsyncIterableIterator<Frame, undefined> {
	readonly #source: FrameSource<Frame>
	readonly #waiting: ((result: IteratorResult<Frame, undefined>) => void)[] = []
	#ended = false

	constructor(source: FrameSource<Frame>) {
		this.#source = source
	}

	next(): Promise<IteratorResult<Frame, undefined>> {
		if (this.#ended) return Promise.resolve({ done: true, value: undefined })
		const frame = this.#waiting.length === 0 ? this.#source.take(this) : null
		if (frame !== null) return Promise.resolve({ done: false, value: frame })
		return new Promise((resolve) => this.#waiting.push(resolve))
	}

	/** Something may be new: gives it to who waits for it. A watcher that is still busy with the last frame takes it later. */
	wake(): void {
		while (this.#waiting.length > 0) {
			const frame = this.#source.take(this)
			if (frame === null) return
			this.#waiting.shift()?.({ done: false, value: frame })
		}
	}

	/** Ends the stream for its reader, and leaves. */
	end(): void {
		if (this.#ended) return
		this.#ended = true
		for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
		this.#source.leave(this)
	}

	return(): Promise<IteratorResult<Frame, undefined>> {
		this.end()
		return Promise.resolve({ done: true, value: undefined })
	}

	throw(error?: unknown): Promise<IteratorResult<Frame, undefined>> {
		this.end()
		return Promise.reject(error)
	}

	[Symbol.asyncIterator](): this {
		return this
	}
}
