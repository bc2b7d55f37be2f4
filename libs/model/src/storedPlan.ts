/**
 * A plan as it is stored: without the policies that are as by default, which are most of its text. Ten plain steps are
 * 1.1 kB so and 3 kB else, to be written, escaped, parsed and compressed for each task.
 */

import { defaultPolicies, type Plan, type PlannedStep, type RetryPolicy, type StepPolicies } from './plan.ts'

/** Policies that differ from the default. */
interface StoredPolicies extends Partial<Omit<StepPolicies, 'retry'>> {
	readonly retry?: Partial<RetryPolicy>
}

/** What is written as JSON. */
export interface StoredPlan extends Omit<Plan, 'steps'> {
	readonly steps: readonly (Omit<PlannedStep, 'policies'> & { readonly policies?: StoredPolicies })[]
}

export function planToStore(plan: Plan): StoredPlan {
	return {
		...plan,
		steps: plan.steps.map(({ policies, ...step }) => {
			const { retry, ...others } = policies
			const different: StoredPolicies = differences(others, defaultPolicies)
			const differentRetry = differences(retry, defaultPolicies.retry)
			const left = isEmpty(differentRetry) ? different : { ...different, retry: differentRetry }
			return isEmpty(left) ? step : { ...step, policies: left }
		}),
	}
}

/** Reads what was stored, with or without what is as by default. */
export function storedToPlan(stored: StoredPlan): Plan {
	return { ...stored, steps: stored.steps.map((step) => ({ ...step, policies: withDefaults(step.policies) })) }
}

function withDefaults(stored: StoredPolicies | undefined): StepPolicies {
	if (!stored) return defaultPolicies
	return { ...defaultPolicies, ...stored, retry: stored.retry ? { ...defaultPolicies.retry, ...stored.retry } : defaultPolicies.retry }
}

function differences<Values extends object>(values: Values, from: Values): Partial<Values> {
	const different: Partial<Values> = {}
	for (const key in values) if (values[key] !== from[key]) different[key] = values[key]
	return different
}

function isEmpty(value: object): boolean {
	for (const _ in value) return false
	return true
}
