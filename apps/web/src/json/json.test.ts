import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from './parse.ts'
import { formatJson, printJson } from './print.ts'
import { JsonSyntaxError } from './tokens.ts'

describe('printJson(parseJson(text))', () => {
	test.each([
		'9007199254740993',
		'1e400',
		'-0',
		'"\\u00e9"',
		'"\\/"',
		'{"b":1,"a":2,"10":3}',
		'[]',
		'{}',
		'[null,true,false]',
		'{"a":[{"b":"😀"}]}',
	])('%s comes back byte for byte', (text) => {
		expect(printJson(parseJson(text))).toBe(text)
	})

	test('equals JSON.stringify for what JavaScript can hold', () => {
		fc.assert(
			fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
				const text = JSON.stringify(value)
				expect(printJson(parseJson(text))).toBe(text)
				expect(JSON.parse(formatJson(text))).toEqual(JSON.parse(text))
			}),
		)
	})
})

describe('formatJson', () => {
	test.each([
		['{"a":9007199254740993,"b":[]}', '{\n  "a": 9007199254740993,\n  "b": []\n}'],
		['[1,{"x":{}}]', '[\n  1,\n  {\n    "x": {}\n  }\n]'],
		['not json', 'not json'],
	])('%s', (text, expected) => {
		expect(formatJson(text)).toBe(expected)
	})
})

describe('parseJson refuses', () => {
	test.each([
		['{"a":1,}', 'Line 1, column 8: expected a key in double quotes, found “}”.'],
		['[1\n 2]', 'Line 2, column 2: expected “,” or “]”, found “2]”.'],
		['', 'Line 1, column 1: expected a value, found the end of the text.'],
		['01', 'Line 1, column 1: expected a JSON value or one of { } [ ] , :, found “01”.'],
		['{"a":tru}', 'Line 1, column 6: expected a JSON value or one of { } [ ] , :, found “tru}”.'],
		['1 2', 'Line 1, column 3: expected the end of the text, found “2”.'],
	])('%j', (text, message) => {
		expect(() => parseJson(text)).toThrow(JsonSyntaxError)
		expect(() => parseJson(text)).toThrow(message)
	})
})
