/** What keeps a task from becoming pending: its start time, other tasks, a person. */

import type { Gates, StepError, TimerDraft, WaitingFor } from './task.ts'

/** A gate that can no longer open ends the task; its error says why. */
export function closedGate(gates: Gates, at: number): StepError | null {
	if (gates.failed !== null) {
		return gateError(
			'dependency_failed',
			`Task ${gates.failed}, on which this one depends, did not end as the dependency demands. Run this task again when it has.`,
			{ task: gates.failed },
		)
	}
	if (gates.confirmBefore !== null && at > gates.confirmBefore) {
		return gateError('not_confirmed', 'Nobody confirmed this task in time; nothing was run. Start it again and confirm it.', null)
	}
	return null
}

/** The error of a task whose latest first start has passed; null while it may start. */
export function missedStart(gates: Gates, at: number): StepError | null {
	if (gates.startBefore === null || at <= gates.startBefore) return null
	return gateError('missed_start_before', `The task was to start before ${new Date(gates.startBefore).toISOString()} and did not.`, null)
}

/** What a task waits for before it is pending; null when all gates are open. A person comes first: only that one cannot wait. */
export function firstGate(gates: Gates, at: number): WaitingFor | null {
	if (gates.confirmBefore !== null) return { kind: 'confirmation', keys: { until: gates.confirmBefore } }
	if (gates.startAt !== null && at < gates.startAt) return { kind: 'start_time', keys: { at: gates.startAt } }
	if (gates.open > 0) {
		return { kind: 'dependency', keys: { ...(gates.waitsFor !== null && { task: gates.waitsFor }), count: gates.open } }
	}
	return null
}

export interface Admission {
	readonly state: 'scheduled' | 'pending'
	readonly waitingFor: WaitingFor | null
	readonly timers: readonly TimerDraft[]
}

/** How a new task begins. One whose gate has closed already is scheduled too: the first look at it ends it. */
export function admission(gates: Gates, at: number): Admission {
	const waitingFor = firstGate(gates, at)
	const timers: TimerDraft[] = []
	const timer = (kind: TimerDraft['kind'], dueAt: number | null): void => {
		if (dueAt !== null) timers.push({ step: null, kind, dueAt })
	}
	if (gates.startAt !== null && gates.startAt > at) timer('start_at', gates.startAt)
	timer('start_before', justPast(gates.startBefore))
	timer('confirmation', justPast(gates.confirmBefore))
	const open = waitingFor === null && gates.failed === null
	return { state: open ? 'pending' : 'scheduled', waitingFor, timers }
}

/** At its last millisecond a gate is still open, and nobody would look a second time. */
function justPast(time: number | null): number | null {
	return time === null ? null : time + 1
}

function gateError(reason: StepError['reason'], message: string, details: unknown): StepError {
	return { message, type: 'NotStarted', code: reason, trace: null, details, reason }
}
