/** Resumes a task that was unlocked: it takes its locks again, or stays as it is. One transaction, because the locks decide. */

import { enqueue } from '@taskyard/dispatch/jobs'
import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { mergeChanges } from '@taskyard/model/mergeChanges'
import { inTransaction, type PoolClient } from '@taskyard/store/connection'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import { decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { claimAgain } from '../locks/claimAgain.ts'
import { repeatWhile } from '../repetition.ts'
import { noSuchTask, refuse } from './refuse.ts'
import type { CommandAnswer, OperateTask, Refused } from './types.ts'
import type { TransactionOptions } from './unlockTask.ts'

/** Answers null when the task is not one that was unlocked. */
export async function resumeUnlocked(options: TransactionOptions, order: OperateTask): Promise<CommandAnswer | null> {
	const { rowCount } = await options.pool.query('select from task where id = $1 and unlocked and state = 6', [order.id])
	if (!rowCount) return null
	return repeatWhile(options.worthRepeating, () =>
		inTransaction(options.pool, (client) => resumeUnlockedInside(client, options.clock.now(), order)).catch((error: unknown) => {
			if (error instanceof Held) return error.refused
			throw error
		}),
	)
}

/** Undoes the claims that were made before the one that is held by others. */
export class Held extends Error {
	readonly refused: Refused

	constructor(message: string) {
		super(message)
		this.refused = refuse('locks_held', message)
	}
}

/**
 * The same in the caller's transaction, which is undone when the locks are held by others.
 *
 * @throws Held
 */
export async function resumeUnlockedInside(client: PoolClient, at: number, { id, who, why }: OperateTask): Promise<CommandAnswer | null> {
	const loaded = (await loadTasks(client, [id], true)).get(id.toLowerCase())
	if (!loaded) return noSuchTask(id)
	if (loaded.task.state !== 'stopped' || !loaded.task.unlocked) return null
	const { taken: claimed, granted } = await claimAgain(client, loaded)
	if (claimed.kind === 'refused') throw new Held(claimed.conflict.message)
	const facts: Fact[] = [{ kind: 'resume_asked', who, why, at }]
	if (claimed.kind === 'queued') facts.push({ kind: 'claims_queued', waitingFor: claimed.waitingFor, at })
	let { task } = loaded
	const parts: Changed[] = []
	for (const fact of facts) {
		const decision = decide(task, fact)
		if (decision.kind !== 'changed') break
		task = decision.task
		parts.push(decision)
	}
	await writeDecisions(client, [decided(loaded, mergeChanges(parts, task))])
	await enqueue(
		client,
		granted.map((one) => ({ ...one, branch: 0 })),
	)
	return { task: { id } }
}
