/** Deletes a stopped task with its sub-tasks. A tombstone stays, and what people did. */

import { inTransaction, type PoolClient } from '@taskyard/store/connection'
import { checkDeletion, deleteTasks } from '@taskyard/store/tasks/deleteTasks'
import { repeatWhile } from '../repetition.ts'
import { isTaskId, noSuchTask, refuse } from './refuse.ts'
import type { CommandAnswer, OperateTask } from './types.ts'
import type { TransactionOptions } from './unlockTask.ts'

export async function deleteTask(options: TransactionOptions, order: OperateTask): Promise<CommandAnswer> {
	if (!isTaskId(order.id)) return noSuchTask(order.id)
	return repeatWhile(options.worthRepeating, () => inTransaction(options.pool, (client) => deleteInside(client, order)))
}

async function deleteInside(client: PoolClient, { id, who, why }: OperateTask): Promise<CommandAnswer> {
	const checked = await check(client, id)
	if ('tree' in checked) await deleteTasks(client, checked.tree, { who, rule: null, why })
	return 'tree' in checked ? { task: { id } } : checked
}

/** The same for several, in the caller's transaction: each is checked, and all that may go, goes at once. */
export async function deleteTogether(
	client: PoolClient,
	ids: readonly string[],
	{ who, why }: Omit<OperateTask, 'id'>,
): Promise<Map<string, CommandAnswer>> {
	const gone = new Set<string>()
	const answers = new Map<string, CommandAnswer>()
	for (const id of [...ids].sort()) {
		const checked = await check(client, id)
		answers.set(id, 'tree' in checked ? { task: { id } } : checked)
		if ('tree' in checked) for (const one of checked.tree) gone.add(one)
	}
	await deleteTasks(client, [...gone].sort(), { who, rule: null, why })
	return answers
}

/** The task and its sub-tasks, locked; or the answer, when it may not go or has gone. */
async function check(client: PoolClient, id: string): Promise<CommandAnswer | { readonly tree: readonly string[] }> {
	const { tree, unfinished, waiting } = await checkDeletion(client, id)
	// Asked twice is asked once.
	if (tree.length === 0) return (await isBuried(client, id)) ? { task: { id } } : noSuchTask(id)
	const [first] = unfinished
	const own = unfinished.find((one) => one.id === id.toLowerCase())
	if (own) return refuse('not_stopped', `The task is ${own.state}. Only a task that has stopped can be deleted.`)
	if (first) {
		const others = unfinished.length > 1 ? `, and ${unfinished.length - 1} more have not stopped` : ''
		return refuse(
			'descendants_unfinished',
			`Its sub-task "${first.name}" (${first.id}) is ${first.state}${others}. Cancel it first, or wait.`,
		)
	}
	const [waiter] = waiting
	if (waiter) {
		const others = waiting.length > 1 ? `, and so do ${waiting.length - 1} more` : ''
		return refuse('awaited', `Task "${waiter.name}" (${waiter.id}) waits for it${others}. Cancel what waits first, or delete it then.`)
	}
	return { tree }
}

async function isBuried(client: PoolClient, id: string): Promise<boolean> {
	return ((await client.query('select from tombstone where id = $1', [id])).rowCount ?? 0) > 0
}
