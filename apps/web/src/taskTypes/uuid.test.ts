import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createId } from './uuid.ts'

test('is a UUIDv7, in the order of time', () => {
	fc.assert(
		fc.property(
			fc.nat(2 ** 41),
			fc.nat(2 ** 41),
			fc.uint8Array({ minLength: 10, maxLength: 10 }),
			fc.uint8Array({ minLength: 10, maxLength: 10 }),
			(a, b, some, other) => {
				const [first, second] = [createId(a, some), createId(b, other)]
				expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
				if (a < b) expect(first < second).toBe(true)
			},
		),
	)
})
