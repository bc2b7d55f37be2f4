import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExactText, memberTexts, writeAnswer } from './exactText.ts'

describe('the members of a body are cut out as they stand there', () => {
	test.each([
		['{}', {}],
		['{"input":{}}', { input: '{}' }],
		[' { "input" : { "b": 1, "a": 2 } , "id" : "x" } ', { input: '{ "b": 1, "a": 2 }', id: '"x"' }],
		['{"input":12345678901234567890}', { input: '12345678901234567890' }],
		['{"input":1.50\n}', { input: '1.50' }],
		['{"input":"a \\"}\\" b"}', { input: '"a \\"}\\" b"' }],
		['{"input":"\\\\"}', { input: '"\\\\"' }],
		['{"input":["]",{"}":"{"}]}', { input: '["]",{"}":"{"}]' }],
		['{"input":[[],{},[{}]],"why":null}', { input: '[[],{},[{}]]', why: 'null' }],
		['{"input":true,"input":false}', { input: 'false' }],
		['{"in\\u0070ut":-1e-5}', { input: '-1e-5' }],
		['[1]', {}],
		['"input"', {}],
	])('%s', (text, members) => {
		expect(Object.fromEntries(memberTexts(text))).toEqual(members)
	})

	test('of any object, written with any blanks', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', ' ', '\t', '\n  '), (value, blanks) => {
				const members = memberTexts(JSON.stringify(value, null, blanks))
				expect([...members.keys()].sort()).toEqual(Object.keys(value).sort())
				for (const [key, text] of members) expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value[key])))
			}),
		)
	})

	test('one nested deeper than the stack', () => {
		const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
		expect(memberTexts(`{"input":${deep}}`).get('input')).toBe(deep)
	})
})

describe('an answer', () => {
	test('has the texts in it as they are', () => {
		const output = new ExactText('{"b":1.50,"a":12345678901234567890}')
		expect(writeAnswer({ output, steps: [{ output }, null], gone: undefined, at: 'a"b' })).toBe(
			'{"output":{"b":1.50,"a":12345678901234567890},"steps":[{"output":{"b":1.50,"a":12345678901234567890}},null],"at":"a\\"b"}',
		)
	})

	test('without such texts it is what JSON.stringify writes', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(writeAnswer(value)).toBe(JSON.stringify(value))
			}),
		)
	})
})
