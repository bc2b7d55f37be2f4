import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
	asReference,
	MissingOutput,
	referencesIn,
	referenceValue,
	resolveKnownReferences,
	resolvePresentReferences,
	resolveReferences,
} from './references.ts'

const outputs = new Map<number, unknown>([
	[0, { files: [{ path: 'a' }, { path: 'b' }], $output: { step: 1, path: [] } }],
	[1, 7n],
])
const to = (step: number, ...path: (string | number)[]) => referenceValue({ step, path })

describe('resolveReferences', () => {
	test.each<[string, unknown, unknown]>([
		['a value without references', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
		['a reference alone', to(1), 7n],
		['a part of an output', to(0, 'files', 1, 'path'), 'b'],
		['at any depth', { a: [{ b: to(0, 'files', 0) }] }, { a: [{ b: { path: 'a' } }] }],
		['a part that is not there: the property is left out', { a: to(0, 'none', 'x'), b: 1 }, { b: 1 }],
		['a part that is not there: null in a list', [to(0, 'none')], [null]],
		['an inherited property', { a: to(0, 'constructor') }, {}],
		['what was filled in is not looked at again', { a: to(0, '$output') }, { a: { step: 1, path: [] } }],
		[
			'an object with another key beside it is no reference',
			{ $output: { step: 0, path: [] }, b: 1 },
			{ $output: { step: 0, path: [] }, b: 1 },
		],
	])('%s', (_, value, expected) => {
		expect(resolveReferences(value, outputs)).toEqual(expected)
	})

	test('names the step that has no output', () => {
		expect(() => resolveReferences({ a: to(5) }, outputs)).toThrow(MissingOutput)
		expect(() => resolveReferences({ a: to(5) }, outputs)).toThrow('step 5')
	})

	test('keeps what is not known, where it is asked for a person', () => {
		expect(resolveKnownReferences({ a: to(5, 'x'), b: to(1) }, outputs)).toEqual({ a: to(5, 'x'), b: 7n })
	})

	test('null stands for what has no output, where that is no fault', () => {
		expect(resolvePresentReferences({ a: to(5, 'x'), b: to(1), c: [to(5)] }, outputs)).toEqual({ a: null, b: 7n, c: [null] })
	})

	test('changes nothing where there is no reference', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				fc.pre(!JSON.stringify(value).includes('$output'))
				expect(JSON.stringify(resolveReferences(value, new Map()))).toBe(JSON.stringify(value))
			}),
		)
	})

	test('keeps a property named __proto__', () => {
		expect(JSON.stringify(resolveReferences(JSON.parse('{"__proto__":1}'), new Map()))).toBe('{"__proto__":1}')
	})
})

describe('asReference', () => {
	test.each([null, 3, 'x', [], {}, { $output: 3 }, { $output: { step: '0', path: [] } }, { $output: { step: 0, path: [null] } }])(
		'%j is none',
		(value) => {
			expect(asReference(value)).toBeNull()
		},
	)
})

test('referencesIn finds all, in order', () => {
	expect(referencesIn({ a: to(2, 'x'), b: [to(0), { c: to(2) }] })).toEqual([
		{ step: 2, path: ['x'] },
		{ step: 0, path: [] },
		{ step: 2, path: [] },
	])
})
