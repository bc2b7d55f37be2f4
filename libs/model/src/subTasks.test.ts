import { newTask } from './newTask.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import type { Fact, FactOf } from './facts.ts'
import { newStep } from './newStep.ts'
import { defaultPolicies, type RescueStrategy } from './plan.ts'
import type { SubTaskCounts, Suspension, Task } from './task.ts'

const waiting: Suspension = {
	kind: 'sub_tasks',
	state: null,
	until: null,
	timeoutAt: null,
	poll: null,
	externalId: null,
	accepts: null,
	wake: null,
	cancelBy: null,
	somePaused: false,
	resumed: null,
}

/** A task whose one step waits for ten sub-tasks. */
function fannedOut({ joined = false, rescue = 'pause' }: { joined?: boolean; rescue?: RescueStrategy } = {}): Task {
	return {
		...newTask('019aa000-0000-7000-8000-000000000000', 'Test'),
		state: 'running',
		revision: 3,
		startedAt: 0,
		runningSince: 0,
		planAttempt: 1,
		plan: {
			tree: { kind: 'step', index: 0 },
			steps: [
				{
					action: 'Test/0',
					name: 'step 0',
					input: {},
					weight: 1,
					policies: { ...defaultPolicies, rescue },
					...(joined && { joined: true as const }),
				},
			],
			locks: [],
		},
		steps: [{ ...newStep(0), state: 'suspended', attempt: 1, startedAt: 0, suspension: waiting, stored: true }],
	}
}

const counts = (some: Partial<SubTaskCounts>): SubTaskCounts => ({
	total: 10,
	open: 0,
	paused: 0,
	success: 0,
	warning: 0,
	error: 0,
	cancelled: 0,
	...some,
})

function after(task: Task, ...facts: readonly Fact[]): Task {
	return facts.reduce((now, fact) => {
		const decision = decide(now, fact)
		return decision.kind === 'changed' ? decision.task : now
	}, task)
}

const changed = (some: Partial<SubTaskCounts>, failed = false): FactOf<'sub_tasks_changed'> => ({
	kind: 'sub_tasks_changed',
	step: 0,
	counts: counts(some),
	failed,
	at: 10,
})
const cancel: Fact = { kind: 'cancel_asked', who: 1, why: null, at: 5 }
const resume: Fact = { kind: 'resume_asked', who: 7, why: null, at: 20 }
const allPaused = changed({ open: 2, paused: 2, success: 8 })

describe('what sub-tasks come to', () => {
	const cases: readonly (readonly [string, Task, readonly Fact[], readonly [task: string, result: string, step: string]])[] = [
		['some have ended', fannedOut(), [changed({ open: 4, success: 6 })], ['running', 'pending', 'suspended']],
		['all have ended well', fannedOut(), [changed({ success: 10 })], ['stopped', 'success', 'success']],
		[
			'all have ended, and the action makes something of it',
			fannedOut({ joined: true }),
			[changed({ success: 10 })],
			['running', 'pending', 'pending'],
		],
		['too many have failed', fannedOut(), [changed({ success: 9, error: 1 }, true)], ['paused', 'error', 'error']],
		['too many have failed, and others go on', fannedOut(), [changed({ open: 9, error: 1 }, true)], ['paused', 'error', 'error']],
		[
			'too many, and the step may be skipped',
			fannedOut({ rescue: 'skip' }),
			[changed({ error: 10 }, true)],
			['stopped', 'warning', 'skipped'],
		],
		['too many, and that ends the task', fannedOut({ rescue: 'fail' }), [changed({ error: 10 }, true)], ['stopped', 'error', 'error']],
		['one is paused, others go on', fannedOut(), [changed({ open: 4, paused: 1, success: 6 })], ['running', 'error', 'suspended']],
		[
			'one was paused, and none is any more',
			fannedOut(),
			[changed({ open: 4, paused: 1 }), changed({ open: 4 })],
			['running', 'pending', 'suspended'],
		],
		['all that are left are paused', fannedOut(), [allPaused], ['paused', 'error', 'error']],
		['they are resumed with their task', fannedOut(), [allPaused, resume], ['running', 'warning', 'suspended']],
		['they end after that', fannedOut(), [allPaused, resume, changed({ success: 8, warning: 2 })], ['stopped', 'warning', 'success']],
		['they pause again', fannedOut(), [allPaused, resume, allPaused], ['paused', 'error', 'error']],
		['a paused task is cancelled', fannedOut(), [allPaused, cancel], ['stopped', 'cancelled', 'error']],
		['a cancel waits for them', fannedOut(), [cancel, changed({ open: 2, cancelled: 8 })], ['running', 'pending', 'suspended']],
		['paused ones are no news in a cancel', fannedOut(), [cancel, allPaused], ['running', 'error', 'suspended']],
		['the last of them ends a cancel', fannedOut(), [cancel, changed({ cancelled: 10 })], ['stopped', 'cancelled', 'cancelled']],
		[
			'after the deadline of a cancel it waits no longer',
			fannedOut(),
			[cancel, { kind: 'due', at: 60_005 }],
			['stopped', 'cancelled', 'cancelled'],
		],
		['failed ones, resumed: the step runs again', fannedOut(), [changed({ error: 10 }, true), resume], ['running', 'warning', 'pending']],
	]
	it.each(cases)('%s', (_, task, facts, expected) => {
		const now = after(task, ...facts)
		expect([now.state, now.result, now.steps[0]?.state]).toEqual(expected)
	})

	it('the output is what has become of them, and progress is how many have ended', () => {
		expect(after(fannedOut(), changed({ success: 7, warning: 2, cancelled: 1 })).steps[0]?.output).toBe(
			'{"total":10,"success":7,"warning":2,"error":0,"cancelled":1}',
		)
		expect(after(fannedOut(), changed({ open: 4, paused: 1, success: 6 })).progress).toBeCloseTo(0.6)
	})

	it('who resumed it is remembered for them', () => {
		expect(after(fannedOut(), allPaused, resume).steps[0]?.suspension?.resumed).toEqual({ who: 7, at: 20 })
	})

	it('a cancel by nobody is one that no person asked for', () => {
		const decision = decide(fannedOut(), { ...cancel, who: null } as Fact)
		expect(decision.kind === 'changed' && decision.events[0]).toMatchObject({ kind: 'cancel', who: null })
	})

	it('the same counts twice change nothing the second time', () => {
		const one = fc.nat(3)
		fc.assert(
			fc.property(one, one, one, one, fc.boolean(), (open, paused, success, error, failed) => {
				const some = { total: open + success + error, open, paused: Math.min(paused, open), success, error }
				const once = after(fannedOut(), changed(some, failed))
				expect(after(once, changed(some, failed))).toEqual(once)
			}),
		)
	})
})
