import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Secrets } from './secrets.ts'

const secretsOf = (...values: unknown[]): Secrets => {
	const secrets = new Secrets()
	for (const value of values) secrets.add(value)
	return secrets
}

describe('redacted', () => {
	it.each<[string, string, unknown]>([
		['the password hunter2 is wrong', 'the password ••• is wrong', 'hunter2'],
		['hunter2hunter2', '••••••', 'hunter2'],
		['aaaaaa', '•••', 'aaaa'],
		['x abcdef y', 'x ••• y', ['abcd', 'cdef']],
		['abc', 'abc', 'abc'],
		['pin 4711', 'pin •••', 4711],
		['root/12345678901234567890', '•••/•••', { user: 'root', key: { pin: 12345678901234567890n } }],
		['{"password":"a\\"b\\\\c"}', '{"password":"•••"}', 'a"b\\c'],
		['https://u:p%40ss%2Fword@host', 'https://u:•••@host', 'p@ss/word'],
		['second line', '•••', 'first line\nsecond line\n'],
		['hunter2', '•••', 'hunter2\n'],
		['true', 'true', true],
	])('%s: %s', (text, redacted, secret) => {
		expect(secretsOf(secret).redact(text)).toBe(redacted)
	})
})

test('values keep their shape', () => {
	expect(secretsOf('hunter2', 4711).redactValue({ a: ['hunter2!', 4711, 47110], hunter2: null })).toEqual({
		a: ['•••!', '•••', 47110],
		'•••': null,
	})
})

test('what stands in a text is named by the values themselves', () => {
	expect(secretsOf('p@ss', 'other').foundIn('p%40ss')).toEqual(['p@ss'])
})

test('nothing of any secret is left in any text', () => {
	const secret = fc.string({ minLength: 4, maxLength: 12 })
	fc.assert(
		fc.property(
			fc.array(secret, { minLength: 1, maxLength: 4 }),
			fc.array(fc.string({ maxLength: 5 }), { maxLength: 5 }),
			(values, between) => {
				const text = values.map((value, index) => `${between[index] ?? ''}${value}`).join('')
				const redacted = secretsOf(...values).redact(text)
				return values.every((value) => value.includes('•') || !redacted.includes(value))
			},
		),
	)
})
