/**
 * Stores the plan of a task together with the locks it takes, all or none; or, for a task that has its plan, takes them
 * again. A transaction of its own, because what is granted decides what is written.
 */

import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { mergeChanges } from '@taskyard/model/mergeChanges'
import { lockConflict } from '@taskyard/model/locks'
import type { Plan, ResourceKey } from '@taskyard/model/plan'
import { enqueue } from '@taskyard/dispatch/jobs'
import { inTransaction, type Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { applyDecisions } from '@taskyard/store/tasks/applyDecisions'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import { linkResources, makeResources, takeLocks } from '@taskyard/store/tasks/takeLocks'
import type { Door } from '../decisions/door.ts'
import { taskOutput } from '../decisions/taskOutput.ts'
import { repeatWhile } from '../repetition.ts'

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
	readonly worthRepeating: () => boolean
}

/**
 * @param fresh the plan just made, or null for a task in `planned` that has one
 * @returns the task as it stands after the commit; null when there is none
 */
export async function planWithLocks(options: Options, held: LoadedTask, fresh: FreshPlan | null): Promise<LoadedTask | null> {
	const after = await repeatWhile(options.worthRepeating, () =>
		inTransaction(options.pool, async (client) => {
			const loaded = (await loadTasks(client, [held.task.id], true)).get(held.task.id)
			if (!loaded) return null
			const at = options.clock.now()
			const claims = fresh?.plan.locks ?? loaded.task.plan?.locks ?? []
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
			const resources = await makeResources(client, [...claims.map((claim) => claim.resource), ...(fresh?.links ?? [])])
			const refused = claims.length > 0 ? await takeLocks(client, before.id, claims, resources) : []
			if (refused.length > 0) apply({ kind: 'claims_refused', conflict: lockConflict(refused), at })
			else apply({ kind: 'claims_granted', child: options.child, at })
			await linkResources(client, before.id, resources)
			const changed = mergeChanges(parts, task)
			await applyDecisions(client, [
				{ before, changed, plan: fresh?.text ?? null, name: fresh?.name ?? null, output: changed.ended ? taskOutput(task) : null },
			])
			await enqueue(
				client,
				Array.from({ length: changed.dispatch }, (_, branch) => ({ task: before.id, queue: loaded.queue, branch })),
			)
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
