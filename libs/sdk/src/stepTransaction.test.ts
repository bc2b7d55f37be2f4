import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import { runInMemory } from './runInMemory.ts'
import { DefinitionError } from './schema.ts'
import type { StepSql } from './stepTransaction.ts'
import { suspend } from './suspend.ts'

const order = z.object({ item: z.string() })
const book = defineTask({
	label: 'Stock::Book',
	input: order,
	output: z.object({ left: z.number() }),
	retry: { attempts: 3 },
	async transaction(sql, { item }, context) {
		const { rows } = await sql.query<{ count: number }>('update stock set count = count - 1 where item = $1 returning count', [item])
		await context.log(`booked by attempt ${context.attempt}`)
		return { left: rows[0]?.count ?? 0 }
	},
})

/** Answers the same row to each statement, and keeps what it was told. */
function double(row: object): StepSql & { readonly told: unknown[] } {
	const told: unknown[] = []
	return {
		told,
		async query(text, values = []) {
			told.push([text, ...values])
			return { rows: [row as never], rowCount: 1 }
		},
	}
}

describe('a step with a transaction', () => {
	test('fails in memory at once, and says what to do', async () => {
		const run = await runInMemory(book, { item: 'tea' })
		expect(run).toMatchObject({ state: 'paused', error: { code: 'needs_database' }, steps: [{ attempt: 1 }] })
		expect(run.error?.message).toContain('Stock::Book has a transaction')
		expect(run.error?.message).toContain('useTaskyard')
	})

	test('runs with what stands for the database', async () => {
		const sql = double({ count: 4 })
		const run = await runInMemory(book, { item: 'tea' }, { sql })
		expect(run).toMatchObject({ result: 'success', output: { left: 4 }, log: [{ line: 'booked by attempt 1' }] })
		expect(sql.told).toEqual([['update stock set count = count - 1 where item = $1 returning count', 'tea']])
	})

	test('has its input and output checked', async () => {
		const run = await runInMemory(book, { item: 'tea' }, { sql: double({ count: 'four' }) })
		expect(run.error).toMatchObject({ code: 'invalid_output' })
		const wrong = await runInMemory(book, { item: 4 } as never, { sql: double({}) })
		expect(wrong.error).toMatchObject({ code: 'invalid_input' })
	})

	test('cannot suspend', async () => {
		const type = defineTask({ label: 'Stock::Wait', input: order, transaction: () => suspend() as never })
		expect((await runInMemory(type, { item: 'tea' }, { sql: double({}) })).error).toMatchObject({ code: 'invalid_suspension' })
	})

	test.each([
		['both', { run: () => 1, transaction: () => 1 }],
		['neither', {}],
	])('is either that or run, not %s', (found, code) => {
		const define = () => defineAction({ label: 'Stock::Book/book', input: order, ...code } as never)
		expect(define).toThrow(DefinitionError)
		expect(define).toThrow(`expected either run or transaction, found ${found}`)
	})
})
