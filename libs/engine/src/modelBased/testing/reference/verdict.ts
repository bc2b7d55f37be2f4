/** What the domain says is shown of a task: *Results*, the reason beside it, and what it waits for. */

import { isBusy, type Life } from './life.ts'
import { candidates, fatal, isPassed, isResting } from './ready.ts'
import { isSuspended } from './waits.ts'

export type Result = 'pending' | 'success' | 'warning' | 'error' | 'cancelled'

/** Results that may be shown: the first line of the table that applies. Two where a cancel is under way but not complete. */
export function resultsOf(life: Life): Result[] {
	if (life.trouble === 'not_confirmed') return ['cancelled']
	if (life.trouble === 'force_unlocked' || life.trouble === 'missed_start_before' || life.trouble === 'dependency_failed') return ['error']
	if (life.phase === 'stopped' && life.cancelAsked) return ['cancelled']
	const certain = withoutCancel(life)
	const cancelled = life.steps.some((step) => step.phase === 'cancelled' && step.byPerson)
	if (!cancelled) return [certain]
	return life.cancelAsked ? ['cancelled', certain] : ['cancelled']
}

function withoutCancel(life: Life): Result {
	if (life.trouble !== null || life.reverting) return 'error'
	if (life.steps.some((step) => step.phase === 'error' || step.phase === 'revert_failed')) return 'error'
	if (life.touched || life.unlocked || life.steps.some((step) => step.phase === 'skipped')) return 'warning'
	return life.phase === 'stopped' && life.hasPlan && life.steps.every(isPassed) ? 'success' : 'pending'
}

/** Reasons that may stand beside a result. */
export function reasonsOf(life: Life, result: string): (string | null)[] {
	if (result === 'cancelled') return life.trouble === 'not_confirmed' ? ['not_confirmed'] : ['cancelled']
	if (result !== 'error') return [null]
	if (life.trouble !== null) return [life.trouble]
	const faults = life.steps.flatMap((step) =>
		step.fault && (step.phase === 'error' || step.phase === 'revert_failed') ? [step.fault.why] : [],
	)
	if (life.phase === 'stopped' && life.reverting) return ['reverted']
	return life.reverting ? ['reverted', ...faults] : faults
}

/** Kinds of `waitingFor` that may be shown. */
export function waitsOf(life: Life, now: number): (string | null)[] {
	switch (life.phase) {
		case 'scheduled': {
			const open: string[] = []
			if (life.opens !== null && life.opens > now) open.push('start_time')
			if (life.confirmUntil !== null) open.push('confirmation')
			if (life.edges.some((edge) => edge.settled === 'open')) open.push('dependency')
			return open
		}
		case 'pending':
			return life.planRest !== null && life.planRest > now ? ['back_off'] : [null]
		case 'planned':
			return life.claims === 'waiting' ? ['lock'] : [null]
		case 'running': {
			const resting = candidates(life).some((step) => isResting(life.steps[step] as Life['steps'][number], now))
			const waits = [...(resting ? ['back_off'] : []), ...(life.steps.some(isSuspended) ? ['event'] : [])]
			// What stood there when a pause was asked may stand on.
			const open = waits.length === 0 || life.steps.some(isBusy) || fatal(life) !== null || life.pauseAsked
			return open ? [null, ...waits] : waits
		}
		case 'planning':
		case 'paused':
		case 'stopped':
			return [null]
	}
}
