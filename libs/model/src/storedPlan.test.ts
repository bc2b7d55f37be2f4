import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson, stringifyJson } from './json.ts'
import { defaultPolicies, type Plan, type PlannedStep, type StepPolicies } from './plan.ts'
import { planToStore, storedToPlan, type StoredPlan } from './storedPlan.ts'

const planOf = (...policies: StepPolicies[]): Plan => ({
	tree: { kind: 'sequence', nodes: policies.map((_, index) => ({ kind: 'step', index })) },
	steps: policies.map((one, index) => ({ action: 'Sample/step', name: `step ${index}`, input: { index }, weight: 1, policies: one })),
	locks: [],
})

describe('what is stored of the policies', () => {
	test.each([
		['nothing, when all are as by default', defaultPolicies, undefined],
		['what differs', { ...defaultPolicies, rescue: 'skip', timeout: 5000 }, { rescue: 'skip', timeout: 5000 }],
		['what differs of the retries', { ...defaultPolicies, retry: { ...defaultPolicies.retry, attempts: 3 } }, { retry: { attempts: 3 } }],
	] as [string, StepPolicies, object | undefined][])('%s', (_, policies, expected) => {
		expect(planToStore(planOf(policies)).steps[0]?.policies).toEqual(expected)
	})
})

const anyPolicies: fc.Arbitrary<StepPolicies> = fc.record({
	retry: fc.record({
		attempts: fc.integer({ min: 1, max: 3 }),
		backoff: fc.constantFrom('fixed', 'exponential'),
		initial: fc.constantFrom(1, 1000),
		max: fc.constantFrom(1000, 60_000),
		jitter: fc.constantFrom(0, 0.2, 1),
	}),
	rescue: fc.constantFrom('pause', 'skip', 'fail', 'revert'),
	onLost: fc.constantFrom('retry', 'rescue'),
	idempotent: fc.boolean(),
	cancellable: fc.boolean(),
	timeout: fc.constantFrom(null, 1000),
	isolation: fc.constantFrom('shared', 'own'),
})

test('what is read is what was stored', () => {
	fc.assert(
		fc.property(fc.array(fc.oneof(fc.constant(defaultPolicies), anyPolicies)), (policies) => {
			const plan = { ...planOf(...policies), output: { files: 3 } }
			expect(storedToPlan(JSON.parse(JSON.stringify(planToStore(plan))) as StoredPlan)).toEqual(plan)
		}),
	)
})

test('names of groups, what was left out, finalize, revert, the time limit and what to do at a conflict are kept', () => {
	const [step, other] = planOf(defaultPolicies, { ...defaultPolicies, isolation: 'own' }).steps as [PlannedStep, PlannedStep]
	const plan: Plan = {
		tree: {
			kind: 'sequence',
			rescue: 'revert',
			nodes: [
				{ kind: 'concurrence', name: 'for each file', nodes: [{ kind: 'step', index: 0 }] },
				{ kind: 'sequence', omitted: 'there is nothing to sign', nodes: [] },
				{ kind: 'step', index: 1 },
			],
		},
		steps: [
			{ ...step, finalize: true, input: { serial: 9007199254740993n } },
			{ ...other, revert: true },
		],
		locks: [{ resource: { type: 'Directory', id: '/srv' }, name: '*', mode: 'exclusive', onConflict: 'wait' }],
		timeout: 60_000,
	}
	expect(storedToPlan(parseJson(stringifyJson(planToStore(plan))) as StoredPlan)).toEqual(plan)
})

test('a plan that was stored with all its policies is read too', () => {
	const plan = planOf(defaultPolicies, { ...defaultPolicies, rescue: 'fail' })
	expect(storedToPlan(plan)).toEqual(plan)
})
