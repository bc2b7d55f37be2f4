/** Moves that a time brings about. */

import type { Decision } from '../decision.ts'
import type { Draft } from '../draft.ts'
import { closedGate, firstGate } from '../gates.ts'
import { settle, stop, wakeStep } from '../settle.ts'
import type { Step, StepError, Suspension } from '../task.ts'
import { endsForStart } from './planning.ts'
import { endInError } from './attempts.ts'

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
			if (draft.before.recorded) return endSilence(draft, at)
			for (const step of draft.steps) lookAtStep(draft, step, at)
			const decision = settle(draft, at, null, 'all')
			if (draft.dispatch === 0 && draft.events.length === 0 && draft.changed.size === 0)
				return { kind: 'ignored', reason: 'no step of the task is due' }
			return decision
		}
		case 'planning':
		case 'planned':
		case 'paused':
		case 'stopped':
			return { kind: 'ignored', reason: 'the task is already due' }
	}
}

/** A suspended step whose time has come: to be woken, to fail, or to be given up by its cancel. */
function lookAtStep(draft: Draft, step: Step, at: number): void {
	const { suspension } = step
	if (!suspension) return
	if (suspension.cancelBy !== null && suspension.cancelBy <= at && (step.state === 'suspended' || step.state === 'pending')) {
		draft.change(step, { state: 'cancelled', endedAt: at }, 'what it had under way did not end before the deadline of the cancel')
		return
	}
	if (step.state !== 'suspended' || suspension.cancelBy !== null) return
	if (suspension.timeoutAt !== null && suspension.timeoutAt <= at) endInError(draft, step, suspensionOver(suspension), at)
	else if (suspension.until !== null && suspension.until <= at) wakeStep(draft, step, suspension.poll ? 'poll' : 'timer')
}

function suspensionOver({ kind, externalId }: Suspension): StepError {
	const waited = { event: 'an event', timer: 'its time', poll: 'work that goes on elsewhere', sub_tasks: 'its sub-tasks' }[kind]
	return {
		message: `The step waited for ${waited}${externalId === null ? '' : ` (${externalId})`} longer than it may.`,
		type: 'TimedOut',
		code: 'suspension_timed_out',
		trace: null,
		details: null,
		reason: 'timed_out',
	}
}

/** Nobody has heard of a recorded task for longer than its program said. */
function endSilence(draft: Draft, at: number): Decision {
	if (draft.silentUntil === null || at < draft.silentUntil) return { kind: 'ignored', reason: 'its program may still report' }
	draft.error = {
		message: 'The program that carries out this task has not reported for longer than it said it would.',
		type: 'Lost',
		code: 'silent',
		trace: null,
		details: null,
		reason: 'lost',
	}
	draft.closedAs = 'error'
	draft.endedAt = at
	draft.waitingFor = null
	draft.enter('stopped', at, { why: draft.error.message })
	return draft.finish()
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
