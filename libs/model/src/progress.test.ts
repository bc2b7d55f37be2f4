import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newStep } from './newStep.ts'
import { defaultPolicies, type Plan } from './plan.ts'
import { planProgress, reportedFraction } from './progress.ts'
import { stepStates } from './states.ts'

const plan = (...weights: number[]): Plan => ({
	tree: { kind: 'sequence', nodes: weights.map((_, index) => ({ kind: 'step', index })) },
	steps: weights.map((weight, index) => ({ action: 'a', name: `${index}`, input: {}, weight, policies: defaultPolicies })),
	locks: [],
})

describe('progress of a plan', () => {
	it.each([
		['weighs its steps', [1, 3], [1, 0], 0.25],
		['takes a part of a running step', [1, 1], [0.5, 0], 0.25],
		['is whole without steps', [], [], 1],
		['is whole where nothing weighs', [0, 0], [0, 0], 1],
	] as [string, number[], number[], number][])('%s', (_, weights, fractions, expected) => {
		const steps = fractions.map((progress, index) => ({ ...newStep(index), state: 'running' as const, progress }))
		expect(planProgress(plan(...weights), steps)).toBe(expected)
	})

	it('counts a step that is passed as whole, whatever it reported', () => {
		expect(planProgress(plan(1, 1), [{ ...newStep(0), state: 'skipped', progress: 0.1 }, newStep(1)])).toBe(0.5)
	})

	it('is 0…1 for any weights, states and reports', () => {
		const parts = fc.array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(...stepStates), fc.double()), {
			maxLength: 20,
		})
		fc.assert(
			fc.property(parts, (list) => {
				const steps = list.map(([, state, progress], index) => ({ ...newStep(index), state, progress }))
				const value = planProgress(plan(...list.map(([weight]) => weight)), steps)
				expect(value >= 0 && value <= 1).toBe(true)
			}),
		)
	})
})

describe('what an author reports', () => {
	it.each([
		[0.5, 0.5],
		[2, 1],
		[-1, 0],
		[Number.NaN, 0],
		[{ done: 3, total: 4 }, 0.75],
		[{ done: 9, total: 4 }, 1],
		[{ done: 3 }, null],
		[{ done: 3, total: 0 }, null],
	] as const)('%j is %s', (report, expected) => {
		expect(reportedFraction(report)).toBe(expected)
	})
})
