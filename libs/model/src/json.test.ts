import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkJson, JsonFault, parseJson, stringifyJson } from './json.ts'

describe('parseJson', () => {
	test.each<[string, unknown]>([
		['1', 1],
		['9007199254740991', 9007199254740991],
		['9007199254740992', 9007199254740992],
		['9007199254740993', 9007199254740993n],
		['-9007199254740993', -9007199254740993n],
		['1000000000000000000000000', 1000000000000000000000000n],
		['0.1234567890123456789', 0.12345678901234568],
		['1e300', 1e300],
		['1e-400', 0],
		['"9007199254740993"', '9007199254740993'],
		['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
		['{"a":[{"b":12345678901234567890}]}', { a: [{ b: 12345678901234567890n }] }],
		[
			'{"sum":"ae123","at":"1795000000250125000","\\\\":9007199254740993}',
			{ sum: 'ae123', at: '1795000000250125000', '\\': 9007199254740993n },
		],
		['["\\"9007199254740993", 1]', ['"9007199254740993', 1]],
		['["\\\\", 9007199254740993]', ['\\', 9007199254740993n]],
	])('%s', (text, expected) => {
		expect(parseJson(text)).toEqual(expected)
	})

	test('refuses a number that nothing can hold', () => {
		expect(() => parseJson('[1e400]')).toThrow('the number 1e400 is too large')
	})

	test.each(['', '{', '"', '"\\', '[1,]', '{"a":9007199254740993', '"9007199254740993', 'NaN'])('refuses the text %s', (text) => {
		expect(() => parseJson(text)).toThrow()
	})

	test('keeps a property named __proto__', () => {
		for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":9007199254740993}}']) {
			const value = parseJson(text) as { a?: unknown }
			expect(value.a).toBeUndefined()
			expect(stringifyJson(value)).toBe(text)
		}
	})
})

describe('stringifyJson', () => {
	test.each<[string, unknown, string]>([
		['a bigint', { a: 9007199254740993n }, '{"a":9007199254740993}'],
		['a large double, with its exact value', 2 ** 69, '590295810358705651712'],
		['a property that is undefined', { a: undefined, b: 9007199254740993n }, '{"b":9007199254740993}'],
		['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
		['null', null, 'null'],
	])('%s', (_, value, expected) => {
		expect(stringifyJson(value)).toBe(expected)
	})

	const cyclic: Record<string, unknown> = {}
	cyclic['self'] = { back: cyclic }
	let deep: unknown = 1
	for (let level = 0; level < 600; level++) deep = [deep]

	test.each<[string, unknown, string]>([
		['undefined', undefined, 'output: undefined'],
		['undefined in a list', { a: [1, undefined] }, 'output.a[1]: undefined'],
		['a hole in a list', Array(1), 'output[0]: undefined'],
		['a function', { f: () => 1 }, 'output.f: a function'],
		['a symbol', { 's t': Symbol('x') }, 'output["s t"]: a symbol'],
		['NaN', [Number.NaN], 'output[0]: NaN'],
		['a NUL', { a: 'x\u0000' }, 'output.a: a text with a NUL'],
		['a NUL in a key', { 'x\u0000': 1 }, 'output["x\\u0000"]: a text with a NUL'],
		['half a surrogate pair', ['\uD800'], 'output[0]: a text with half a surrogate pair'],
		['a Date', { when: new Date(0) }, 'output.when: a Date cannot be stored as JSON; use toISOString()'],
		['a Map', new Map(), 'output: a Map'],
		['a Buffer', { b: Buffer.from('x') }, 'output.b: binary data'],
		['a promise', { p: Promise.resolve(1) }, 'output.p: a promise cannot be stored as JSON; await it'],
		['an instance', { u: new URL('http://a') }, 'output.u: an instance of URL'],
		['a cycle', cyclic, 'output.self.back: an object that contains itself'],
		['something too deep', deep, `output${'[0]'.repeat(15)}…${'[0]'.repeat(15)}: a value nested more than 500 levels`],
	])('refuses %s', (_, value, message) => {
		expect(() => stringifyJson(value, 'output')).toThrow(JsonFault)
		expect(() => stringifyJson(value, 'output')).toThrow(message)
	})

	test('the same object twice is no cycle', () => {
		const shared = { a: 1 }
		expect(stringifyJson([shared, shared])).toBe('[{"a":1},{"a":1}]')
	})

	test('keeps texts, the order of keys and every digit of an integer, byte for byte', () => {
		const member = fc.tuple(fc.string({ unit: 'binary' }), fc.oneof(fc.bigInt(), fc.string({ unit: 'binary' }), fc.boolean()))
		// Keys that are whole numbers come first in any JavaScript object, whatever their place in the text.
		const storable = (text: string) => !text.includes('\u0000') && text.isWellFormed() && !/^\d+$/.test(text)
		const members = fc.uniqueArray(
			member.filter(([key, value]) => storable(key) && (typeof value !== 'string' || storable(value))),
			{ selector: ([key]) => key },
		)
		fc.assert(
			fc.property(members, (given) => {
				const written = given.map(([key, value]) => `${JSON.stringify(key)}:${typeof value === 'bigint' ? value : JSON.stringify(value)}`)
				const text = `{${written.join(',')}}`
				expect(stringifyJson(parseJson(text))).toBe(text)
			}),
			{ numRuns: 500 },
		)
	})

	test('reads back what it wrote', () => {
		const value = fc.letrec((tie) => ({
			value: fc.oneof(
				{ maxDepth: 4 },
				fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000')),
				fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
				fc.maxSafeInteger(),
				fc.bigInt().filter((big) => BigInt(Number(big)) !== big),
				fc.boolean(),
				fc.constant(null),
				fc.array(tie('value'), { maxLength: 5 }),
				fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), tie('value'), { maxKeys: 5 }),
			),
		})).value
		fc.assert(
			fc.property(value, (given) => {
				const text = stringifyJson(given)
				expect(parseJson(text)).toEqual(given)
				expect(stringifyJson(parseJson(text))).toBe(text)
			}),
			{ numRuns: 300 },
		)
	})
})

test('checkJson does not look into leaves', () => {
	const leaf = new Date(0)
	expect(checkJson({ a: leaf }, 'input', (item) => item === leaf)).toBe('plain')
})
