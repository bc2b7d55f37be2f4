import { describe, expect, test } from 'vitest'
import { amountText, bar, durationText, inColumns, percent, plainText, shorten } from './text.ts'

describe('plainText', () => {
	test.each([
		['Backup of /srv', 'Backup of /srv'],
		['\u001b[31mred\u001b[0m', 'red'],
		['a\u001b]0;title\u0007b', 'ab'],
		['one\ntwo\r\nthree', 'one two three'],
		['a\tb', 'a    b'],
		['50 % done\r', '50 % done'],
		['bell\u0007 and \u009b31m', 'bell  and'],
	])('%j', (text, expected) => {
		expect(plainText(text)).toBe(expected)
	})
})

test.each([
	['short', 5, 'short'],
	['longer', 5, 'long…'],
	['😀😀😀', 6, '😀😀😀'],
	['😀😀😀', 5, '😀😀…'],
	['日本語', 4, '日…'],
	['x', 0, '…'],
])('shorten(%j, %d)', (text, width, expected) => {
	expect(shorten(text, width)).toBe(expected)
})

test('inColumns', () => {
	expect(
		inColumns([
			['a', 'bb', 'name of it'],
			['ccc', '', 'b'],
		]),
	).toEqual(['a    bb  name of it', 'ccc      b'])
	expect(inColumns([])).toEqual([])
})

test.each([
	[-5, '0.0 s'],
	[449, '0.4 s'],
	[9_999, '9.9 s'],
	[42_500, '42 s'],
	[729_000, '12 m 09 s'],
	[14_520_000, '4 h 02 m'],
	[273_600_000, '3 d 4 h'],
])('durationText(%d)', (milliseconds, expected) => {
	expect(durationText(milliseconds)).toBe(expected)
})

test.each([
	[{ done: 12_400_000, total: 417_000_000, unit: 'bytes' }, '12.4 MB of 417 MB'],
	[{ done: 0, total: null, unit: 'bytes' }, '0 B'],
	[{ done: 3, total: 9, unit: 'files' }, '3 of 9 files'],
	[{ done: 3, total: null, unit: null }, '3'],
])('amountText(%j)', (amount, expected) => {
	expect(amountText(amount)).toBe(expected)
})

test.each([
	[0, '░░░░', '0 %'],
	[0.5, '██░░', '50 %'],
	[0.999, '████', '99 %'],
	[1, '████', '100 %'],
])('bar and percent of %d', (share, drawn, written) => {
	expect([bar(share, 4), percent(share)]).toEqual([drawn, written])
})
