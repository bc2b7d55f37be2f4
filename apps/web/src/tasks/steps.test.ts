import { stepStates } from '@taskyard/model/states'
import { describe, expect, test } from 'vitest'
import { describeProgress, describeSteps, formatBytes, isActive, runningFirst, type StepView, stepStateName } from './steps.ts'

const step = (index: number, state: StepView['state'], more: Partial<StepView> = {}): StepView => ({
	index,
	name: `step ${index}`,
	action: 'Test::Type/act',
	state,
	attempt: 1,
	tries: 0,
	worker: null,
	startedAt: null,
	endedAt: null,
	notBefore: null,
	wait: null,
	progress: 0,
	progressDetail: null,
	error: null,
	actions: [],
	...more,
})

test('running steps come first, failed ones next, each in the order of the plan', () => {
	const steps = [
		step(0, 'success'),
		step(1, 'error'),
		step(2, 'running'),
		step(3, 'pending'),
		step(4, 'pending', { notBefore: '2026-11-21T12:00:00Z' }),
	]
	expect(runningFirst(steps).map(({ index }) => index)).toEqual([2, 4, 1, 0, 3])
})

test('a step in back-off is active, one that was never started is not', () => {
	expect(isActive(step(0, 'pending'))).toBe(false)
	expect(isActive(step(0, 'pending', { notBefore: '2026-11-21T12:00:00Z' }))).toBe(true)
})

test('the steps in a sentence', () => {
	expect(describeSteps([])).toBe('')
	expect(describeSteps([step(0, 'success'), step(1, 'success'), step(2, 'error'), step(3, 'pending')])).toBe(
		'2 done, 1 failed, 1 not started.',
	)
})

test('every state has a name', () => {
	for (const state of stepStates) expect(stepStateName({ state, notBefore: null })).toMatch(/^[A-Z]/)
})

describe('formatBytes', () => {
	test.each([
		[0, '0 B'],
		[999, '999 B'],
		[1000, '1.0 kB'],
		[99_949, '99.9 kB'],
		[99_960, '100 kB'],
		[999_400, '999 kB'],
		[999_500, '1.0 MB'],
		[417_000_000, '417 MB'],
		[1.2e18, '1200 PB'],
	])('%i: %s', (bytes, text) => {
		expect(formatBytes(bytes)).toBe(text)
	})
})

describe('describeProgress', () => {
	test.each([
		[null, null],
		[{ done: 5, total: null, unit: null }, '5'],
		[{ done: 1234, total: 9000, unit: 'files' }, '1,234 of 9,000 files'],
		[{ done: 1_000_000, total: 4_000_000, unit: 'bytes' }, '1.0 MB of 4.0 MB'],
		[{ done: 1_000_000, total: null, unit: 'bytes' }, '1.0 MB'],
	])('%j: %s', (detail, text) => {
		expect(describeProgress(detail)).toBe(text)
	})
})
