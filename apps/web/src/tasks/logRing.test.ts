import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { appendChunks, emptyLog, type LogChunk, plainText } from './logRing.ts'

const chunk = (firstLine: number, ...lines: string[]): LogChunk => ({ firstLine, attempt: 1, stream: 'stdout', lines })

describe('appendChunks', () => {
	test('numbers the lines and keeps the last ones', () => {
		const ring = appendChunks(emptyLog, [chunk(1, 'a', 'b'), chunk(3, 'c', 'd')], 3)
		expect(ring.lines.map(({ number, text }) => [number, text])).toEqual([
			[2, 'b'],
			[3, 'c'],
			[4, 'd'],
		])
		expect(ring.last).toBe(4)
	})

	test('a chunk that comes again changes nothing', () => {
		const ring = appendChunks(emptyLog, [chunk(1, 'a', 'b')], 10)
		expect(appendChunks(ring, [chunk(1, 'a', 'b')], 10)).toBe(ring)
	})

	test('of a chunk that overlaps, the new lines are taken', () => {
		const ring = appendChunks(appendChunks(emptyLog, [chunk(1, 'a', 'b')], 10), [chunk(2, 'b', 'c')], 10)
		expect(ring.lines.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
	})

	test('wherever the connection breaks, the log is the log', () => {
		const log = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`)
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(39), fc.nat(10))), (pieces) => {
				let ring = emptyLog
				for (const [, length] of pieces) ring = appendChunks(ring, [chunk(ring.last + 1, ...log.slice(ring.last, ring.last + length))], 40)
				for (const [start, length] of pieces)
					if (start <= ring.last) ring = appendChunks(ring, [chunk(start + 1, ...log.slice(start, start + length))], 40)
				expect(ring.lines.map(({ text }) => text)).toEqual(log.slice(0, ring.last))
			}),
		)
	})
})

describe('plainText', () => {
	test.each([
		['plain', 'plain'],
		['\u001b[31mred\u001b[0m', 'red'],
		['\u001b]0;title\u0007text', 'text'],
	])('%j: %s', (line, text) => {
		expect(plainText(line)).toBe(text)
	})
})
