/** Progress of a task: the weighted mean of its steps, 0…1. */

import type { Plan } from './plan.ts'
import { isPassed } from './startable.ts'
import type { Step } from './task.ts'

/** Fraction that a step has done: a passed one is whole, whatever it reported. */
export function stepFraction(step: Step): number {
	return isPassed(step.state) || step.state === 'finalizing' ? 1 : clamp(step.progress)
}

export function planProgress(plan: Plan, steps: readonly Step[]): number {
	let total = 0
	let done = 0
	for (const step of steps) {
		const weight = plan.steps[step.index]?.weight ?? 1
		total += weight
		done += weight * stepFraction(step)
	}
	// A plan without steps, or of weightless ones, has nothing left to do.
	return total === 0 ? 1 : clamp(done / total)
}

/** What a report of an author means as a fraction; null when it names no total. */
export function reportedFraction(report: number | { readonly done: number; readonly total?: number }): number | null {
	if (typeof report === 'number') return clamp(report)
	if (report.total === undefined || report.total <= 0) return null
	return clamp(report.done / report.total)
}

function clamp(value: number): number {
	return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, value))
}
