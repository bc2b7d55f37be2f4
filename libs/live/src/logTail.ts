/**
 * All who follow the log of one step. A follower is a line number; what comes after a line is read once for all who
 * are there, and kept until the log grows.
 */

import { lastLine, type StoredChunk } from '@taskyard/store/logs/readLog'
import type { TaskLogFrame } from './frames.ts'
import { type FrameSource, Watcher } from './watcher.ts'

/** Most chunks of a frame. */
export const chunksOfFrame = 500
/** Answers kept for who comes next: after so many different lines the oldest is forgotten. */
const answersKept = 16

export class LogTail implements FrameSource<TaskLogFrame> {
	readonly #onEmpty: () => void
	readonly #onHungry: () => void
	/** The last line that each has. */
	readonly #followers = new Map<Watcher<TaskLogFrame>, number>()
	/** What comes after a line; null: nothing yet. */
	readonly #answers = new Map<number, TaskLogFrame | null>()

	/** @param onHungry a follower wants lines that have not been read */
	constructor(onEmpty: () => void, onHungry: () => void) {
		this.#onEmpty = onEmpty
		this.#onHungry = onHungry
	}

	watch(afterLine: number): Watcher<TaskLogFrame> {
		const watcher = new Watcher<TaskLogFrame>(this)
		this.#followers.set(watcher, afterLine)
		return watcher
	}

	get size(): number {
		return this.#followers.size
	}

	/** Lines after which somebody waits for what has not been read. */
	wanted(): number[] {
		return [...new Set(this.#followers.values())].filter((line) => !this.#answers.has(line))
	}

	/** What was read after a line; less than a frame holds is all there is. */
	supply(afterLine: number, chunks: readonly StoredChunk[]): void {
		const last = chunks.at(-1)
		this.#answer(afterLine, last ? { chunks } : null)
		if (last && chunks.length < chunksOfFrame) this.#answer(lastLine(last), null)
	}

	#answer(afterLine: number, frame: TaskLogFrame | null): void {
		this.#answers.set(afterLine, frame)
		if (this.#answers.size > answersKept) {
			const oldest = this.#answers.keys().next()
			if (!oldest.done) this.#answers.delete(oldest.value)
		}
	}

	/** The log has grown: what was said to come after a line may be too little. */
	grown(): void {
		this.#answers.clear()
	}

	wake(): void {
		for (const watcher of [...this.#followers.keys()]) watcher.wake()
	}

	end(): void {
		for (const watcher of [...this.#followers.keys()]) watcher.end()
	}

	leave(watcher: Watcher<TaskLogFrame>): void {
		if (this.#followers.delete(watcher) && this.#followers.size === 0) this.#onEmpty()
	}

	take(watcher: Watcher<TaskLogFrame>): TaskLogFrame | null {
		const line = this.#followers.get(watcher)
		if (line === undefined) return null
		const frame = this.#answers.get(line)
		if (frame === undefined) {
			this.#onHungry()
			return null
		}
		const last = frame?.chunks.at(-1)
		if (last) this.#followers.set(watcher, lastLine(last))
		return frame
	}
}
