import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExact, stringifyExact } from './exactJson.ts'

test.each(['{"b":1,"a":9007199254740993}', '[-123456789012345678901234567890,1.5,"12345678901234567890"]', '0', 'null', '"x"'])(
	'%s',
	(text) => {
		expect(stringifyExact(parseExact(text))).toBe(text)
	},
)

test('undefined becomes null', () => {
	expect(stringifyExact(undefined)).toBe('null')
})

test('whatever JavaScript can hold comes back the same', () => {
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			const text = JSON.stringify(value)
			expect(stringifyExact(parseExact(text))).toBe(text)
		}),
	)
})
