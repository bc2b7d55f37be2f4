import { newTask } from '@taskyard/model/newTask'
import { defaultPolicies } from '@taskyard/model/plan'
import { newStep } from '@taskyard/model/newStep'
import type { Task } from '@taskyard/model/task'
import { describe, expect, test } from 'vitest'
import { attemptTimeLeft, isLimited, timeOverError } from './timeLimit.ts'

const limitedTask = (timeout: number | null, whole: number | undefined, changes: Partial<Task> = {}): Task => ({
	...newTask('019aa000-0000-7000-8000-000000000000', 'A'),
	state: 'running',
	revision: 1,
	startedAt: 1_000,
	runningSince: 1_000,
	planAttempt: 1,
	plan: {
		tree: { kind: 'step', index: 0 },
		steps: [{ action: 'A', name: 'a', input: {}, weight: 1, policies: { ...defaultPolicies, timeout } }],
		locks: [],
		...(whole !== undefined && { timeout: whole }),
	},
	steps: [newStep(0)],
	...changes,
})
const reverting: Partial<Task> = { error: { message: '', type: '', code: null, trace: null, details: null, reason: 'reverted' } }

/** The task runs since 1,000, the attempt since 2,000, and it is 2,500. */
describe.each<[string, Task, number | null, string | null]>([
	['no limit', limitedTask(null, undefined), null, null],
	['a limit of the attempt, from its start', limitedTask(2_000, undefined), 1_500, 'within its time limit of 2 s'],
	['a limit of the task, of which some is used', limitedTask(null, 5_000), 3_500, 'time limit of the task, 5 s'],
	['both, and the attempt’s ends first', limitedTask(2_000, 5_000), 1_500, 'within its time limit of 2 s'],
	['both, and the task’s ends first', limitedTask(9_000, 5_000), 3_500, 'time limit of the task, 5 s'],
	['a task that ran before', limitedTask(null, 5_000, { ranFor: 2_000 }), 1_500, 'time limit of the task, 5 s'],
	['a limit that has passed', limitedTask(100, undefined), -400, 'within its time limit of 0.1 s'],
	['a task that reverts', limitedTask(null, 5_000, reverting), null, null],
	['a revert with a limit of its own', limitedTask(2_000, 500, reverting), 1_500, null],
])('%s', (_, task, left, message) => {
	const step = { index: 0, startedAt: 2_000 }

	test(`leaves ${left}${message === null ? '' : `, and says: ${message}`}`, () => {
		expect(attemptTimeLeft(task, step, 2_500)).toBe(left)
		expect(isLimited(task, 0)).toBe(task.plan?.timeout !== undefined || left !== null)
		if (message === null) return
		const error = timeOverError(task, step, 2_500 + Math.max(0, left ?? 0))
		expect(error).toMatchObject({ reason: 'timed_out', code: 'timed_out', message: expect.stringContaining(message) })
	})
})

test('a task without limits is told at once', () => {
	expect(isLimited(limitedTask(null, undefined), 0)).toBe(false)
})
