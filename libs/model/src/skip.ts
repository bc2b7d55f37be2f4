/** Skipping a step takes with it the steps that need its output, and those that need theirs. */

import type { Draft } from './draft.ts'
import { referencesIn } from './references.ts'
import type { Step } from './task.ts'

export function skipWithDependents(draft: Draft, step: Step, changes: Partial<Step>, why: string | null): void {
	draft.change(step, { ...changes, state: 'skipped' }, why)
	// A step whose finalize is skipped has an output for those that came after it.
	if (step.error?.during === 'finalize' || step.state === 'finalizing') return
	const without = new Set([step.index])
	const plan = draft.plan?.steps ?? []
	for (let found = true; found; ) {
		found = false
		for (const { index, state } of draft.steps) {
			if (state !== 'pending' || without.has(index)) continue
			const needs = referencesIn(plan[index]?.input).find((reference) => without.has(reference.step))
			if (!needs) continue
			without.add(index)
			found = true
			const dependent = draft.steps[index] as Step
			const because = `It needs the output of ${plan[needs.step]?.name ?? `step ${needs.step}`}, which was skipped.`
			draft.change(dependent, { state: 'skipped', endedAt: changes.endedAt ?? null }, because)
		}
	}
}
