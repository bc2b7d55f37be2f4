/** Moves that a time brings about. */

import type { Decision } from '../decision.ts'
import type { Draft } from '../draft.ts'
import { closedGate, firstGate } from '../gates.ts'
import { settle, stop } from '../settle.ts'
import { endsForStart } from './planning.ts'

/** Something is due, perhaps: looks at everything that may be. */
export function wake(draft: Draft, at: number): Decision {
	if (draft.state !== 'running' && endsForStart(draft, at)) return draft.finish()
	switch (draft.state) {
		case 'scheduled':
			return openGates(draft, at)
		case 'pending':
			if (draft.notBefore === null || at < draft.notBefore) return { kind: 'ignored', reason: 'the task is already due' }
			draft.notBefore = null
			draft.waitingFor = null
			draft.dispatch = 1
			return draft.finish()
		case 'running': {
			const decision = settle(draft, at, null, 'all')
			if (draft.dispatch === 0 && draft.events.length === 0) return { kind: 'ignored', reason: 'no step of the task is due' }
			return decision
		}
		case 'planning':
		case 'planned':
		case 'paused':
		case 'stopped':
			return { kind: 'ignored', reason: 'the task is already due' }
	}
}

/** A scheduled task becomes pending, goes on waiting, or can no longer start. */
export function openGates(draft: Draft, at: number): Decision {
	const closed = closedGate(draft.gates, at)
	if (closed) {
		draft.error = closed
		stop(draft, at, { why: closed.message })
		return draft.finish()
	}
	const gate = firstGate(draft.gates, at)
	if (!gate) {
		draft.waitingFor = null
		draft.enter('pending', at)
		draft.dispatch = 1
		return draft.finish()
	}
	const same = draft.waitingFor && JSON.stringify(draft.waitingFor) === JSON.stringify(gate)
	if (same && draft.events.length === 0) return { kind: 'ignored', reason: 'the task waits for it already' }
	draft.waitingFor = gate
	return draft.finish()
}
