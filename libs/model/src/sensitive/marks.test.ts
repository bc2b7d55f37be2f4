import { describe, expect, it, test } from 'vitest'
import { hasMarks, markedParts, replaceMarked, revealsSensitive } from './marks.ts'

const text = { type: 'string' }
const secret = { type: 'string', sensitive: true }
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })

describe('sensitive in', () => {
	it.each([
		['a field', object({ a: secret, b: text }), { a: 'x', b: 'y' }, { a: '•••', b: 'y' }],
		['a nested field', object({ a: object({ b: secret }) }), { a: { b: 'x', c: 1 } }, { a: { b: '•••', c: 1 } }],
		['a whole object', object({ a: object({ b: text }, { sensitive: true }) }), { a: { b: 'x' } }, { a: '•••' }],
		['a list', object({ a: { items: secret } }), { a: ['x', 'y'] }, { a: ['•••', '•••'] }],
		['a tuple', { prefixItems: [text, secret], items: text }, ['x', 'y', 'z'], ['x', '•••', 'z']],
		['a record', object({}, { additionalProperties: secret }), { a: 'x', b: 'y' }, { a: '•••', b: '•••' }],
		['the other properties', object({ a: text }, { additionalProperties: secret }), { a: 'x', b: 'y' }, { a: 'x', b: '•••' }],
		['a pattern', { patternProperties: { '^x-': secret } }, { 'x-a': 'x', a: 'y' }, { 'x-a': '•••', a: 'y' }],
		['a choice', { anyOf: [object({ a: secret }), object({ a: { type: 'number' } })] }, { a: 5 }, { a: '•••' }],
		['all of several', { allOf: [object({ a: text }), object({ a: { sensitive: true } })] }, { a: 'x' }, { a: '•••' }],
		['a definition', { $ref: '#/$defs/a~1b', $defs: { 'a/b': object({ a: secret }) } }, { a: 'x' }, { a: '•••' }],
		['recursion', object({ next: { $ref: '#' }, a: secret }), { next: { next: { a: 'x' } } }, { next: { next: { a: '•••' } } }],
		['a number', object({ pin: { type: 'integer', sensitive: true } }), { pin: 1234 }, { pin: '•••' }],
		['an absent field', object({ a: secret }), { b: 1 }, { b: 1 }],
		['a field of that name', object({ sensitive: { type: 'boolean' } }), { sensitive: true }, { sensitive: true }],
		['a default of that shape', object({ a: { default: { sensitive: true } } }), { a: { sensitive: true } }, { a: { sensitive: true } }],
	])('%s', (_, schema, value, shown) => {
		expect(replaceMarked(value, schema)).toEqual(shown)
		expect(hasMarks(schema)).toBe(JSON.stringify(schema).includes('"sensitive":true') && !JSON.stringify(schema).includes('default'))
	})
})

test('a schema without marks leaves the value as it is', () => {
	const value = { a: 'x' }
	expect(replaceMarked(value, object({ a: text }))).toBe(value)
})

test('what stands at the sensitive places', () => {
	expect(markedParts({ a: 'x', b: { c: ['y'] } }, object({ a: secret, b: object({ c: { items: secret } }) }))).toEqual(['x', 'y'])
})

describe('the path', () => {
	const schema = object({
		a: text,
		all: object({ b: text }, { sensitive: true }),
		list: { items: secret },
		outer: object({ a: text, b: secret }),
	})
	it.each([
		['a', false],
		['outer', true],
		['outer.a', false],
		['all', true],
		['all.b', true],
		['list', true],
		['list.0', true],
		['none.b', false],
	])('%s reveals something: %s', (path, is) => {
		expect(revealsSensitive(schema, path.split('.'))).toBe(is)
	})
})
