/**
 * The rules of locks: which claims conflict, whose turn it is in a line, and when a wait could never end. The store
 * applies the same rules in SQL, to the claims of one resource or of one task; tests compare both.
 *
 * A claim is granted or stands in line. The line of a resource is in the order of `place`; a task with several claims
 * keeps its place in each of its lines, and all its claims are granted together.
 */

import type { LockClaim } from './plan.ts'
import type { LockMode } from './states.ts'

interface Operation {
	readonly name: string
	readonly mode: LockMode
}

/** A claim that a task has made, granted or in line. */
export interface StandingClaim extends Operation {
	readonly task: string
	/** Any key that is the same for claims on the same resource. */
	readonly resource: string
	readonly place: number
	readonly granted: boolean
	/** Parent of the task, the parent of that one, and so on. */
	readonly ancestors: readonly string[]
}

export function namesMeet(one: string, other: string): boolean {
	return one === other || one === '*' || other === '*'
}

/** Same resource is assumed: the names meet, and not both are shared. */
export function conflicts(one: Operation, other: Operation): boolean {
	return namesMeet(one.name, other.name) && !(one.mode === 'shared' && other.mode === 'shared')
}

/** A task never conflicts with itself, its ancestors or its descendants. */
export function areRelated(one: Pick<StandingClaim, 'task' | 'ancestors'>, other: Pick<StandingClaim, 'task' | 'ancestors'>): boolean {
	return one.task === other.task || one.ancestors.includes(other.task) || other.ancestors.includes(one.task)
}

/** An ancestor's lock counts as the descendant's own: whatever conflicts with this claim conflicts with that lock already. */
export function covers(held: StandingClaim, claim: StandingClaim): boolean {
	return (
		held.granted &&
		held.resource === claim.resource &&
		claim.ancestors.includes(held.task) &&
		(held.name === claim.name || held.name === '*') &&
		(held.mode === 'exclusive' || claim.mode === 'shared')
	)
}

/** The claims that must go before this one can be granted: those granted, and those that came earlier. */
export function standingBefore(claim: StandingClaim, claims: readonly StandingClaim[]): StandingClaim[] {
	if (claims.some((held) => covers(held, claim))) return []
	return claims.filter(
		(other) =>
			other.resource === claim.resource &&
			(other.granted || other.place < claim.place) &&
			conflicts(claim, other) &&
			!areRelated(claim, other),
	)
}

/** Tasks in line whose turn has come: before none of their claims stands another. `claims` are all of their lines. */
export function nextInLine(claims: readonly StandingClaim[]): string[] {
	const waiting = new Map<string, boolean>()
	for (const claim of claims) {
		if (claim.granted) continue
		const free = standingBefore(claim, claims).length === 0
		waiting.set(claim.task, free && (waiting.get(claim.task) ?? true))
	}
	return [...waiting].filter(([, free]) => free).map(([task]) => task)
}

/** One claim for each resource and name, the stronger one: exclusive before shared, `fail` before `wait`. */
export function distinctClaims(claims: readonly LockClaim[]): LockClaim[] {
	const found = new Map<string, LockClaim>()
	for (const claim of claims) {
		const key = JSON.stringify([claim.resource.type, claim.resource.id, claim.name])
		const same = found.get(key)
		const mode = same?.mode === 'exclusive' ? 'exclusive' : claim.mode
		const waits = claim.onConflict === 'wait' && (same === undefined || same.onConflict === 'wait')
		const most = Math.min(same?.most ?? Number.POSITIVE_INFINITY, claim.most ?? Number.POSITIVE_INFINITY)
		found.set(key, {
			resource: same?.resource ?? claim.resource,
			name: claim.name,
			mode,
			onConflict: waits ? 'wait' : 'fail',
			...(most < Number.POSITIVE_INFINITY && { most }),
		})
	}
	return [...found.values()]
}
