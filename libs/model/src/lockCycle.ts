/**
 * Waits that could never end. Lines alone make no cycle, for each claim waits only for earlier ones; it takes a holder
 * that cannot stop before a task behind it has: one that waits for its sub-tasks, or a sub-task that depends on another.
 */

import { standingBefore, type StandingClaim } from './locks.ts'

/** A task cannot stop, or not begin, before another one has stopped. */
export interface TaskWait {
	readonly task: string
	readonly on: string
	readonly kind: 'sub_task' | 'dependency'
}

/** One link of a cycle. A wait for a lock names the resource by the key that its claims carry. */
export type CycleLink = TaskWait | { readonly task: string; readonly on: string; readonly kind: 'lock'; readonly resource: string }

/**
 * The shortest way from a task back to itself: the first link begins at the task, the last one ends there. Null when
 * there is none.
 *
 * @param claims all claims on each resource that can be reached
 */
export function findCycle(task: string, claims: readonly StandingClaim[], waits: readonly TaskWait[]): CycleLink[] | null {
	if (waits.length === 0) return null
	const lines = groupBy(claims, (claim) => claim.resource)
	const claimsOf = groupBy(claims, (claim) => claim.task)
	const waitsOf = groupBy(waits, (wait) => wait.task)
	const cameBy = new Map<string, CycleLink>()
	let edge = [task]
	while (edge.length > 0) {
		const next: string[] = []
		for (const from of edge) {
			for (const link of linksFrom(from)) {
				if (cameBy.has(link.on)) continue
				cameBy.set(link.on, link)
				if (link.on === task) return wayBack(task, cameBy)
				next.push(link.on)
			}
		}
		edge = next
	}
	return null

	function linksFrom(from: string): CycleLink[] {
		const behind = (claimsOf.get(from) ?? [])
			.filter((claim) => !claim.granted)
			.flatMap((claim) =>
				standingBefore(claim, lines.get(claim.resource) ?? []).map(
					(other): CycleLink => ({ task: from, on: other.task, kind: 'lock', resource: claim.resource }),
				),
			)
		return [...behind, ...(waitsOf.get(from) ?? [])]
	}
}

function wayBack(task: string, cameBy: ReadonlyMap<string, CycleLink>): CycleLink[] {
	const way: CycleLink[] = []
	let at = task
	do {
		const link = cameBy.get(at)
		if (!link) break
		way.unshift(link)
		at = link.task
	} while (at !== task)
	return way
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
	const groups = new Map<string, Item[]>()
	for (const item of items) {
		const key = keyOf(item)
		const group = groups.get(key)
		if (group) group.push(item)
		else groups.set(key, [item])
	}
	return groups
}
