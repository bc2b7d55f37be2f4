import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withInputDefaults } from './inputDefaults.ts'

const host = { properties: { host: { type: 'string', default: 'localhost' }, port: { type: 'number' } } }

describe('withInputDefaults', () => {
	it.each([
		[host, {}, { host: 'localhost' }],
		[host, { host: 'a' }, { host: 'a' }],
		[host, { host: null }, { host: null }],
		[host, { port: 1, other: 2 }, { port: 1, other: 2, host: 'localhost' }],
		[{ properties: { at: host } }, { at: {} }, { at: { host: 'localhost' } }],
		[{ properties: { at: host } }, {}, {}],
		[{ properties: { at: { ...host, default: {} } } }, {}, { at: { host: 'localhost' } }],
		[{ properties: { on: { default: false } } }, {}, { on: false }],
		[{ properties: { list: { items: host } } }, { list: [{}] }, { list: [{}] }],
		[{ properties: { ['__proto__']: { default: 1 } } }, {}, { ['__proto__']: 1 }],
		[host, [], []],
		[host, 'text', 'text'],
		[{}, { any: 1n }, { any: 1n }],
	])('%j, %o', (schema, input, expected) => {
		expect(withInputDefaults(schema, input)).toEqual(expected)
	})

	it('changes no field that is given, and does not touch what it was handed', () => {
		const schema = { properties: { a: { default: 1 }, b: { properties: { c: { default: 2 } } } } }
		fc.assert(
			fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.jsonValue()), (input) => {
				const before = structuredClone(input)
				const completed = withInputDefaults(schema, input) as Record<string, unknown>
				expect(input).toEqual(before)
				for (const [name, value] of Object.entries(input)) if (name !== 'b') expect(completed[name]).toEqual(value)
			}),
		)
	})
})
