/**
 * The log of one attempt on its way to the database. Lines gather in a chunk that is closed every 250 ms or when full;
 * whoever logs faster than the database takes is made to wait, and no line is dropped.
 */

import type { LogStream } from '@taskyard/model/states'
import type { Pool } from '@taskyard/store/connection'
import { isRetryable, sqlState, sqlStateOf } from '@taskyard/store/sqlState'
import { appendLog, type LogChunk } from '@taskyard/store/tasks/appendLog'

const largestChunk = 64 * 1024
/** Bytes that may wait in memory before `log` makes its caller wait. */
const roomInMemory = 4 * largestChunk
const closeAfter = 250
const repetitionPause = 250

export interface StepLog {
	append(line: string, stream: LogStream): Promise<void>
	/** Resolves when every line is stored, or the attempt was found to be no longer the step's. */
	flush(): Promise<void>
}

interface OpenChunk {
	readonly stream: LogStream
	readonly at: number
	readonly lines: string[]
	bytes: number
}

export interface StepLogOptions {
	readonly pool: Pool
	readonly attempt: Pick<LogChunk, 'task' | 'step' | 'attempt'>
	readonly now: () => number
	/** The attempt is no longer the step's: nothing more is stored. */
	readonly onFencedOff: () => void
	readonly worthRepeating: () => boolean
}

export function openStepLog(options: StepLogOptions): StepLog {
	const closed: Omit<LogChunk, 'after'>[] = []
	/** The last line that is known to be stored: a chunk whose answer got lost is not stored twice. */
	let stored: number | null = null
	let open: OpenChunk | null = null
	let bytes = 0
	let timer: NodeJS.Timeout | null = null
	let writing: Promise<void> | null = null
	let fenced = false
	let failure: Error | null = null
	let room: { promise: Promise<void>; resolve: () => void } | null = null

	function close(): void {
		if (timer) clearTimeout(timer)
		timer = null
		if (!open) return
		closed.push({ ...options.attempt, stream: open.stream, at: open.at, text: open.lines.join('\n'), count: open.lines.length })
		open = null
		writing ??= write()
	}

	async function write(): Promise<void> {
		// Begins with the next turn, so that `writing` is set before the loop can end.
		await Promise.resolve()
		for (let chunk = closed.shift(); chunk; chunk = closed.shift()) {
			if (!fenced && !failure) await store(chunk)
			bytes -= sizeOf(chunk.text) + 1
			if (bytes <= roomInMemory) {
				room?.resolve()
				room = null
			}
		}
		writing = null
	}

	async function store(chunk: Omit<LogChunk, 'after'>): Promise<void> {
		for (;;) {
			try {
				const line = await appendLog(options.pool, { ...chunk, after: stored })
				stored = line ?? stored
				fenced = line === null
				if (fenced) options.onFencedOff()
				return
			} catch (error) {
				// The same number twice: the server was still at it when its answer got lost. The next look finds the lines.
				const again = isRetryable(error) || sqlStateOf(error) === sqlState.uniqueViolation
				if (!again || !options.worthRepeating()) {
					failure = error as Error
					return
				}
				await new Promise((resolve) => setTimeout(resolve, repetitionPause))
			}
		}
	}

	function add(line: string, stream: LogStream): void {
		const size = sizeOf(line) + 1
		if (open && (open.stream !== stream || open.bytes + size > largestChunk)) close()
		open ??= { stream, at: options.now(), lines: [], bytes: 0 }
		open.lines.push(line)
		open.bytes += size
		bytes += size
		timer ??= setTimeout(close, closeAfter)
	}

	return {
		async append(text, stream) {
			// PostgreSQL stores no NUL; a line break inside a line makes two.
			for (const line of text.replaceAll('\0', '\ufffd').split('\n')) for (const part of parts(line)) add(part, stream)
			if (bytes <= roomInMemory) return
			close()
			room ??= Promise.withResolvers<void>()
			await room.promise
		},
		async flush() {
			close()
			while (writing) await writing
			if (failure) throw new Error(`The log of the step could not be stored: ${failure.message}`, { cause: failure })
		},
	}
}

function sizeOf(text: string): number {
	return Buffer.byteLength(text)
}

/** A line that fills more than a chunk, in pieces that do not. */
function parts(line: string): string[] {
	const longest = largestChunk / 4 - 1
	if (line.length <= longest) return [line]
	return Array.from({ length: Math.ceil(line.length / longest) }, (_, index) => line.slice(index * longest, (index + 1) * longest))
}
