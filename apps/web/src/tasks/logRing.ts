import type { LogStream } from '@taskyard/model/states'

export interface LogLine {
	/** Counts from 1 within a step, over all its attempts. */
	readonly number: number
	readonly attempt: number
	readonly stream: LogStream
	readonly text: string
}

export interface LogChunk {
	readonly firstLine: number
	readonly attempt: number
	readonly stream: LogStream
	readonly lines: readonly string[]
}

/** The last lines of a log. Its server keeps all; a page keeps what a person can scroll. */
export interface LogRing {
	readonly lines: readonly LogLine[]
	/** Number of the last line that was taken: what the server is asked to go on after. */
	readonly last: number
}

export const emptyLog: LogRing = { lines: [], last: 0 }

/** The ring with the lines it has not seen yet. Chunks that come again, whole or in part, change nothing. */
export function appendChunks(ring: LogRing, chunks: readonly LogChunk[], capacity: number): LogRing {
	const added: LogLine[] = []
	let last = ring.last
	for (const { firstLine, attempt, stream, lines } of chunks)
		for (const [offset, text] of lines.entries()) {
			const number = firstLine + offset
			if (number <= last) continue
			last = number
			added.push({ number, attempt, stream, text })
		}
	if (added.length === 0) return ring
	return { last, lines: [...ring.lines, ...added].slice(-capacity) }
}

/** Terminal colours and cursor movements mean nothing here. */
const escapeSequence = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g

/** A line as it is shown. */
export function plainText(line: string): string {
	return line.includes('\u001b') ? line.replace(escapeSequence, '') : line
}
