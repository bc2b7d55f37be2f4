/** A shape whose steps write into a table of their author's, in the transaction that stores their outcome. */

import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { z } from 'zod'
import { begin, replace } from './effects.ts'

const book = defineAction({
	label: 'Shape::Ledger/book',
	input: z.object({ from: z.unknown().optional() }),
	output: z.object({ step: z.number() }),
	async transaction(sql, _, context) {
		begin(context, 'run')
		await sql.query('insert into ledger values ($1, $2, $3)', [context.taskId, context.step, context.attempt])
		await context.log(`booked by attempt ${context.attempt}`)
		await replace(context, 'run')
		return { step: context.step }
	},
})

/** Each step has a transaction, the last one ends the task with it. */
export const ledger = defineTask({
	label: 'Shape::Ledger',
	input: z.object({ resource: z.string() }),
	locks: [{ resource: { type: 'Yard', id: '{resource}' }, name: 'shape', onConflict: 'wait' }],
	actions: [book],
	plan(plan) {
		const first = plan.step(book, {})
		const left = plan.step(book, { from: first.output.step })
		// In a child of its own.
		const right = plan.step(book, {}, { isolation: 'own' })
		const last = plan.step(book, {})
		plan.sequence(first, plan.concurrence(left, right), last)
		return { steps: [first.output.step, left.output.step, right.output.step, last.output.step] }
	},
})
