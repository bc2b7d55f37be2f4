import { parseJson } from '@taskyard/model/json'
import { asSealed, maskSealed, type Sealed } from '@taskyard/model/sensitive/sealed'
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { openKeyringInMemory } from './keyring.ts'
import { open, seal } from './seals.ts'

const keyring = openKeyringInMemory('k1')
const sealed = (json: string, known?: string[]): Sealed => asSealed(parseJson(seal(keyring, json, known))) as Sealed

test('what is sealed opens as it was, and shows nothing of it', () => {
	fc.assert(
		fc.property(fc.json(), fc.array(fc.string()), (json, known) => {
			const one = sealed(json, known)
			expect(open(keyring, one)).toEqual({ value: parseJson(json), known })
			expect(one.key).toBe('k1')
		}),
	)
	expect(open(keyring, sealed('12345678901234567890')).value).toBe(12345678901234567890n)
	expect(maskSealed(`[${seal(keyring, '"hunter2"')}]`)).toBe('["•••"]')
})

test('the same value is never the same text', () => {
	expect(sealed('"hunter2"').text).not.toBe(sealed('"hunter2"').text)
})

it.each<[(string | number)[], unknown]>([
	[['a', 0, 'b'], 1],
	[['a'], [{ b: 1 }]],
	[['none'], undefined],
	[[], { a: [{ b: 1 }] }],
])('the part at %j', (path, value) => {
	expect(open(keyring, { ...sealed('{"a":[{"b":1}]}'), path }).value).toEqual(value)
})

test('a key that is missing is named, and where keys are looked for', () => {
	expect(() => open(openKeyringInMemory('k2'), sealed('1'))).toThrow(
		/the key "k1", which this process does not have\. It looks in the memory of this process/,
	)
})

test('another key of the same id, and a text that was changed, are told', () => {
	expect(() => open(openKeyringInMemory('k1'), sealed('1'))).toThrow('does not open with the key "k1"')
	const one = sealed('"hunter2"')
	const bytes = Buffer.from(one.text, 'base64')
	for (const place of [0, 12, 28, bytes.length - 1]) {
		const changed = Buffer.from(bytes)
		changed.writeUInt8((changed[place] ?? 0) ^ 1, place)
		expect(() => open(keyring, { ...one, text: changed.toString('base64') })).toThrow('does not open')
	}
	expect(() => open(keyring, { ...one, text: '' })).toThrow('does not open')
})
