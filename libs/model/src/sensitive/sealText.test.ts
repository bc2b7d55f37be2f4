import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { placeIn, placeUnder } from './marks.ts'
import { sealText } from './sealText.ts'
import { Secrets } from './secrets.ts'

const secret = { sensitive: true }
const schema = { properties: { a: secret, b: { properties: { c: secret } }, list: { items: secret } } }
const seal = (json: string, known: readonly string[] = []): string => `<${json}${known.map((one) => `|${one}`).join('')}>`
const secretsOf = (...values: unknown[]): Secrets => {
	const secrets = new Secrets()
	for (const value of values) secrets.add(value)
	return secrets
}

describe('by schema', () => {
	it.each([
		['{"a":"x","d":"x"}', '{"a":<"x">,"d":"x"}'],
		[
			'{ "2" : 1.0, "a" : {"deep": [1, "]}"]} , "1":12345678901234567890 }',
			'{ "2" : 1.0, "a" : <{"deep": [1, "]}"]}> , "1":12345678901234567890 }',
		],
		['{"b":{"c":null,"d":1},"list":["\\"x",2 , 3]}', '{"b":{"c":<null>,"d":1},"list":[<"\\"x">,<2> , <3>]}'],
		['{"\\u0061":1}', '{"\\u0061":<1>}'],
		['{"a":1,"a":2}', '{"a":<1>,"a":<2>}'],
		['{"a":{"$sensitive":{"key":"k","text":"QQ=="}}}', '{"a":{"$sensitive":{"key":"k","text":"QQ=="}}}'],
		['{"a":{"$output":{"step":0,"path":[]}}}', '{"a":<{"$output":{"step":0,"path":[]}}>}'],
		['[]', '[]'],
		['{}', '{}'],
		['"a"', '"a"'],
	])('%s: %s', (text, sealed) => {
		expect(sealText(text, { places: [placeIn(schema)], secrets: null, seal })).toBe(sealed)
	})

	it('references of a plan stay, and what is around them in a sensitive object is sealed', () => {
		const text = '{"a":{"$output":{"step":0,"path":[]}},"b":{"c":{"user":{"$output":{"step":1,"path":["u"]}},"password":"x"}}}'
		expect(sealText(text, { places: [placeIn(schema)], secrets: null, references: true, seal })).toBe(text.replace('"x"', '<"x">'))
	})
})

test('below a path', () => {
	const places = [placeUnder(['x', 1], placeIn(schema)), placeUnder([], placeIn({ properties: { y: secret } }))]
	expect(sealText('{"x":[{"a":1},{"a":1,"d":2}],"a":1,"y":2}', { places, secrets: null, seal })).toBe(
		'{"x":[{"a":1},{"a":<1>,"d":2}],"a":1,"y":<2>}',
	)
})

test('a sensitive text names the other secrets that it contains', () => {
	const text = '{"a":"https://u:hunter2@h","list":["hunter2"]}'
	expect(sealText(text, { places: [placeIn(schema)], secrets: secretsOf('hunter2', 'https://u:hunter2@h'), seal })).toBe(
		'{"a":<"https://u:hunter2@h"|hunter2>,"list":[<"hunter2">]}',
	)
})

describe('by secrets', () => {
	it.each([
		['{"url":"https://u:hunter2@h","n":1}', '{"url":<"https://u:hunter2@h"|hunter2>,"n":1}'],
		['[4711,47110,"4711"]', '[<4711|4711>,47110,<"4711"|4711>]'],
		['{"x":{"n":"hunter2","hunter2":{"deep":"hunter2"}},"y":1}', '{"x":<{"n":"hunter2","hunter2":{"deep":"hunter2"}}|hunter2>,"y":1}'],
		['"\\u0068unter2"', '<"\\u0068unter2"|hunter2>'],
		['{"n":"hunter"}', '{"n":"hunter"}'],
	])('%s: %s', (text, sealed) => {
		expect(sealText(text, { places: [], secrets: secretsOf('hunter2', 4711), seal })).toBe(sealed)
	})
})

test('opened again it is the same text, whatever it is', () => {
	const withMarks = { additionalProperties: secret, items: { items: secret, additionalProperties: { items: secret } } }
	fc.assert(
		fc.property(fc.json(), fc.array(fc.string({ minLength: 4 }), { maxLength: 3 }), fc.constantFrom(0, 1, '\t'), (json, values, space) => {
			const text = JSON.stringify(JSON.parse(json), null, space)
			const sealed: string[] = []
			const result = sealText(text, {
				places: [placeIn(withMarks)],
				secrets: secretsOf(...values),
				seal: (part) => `\u0001${sealed.push(part) - 1}\u0002`,
			})
			expect(result.replace(/\u0001(\d+)\u0002/g, (_, index) => sealed[Number(index)] ?? '')).toBe(text)
		}),
	)
})
