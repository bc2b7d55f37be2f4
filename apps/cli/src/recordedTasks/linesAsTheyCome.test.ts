import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { linesAsTheyCome } from './linesAsTheyCome.ts'

async function partsOf(text: string): Promise<string[][]> {
	const input = new PassThrough()
	input.end(text)
	const parts: string[][] = []
	for await (const part of linesAsTheyCome(input)) parts.push(part)
	return parts
}

test.each([
	['', []],
	['one', ['one']],
	['one\n', ['one']],
	['one\ntwo\r\n\nthree', ['one', 'two', '', 'three']],
	['a\0b\n', ['a\uFFFDb']],
])('%j', async (text, lines) => {
	expect((await partsOf(text)).flat()).toEqual(lines)
})

test('what is there is told before more has come', async () => {
	const input = new PassThrough()
	const parts = linesAsTheyCome(input)
	input.write('one\ntwo\nthr')
	expect(await parts.next()).toEqual({ done: false, value: ['one', 'two'] })
	input.end('ee\n')
	expect(await parts.next()).toEqual({ done: false, value: ['three'] })
	expect(await parts.next()).toEqual({ done: true, value: undefined })
})

test('no part has too many lines or too much text, and a long line goes on in the next one', async () => {
	const many = Array.from({ length: 1_234 }, (_, n) => `line ${n}`)
	const parts = await partsOf(many.join('\n'))
	expect(parts.flat()).toEqual(many)
	for (const part of parts) expect(part.length).toBeLessThanOrEqual(500)
	const long = 'x'.repeat(1_000_000)
	const pieces = await partsOf(`${long}\nshort`)
	expect(pieces.flat().slice(0, -1).join('')).toBe(long)
	expect(pieces.flat().at(-1)).toBe('short')
	for (const part of pieces) {
		expect(part.join('').length).toBeLessThanOrEqual(256 * 1024)
		for (const line of part) expect(line.length).toBeLessThanOrEqual(8_000)
	}
})
