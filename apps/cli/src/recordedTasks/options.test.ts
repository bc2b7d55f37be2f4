import { describe, expect, test } from 'vitest'
import { fraction, link, seconds } from './options.ts'

describe('how much is done', () => {
	test.each([
		['0', 0],
		['0.25', 0.25],
		['1', 1],
		['50%', 0.5],
		['12.5%', 0.125],
		['3/6', 0.5],
		['0/3', 0],
		[' 1/2 ', 0.5],
	])('%s', (text, expected) => {
		expect(fraction(text)).toBe(expected)
	})

	test.each(['', 'half', '2', '101%', '4/3', '1/0', '0/0', '-1', '1/2/3', '50 %'])('%j is refused', (text) => {
		expect(() => fraction(text)).toThrow(/expected how much is done/)
	})
})

test('a link has a type and an id, which may contain colons', () => {
	expect(link('Host:web', link('File:/srv/a:b'))).toEqual([
		{ type: 'File', id: '/srv/a:b' },
		{ type: 'Host', id: 'web' },
	])
	for (const wrong of ['', 'Host', 'Host:', ':web']) expect(() => link(wrong)).toThrow(/such as Host:web/)
})

test('seconds are more than none', () => {
	expect(seconds('600')).toBe(600)
	for (const wrong of ['', ' ', '0', '-1', 'soon']) expect(() => seconds(wrong)).toThrow(/expected seconds/)
})
