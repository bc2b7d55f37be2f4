import { expect, test } from 'vitest'
import { countTasks, offeredActions, outcomeFrom, outcomeNames, presentOutcomes, unsuited } from './bulkWords.ts'

const rows = (['scheduled', 'pending', 'planning', 'planned', 'running', 'paused', 'stopped'] as const).map((state) => ({ state }))
const states = (some: readonly { readonly state: string }[]) => some.map(({ state }) => state)

test.each([
	['resume', ['scheduled', 'pending', 'planning', 'planned', 'running', 'stopped']],
	['cancel', ['stopped']],
	['rerun', ['scheduled', 'pending', 'planning', 'planned', 'running', 'paused']],
	['delete', ['scheduled', 'pending', 'planning', 'planned', 'running', 'paused']],
] as const)('who selects one of each state is told before who will be refused: %s', (action, expected) => {
	expect(states(unsuited(action, rows))).toEqual(expected)
})

test.each([
	[0, '0 tasks'],
	[1, '1 task'],
	[1204, '1,204 tasks'],
])('%i tasks are called %s', (count, text) => expect(countTasks(count)).toBe(text))

test('one that will be refused is told in the singular', () => {
	expect(offeredActions.cancel.refused(1)).toBe('1 is stopped already and will be refused:')
	expect(offeredActions.cancel.refused(2)).toBe('2 are stopped already and will be refused:')
})

test('of the outcomes those are shown of which there are some, what needs a person first', () => {
	expect(presentOutcomes({ done: 5, refused: 2, failed: 1, open: 0, notDone: 0 })).toEqual([
		['failed', 1],
		['refused', 2],
		['done', 5],
	])
})

test('an address names an outcome or none', () => {
	for (const outcome of Object.keys(outcomeNames)) expect(outcomeFrom(outcome)).toBe(outcome)
	for (const word of [null, '', 'toString', 'nonsense']) expect(outcomeFrom(word)).toBeNull()
})
