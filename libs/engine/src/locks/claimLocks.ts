/** The claims of a planned task, inside a transaction that has locked the task's row. */

import type { Fact, Taker } from '@taskyard/model/facts'
import type { LockClaim, ResourceKey } from '@taskyard/model/plan'
import type { Queryable } from '@taskyard/store/connection'
import { findLockCycle } from '@taskyard/store/tasks/findLockCycle'
import { type GrantedTask, releaseAndGrant } from '@taskyard/store/tasks/releaseLocks'
import { linkResources, makeResources } from '@taskyard/store/tasks/resources'
import { readStandingClaims } from '@taskyard/store/tasks/standingClaims'
import { type ClaimWatcher, takeLocks, type TakenLocks } from '@taskyard/store/tasks/takeLocks'
import { atFailurePoint } from '../failurePoint.ts'

/** What became of the claims, and other tasks that were granted theirs on the way: each needs a job. */
export interface ClaimedLocks {
	readonly taken: TakenLocks
	readonly granted: readonly GrantedTask[]
}

/** Makes claims for the first time, or again after a conflict or an unlock, and links the task to all it names. */
export async function claimLocks(
	client: Queryable,
	task: string,
	claims: readonly LockClaim[],
	links: readonly ResourceKey[] = [],
): Promise<ClaimedLocks> {
	if (claims.length === 0 && links.length === 0) return { taken: { kind: 'granted' }, granted: [] }
	const resources = await makeResources(client, [...claims.map((claim) => claim.resource), ...links])
	const taken = await takeLocks(client, task, claims, resources, watcherOf(task))
	await linkResources(client, task, resources)
	return { taken, granted: [] }
}

/**
 * Looks how the claims stand that a task has made, and makes them when it has none. A wait that has become part of a
 * cycle since ends here: the claims go, and who stood behind them may be granted theirs.
 */
export async function claimLocksAgain(client: Queryable, task: string, claims: readonly LockClaim[]): Promise<ClaimedLocks> {
	const standing = await readStandingClaims(client, task)
	if (standing.claims.kind === 'none') return claimLocks(client, task, claims)
	if (standing.claims.kind === 'granted') return { taken: standing.claims, granted: standing.granted }
	const conflict = await findLockCycle(client, task, claims)
	if (!conflict) return { taken: { kind: 'queued', waitingFor: standing.claims.waitingFor }, granted: standing.granted }
	return { taken: { kind: 'refused', conflict }, granted: [...standing.granted, ...(await releaseAndGrant(client, [task]))] }
}

function watcherOf(task: string): ClaimWatcher | null {
	const hook = atFailurePoint
	return hook && ((done) => hook(`lock.${done}`, task))
}

/** The fact that tells a planned task what became of its claims. */
export function claimsFact(taken: TakenLocks, taker: Taker, at: number): Fact {
	switch (taken.kind) {
		case 'granted':
			return { kind: 'claims_granted', ...taker, at }
		case 'queued':
			return { kind: 'claims_queued', waitingFor: taken.waitingFor, at }
		case 'refused':
			return { kind: 'claims_refused', conflict: taken.conflict, at }
	}
}
