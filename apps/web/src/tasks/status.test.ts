import { reasons, taskResults, taskStates } from '@taskyard/model/states'
import { describe, expect, test } from 'vitest'
import { reasonSentence, resultText, type Status, type StatusFacts, statusOf } from './status.ts'

const task = (facts: Partial<StatusFacts>): StatusFacts => ({
	state: 'running',
	result: 'pending',
	reason: null,
	cancelPhase: 'none',
	waitingFor: null,
	...facts,
})

describe('statusOf', () => {
	test.each<[string, Partial<StatusFacts>, Status]>([
		['scheduled', { state: 'scheduled' }, 'Scheduled'],
		['pending', { state: 'pending' }, 'Waiting'],
		['pending for capacity', { state: 'pending', waitingFor: { kind: 'capacity' } }, 'Waiting'],
		['scheduled behind another task', { state: 'scheduled', waitingFor: { kind: 'dependency' } }, 'Blocked'],
		['planning', { state: 'planning' }, 'Planning'],
		['planned, in the line of a lock', { state: 'planned', waitingFor: { kind: 'lock' } }, 'Blocked'],
		['running', {}, 'Running'],
		['running with a step in error', { result: 'error' }, 'Running'],
		['running, waits for an event', { waitingFor: { kind: 'event' } }, 'Suspended'],
		['running, in back-off', { waitingFor: { kind: 'back_off' } }, 'Running'],
		['running, cancel asked', { cancelPhase: 'signalled' }, 'Cancelling…'],
		['paused', { state: 'paused', result: 'error' }, 'Paused'],
		['paused by a lock conflict', { state: 'paused', result: 'error', waitingFor: { kind: 'lock' } }, 'Paused'],
		['stopped well', { state: 'stopped', result: 'success' }, 'Succeeded'],
		['stopped with help', { state: 'stopped', result: 'warning' }, 'Warning'],
		['stopped badly', { state: 'stopped', result: 'error' }, 'Failed'],
		['stopped by force', { state: 'stopped', result: 'error', reason: 'force_unlocked' }, 'Force-unlocked'],
		['cancelled', { state: 'stopped', result: 'cancelled', cancelPhase: 'signalled' }, 'Cancelled'],
	])('%s', (_title, facts, status) => {
		expect(statusOf(task(facts))).toBe(status)
	})
})

test('success is never shown of a task that has not stopped', () => {
	for (const state of taskStates)
		for (const result of taskResults) {
			const text = resultText({ state, result })
			expect(text.startsWith('?')).toBe(state !== 'stopped')
			if (state !== 'stopped') expect(text).not.toContain('Success')
		}
})

test('every reason has a sentence', () => {
	for (const reason of reasons) expect(reasonSentence(reason)).toMatch(/^[A-Z].*\.$/)
})
