import { expect, test } from 'vitest'
import type { TaskLineFragment } from '../graphql/generated/graphql.ts'
import { rowOf, rowTitles } from './taskRows.ts'

const now = Date.UTC(2026, 10, 21, 10, 0, 30)

const task = (more: Partial<TaskLineFragment>): TaskLineFragment => ({
	id: 'an id',
	label: 'Command::Run',
	name: 'Run date',
	state: 'running',
	result: 'pending',
	reason: null,
	progress: 0.459,
	cancelPhase: 'none',
	waitingFor: null,
	error: null,
	owner: { login: 'ann' },
	createdAt: '2026-11-21T10:00:00.000Z',
	startedAt: '2026-11-21T10:00:00.000Z',
	endedAt: null,
	...more,
})

test.each([
	[task({}), 'running ? 45 % 30 s Run date'],
	[task({ result: 'error' }), 'running ?error 45 % 30 s Run date'],
	[task({ cancelPhase: 'signalled', result: 'cancelled' }), 'running ?cancelled 45 % 30 s Run date (cancel signalled)'],
	[task({ state: 'paused', result: 'error', reason: 'lock_conflict' }), 'paused ?error 45 % 30 s Run date (lock conflict)'],
	[task({ state: 'paused', result: 'error', error: { message: 'no_plan\nat all' } }), 'paused ?error 45 % 30 s Run date (no_plan at all)'],
	[
		task({ state: 'pending', startedAt: null, progress: 0, waitingFor: { text: 'Waits for a worker' } }),
		'pending ? 0 % - Run date (Waits for a worker)',
	],
	[task({ state: 'stopped', result: 'success', progress: 1, endedAt: '2026-11-21T10:00:02.500Z' }), 'stopped success 100 % 2.5 s Run date'],
	[
		task({ state: 'stopped', result: 'error', reason: 'force_unlocked', endedAt: '2026-11-21T10:00:02.500Z' }),
		'stopped error 45 % 2.5 s Run date (force unlocked)',
	],
	[
		task({ state: 'stopped', result: 'cancelled', reason: 'cancelled', endedAt: '2026-11-21T10:00:02.500Z' }),
		'stopped cancelled 45 % 2.5 s Run date',
	],
])('rowOf %#', (given, expected) => {
	const cells = rowOf(given, now)
	expect(cells).toHaveLength(rowTitles.length)
	expect(cells.filter((_cell, column) => ![0, 4, 6].includes(column)).join(' ')).toBe(expected)
})
