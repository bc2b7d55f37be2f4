/** Lines of a log that somebody else has written, in the chunks in which logs are stored. */

/** Longest chunk of the log in characters. */
const longestChunk = 16 * 1024

/** A line break inside a line makes two, one that fills more than a chunk is cut in pieces, and what cannot be stored is replaced. */
export function chunksOf(lines: readonly string[]): string[][] {
	const chunks: string[][] = []
	let size = longestChunk
	for (const given of lines)
		for (const line of given.replaceAll('\0', '\ufffd').toWellFormed().split('\n'))
			for (const part of parts(line)) {
				if (size + part.length + 1 > longestChunk) {
					chunks.push([])
					size = 0
				}
				chunks.at(-1)?.push(part)
				size += part.length + 1
			}
	return chunks
}

function parts(line: string): string[] {
	if (line.length <= longestChunk) return [line]
	return Array.from({ length: Math.ceil(line.length / longestChunk) }, (_, n) =>
		line.slice(n * longestChunk, (n + 1) * longestChunk).toWellFormed(),
	)
}
