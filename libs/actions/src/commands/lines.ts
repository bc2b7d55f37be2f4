/** Bytes of a stream as lines of text. */

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts what a process writes into lines. A line longer than the limit is split, between two characters where the text
 * is UTF-8; other bytes, and NUL, become U+FFFD.
 */
export class LineSplitter {
	readonly #limit: number
	#pending: Buffer[] = []
	#length = 0

	/** @param limit longest line in bytes */
	constructor(limit: number) {
		this.#limit = limit
	}

	/** The lines that a chunk completes. */
	*push(chunk: Buffer): Generator<string> {
		let from = 0
		while (from < chunk.length) {
			const found = chunk.indexOf(newline, from)
			const end = found < 0 ? chunk.length : found
			this.#keep(chunk.subarray(from, end))
			while (this.#length > this.#limit) yield this.#takeFirst()
			if (found >= 0) yield this.#takeAll()
			from = end + 1
		}
	}

	/** The last line, if it has no end. */
	*rest(): Generator<string> {
		if (this.#length > 0) yield this.#takeAll()
	}

	#keep(bytes: Buffer): void {
		if (bytes.length === 0) return
		this.#pending.push(bytes)
		this.#length += bytes.length
	}

	#takeAll(): string {
		const bytes = Buffer.concat(this.#pending)
		this.#pending = []
		this.#length = 0
		return textOf(bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes)
	}

	#takeFirst(): string {
		const bytes = Buffer.concat(this.#pending)
		const cut = characterStart(bytes, this.#limit)
		// A copy, so that a short rest does not keep a long chunk alive.
		this.#pending = [Buffer.from(bytes.subarray(cut))]
		this.#length = bytes.length - cut
		return textOf(bytes.subarray(0, cut))
	}
}

/** Where the character that the byte at `index` belongs to begins; `index` itself where the bytes are no UTF-8. */
function characterStart(bytes: Buffer, index: number): number {
	for (let start = index; start > Math.max(0, index - 4); start--) {
		if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start
	}
	return index
}

function textOf(bytes: Buffer): string {
	return bytes.toString('utf8').replaceAll('\u0000', '\uFFFD')
}
