/** The claims of a planned task, inside a transaction that has locked the task's row. */

import { isDuplicateClaim } from '@taskyard/model/duplicates'
import type { Fact, Taker } from '@taskyard/model/facts'
import type { LockClaim, ResourceKey } from '@taskyard/model/plan'
import type { WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '@taskyard/store/connection'
import { findLockCycle } from '@taskyard/store/tasks/findLockCycle'
import { type GrantedTask, leaveLines } from '@taskyard/store/tasks/releaseLocks'
import { keyOf, linkResources, lockResources, makeResources, type ResourceIds } from '@taskyard/store/tasks/resources'
import { readDuplicateClaim, readStandingClaims, type StandingDuplicate } from '@taskyard/store/tasks/standingClaims'
import { takeLocks, type TakenLocks } from '@taskyard/store/tasks/takeLocks'
import { lockWatcher } from './lockWatcher.ts'

/** What became of the claims, and other tasks that were granted theirs on the way: each needs a job. */
export interface ClaimedLocks {
	readonly taken: TakenLocks
	readonly granted: readonly GrantedTask[]
}

/**
 * Makes claims for the first time, or again after a conflict or an unlock, and links the task to all it names.
 *
 * A task with a duplicate key takes its turn in that line first, and nothing else before it is granted: it would hold up
 * others for nothing, and meet its own predecessor where a claim of its type is to fail.
 */
export async function claimLocks(
	client: Queryable,
	task: string,
	claims: readonly LockClaim[],
	links: readonly ResourceKey[] = [],
): Promise<ClaimedLocks> {
	if (claims.length === 0 && links.length === 0) return { taken: { kind: 'granted' }, granted: [] }
	const duplicate = claims.find(isDuplicateClaim)
	const others = duplicate ? claims.filter((claim) => !isDuplicateClaim(claim)) : claims
	const standing = duplicate ? await readDuplicateClaim(client, task) : null
	const resources = await makeResources(client, [...claims.map((claim) => claim.resource), ...links])
	const turn = duplicate && !standing?.granted ? await takeTurn(client, task, duplicate, standing, claims, resources) : null
	const locked = turn && turn.taken.kind !== 'granted' ? turn.taken : await takeLocks(client, task, others, resources, lockWatcher(task))
	if (duplicate) await linkResources(client, task, without(resources, duplicate))
	else await linkResources(client, task, resources)
	return { taken: locked, granted: [...(turn?.granted ?? []), ...othersOf(locked)] }
}

/** The turn in the line of a duplicate key. All that is claimed is locked at once, in its order, for what follows. */
async function takeTurn(
	client: Queryable,
	task: string,
	claim: LockClaim,
	standing: StandingDuplicate | null,
	claims: readonly LockClaim[],
	resources: ResourceIds,
): Promise<ClaimedLocks> {
	const claimed = claims.map(({ resource }) => resources.get(keyOf(resource)) as string)
	await lockResources(client, standing ? [...claimed, standing.resourceId] : claimed)
	if (!standing) {
		const taken = await takeLocks(client, task, [claim], resources, lockWatcher(task))
		return { taken, granted: othersOf(taken) }
	}
	// Whoever leaves the line grants the next with the resource locked, so that what stands now stays. To look whose turn it
	// is would make all wait for each other who plan a task in some line.
	if ((await readDuplicateClaim(client, task))?.granted) return { taken: { kind: 'granted' }, granted: [] }
	const { type, id } = standing.resource
	return unlessCycle(client, task, [{ ...claim, resource: standing.resource }], { kind: 'lock', keys: { type, id } }, [])
}

/**
 * Looks how the claims stand that a task has made, and makes them when it has none. A wait that has become part of a
 * cycle since ends here: its places go, and who stood behind them may be granted theirs.
 */
export async function claimLocksAgain(client: Queryable, task: string, claims: readonly LockClaim[]): Promise<ClaimedLocks> {
	const duplicate = claims.some(isDuplicateClaim)
	if (duplicate && !(await readDuplicateClaim(client, task))?.granted) return claimLocks(client, task, claims)
	const standing = await readStandingClaims(client, task)
	if (standing.claims.kind === 'none') return claimLocks(client, task, claims)
	if (standing.claims.kind === 'granted') return { taken: standing.claims, granted: standing.granted }
	return unlessCycle(client, task, claims, standing.claims.waitingFor, standing.granted)
}

async function unlessCycle(
	client: Queryable,
	task: string,
	claims: readonly LockClaim[],
	waitingFor: WaitingFor,
	granted: readonly GrantedTask[],
): Promise<ClaimedLocks> {
	const conflict = await findLockCycle(client, task, claims)
	if (!conflict) return { taken: { kind: 'queued', waitingFor }, granted }
	return { taken: { kind: 'refused', conflict }, granted: [...granted, ...(await leaveLines(client, task))] }
}

function othersOf(taken: TakenLocks): readonly GrantedTask[] {
	return taken.kind === 'granted' ? (taken.others ?? []) : []
}

/** What a person is shown of a task are the things it is about, and not its key. */
function without(resources: ResourceIds, { resource }: LockClaim): ResourceIds {
	return new Map([...resources].filter(([key]) => key !== keyOf(resource)))
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
