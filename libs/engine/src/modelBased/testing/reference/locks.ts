/** The domain's *Locks*: taken all or none, first come first served, released when the task stops and never before. */

import { lifeAt, type Life, type World } from './life.ts'
import type { ClaimShape } from './shapes.ts'

function conflict(one: ClaimShape, other: ClaimShape): boolean {
	if (one.resource !== other.resource || (one.shared && other.shared)) return false
	return one.operation === other.operation || one.operation === '*' || other.operation === '*'
}

function meets(life: Life, other: Life): ClaimShape[] {
	return life.shape.claims.filter((claim) => other.shape.claims.some((theirs) => conflict(claim, theirs)))
}

/** Claims of a task that are not free: because of holders, or of those that wait before it. */
function hindered(world: World, number: number): ClaimShape[] {
	const life = lifeAt(world, number)
	return world.lives.flatMap((other, index) => {
		if (index === number || other.claims === 'none') return []
		const before = other.claims === 'held' || life.claims !== 'waiting' || other.place < life.place
		return before ? meets(life, other) : []
	})
}

/** What becomes of a task's claims now: granted, a place in the line, or a conflict. */
export function verdictOnClaims(world: World, number: number): 'granted' | 'waits' | 'conflict' {
	if (lifeAt(world, number).claims === 'held') return 'granted'
	const against = hindered(world, number)
	if (against.length === 0) return 'granted'
	return against.every((claim) => claim.waits) ? 'waits' : 'conflict'
}

/** Takes the claims as the verdict says; a conflict leaves neither lock nor place. */
export function claim(world: World, number: number): 'granted' | 'waits' | 'conflict' {
	const life = lifeAt(world, number)
	const verdict = verdictOnClaims(world, number)
	if (verdict === 'granted') life.claims = life.shape.claims.length > 0 ? 'held' : 'none'
	else if (verdict === 'waits') {
		life.claims = 'waiting'
		world.places += 1
		life.place = world.places
	}
	return verdict
}
