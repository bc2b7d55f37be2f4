import type { StepState } from '@taskyard/model/states'
import type { TaskDetail } from './taskStores.ts'

export type StepView = TaskDetail['steps'][number]

/** States in which a step does, or is about to do, something. */
const active: ReadonlySet<StepState> = new Set(['running', 'suspended', 'finalizing', 'reverting'])

/** Whether something happens in the step now. A step between two tries counts: it goes on by itself. */
export function isActive({ state, notBefore }: Pick<StepView, 'state' | 'notBefore'>): boolean {
	return active.has(state) || (state === 'pending' && notBefore !== null)
}

/** Steps whose end needs a person to look. */
export function hasFailed({ state }: Pick<StepView, 'state'>): boolean {
	return state === 'error' || state === 'revert_failed'
}

/** Steps that did what they were to do. */
export function isDone({ state }: Pick<StepView, 'state'>): boolean {
	return state === 'success' || state === 'finalized'
}

const order = (step: StepView) => (isActive(step) ? 0 : hasFailed(step) ? 1 : 2)

/** Running steps first, then failed ones, then the rest; each in the order of the plan. */
export function runningFirst(steps: readonly StepView[]): readonly StepView[] {
	return [...steps].sort((a, b) => order(a) - order(b) || a.index - b.index)
}

const stateNames: Record<StepState, string> = {
	pending: 'Not started',
	running: 'Running',
	success: 'Done',
	error: 'Failed',
	suspended: 'Suspended',
	skipped: 'Skipped',
	cancelled: 'Cancelled',
	finalizing: 'Finalizing',
	finalized: 'Finalized',
	reverting: 'Taking back',
	reverted: 'Taken back',
	revert_failed: 'Taking back failed',
}

/** The state of a step as a person reads it. */
export function stepStateName({ state, notBefore }: Pick<StepView, 'state' | 'notBefore'>): string {
	return state === 'pending' && notBefore !== null ? 'Waits for the next try' : stateNames[state]
}

const waits: Record<string, string> = {
	event: 'waits for an event',
	timer: 'sleeps until',
	poll: 'looks again',
	sub_tasks: 'waits for its sub-tasks',
}

/** What a suspended step waits for; a time may follow. */
export function waitName(kind: string): string {
	return waits[kind] ?? kind
}

/** How the steps stand, in a sentence: "4 done, 1 failed, 4 not started." */
export function describeSteps(steps: readonly StepView[]): string {
	const counts = new Map<string, number>()
	for (const step of [...steps].sort((a, b) => sentenceOrder.indexOf(a.state) - sentenceOrder.indexOf(b.state))) {
		const name = stepStateName(step).toLowerCase()
		counts.set(name, (counts.get(name) ?? 0) + 1)
	}
	const parts = [...counts].map(([name, count]) => `${count} ${name}`)
	return parts.length > 0 ? `${parts.join(', ')}.` : ''
}

const sentenceOrder: readonly StepState[] = [
	'finalized',
	'success',
	'running',
	'finalizing',
	'reverting',
	'suspended',
	'error',
	'revert_failed',
	'skipped',
	'cancelled',
	'reverted',
	'pending',
]

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Bytes in the unit that leaves up to three digits: `417 MB`. */
export function formatBytes(bytes: number): string {
	let value = bytes
	let unit = 0
	while (value >= 999.5 && unit < units.length - 1) {
		value /= 1000
		unit += 1
	}
	const digits = unit === 0 || value >= 99.95 ? 0 : 1
	return `${value.toFixed(digits)} ${units[unit]}`
}

const whole = new Intl.NumberFormat('en')

/** How much of what is done: `12.4 MB of 417 MB`, `3 of 9 files`; null when the step does not say. */
export function describeProgress(detail: StepView['progressDetail']): string | null {
	if (!detail) return null
	const { done, total, unit } = detail
	if (unit === 'bytes' || unit === 'B') return total === null ? formatBytes(done) : `${formatBytes(done)} of ${formatBytes(total)}`
	const amount = total === null ? whole.format(done) : `${whole.format(done)} of ${whole.format(total)}`
	return unit ? `${amount} ${unit}` : amount
}
