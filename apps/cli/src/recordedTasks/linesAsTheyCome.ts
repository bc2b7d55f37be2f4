/** A log that comes by a pipe, in parts that one report can carry. */

import { createInterface } from 'node:readline'

const mostLines = 500
/** Of one part, and of one line, in characters. */
const mostText = 256 * 1024
const longestLine = 8_000

/** What has come by now, again and again: nothing is kept back for more to come. A long line goes on in the next one. */
export async function* linesAsTheyCome(input: NodeJS.ReadableStream): AsyncGenerator<string[], void, undefined> {
	const waiting: string[] = []
	let wake = Promise.withResolvers<void>()
	let ended = false
	const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
	lines.on('line', (line) => {
		waiting.push(...pieces(line.replaceAll('\0', '\uFFFD')))
		wake.resolve()
	})
	lines.on('close', () => {
		ended = true
		wake.resolve()
	})
	while (!ended || waiting.length > 0) {
		await wake.promise
		wake = Promise.withResolvers<void>()
		while (waiting.length > 0) {
			// What comes faster than it is told waits where it comes from.
			if (!ended) lines.pause()
			yield take(waiting)
		}
		if (!ended) lines.resume()
	}
}

function take(waiting: string[]): string[] {
	let size = 0
	const end = waiting.findIndex((line, index) => {
		size += line.length
		return index > 0 && (index === mostLines || size > mostText)
	})
	return waiting.splice(0, end < 0 ? waiting.length : end)
}

function pieces(line: string): string[] {
	if (line.length <= longestLine) return [line]
	const count = Math.ceil(line.length / longestLine)
	return Array.from({ length: count }, (_, n) => line.slice(n * longestLine, (n + 1) * longestLine).toWellFormed())
}
