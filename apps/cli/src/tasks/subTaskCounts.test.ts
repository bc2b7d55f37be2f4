import { describe, expect, it } from 'vitest'
import { subTasksText } from './subTaskCounts.ts'

const none = { total: 10, open: 10, paused: 0, held: 0, success: 0, warning: 0, error: 0, cancelled: 0 }

describe('the counts of sub-tasks', () => {
	const cases: readonly (readonly [Partial<typeof none>, string])[] = [
		[{}, '0 of 10 sub-tasks ended'],
		[{ open: 3, success: 6, error: 1 }, '7 of 10 sub-tasks ended: 6 success, 1 error'],
		[{ open: 9, paused: 1, held: 5, cancelled: 1 }, '1 of 10 sub-tasks ended: 1 cancelled; 1 paused, 5 held'],
		[{ open: 0, success: 9, warning: 1 }, '10 of 10 sub-tasks ended: 9 success, 1 warning'],
		[{ total: 0, open: 0 }, '0 of 0 sub-tasks ended'],
	]
	for (const [counts, text] of cases) it(text, () => expect(subTasksText({ subTasks: { ...none, ...counts } })).toBe(text))

	it('nothing for a task without any', () => expect(subTasksText({ subTasks: null })).toBeNull())
})
