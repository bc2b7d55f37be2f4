import { expect, test } from 'vitest'
import { describeEntry, type HistoryEntry } from './history.ts'

const entry = (changes: Partial<HistoryEntry>): HistoryEntry => ({
	id: '1.0',
	at: '2026-11-21T12:00:00.000Z',
	kind: 'task',
	step: null,
	stepName: null,
	oldState: null,
	newState: null,
	attempt: null,
	worker: null,
	startedAt: null,
	who: null,
	why: null,
	...changes,
})

test.each([
	[{ kind: 'created', newState: 'pending' }, 'Created as pending'],
	[{ kind: 'task', oldState: 'planned', newState: 'running' }, 'Task: planned → running'],
	[{ kind: 'step', step: 1, stepName: 'pack', oldState: 'running', newState: 'success', attempt: 1 }, 'Step 2, pack: running → success'],
	[
		{ kind: 'step', step: 0, stepName: 'scan', oldState: 'reverting', newState: 'revert_failed', attempt: 3 },
		'Step 1, scan: reverting → revert failed, attempt 3',
	],
	[{ kind: 'force_unlock' }, 'Unlocked the task by force'],
	[{ kind: 'skip', step: 2, stepName: 'copy' }, 'Skipped a step: Step 3, copy'],
	[{ kind: 'something_new' }, 'something new'],
] as const)('%j reads “%s”', (changes, sentence) => {
	expect(describeEntry(entry(changes))).toBe(sentence)
})
