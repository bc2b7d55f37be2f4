import { useDatabase } from '@taskyard/testkit/database'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { booleans, numbers, plain, texts } from './arrays.ts'

const database = useDatabase()

async function read(type: string, literal: string): Promise<unknown> {
	const { rows } = await database.pool.query<{ list: string }>(`select to_json($1::${type}[])::text as list`, [literal])
	return JSON.parse(rows[0]?.list ?? 'null')
}

describe('PostgreSQL reads back what was written', () => {
	test.each([
		['numbers', numbers([1, null, -2.5, 1e21]), 'float8', [1, null, -2.5, 1e21]],
		['booleans', booleans([true, false]), 'boolean', [true, false]],
		['plain words', plain(['a', null, 'b-1']), 'text', ['a', null, 'b-1']],
		['nothing', texts([]), 'text', []],
		['quotes and backslashes', texts(['{"a": "\\" \\\\"}', 'c:\\x']), 'text', ['{"a": "\\" \\\\"}', 'c:\\x']],
		['lines and tabs', texts(['a\nb\t"c"\\\r\u0001']), 'text', ['a\nb\t"c"\\\r\u0001']],
		['what looks like something else', texts(['NULL', '', '{}', ',', null, '\\N']), 'text', ['NULL', '', '{}', ',', null, '\\N']],
		['more than the basic plane', texts(['"🚀" \\ é\u2028']), 'text', ['"🚀" \\ é\u2028']],
	])('%s', async (_, literal, type, expected) => {
		expect(await read(type, literal)).toEqual(expected)
	})

	test('any texts', async () => {
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.string({ unit: fc.constantFrom('"', '\\', '\n', ',', '{', 'a', ' ', '🚀') }),
			fc.json(),
		)
		const storable = text.map((one) => one.replaceAll('\0', ''))
		await fc.assert(
			fc.asyncProperty(fc.array(fc.option(storable)), async (values) => {
				expect(await read('text', texts(values))).toEqual(values)
			}),
			{ numRuns: 200 },
		)
	})
})
