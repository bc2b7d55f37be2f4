import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CommandFailure } from '../commandFailure.ts'
import { parseExact } from './exactJson.ts'
import { readTaskInput } from './taskInput.ts'

const schema = {
	type: 'object',
	properties: {
		source: { type: 'string' },
		shares: { type: 'integer', default: 4 },
		exclude: { type: 'array', items: { type: 'string' } },
		sizes: { type: 'array', items: { type: 'number' } },
		dry: { type: 'boolean' },
		environment: { type: 'object', additionalProperties: { type: 'string' } },
		retry: { $ref: '#/$defs/retry' },
		note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
		mode: { enum: ['fast', 'safe'] },
		'a.b': { type: 'string' },
		size: { type: 'number' },
	},
	$defs: { retry: { type: 'object', properties: { attempts: { type: 'integer' }, name: { type: 'string' } } } },
}

const read = (assignments: readonly string[], input?: string, type: object | null = schema) =>
	readTaskInput(
		{ input, assignments },
		{
			read: async (path) => {
				if (path === 'missing.json') throw new Error('no such file')
				return `{ "from": "${path}" }`
			},
			schema: async () => (type === null ? null : JSON.stringify(type)),
		},
	)

describe('--input', () => {
	test.each([
		[undefined, '{}'],
		['{ "b": 9007199254740993, "a": 1 }', '{ "b": 9007199254740993, "a": 1 }'],
		['@given.json', '{ "from": "given.json" }'],
		['@-', '{ "from": "-" }'],
	])('%s', async (input, expected) => {
		expect(await read([], input)).toBe(expected)
	})

	test.each([
		['{"a":}', /^--input is no JSON: .*Expected an object such as/],
		['', /^--input is no JSON/],
		['@missing.json', /^--input @missing\.json: missing\.json cannot be read: no such file\.$/],
	])('%s is refused', async (input, message) => {
		await expect(read([], input)).rejects.toThrow(message)
		await expect(read([], input)).rejects.toThrow(CommandFailure)
	})
})

describe('-i', () => {
	test.each([
		[['source=/srv'], '{"source":"/srv"}'],
		[['source=12'], '{"source":"12"}'],
		[['source=a=b'], '{"source":"a=b"}'],
		[['source='], '{"source":""}'],
		[['shares=8'], '{"shares":8}'],
		[['size=9007199254740993'], '{"size":9007199254740993}'],
		[['exclude=*.tmp'], '{"exclude":["*.tmp"]}'],
		[['exclude=12', 'exclude=b'], '{"exclude":["12","b"]}'],
		[['exclude=["a","b"]'], '{"exclude":["a","b"]}'],
		[['sizes=1', 'sizes=2.50'], '{"sizes":[1,2.50]}'],
		[['dry=true'], '{"dry":true}'],
		[['environment.PATH=/bin', 'environment.N=1'], '{"environment":{"PATH":"/bin","N":"1"}}'],
		[['environment={"A":"1"}'], '{"environment":{"A":"1"}}'],
		[['retry.attempts=3', 'retry.name=3'], '{"retry":{"attempts":3,"name":"3"}}'],
		[['note=null'], '{"note":null}'],
		[['note=true'], '{"note":"true"}'],
		[['mode=fast'], '{"mode":"fast"}'],
		[['a.b=1'], '{"a.b":"1"}'],
		[['unknown=1', 'other=x'], '{"unknown":1,"other":"x"}'],
		[['__proto__=1'], '{"__proto__":1}'],
	])('%s', async (assignments, expected) => {
		expect(await read(assignments)).toBe(expected)
	})

	test('adds to --input and replaces there', async () => {
		expect(
			await read(['shares=8', 'exclude=c', 'retry.name=n'], '{"big":9007199254740993,"shares":1,"exclude":["a"],"retry":{"attempts":2}}'),
		).toBe('{"big":9007199254740993,"shares":8,"exclude":["c"],"retry":{"attempts":2,"name":"n"}}')
	})

	test('guesses where the type is unknown', async () => {
		expect(await read(['n=1', 'text=one'], undefined, null)).toBe('{"n":1,"text":"one"}')
	})

	test.each([
		[['source'], /^-i source: expected key=value/],
		[['=x'], /^-i =x: expected key=value/],
		[['shares=many'], /^-i shares=many: expected integer as JSON, such as -i shares=4\.$/],
		[['dry=yes'], /^-i dry=yes: expected boolean as JSON, such as -i dry=true\.$/],
		[['sizes=big'], /^-i sizes=big: expected number as JSON/],
	])('%s is refused', async (assignments, message) => {
		await expect(read(assignments)).rejects.toThrow(message)
	})

	test('cannot add to what is no object', async () => {
		await expect(read(['source=/srv'], '[1]')).rejects.toThrow('--input is no JSON object, so -i cannot add to it.')
	})

	test('any text reaches a text as it is', async () => {
		await fc.assert(
			fc.asyncProperty(fc.string(), async (text) => {
				expect(JSON.parse(await read([`source=${text}`]))).toEqual({ source: text })
			}),
		)
	})
})

test('exact JSON is JSON', () => {
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			const text = JSON.stringify(value)
			expect(JSON.stringify(parseExact(text))).toBe(text)
		}),
	)
})
