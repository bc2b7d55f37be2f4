/**
 * Stores the plan of a task together with the locks it takes, all or none; or, for a task that has its plan, takes them,
 * or finds how they stand. A transaction of its own, because what is granted decides what is written.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact, Taker } from '@taskyard/model/facts'
import { mergeChanges } from '@taskyard/model/mergeChanges'
import type { Plan, ResourceKey } from '@taskyard/model/plan'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import type { Door } from '../decisions/door.ts'
import { taskOutput } from '../decisions/taskOutput.ts'
import { writeDecisions } from '../decisions/writeDecisions.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import { claimLocks, claimLocksAgain, claimsFact } from './claimLocks.ts'

export interface FreshPlan {
	readonly plan: Plan
	readonly text: string
	readonly name: string | null
	readonly attempt: number
	readonly links: readonly ResourceKey[]
}

interface Options {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	readonly child: number
	/** Whether the child may take steps that need one of their own. */
	readonly own?: boolean
	readonly worthRepeating: () => boolean
}

/**
 * @param fresh the plan just made, or null for a task in `planned` that has one
 * @returns the task as it stands after the commit; null when there is none
 */
export async function planWithLocks(options: Options, held: LoadedTask, fresh: FreshPlan | null): Promise<LoadedTask | null> {
	const taker: Taker = { child: options.child, ...(options.own && { own: true }) }
	const after = await repeatWhile(options.worthRepeating, () =>
		inTransaction(options.pool, async (client) => {
			const loaded = (await loadTasks(client, [held.task.id], true)).get(held.task.id)
			if (!loaded) return null
			if (atFailurePoint) await atFailurePoint('plan.opened', loaded.task.id)
			const at = options.clock.now()
			const before = loaded.task
			let task = before
			const parts: Changed[] = []
			const apply = (fact: Fact): boolean => {
				const decision = decide(task, fact)
				if (decision.kind !== 'changed') return false
				task = decision.task
				parts.push(decision)
				return true
			}
			// Not ours any more, or already written by a commit whose answer was lost: the caller sees which by the steps.
			if (fresh && !apply({ kind: 'planned', attempt: fresh.attempt, plan: fresh.plan, at })) return loaded
			if (task.state !== 'planned') return loaded
			const claims = task.plan?.locks ?? []
			const { taken, granted } = fresh
				? await claimLocks(client, before.id, claims, fresh.links)
				: await claimLocksAgain(client, before.id, claims)
			if (atFailurePoint) await atFailurePoint('plan.locked', before.id)
			apply(claimsFact(taken, taker, at))
			await enqueue(
				client,
				granted.map((one) => ({ ...one, branch: 0 })),
			)
			if (parts.length === 0) return loaded
			const changed = mergeChanges(parts, task)
			const output = changed.ended ? taskOutput(task) : null
			await writeDecisions(client, [{ loaded, write: { before, changed, plan: fresh?.text ?? null, name: fresh?.name ?? null, output } }])
			return {
				...loaded,
				name: fresh?.name ?? loaded.name,
				input: null,
				task: { ...task, revision: before.revision + 1 },
			}
		}),
	)
	if (after) options.door.renew(after)
	return after
}
