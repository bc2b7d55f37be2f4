import { describe, expect, test } from 'vitest'
import { errorOf, liveLine, newsOf, sentence, type WatchedStep, type WatchedTask } from './taskNews.ts'

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 21, 10, 0, seconds)).toISOString()

const step = (index: number, more: Partial<WatchedStep> = {}): WatchedStep => ({
	index,
	name: `step ${index}`,
	state: 'pending',
	attempt: 0,
	tries: 0,
	notBefore: null,
	startedAt: null,
	endedAt: null,
	progress: 0,
	progressDetail: null,
	error: null,
	...more,
})

const task = (more: Partial<WatchedTask> = {}): WatchedTask => ({
	id: '01a1fdf7-37b5-7f4b-8e5c-088c1be09bf3',
	label: 'Backup::Directory',
	name: 'Backup of /srv',
	state: 'running',
	result: 'pending',
	reason: null,
	progress: 0,
	cancelPhase: 'none',
	waitingFor: null,
	error: null,
	owner: { login: 'ann' },
	createdAt: at(0),
	startedAt: at(1),
	endedAt: null,
	steps: [],
	...more,
})

const told = (before: WatchedTask | null, now: WatchedTask) => newsOf(before, now).map(sentence)

const done = (index: number) => step(index, { state: 'success', attempt: 1, startedAt: at(1), endedAt: at(3) })
const running = (index: number, attempt = 1) => step(index, { state: 'running', attempt, startedAt: at(1) })
const failed = (index: number) =>
	step(index, {
		state: 'error',
		attempt: 1,
		tries: 1,
		startedAt: at(1),
		endedAt: at(3),
		error: { message: 'No space on /backup.\nFree some.' },
	})

describe('a task that is seen for the first time', () => {
	test.each([
		['waits', task({ state: 'pending', waitingFor: { text: 'Waits for a worker' } }), ['pending: Waits for a worker']],
		[
			'runs',
			task({ steps: [done(0), running(1), step(2)], progress: 0.45 }),
			['running', '  1 of 3 steps are done', '  step 1: running', '  45 %'],
		],
		[
			'is paused',
			task({ state: 'paused', result: 'error', steps: [done(0), failed(1)] }),
			['  1 of 2 steps are done', '  step 1: failed after 2.0 s: No space on /backup. Free some.', 'paused: step 1 failed'],
		],
		['was paused by a lock', task({ state: 'paused', error: { message: 'Task A holds it.' } }), ['paused: Task A holds it.']],
		['has stopped', task({ state: 'stopped', result: 'success', endedAt: at(9), steps: [done(0)] }), ['stopped: success after 8.0 s']],
		['was never started', task({ state: 'stopped', result: 'cancelled', startedAt: null, endedAt: at(9) }), ['stopped: cancelled']],
	])('%s', (_title, now, expected) => {
		expect(told(null, now)).toEqual(expected)
	})
})

test('a task that is watched from its start tells of the steps that were quick', () => {
	expect(newsOf(null, task({ steps: [done(0), running(1), step(2)] }), true).map(sentence)).toEqual([
		'running',
		'  step 0: done after 2.0 s',
		'  step 1: running',
	])
})

describe('a task that changes', () => {
	test.each([
		['nothing', task({ steps: [running(0)] }), task({ steps: [running(0)] }), []],
		['progress within a tenth', task({ progress: 0.41 }), task({ progress: 0.49 }), []],
		['progress into the next tenth', task({ progress: 0.49 }), task({ progress: 0.5 }), ['  50 %']],
		['progress back after a resume', task({ progress: 0.5 }), task({ progress: 0.2 }), []],
		['a plan and a start', task({ state: 'planning' }), task({ steps: [running(0), step(1)] }), ['running', '  step 0: running']],
		[
			'a step after the other',
			task({ steps: [running(0), step(1)] }),
			task({ steps: [done(0), running(1)] }),
			['  step 0: done after 2.0 s', '  step 1: running'],
		],
		['a step that was quick', task({ steps: [step(0)] }), task({ steps: [done(0)] }), ['  step 0: done after 2.0 s']],
		[
			'a failed try',
			task({ steps: [running(0)] }),
			task({ steps: [step(0, { attempt: 1, tries: 1, notBefore: at(5), error: { message: 'Refused.' } })] }),
			[expect.stringMatching(/^ {2}step 0: try 1 failed, the next one begins at \d\d:00:05: Refused\.$/)],
		],
		['the next attempt', task({ steps: [running(0)] }), task({ steps: [running(0, 2)] }), ['  step 0: running, attempt 2']],
		['a lost attempt', task({ steps: [running(0)] }), task({ steps: [step(0, { attempt: 1 })] }), ['  step 0: starts again']],
		['a bad end that is certain', task({ steps: [] }), task({ result: 'error' }), ['running, it will end with error']],
		[
			'a pause',
			task({ steps: [running(0)] }),
			task({ state: 'paused', result: 'error', steps: [failed(0)] }),
			['  step 0: failed after 2.0 s: No space on /backup. Free some.', 'paused: step 0 failed'],
		],
		['a cancel', task(), task({ cancelPhase: 'requested', result: 'cancelled' }), ['running, cancel requested']],
		['a wait of the running', task(), task({ waitingFor: { text: 'Waits for its next try' } }), []],
		[
			'an end',
			task({ steps: [running(0)] }),
			task({ state: 'stopped', result: 'warning', endedAt: at(61), steps: [done(0)] }),
			['  step 0: done after 2.0 s', 'stopped: warning after 1 m 00 s'],
		],
		[
			'a bad end',
			task(),
			task({ state: 'stopped', result: 'error', reason: 'missed_start_before', endedAt: at(2) }),
			['stopped: error after 1.0 s: missed start before'],
		],
	])('%s', (_title, before, now, expected) => {
		expect(told(before, now)).toEqual(expected)
	})

	test('names from elsewhere do not reach the terminal as they are', () => {
		expect(told(null, task({ steps: [step(0, { state: 'running', name: '\u001b[2Jevil\nname' })] }))).toContain('  evil name: running')
	})
})

test.each([
	[task({ steps: [done(0)] }), null],
	[task({ steps: [failed(0), failed(1)] }), 'step 0: No space on /backup.\nFree some.'],
	[task({ error: { message: 'No plan.' }, steps: [failed(0)] }), 'No plan.'],
])('errorOf %#', (now, expected) => {
	expect(errorOf(now)).toBe(expected)
})

test.each([
	[task({ state: 'paused', progress: 0.5 }), ''],
	[task({ progress: 0.5 }), '██████████░░░░░░░░░░ 50 %  '],
	[
		task({
			progress: 0.25,
			steps: [done(0), { ...running(1), progressDetail: { done: 12_400_000, total: 417_000_000, unit: 'bytes' } }, running(2)],
		}),
		'█████░░░░░░░░░░░░░░░ 25 %  step 1 12.4 MB of 417 MB, step 2',
	],
])('liveLine %#', (now, expected) => {
	expect(liveLine(now)).toBe(expected)
})
