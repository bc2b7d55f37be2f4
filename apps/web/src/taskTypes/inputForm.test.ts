import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Field, fieldsOf } from './inputFields.ts'
import { checkValues, faultsByField, initialValues, inputText, valuesOf } from './inputValues.ts'

const object = (properties: object, required: readonly string[] = []) =>
	JSON.stringify({ type: 'object', properties, required, additionalProperties: false })
const fields = (properties: object, required: readonly string[] = []): readonly Field[] => fieldsOf(object(properties, required)) ?? []
const kindOf = (property: object) => fields({ it: property })[0]?.kind

describe('fieldsOf: the kind of field', () => {
	test.each([
		[{ type: 'string' }, 'text'],
		[{ type: 'string', enum: ['a', 'b'] }, 'choice'],
		[{ const: 1 }, 'choice'],
		[{ type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 }, 'number'],
		[{ type: 'number' }, 'number'],
		[{ type: 'boolean' }, 'boolean'],
		[{ type: 'array', items: { type: 'string' } }, 'texts'],
		[{ type: 'array', items: { type: 'number' } }, 'json'],
		[{ type: 'array', prefixItems: [{ type: 'string' }] }, 'json'],
		[{ type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'string' } }, 'pairs'],
		[{ type: 'object', additionalProperties: {} }, 'json'],
		[{ type: 'object', properties: { a: { type: 'string' } } }, 'group'],
		[{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'text'],
		[{ type: ['integer', 'null'] }, 'number'],
		[{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'json'],
		[{}, 'json'],
		[{ $ref: '#' }, 'json'],
	])('%j: %s', (property, kind) => {
		expect(kindOf(property)).toBe(kind)
	})

	test('references into $defs are followed', () => {
		const schema = { type: 'object', properties: { it: { $ref: '#/$defs/Name' } }, $defs: { Name: { type: 'string' } } }
		expect(fieldsOf(JSON.stringify(schema))?.[0]?.kind).toBe('text')
	})

	test('an input that is no object has no fields', () => {
		expect(fieldsOf('{"type":"array"}')).toBeNull()
		expect(fieldsOf('{"type":"object","additionalProperties":{"type":"string"}}')).toBeNull()
	})

	test('labels, paths, defaults and what is required', () => {
		expect(
			fields({ workingDirectory: { type: 'string', description: 'Where' }, shares: { type: 'integer', default: 4 } }, [
				'workingDirectory',
				'shares',
			]),
		).toMatchObject([
			{ label: 'Working directory', path: '/workingDirectory', description: 'Where', required: true, fallback: null },
			{ label: 'Shares', path: '/shares', required: false, fallback: '4' },
		])
	})

	test('the bounds of safe integers are no bounds', () => {
		expect(fields({ n: { type: 'integer', minimum: 1, maximum: 9007199254740991 } })[0]).toMatchObject({ minimum: 1, maximum: null })
	})
})

const backup = fields(
	{
		source: { type: 'string', minLength: 1 },
		exclude: { type: 'array', items: { type: 'string' }, default: [] },
		shares: { type: 'integer', minimum: 1, maximum: 16, default: 4 },
		note: { type: 'string' },
		dryRun: { type: 'boolean' },
		environment: { type: 'object', additionalProperties: { type: 'string' } },
		limits: { type: 'object', properties: { rate: { type: 'number' }, burst: { type: 'integer' } }, required: ['rate'] },
		more: {},
	},
	['source'],
)

describe('inputText', () => {
	test('holds the defaults and leaves out what was left empty', () => {
		expect(inputText(backup, { ...initialValues(backup), '/source': '/srv' })).toBe('{"source":"/srv","exclude":[],"shares":4}')
	})

	test('keeps numbers as they were typed', () => {
		expect(inputText(backup, { '/source': 'x', '/shares': '9007199254740993', '/limits/rate': '1e400' })).toBe(
			'{"source":"x","exclude":[],"shares":9007199254740993,"limits":{"rate":1e400}}',
		)
	})

	test('holds pairs, switches and JSON', () => {
		const text = inputText(backup, {
			'/source': 'x',
			'/exclude': ['a'],
			'/shares': '',
			'/dryRun': false,
			'/environment': [['A', '1']],
			'/more': '[1.0]',
		})
		expect(text).toBe('{"source":"x","exclude":["a"],"dryRun":false,"environment":{"A":"1"},"more":[1.0]}')
	})

	test('and valuesOf are each other’s way back', () => {
		const texts = fc.array(fc.string(), { maxLength: 3 })
		const values = fc.record({
			'/source': fc.string({ minLength: 1 }),
			'/exclude': texts,
			'/shares': fc.integer().map(String),
			'/note': fc.string(),
			'/dryRun': fc.constantFrom(true, false, null),
			'/environment': fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([key]) => key }),
			'/limits/rate': fc.constantFrom('', '0.5', '12'),
			'/limits/burst': fc.constantFrom('', '3'),
			'/more': fc.constantFrom('', '{"a":[1.50]}', 'null'),
		})
		fc.assert(
			fc.property(values, (form) => {
				const text = inputText(backup, form)
				const back = valuesOf(backup, text)
				expect('values' in back && inputText(backup, back.values)).toBe(text)
			}),
		)
	})
})

describe('valuesOf says why the form cannot show', () => {
	test.each([
		['{', 'This is not JSON. Line 1, column 2: expected a key in double quotes, found the end of the text.'],
		['[]', 'The input is not an object, so the form cannot show it.'],
		['{"sources":1}', 'The input has “sources”, which has no field in the form.'],
		['{"source":1}', '/source has a value that the form cannot show.'],
		['{"limits":{"speed":1}}', '/limits has “speed”, which has no field in the form.'],
	])('%s', (text, misfit) => {
		expect(valuesOf(backup, text)).toEqual({ misfit })
	})
})

describe('checkValues', () => {
	test.each([
		[{}, '/source', 'Fill this in: it is required.'],
		[{ '/shares': 'four' }, '/shares', '“four” is not a number. Write it like 4.'],
		[{ '/shares': '1.5' }, '/shares', '“1.5” is not a whole number.'],
		[{ '/shares': '0' }, '/shares', '0 is too small: the least is 1.'],
		[{ '/shares': '17' }, '/shares', '17 is too large: the most is 16.'],
		[{ '/limits/burst': '3' }, '/limits/rate', 'Fill this in: it is required.'],
		[{ '/more': '{' }, '/more', 'This is not JSON. Line 1, column 2: expected a key in double quotes, found the end of the text.'],
		[
			{
				'/environment': [
					['A', '1'],
					['A', '2'],
				],
			},
			'/environment',
			'“A” stands here twice: give each entry a name of its own.',
		],
	] as const)('%j: %s', (values, path, message) => {
		expect(checkValues(backup, { ...initialValues(backup), ...values })).toContainEqual({ path, message })
	})

	test('an optional group that was not begun has no faults', () => {
		expect(checkValues(backup, { ...initialValues(backup), '/source': 'x' })).toEqual([])
	})
})

test('faults stand at the nearest field', () => {
	const faults = [
		{ path: '/exclude/0', message: 'no' },
		{ path: '/source', message: 'gone' },
		{ path: '', message: 'all' },
		{ path: '/other', message: 'odd' },
	]
	expect([...faultsByField(backup, faults)]).toEqual([
		['/exclude', ['/0: no']],
		['/source', ['gone']],
		['', ['all', '/other: odd']],
	])
})
