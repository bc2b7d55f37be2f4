import { describe, expect, it, test } from 'vitest'
import { referredPart } from '../references.ts'
import { renderTemplate } from '../template.ts'
import { asSealed, maskSealed, mayHoldSealed, replaceSealed, sealedPart } from './sealed.ts'

const sealed = { $sensitive: { key: 'k-1', text: 'QUJD+/=' } }

describe('a sealed value is', () => {
	it.each([
		[sealed, true],
		[{ $sensitive: { key: 'k', text: 'QQ==', path: ['a', 0] } }, true],
		[{ $sensitive: { key: 'k' } }, false],
		[{ $sensitive: { key: 1, text: 'QQ==' } }, false],
		[{ $sensitive: { key: 'k', text: 'QQ==' }, more: 1 }, false],
		[{ $sensitive: 'QQ==' }, false],
		[[sealed], false],
		['$sensitive', false],
		[null, false],
	])('%j: %s', (value, is) => {
		expect(asSealed(value) !== null).toBe(is)
	})
})

describe('for people', () => {
	it.each([
		[JSON.stringify(sealed), '"•••"'],
		[JSON.stringify({ a: sealed, b: [sealed, 1], c: 'd' }), '{"a":"•••","b":["•••",1],"c":"d"}'],
		[JSON.stringify({ a: sealedPart(sealed.$sensitive, ['x"]}}', 0, 'y']), b: sealed }), '{"a":"•••","b":"•••"}'],
		[JSON.stringify(JSON.stringify(sealed)), JSON.stringify(JSON.stringify(sealed))],
		['{ "plain" : 1.0 }', '{ "plain" : 1.0 }'],
	])('%s is %s', (json, shown) => {
		expect(maskSealed(json)).toBe(shown)
	})

	it('nothing stays nothing', () => {
		expect([maskSealed(null), mayHoldSealed('{}')]).toEqual([null, false])
	})

	it.each([
		['{user}', 'ann'],
		['{password}', '•••'],
		['{password.first}', '•••'],
		['{all}', '{"password":"•••"}'],
	])('the name %s is %s', (template, name) => {
		expect(renderTemplate(template, { user: 'ann', password: sealed, all: { password: sealed } })).toBe(name)
	})
})

test('a part of what is sealed is sealed, and of ••• it is •••', () => {
	expect(referredPart({ a: [sealed] }, ['a', 0, 'b', 1])).toEqual({ $sensitive: { ...sealed.$sensitive, path: ['b', 1] } })
	expect(referredPart(sealedPart(sealed.$sensitive, ['b']), [1])).toEqual({ $sensitive: { ...sealed.$sensitive, path: ['b', 1] } })
	expect(referredPart({ a: '•••' }, ['a', 'b'])).toBe('•••')
})

test('sealed values are opened at any depth, and what holds none is left as it is', () => {
	const plain = { a: [1, { b: null }], c: undefined }
	expect(replaceSealed(plain, () => 'opened')).toBe(plain)
	expect(replaceSealed({ a: [1, sealed], b: { c: sealed }, __proto__: null }, () => 'opened')).toEqual({
		a: [1, 'opened'],
		b: { c: 'opened' },
	})
	expect(replaceSealed({ a: [sealed], b: sealed, c: 1 }, () => undefined)).toEqual({ a: [null], c: 1 })
})
