/** The task type of bulks: goes through its items by their places, and can go on after the death of any process. */

import { urgentQueue } from '@taskyard/dispatch/jobs'
import { readOpenItems } from '@taskyard/store/bulk/doItems'
import { countItems, readBulk } from '@taskyard/store/bulk/readItems'
import type { StepContext, TaskDefinition } from '@taskyard/sdk/definition'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { actions } from './actions.ts'
import type { Bulk, PlatformServices } from './bulk.ts'
import { type BulkInput, bulkInput, bulkLabel, type BulkOutput, bulkOutput } from './input.ts'

/** Items that are read with one statement. */
const pageSize = 1000

export function bulkTask(services: PlatformServices): TaskDefinition {
	return defineTask({
		label: bulkLabel,
		name: 'Bulk {action} ({count})',
		description: 'Does something to many tasks, and says of each what became of it.',
		input: bulkInput,
		output: bulkOutput,
		queue: urgentQueue,
		run: (input, context) => carryOut(services, input, context),
	})
}

async function carryOut(services: PlatformServices, input: BulkInput, context: StepContext): Promise<BulkOutput> {
	const { pool } = services
	const { taskId: id, correlationId, signal } = context
	const task = await readBulk(pool, id)
	const before = await countItems(pool, id)
	const total = before.done + before.refused + before.failed + before.none
	if (!task || total !== input.count) {
		throw new Failure(`The bulk has ${total} items, and ${input.count} were to be. Start another one.`, {
			code: 'no_items',
			retryable: false,
		})
	}
	const bulk: Bulk = { id, who: task.owner, why: input.why, correlationId, services, worth: () => !signal.aborted }
	const { atOnce, act } = actions[input.action]
	let done = total - before.none
	for (let after = -1; ; ) {
		const page = await readOpenItems(pool, id, after, pageSize)
		const last = page.at(-1)
		if (!last) break
		for (let from = 0; from < page.length; from += atOnce) {
			signal.throwIfAborted()
			const items = page.slice(from, from + atOnce)
			await act(bulk, items)
			done += items.length
			context.progress({ done, total, unit: 'tasks' })
		}
		after = last.place
	}
	signal.throwIfAborted()
	const { done: well, refused, failed, none } = await countItems(pool, id)
	if (none > 0) throw new Error(`The bulk has passed ${none} items without an outcome. A resume goes on with them.`)
	return { done: well, refused, failed }
}
