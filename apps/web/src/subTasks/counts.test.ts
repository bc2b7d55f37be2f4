import { expect, test } from 'vitest'
import { countedAs, filterFrom, presentCounts, subTasksAddress } from './counts.ts'

const counts = { total: 9, open: 3, paused: 1, held: 0, success: 4, warning: 0, error: 2, cancelled: 0 }

test('of the counts those are shown that are not zero, what needs a person first', () => {
	expect(presentCounts(counts).map(({ name, count }) => `${count} ${name}`)).toEqual(['1 Paused', '2 Failed', '3 Not ended', '4 Succeeded'])
	expect(presentCounts({ ...counts, open: 0, paused: 0, success: 0, error: 0 })).toEqual([])
})

test.each(countedAs)('the address of those that are counted as $filter is read as it was written', ({ filter, name }) => {
	const { searchParams } = new URL(subTasksAddress('id', { step: 0, filter }), 'http://page')
	expect(filterFrom(searchParams.get('filter'))).toEqual({ filter, name })
	expect(searchParams.get('step')).toBe('0')
})

test('the address of all names nothing, and an unknown word is no filter', () => {
	expect(subTasksAddress('id')).toBe('/tasks/id/subtasks')
	expect(subTasksAddress('id', { step: null, filter: null })).toBe('/tasks/id/subtasks')
	expect(filterFrom('nonsense')).toBeNull()
	expect(filterFrom(null)).toBeNull()
})
