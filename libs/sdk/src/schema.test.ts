import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { DefinitionError, jsonSchemaOf, presenceOf } from './schema.ts'

describe('jsonSchemaOf refuses, with the place', () => {
	test.each<[string, z.ZodType, string]>([
		['a date', z.object({ when: z.date() }), 'Test::Type, input.when: a date cannot be expressed in JSON Schema; use z.iso.datetime()'],
		['a coerced date', z.object({ when: z.coerce.date().optional() }), 'input.when: a date'],
		['a bigint in a list', z.object({ a: z.array(z.object({ b: z.bigint() })) }), 'input.a[*].b: a bigint'],
		['a Map', z.object({ m: z.map(z.string(), z.number()) }), 'input.m: a Map'],
		['a Set', z.object({ 's t': z.set(z.string()) }), 'input["s t"]: a Set'],
		['undefined', z.object({ u: z.undefined() }), 'input.u: undefined'],
		['a custom check', z.object({ c: z.instanceof(URL) }), 'input.c: a custom check'],
		['in a choice', z.union([z.string(), z.object({ d: z.date() })]), 'input.d: a date'],
		['in a record', z.record(z.string(), z.date()), 'input[*]: a date'],
		['in a tuple', z.object({ t: z.tuple([z.string(), z.date()]) }), 'input.t[1]: a date'],
		['an odd literal', z.object({ l: z.literal(3n) }), 'input.l: the literal 3'],
	])('%s', (_, schema, message) => {
		expect(() => jsonSchemaOf(schema, 'input', 'Test::Type')).toThrow(DefinitionError)
		expect(() => jsonSchemaOf(schema, 'input', 'Test::Type')).toThrow(message)
	})

	test('what a transform makes, in an output only', () => {
		const schema = z.object({ t: z.string().transform((text) => text.length) })
		expect(jsonSchemaOf(schema, 'input', 'Test::Type')).toMatchObject({ properties: { t: { type: 'string' } } })
		expect(() => jsonSchemaOf(schema, 'output', 'Test::Type')).toThrow('output.t: what a transform makes')
	})
})

describe('jsonSchemaOf', () => {
	test('is 2020-12, and an input may lack what has a default', () => {
		const schema = z.object({ source: z.string(), shares: z.int().min(1).default(4), big: z.coerce.bigint() })
		expect(jsonSchemaOf(schema, 'input', 'Test::Type')).toMatchObject({
			$schema: 'https://json-schema.org/draft/2020-12/schema',
			properties: { shares: { type: 'integer', default: 4 }, big: { type: 'integer' } },
			required: ['source', 'big'],
		})
	})

	test('has no formats but the standard ones', () => {
		const schema = z.object({ path: z.string().startsWith('/'), when: z.iso.datetime(), id: z.nanoid() })
		expect(jsonSchemaOf(schema, 'input', 'Test::Type')['properties']).toEqual({
			path: { type: 'string', pattern: expect.stringContaining('^') },
			when: expect.objectContaining({ type: 'string', format: 'date-time' }),
			id: expect.not.objectContaining({ format: 'nanoid' }),
		})
	})

	test('accepts what the zod schema accepts', () => {
		const schema = z.strictObject({
			source: z.string().regex(/^\//),
			exclude: z.array(z.string()).default([]),
			shares: z.int().min(1).max(64).default(4),
			mode: z.enum(['fast', 'safe']).optional(),
			extra: z.record(z.string(), z.union([z.number(), z.null()])).optional(),
		})
		const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(jsonSchemaOf(schema, 'input', 'Test::Type'))
		const value = fc.record(
			{
				source: fc.oneof(fc.constant('/a'), fc.string()),
				exclude: fc.array(fc.string()),
				shares: fc.oneof(fc.integer({ min: -1, max: 70 }), fc.double()),
				mode: fc.constantFrom('fast', 'safe', 'other'),
				extra: fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.constant(null), fc.string())),
			},
			{ requiredKeys: ['source'] },
		)
		fc.assert(
			fc.property(value, (given) => {
				const json: unknown = JSON.parse(JSON.stringify(given))
				expect(accepts(json)).toBe(schema.safeParse(json).success)
			}),
		)
	})
})

describe('presenceOf', () => {
	const schema = jsonSchemaOf(
		z.object({
			source: z.string(),
			maybe: z.string().optional(),
			shares: z.int().default(4),
			deep: z.object({ a: z.string(), b: z.string().optional() }),
			any: z.record(z.string(), z.string()),
			list: z.array(z.object({ x: z.string() })),
			pair: z.tuple([z.string(), z.number()]),
			unknown: z.unknown(),
			either: z.union([z.object({ l: z.string() }), z.object({ r: z.string() })]),
			both: z.intersection(z.object({ l: z.string() }), z.object({ r: z.string().optional() })),
		}),
		'input',
		'Test::Type',
	)
	test.each([
		['source', 'always'],
		['maybe', 'perhaps'],
		['shares', 'always'],
		['deep.a', 'always'],
		['deep.b', 'perhaps'],
		['deep.c', 'never'],
		['source.x', 'never'],
		['any.thing', 'perhaps'],
		['list.0.x', 'perhaps'],
		['list.0.y', 'never'],
		['pair.1', 'always'],
		['unknown.x', 'perhaps'],
		['either.l', 'perhaps'],
		['either.x', 'never'],
		['both.l', 'always'],
		['both.r', 'perhaps'],
		['toString', 'never'],
		['sorce', 'never'],
	])('%s: %s', (path, expected) => {
		expect(presenceOf(schema, path.split('.'))).toBe(expected)
	})

	test('follows a schema that refers to itself', () => {
		const tree: z.ZodType = z.object({ name: z.string(), next: z.lazy(() => tree).optional() })
		const recursive = jsonSchemaOf(tree, 'input', 'Test::Type')
		expect(presenceOf(recursive, ['next', 'next', 'name'])).toBe('perhaps')
		expect(presenceOf(recursive, ['next', 'nome'])).toBe('never')
	})
})
