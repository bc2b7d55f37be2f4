/** How a task comes to rest, and what its end means for others. */

import type { Edge, Life, World } from './life.ts'
import { resultsOf } from './verdict.ts'

/** Keeps its locks. */
export function pause(life: Life): void {
	life.phase = 'paused'
	life.pauseAsked = false
}

/** Holds no lock from now on, and settles the edges of those that wait for it. */
export function stop(world: World, life: Life): void {
	life.phase = 'stopped'
	life.pauseAsked = false
	life.claims = 'none'
	const number = world.lives.indexOf(life)
	for (const other of world.lives) for (const edge of other.edges) if (edge.on === number) settle(world, edge)
}

/** An edge is settled once. */
export function settle(world: World, edge: Edge): void {
	const awaited = world.lives[edge.on]
	if (edge.settled !== 'open' || awaited?.phase !== 'stopped') return
	edge.settled = meets(awaited, edge.policy) ? 'met' : 'failed'
}

function meets(life: Life, policy: Edge['policy']): boolean {
	if (policy === 'any') return true
	if (life.unlocked || life.trouble === 'force_unlocked') return false
	const results = resultsOf(life)
	const well = results.includes('success') || results.includes('warning')
	return well || (policy === 'ended' && results.includes('error'))
}

/** What has not begun will not. */
export function cancelPending(life: Life, byPerson: boolean): void {
	for (const step of life.steps) {
		if (step.phase !== 'pending') continue
		step.phase = 'cancelled'
		step.byPerson = byPerson
	}
}
