/** Calls the author's `plan` for one task, and stores what it has made together with the locks that are granted for it. */

import type { Taker } from '@taskyard/model/facts'
import type { LockClaim } from '@taskyard/model/plan'
import { planToStore } from '@taskyard/model/storedPlan'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { stringifyJson } from '@taskyard/model/json'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import type { Answer } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { duplicateClaimOf } from '../locks/duplicateClaims.ts'
import { planWithLocks } from '../locks/planWithLocks.ts'
import { repeatWhile } from '../repetition.ts'
import { Confidant } from '../sensitive/confidant.ts'
import { sealPlan } from '../sensitive/sealPlan.ts'

type Options = Parameters<typeof planWithLocks>[0] & { readonly keyring: Keyring }

/** A key is claimed from the start on, and belongs to the plan too. */
async function duplicateClaims(options: Options, loaded: LoadedTask, { data }: TaskDefinition): Promise<LockClaim[]> {
	if (!loaded.duplicate) return []
	const claim = await repeatWhile(options.worthRepeating, () => duplicateClaimOf(options.pool, loaded, data))
	return claim ? [claim] : []
}

/** Answers how the task stands then; null when it failed, which is stored too, or when there is no such task any more. */
export async function planTask(options: Options, loaded: LoadedTask, definition: TaskDefinition, taker: Taker): Promise<Answer | null> {
	const { door, clock } = options
	const { id, planAttempt: attempt } = loaded.task
	const confidant = new Confidant(options.keyring)
	try {
		const made = await definition.plan(confidant.openText(loaded.input ?? 'null'))
		if (atFailurePoint) await atFailurePoint('plan.codeEnded', id)
		const planned = sealPlan(confidant, definition, made)
		const locks = [...(planned.locks ?? planned.plan.locks), ...(await duplicateClaims(options, loaded, definition))]
		const plan = { ...planned.plan, locks }
		const text = stringifyJson(planToStore(plan), 'plan')
		const name = planned.name ?? null
		if (locks.length > 0 || (planned.links?.length ?? 0) > 0) {
			const granted = await planWithLocks(options, loaded, { plan, text, name, attempt, links: planned.links ?? [] })
			return granted && { kind: 'nothing', loaded: granted }
		}
		return await door.submit(
			id,
			() => {
				const at = clock.now()
				return [{ fact: { kind: 'planned', attempt, plan, at }, plan: text, name }, { fact: { kind: 'claims_granted', ...taker, at } }]
			},
			text.length,
		)
	} catch (thrown) {
		if (!options.worthRepeating()) throw thrown
		const { error, retryable } = confidant.errorOf(thrown)
		const { retry, rescue } = definition.data
		const random = Math.random()
		await door.submit(id, () => [
			{
				fact: {
					kind: 'plan_failed',
					attempt,
					error: { ...error, reason: 'planning_failed' },
					retryable,
					retry,
					rescue,
					random,
					at: clock.now(),
				},
			},
		])
		return null
	}
}
