import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from './lines.ts'

function split(chunks: readonly (string | Buffer)[], limit = 16): string[] {
	const splitter = new LineSplitter(limit)
	return [...chunks.flatMap((chunk) => [...splitter.push(Buffer.from(chunk as string))]), ...splitter.rest()]
}

describe('LineSplitter', () => {
	test.each<[string, (string | Buffer)[], string[]]>([
		['lines', ['a\nb\n'], ['a', 'b']],
		['an empty line', ['a\n\nb\n'], ['a', '', 'b']],
		['a last line without an end', ['a\nb'], ['a', 'b']],
		['nothing', [], []],
		['a line in pieces', ['a', 'b', '\nc', '\n'], ['ab', 'c']],
		['the ends of DOS', ['a\r\nb\r', '\n'], ['a', 'b']],
		['a carriage return inside', ['a\rb\n'], ['a\rb']],
		['a character in pieces', [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])], ['é']],
		['bytes that are no UTF-8', [Buffer.from([0x61, 0xff, 0x0a])], ['a\uFFFD']],
		['NUL', ['a\u0000b\n'], ['a\uFFFDb']],
		['a line of exactly the limit', ['x'.repeat(16), '\n'], ['x'.repeat(16)]],
		['a longer one', ['x'.repeat(40), '\ny'], ['x'.repeat(16), 'x'.repeat(16), 'x'.repeat(8), 'y']],
		['characters at the limit', [`${'x'.repeat(15)}é${'y'.repeat(3)}\n`], ['x'.repeat(15), 'éyyy']],
		['many bytes that are no UTF-8', [Buffer.alloc(20, 0x80)], ['\uFFFD'.repeat(16), '\uFFFD'.repeat(4)]],
	])('%s', (_, chunks, lines) => {
		expect(split(chunks)).toEqual(lines)
	})

	test('loses nothing, however the text is cut', () => {
		const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', 'xyz') })
		fc.assert(
			fc.property(text, fc.array(fc.nat(50)), fc.integer({ min: 4, max: 20 }), (given, cuts, limit) => {
				const bytes = Buffer.from(given)
				const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
				const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
				const lines = split(chunks, limit)
				expect(lines.join('')).toBe(given.replaceAll('\n', ''))
				for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(limit)
				expect(split([bytes], limit)).toEqual(lines)
			}),
		)
	})
})
