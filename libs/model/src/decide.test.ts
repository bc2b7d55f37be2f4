import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import type { Changed } from './decision.ts'
import type { Fact, Taker } from './facts.ts'
import { admission } from './gates.ts'
import { defaultPolicies, type Plan, type PlanNode, type StepPolicies } from './plan.ts'
import { newTask as freshTask } from './newTask.ts'
import { isBusy, ownSteps } from './startable.ts'
import { type SuspensionKind, stepStates, taskStates } from './states.ts'
import { type Gates, noGates, type StepError, type Task } from './task.ts'
import { factKinds, stepMoves, taskMoves, taskRules } from './transitions.ts'

const error: StepError = { message: 'no room', type: 'Failure', code: null, trace: null, details: null, reason: 'failed' }
const lost: StepError = { ...error, message: 'the process ended', reason: 'lost' }
const who = { who: 1, why: null }

function newTask(changes: Partial<Task> = {}): Task {
	return {
		...freshTask('019aa000-0000-7000-8000-000000000000', 'Test'),
		...changes,
	}
}

const step = (index: number): PlanNode => ({ kind: 'step', index })
const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'sequence', nodes })
const concurrence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'concurrence', nodes })

/** Of the steps, those named in `can` can do that. */
function planOf(
	tree: PlanNode,
	count: number,
	policies: Partial<StepPolicies> = {},
	can: Partial<Record<'finalize' | 'revert' | 'poll' | 'cancel' | 'joined', readonly number[]>> & { timeout?: number } = {},
): Plan {
	return {
		tree,
		steps: Array.from({ length: count }, (_, index) => ({
			action: `Test/${index}`,
			name: `step ${index}`,
			input: {},
			weight: 1,
			policies: { ...defaultPolicies, ...policies },
			...(can.finalize?.includes(index) && { finalize: true as const }),
			...(can.revert?.includes(index) && { revert: true as const }),
			...(can.poll?.includes(index) && { poll: true as const }),
			...(can.cancel?.includes(index) && { cancel: true as const }),
			...(can.joined?.includes(index) && { joined: true as const }),
		})),
		locks: [],
		...(can.timeout !== undefined && { timeout: can.timeout }),
	}
}

/** Applies facts in order; each must change the task. */
function after(task: Task, ...facts: Fact[]): Task {
	return facts.reduce((now, fact) => changed(now, fact).task, task)
}

function changed(task: Task, fact: Fact): Changed {
	const decision = decide(task, fact)
	if (decision.kind !== 'changed') throw new Error(`${fact.kind} in ${task.state}: ${JSON.stringify(decision)}`)
	return decision
}

function running(plan: Plan): Task {
	return after(
		newTask(),
		{ kind: 'claimed', child: 1, at: 10 },
		{ kind: 'planned', attempt: 1, plan, at: 20 },
		{ kind: 'claims_granted', child: 1, at: 20 },
	)
}

const child: Taker = { child: 1, own: true }
const succeeded = (index: number, attempt = 1, take: Taker | null = child): Fact => ({
	kind: 'step_succeeded',
	step: index,
	attempt,
	output: null,
	at: 30,
	take,
})
const failed = (index: number, attempt = 1): Fact => ({
	kind: 'step_failed',
	step: index,
	attempt,
	error,
	retryable: true,
	random: 0.5,
	at: 30,
	progress: 0.5,
})
const planFailed = (attempt: number, attempts = 1, rescue: 'pause' | 'skip' | 'fail' | 'revert' = 'pause', back = 20): Fact => ({
	kind: 'plan_failed',
	attempt,
	error,
	retryable: true,
	retry: { attempts, backoff: 'fixed', initial: 100, max: 100, jitter: 0 },
	rescue,
	random: 0.5,
	at: back,
})
const resumed = (at = 40): Fact => ({ kind: 'resume_asked', ...who, at })
const activated = (at: number, number = 1): Fact => ({ kind: 'activated', child: number, own: true, at })
const states = (task: Task): string => task.steps.map((one) => one.state).join(' ')

describe('the table of rules', () => {
	it.each(taskStates.flatMap((state) => factKinds.map((fact) => [state, fact] as const)))('%s, %s', (state, fact) => {
		const rule = taskRules[state][fact]
		if ('ignored' in rule) expect(rule.ignored).not.toBe('')
		else if ('refused' in rule) expect(rule.because).not.toBe('')
		else expect(rule.move).toBeTruthy()
	})

	it('leaves no state of a task without a way out, but for the end', () => {
		for (const state of taskStates) if (state !== 'stopped') expect(reach(taskMoves, state), state).toContain('stopped')
	})

	it('lets every state of a step be reached, and leads each to a final one', () => {
		const final = stepStates.filter((state) => stepMoves[state].length === 0)
		expect(reach(stepMoves, 'pending').sort()).toEqual([...stepStates].sort())
		for (const state of stepStates)
			expect(
				[...reach(stepMoves, state), state].some((one) => final.includes(one)),
				state,
			).toBe(true)
	})
})

function reach<State extends string>(moves: Readonly<Record<State, readonly State[]>>, from: State): State[] {
	const found = new Set<State>([from])
	for (const state of found) for (const next of moves[state]) found.add(next)
	return [...found]
}

describe('a task that goes well', () => {
	it('is planned, runs its steps in order, and stops with success', () => {
		const plan = planOf(sequence(step(0), step(1)), 2)
		const begun = running(plan)
		expect([begun.state, states(begun)]).toEqual(['running', 'running pending'])
		const second = changed(begun, succeeded(0))
		expect([second.start, states(second.task), second.task.progress]).toEqual([[1], 'success running', 0.5])
		const end = changed(second.task, succeeded(1))
		expect(end.ended).toBe(true)
		expect([end.task.state, end.task.result, end.task.progress, end.task.endedAt]).toEqual(['stopped', 'success', 1, 30])
	})

	it('says of each step what happened in one event, and keeps no attempt for a first success', () => {
		const decision = changed(running(planOf(sequence(step(0), step(1)), 2)), succeeded(0))
		expect(decision.events).toEqual([
			{ kind: 'step', step: 0, old: 'running', new: 'success', attempt: 1, child: 1, startedAt: 20, who: null, why: null },
		])
		expect(decision.attempts).toEqual([])
	})

	it('stops at once when its plan has no steps', () => {
		const end = running(planOf(sequence(), 0))
		expect([end.state, end.result]).toEqual(['stopped', 'success'])
	})

	it('gives the child one branch and announces the others once', () => {
		const plan = planOf(sequence(step(0), concurrence(step(1), step(2), step(3)), step(4)), 5)
		const decision = changed(running(plan), succeeded(0))
		expect([decision.start, decision.dispatch]).toEqual([[1], 2])
		const next = changed(decision.task, succeeded(1))
		expect([next.start, next.dispatch]).toEqual([[2], 0])
	})

	it('has one more told with each branch that an activation begins, for several may have left one job', () => {
		const plan = planOf(concurrence(step(0), step(1), step(2)), 3)
		const die = (task: Task, index: number) => changed(task, { kind: 'attempt_lost', step: index, attempt: 1, error: lost, at: 30 })
		const second = changed(running(plan), { kind: 'activated', child: 1, at: 21 }).task
		const all = changed(second, { kind: 'activated', child: 1, at: 22 }).task
		expect(states(all)).toBe('running running running')
		const left = die(die(die(all, 0).task, 1).task, 2)
		// Each of them told of itself, under one key: the queue may hold one job for the three.
		expect(left.dispatch).toBe(1)
		const dispatches = []
		let task = left.task
		for (const at of [40, 41, 42]) {
			const begun = changed(task, { kind: 'activated', child: 2, at })
			dispatches.push([begun.start, begun.dispatch])
			task = begun.task
		}
		expect(dispatches).toEqual([
			[[0], 1],
			[[1], 1],
			[[2], 0],
		])
	})

	it('starts the join when the last branch ends, whichever that is', () => {
		const plan = planOf(sequence(concurrence(step(0), step(1)), step(2)), 3)
		const both = changed(running(plan), { kind: 'activated', child: 2, at: 25 }).task
		expect(states(both)).toBe('running running pending')
		expect(changed(both, succeeded(1)).start).toEqual([])
		expect(changed(changed(both, succeeded(1)).task, succeeded(0)).start).toEqual([2])
	})
})

describe('a task that fails', () => {
	it('pauses on the error and resumes from the failed step', () => {
		const plan = planOf(sequence(step(0), step(1)), 2)
		const paused = after(running(plan), succeeded(0), failed(1))
		expect([paused.state, paused.result, paused.reason, states(paused)]).toEqual(['paused', 'error', 'failed', 'success error'])
		const resumed = changed(paused, { kind: 'resume_asked', ...who, at: 40 })
		expect([resumed.task.state, resumed.task.result, resumed.dispatch, states(resumed.task)]).toEqual([
			'running',
			'warning',
			1,
			'success pending',
		])
		const end = after(resumed.task, { kind: 'activated', child: 2, at: 50 }, succeeded(1, 2))
		expect([end.state, end.result]).toEqual(['stopped', 'warning'])
	})

	it('waits for independent branches before it pauses, and says already that it is an error', () => {
		const plan = planOf(concurrence(step(0), step(1)), 2)
		const both = changed(running(plan), { kind: 'activated', child: 2, at: 25 }).task
		const one = changed(both, failed(0)).task
		expect([one.state, one.result]).toEqual(['running', 'error'])
		expect(changed(one, succeeded(1)).task.state).toBe('paused')
	})

	it('tries again after a back-off, and keeps the failed attempt', () => {
		const plan = planOf(step(0), 1, { retry: { attempts: 2, backoff: 'fixed', initial: 100, max: 100, jitter: 0 } })
		const waits = changed(running(plan), failed(0))
		expect(waits.timers).toEqual([{ step: 0, kind: 'back_off', dueAt: 130 }])
		expect(waits.attempts).toMatchObject([{ number: 1, outcome: 'failed' }])
		expect(waits.task.waitingFor).toEqual({ kind: 'back_off', keys: { step: 0, until: 130 } })
		expect(decide(waits.task, { kind: 'activated', child: 1, at: 100 })).toMatchObject({ kind: 'refused', code: 'not_startable' })
		expect(changed(waits.task, { kind: 'due', at: 130 }).dispatch).toBe(1)
		const again = changed(waits.task, { kind: 'activated', child: 1, at: 131 }).task
		expect([again.steps[0]?.attempt, again.steps[0]?.tries]).toEqual([2, 1])
		expect(changed(again, failed(0, 2)).task.state).toBe('paused')
	})

	it('tries again also where the clock of who is told is behind that of who told', () => {
		const plan = planOf(step(0), 1, { retry: { attempts: 2, backoff: 'fixed', initial: 100, max: 100, jitter: 0 } })
		const waits = changed(running(plan), failed(0)).task
		expect(changed(after(waits, { kind: 'due', at: 130 }), { kind: 'activated', child: 1, at: 125 }).start).toEqual([0])
	})

	it('tries a failure that is not retryable no second time', () => {
		const plan = planOf(step(0), 1, { retry: { attempts: 5, backoff: 'fixed', initial: 100, max: 100, jitter: 0 } })
		expect(changed(running(plan), { ...failed(0), retryable: false } as Fact).task.state).toBe('paused')
	})

	it('skips the step when its strategy says so', () => {
		const end = after(
			running(planOf(sequence(step(0), step(1)), 2, { rescue: 'skip' })),
			failed(0),
			{ kind: 'activated', child: 1, at: 31 },
			succeeded(1),
		)
		expect([end.state, end.result, states(end)]).toEqual(['stopped', 'warning', 'skipped success'])
	})

	it('stops and cancels the rest when its strategy is to fail', () => {
		const { task: end, events } = changed(running(planOf(sequence(step(0), step(1)), 2, { rescue: 'fail' })), failed(0))
		expect([end.state, end.result, states(end)]).toEqual(['stopped', 'error', 'error cancelled'])
		expect(events.at(-1)).toMatchObject({ kind: 'task', new: 'stopped', why: end.steps[0]?.error?.message })
	})

	it('pauses without a plan when planning failed, and plans again when resumed', () => {
		const planning = after(newTask(), { kind: 'claimed', child: 1, at: 10 })
		const paused = after(planning, planFailed(1))
		expect([paused.state, paused.result, paused.reason]).toEqual(['paused', 'error', 'planning_failed'])
		expect(changed(paused, { kind: 'resume_asked', ...who, at: 30 }).task).toMatchObject({ state: 'pending', result: 'warning' })
	})

	it('pauses on refused locks with its plan, and claims again when resumed', () => {
		const planned = after(
			newTask(),
			{ kind: 'claimed', child: 1, at: 10 },
			{ kind: 'planned', attempt: 1, plan: planOf(step(0), 1), at: 20 },
		)
		const paused = after(planned, { kind: 'claims_refused', conflict: { ...error, reason: 'lock_conflict' }, at: 20 })
		expect([paused.state, paused.reason]).toEqual(['paused', 'lock_conflict'])
		expect(changed(paused, { kind: 'resume_asked', ...who, at: 30 }).task.state).toBe('planned')
	})
})

describe('the fence', () => {
	it.each([
		['an outcome of an old attempt', succeeded(0, 0)],
		['an outcome of a step that does not run', succeeded(1)],
		['a failure of an old attempt', failed(0, 2)],
		['the loss of an old attempt', { kind: 'attempt_lost', step: 0, attempt: 0, error: lost, at: 30 }],
	] as [string, Fact][])('refuses %s', (_, fact) => {
		expect(decide(running(planOf(sequence(step(0), step(1)), 2)), fact)).toMatchObject({ kind: 'refused', code: 'fenced_off' })
	})

	it('refuses a plan that comes after its task was cancelled', () => {
		const cancelled = after(newTask(), { kind: 'claimed', child: 1, at: 10 }, { kind: 'cancel_asked', ...who, at: 15 })
		expect(decide(cancelled, { kind: 'planned', attempt: 1, plan: planOf(step(0), 1), at: 20 })).toMatchObject({
			kind: 'refused',
			code: 'fenced_off',
		})
	})
})

describe('a lost attempt', () => {
	it('runs again at no cost of a try', () => {
		const decision = changed(running(planOf(step(0), 1)), { kind: 'attempt_lost', step: 0, attempt: 1, error: lost, at: 30 })
		expect([decision.dispatch, decision.task.steps[0]?.tries, decision.task.steps[0]?.state]).toEqual([1, 0, 'pending'])
		expect(decision.attempts).toMatchObject([{ outcome: 'lost' }])
	})

	it('pauses the task where a second run could do harm', () => {
		const plan = planOf(step(0), 1, { onLost: 'rescue', idempotent: false, retry: { ...defaultPolicies.retry, attempts: 5 } })
		const paused = changed(running(plan), { kind: 'attempt_lost', step: 0, attempt: 1, error: lost, at: 30 }).task
		expect([paused.state, paused.reason]).toEqual(['paused', 'lost'])
	})

	it('ends in cancelled when a cancel was asked', () => {
		const asked = after(running(planOf(step(0), 1)), { kind: 'cancel_asked', ...who, at: 25 })
		expect(changed(asked, { kind: 'attempt_lost', step: 0, attempt: 1, error: lost, at: 30 }).task).toMatchObject({
			state: 'stopped',
			result: 'cancelled',
		})
	})

	it('of planning makes the task pending', () => {
		const planning = after(newTask(), { kind: 'claimed', child: 1, at: 10 })
		const decision = changed(planning, { kind: 'attempt_lost', step: null, attempt: 1, error: lost, at: 30 })
		expect([decision.task.state, decision.dispatch]).toEqual(['pending', 1])
	})
})

describe('cancel', () => {
	it.each([
		['pending', newTask()],
		['planning', after(newTask(), { kind: 'claimed', child: 1, at: 10 })],
		['paused', after(running(planOf(sequence(step(0), step(1)), 2)), failed(0))],
	] as [string, Task][])('stops a %s task at once', (_, task) => {
		const end = changed(task, { kind: 'cancel_asked', ...who, at: 40 })
		expect([end.task.state, end.task.result, end.ended]).toEqual(['stopped', 'cancelled', true])
	})

	it('awaits what runs, through its phases', () => {
		const asked = changed(running(planOf(sequence(step(0), step(1)), 2)), { kind: 'cancel_asked', ...who, at: 25 }).task
		expect([asked.state, asked.cancel]).toEqual(['running', 'requested'])
		const signalled = after(asked, { kind: 'cancel_signalled', at: 26 })
		expect(signalled.cancel).toBe('signalled')
		const end = after(signalled, { kind: 'step_cancelled', step: 0, attempt: 1, at: 30 })
		expect([end.state, end.result, states(end)]).toEqual(['stopped', 'cancelled', 'cancelled cancelled'])
	})

	it('starts no further step when the running one succeeds after all', () => {
		const asked = changed(running(planOf(sequence(step(0), step(1)), 2)), { kind: 'cancel_asked', ...who, at: 25 }).task
		expect(changed(asked, succeeded(0)).task).toMatchObject({ state: 'stopped', result: 'cancelled' })
	})

	it('ends what does not end by its deadline', () => {
		const asked = after(running(planOf(step(0), 1)), { kind: 'cancel_asked', ...who, at: 25 }, { kind: 'cancel_signalled', at: 26 })
		const end = after(asked, { kind: 'cancel_deadline', at: 60 })
		expect([end.state, end.cancel]).toEqual(['stopped', 'killed'])
		expect(decide(end, succeeded(0))).toMatchObject({ kind: 'refused' })
	})

	it('keeps the progress that the cancelled attempt has reported', () => {
		const asked = changed(running(planOf(sequence(step(0), step(1)), 2)), { kind: 'cancel_asked', ...who, at: 25 }).task
		expect(changed(asked, { kind: 'step_cancelled', step: 0, attempt: 1, at: 30, progress: 0.5 }).task.progress).toBe(0.25)
		expect(changed(asked, { kind: 'step_cancelled', step: 0, attempt: 1, at: 30 }).task.progress).toBe(0)
	})

	it('that nobody asked for hands the step back: a cancelled one could never be resumed', () => {
		const decision = changed(running(planOf(step(0), 1)), { kind: 'step_cancelled', step: 0, attempt: 1, at: 30 })
		expect([states(decision.task), decision.dispatch, decision.attempts[0]?.outcome]).toEqual(['pending', 1, 'handed_back'])
	})

	it('asked twice is asked once', () => {
		const asked = changed(running(planOf(step(0), 1)), { kind: 'cancel_asked', ...who, at: 25 }).task
		expect(decide(asked, { kind: 'cancel_asked', ...who, at: 26 })).toMatchObject({ kind: 'ignored' })
	})
})

describe('planning that fails', () => {
	const planning = after(newTask(), { kind: 'claimed', child: 1, at: 10 })

	it('is tried again after a back-off, and not before', () => {
		const waits = changed(planning, planFailed(1, 2))
		expect(waits.task).toMatchObject({ state: 'pending', planTries: 1, waitingFor: { kind: 'back_off', keys: { until: 120 } } })
		expect(waits.timers).toEqual([{ step: null, kind: 'back_off', dueAt: 120 }])
		expect(waits.attempts).toMatchObject([{ step: null, kind: 'plan', outcome: 'failed', number: 1 }])
		expect(decide(waits.task, { kind: 'claimed', child: 1, at: 119 })).toMatchObject({ kind: 'refused', code: 'not_startable' })
		expect(changed(waits.task, { kind: 'due', at: 120 })).toMatchObject({ dispatch: 1, task: { waitingFor: null } })
		const second = after(waits.task, { kind: 'due', at: 120 }, { kind: 'claimed', child: 1, at: 121 })
		expect(changed(second, planFailed(2, 2)).task).toMatchObject({ state: 'paused', result: 'error', reason: 'planning_failed' })
	})

	it.each(['skip', 'fail', 'revert'] as const)('stops the task where the strategy is to %s', (rescue) => {
		expect(changed(planning, planFailed(1, 1, rescue)).task).toMatchObject({ state: 'stopped', result: 'error', reason: 'planning_failed' })
	})

	it('gets all its tries again by a resume', () => {
		const paused = after(planning, planFailed(1))
		expect(after(paused, resumed())).toMatchObject({ state: 'pending', planTries: 0, notBefore: null, error: null })
	})
})

describe('gates', () => {
	const scheduled = (gates: Partial<Gates>): Task => {
		const all = { ...noGates, ...gates }
		return newTask({ state: 'scheduled', gates: all, waitingFor: admission(all, 10).waitingFor })
	}

	it.each([
		['nothing', {}, 'pending', undefined, []],
		['a start time', { startAt: 50 }, 'scheduled', 'start_time', ['start_at']],
		['a start time that is over', { startAt: 5 }, 'pending', undefined, []],
		['a latest start', { startBefore: 50 }, 'pending', undefined, ['start_before']],
		['a confirmation', { confirmBefore: 50 }, 'scheduled', 'confirmation', ['confirmation']],
		['another task', { open: 1, waitsFor: 'x' }, 'scheduled', 'dependency', []],
		['a task that failed already', { failed: 'x' }, 'scheduled', undefined, []],
	] as const)('a new task with %s is %s', (_, gates, state, kind, timers) => {
		const admitted = admission({ ...noGates, ...gates }, 10)
		expect([admitted.state, admitted.waitingFor?.kind, admitted.timers.map((timer) => timer.kind)]).toEqual([state, kind, timers])
	})

	it.each([{ startBefore: 50 }, { confirmBefore: 50 }])('%o has closed when its timer fires, and not at its last moment', (gate) => {
		const gates = { ...noGates, startAt: 90, ...gate }
		const waits = newTask({ state: 'scheduled', gates, waitingFor: admission(gates, 10).waitingFor })
		const timer = admission(gates, 10).timers.find(({ kind }) => kind !== 'start_at')
		expect(decide(waits, { kind: 'due', at: 50 }).kind).toBe('ignored')
		expect(changed(waits, { kind: 'due', at: timer?.dueAt ?? 0 }).task.state).toBe('stopped')
	})

	it('open when the time has come, and not before', () => {
		const waits = scheduled({ startAt: 50 })
		expect(decide(waits, { kind: 'due', at: 49 })).toMatchObject({ kind: 'ignored' })
		expect(changed(waits, { kind: 'due', at: 50 })).toMatchObject({ dispatch: 1, task: { state: 'pending', waitingFor: null } })
	})

	it('open when time, tasks and person have all said yes, in any order', () => {
		const confirmed = changed(scheduled({ startAt: 50, open: 1, confirmBefore: 40 }), { kind: 'confirm_asked', yes: true, ...who, at: 30 })
		expect(confirmed.task).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'start_time' } })
		const due = changed(confirmed.task, { kind: 'due', at: 60 })
		expect(due.task).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'dependency' } })
		expect(changed({ ...due.task, gates: { ...due.task.gates, open: 0 } }, { kind: 'due', at: 61 }).task.state).toBe('pending')
	})

	it('end the task when another did not end as the dependency demands', () => {
		const end = changed(scheduled({ failed: 'the other' }), { kind: 'due', at: 20 }).task
		expect(end).toMatchObject({ state: 'stopped', result: 'error', reason: 'dependency_failed', error: { details: { task: 'the other' } } })
	})

	it.each([
		['the answer is no', { kind: 'confirm_asked', yes: false, ...who, at: 30 }],
		['nobody answers', { kind: 'due', at: 41 }],
	] as [string, Fact][])('end the task as not confirmed when %s', (_, fact) => {
		const end = changed(scheduled({ confirmBefore: 40 }), fact).task
		expect(end).toMatchObject({ state: 'stopped', result: 'cancelled', reason: 'not_confirmed', startedAt: null })
		expect(decide(end, { kind: 'confirm_asked', yes: true, ...who, at: 42 })).toMatchObject({ code: 'not_awaiting_confirmation' })
	})

	it('take one answer, and none after the time is over', () => {
		const waits = scheduled({ confirmBefore: 40, startAt: 100 })
		const yes: Fact = { kind: 'confirm_asked', yes: true, ...who, at: 30 }
		expect(decide(changed(waits, yes).task, yes)).toMatchObject({ kind: 'refused', code: 'not_awaiting_confirmation' })
		expect(decide(waits, { ...yes, at: 41 })).toMatchObject({ kind: 'refused', code: 'not_awaiting_confirmation' })
	})

	it.each([
		['scheduled', scheduled({ startBefore: 50, startAt: 70 }), { kind: 'due', at: 51 }],
		['pending', newTask({ gates: { ...noGates, startBefore: 50 } }), { kind: 'due', at: 51 }],
		['pending, as it is claimed', newTask({ gates: { ...noGates, startBefore: 50 } }), { kind: 'claimed', child: 1, at: 51 }],
		[
			'planning',
			after(newTask({ gates: { ...noGates, startBefore: 50 } }), { kind: 'claimed', child: 1, at: 10 }),
			{ kind: 'due', at: 51 },
		],
		[
			'planned, as its locks are granted',
			after(
				newTask({ gates: { ...noGates, startBefore: 50 } }),
				{ kind: 'claimed', child: 1, at: 10 },
				{ kind: 'planned', attempt: 1, plan: planOf(step(0), 1), at: 20 },
			),
			{ kind: 'claims_granted', child: 1, at: 51 },
		],
	] as [string, Task, Fact][])('end a %s task whose latest first start has passed', (_, task, fact) => {
		const end = changed(task, fact)
		expect(end.task).toMatchObject({ state: 'stopped', result: 'error', reason: 'missed_start_before', startedAt: null })
		if (task.state === 'planning') {
			expect(end.attempts).toMatchObject([{ kind: 'plan', outcome: 'fenced_off' }])
			expect(decide(end.task, { kind: 'planned', attempt: 1, plan: planOf(step(0), 1), at: 60 })).toMatchObject({ code: 'fenced_off' })
		}
	})

	it('do not end a task that has started once', () => {
		const paused = after(
			newTask({ gates: { ...noGates, startBefore: 50 } }),
			{ kind: 'claimed', child: 1, at: 10 },
			{ kind: 'planned', attempt: 1, plan: planOf(step(0), 1), at: 20 },
			{ kind: 'claims_granted', child: 1, at: 20 },
			failed(0),
		)
		expect(after(paused, resumed(60), activated(70)).state).toBe('running')
	})
})

describe('finalize', () => {
	const plan = planOf(sequence(step(0), step(1), step(2)), 3, {}, { finalize: [0, 2] })
	const done = after(running(plan), succeeded(0), succeeded(1))

	it('runs once for each step that has one, in plan order, one after the other, when all have succeeded', () => {
		const first = changed(done, succeeded(2))
		expect([first.start, states(first.task)]).toEqual([[0], 'finalizing success success'])
		expect(first.task.steps[0]?.attempt).toBe(2)
		const second = changed(first.task, succeeded(0, 2))
		expect([second.start, states(second.task)]).toEqual([[2], 'finalized success finalizing'])
		expect(second.attempts).toMatchObject([{ kind: 'finalize', number: 2, outcome: 'success' }])
		expect(changed(second.task, succeeded(2, 2)).task).toMatchObject({ state: 'stopped', result: 'success', progress: 1 })
	})

	it('keeps the output of the run', () => {
		const finalizing = changed(done, succeeded(2)).task
		expect(changed(finalizing, { ...succeeded(0, 2), output: '"other"' } as Fact).task.steps[0]?.output).toBe(null)
	})

	it('that fails is an error of its step, and a resume runs the finalize alone again', () => {
		const paused = after(done, succeeded(2), failed(0, 2))
		expect([paused.state, paused.result, states(paused)]).toEqual(['paused', 'error', 'error success success'])
		const again = changed(paused, resumed())
		expect([again.dispatch, states(again.task)]).toEqual([1, 'success success success'])
		expect(states(after(again.task, activated(50)))).toBe('finalizing success success')
	})

	it('is tried again by the retry policy, with tries of its own', () => {
		const retrying = planOf(step(0), 1, { retry: { attempts: 2, backoff: 'fixed', initial: 100, max: 100, jitter: 0 } }, { finalize: [0] })
		const waits = after(running(retrying), failed(0), { kind: 'due', at: 130 }, activated(131), succeeded(0, 2), failed(0, 3))
		expect(waits).toMatchObject({ state: 'running', steps: [{ state: 'success', tries: 1 }] })
		expect(after(waits, { kind: 'due', at: 400 }, activated(401), failed(0, 4)).state).toBe('paused')
	})

	it.each(['attempt_lost', 'attempt_handed_back'] as const)('goes on after %s', (kind) => {
		const finalizing = changed(done, succeeded(2)).task
		const decision = changed(finalizing, { kind, step: 0, attempt: 2, error: lost, at: 35 } as Fact)
		expect([decision.dispatch, states(decision.task), decision.attempts[0]?.kind]).toEqual([1, 'success success success', 'finalize'])
	})
})

describe('revert', () => {
	const plan = (can: readonly number[] = [0, 1]): Plan =>
		planOf(sequence(step(0), step(1), step(2), step(3)), 4, { rescue: 'revert' }, { revert: can })
	const failing = (can?: readonly number[]): Task => after(running(plan(can)), succeeded(0), succeeded(1))

	it('takes back what was done in reverse order, cancels the rest, and stops with an error', () => {
		const begun = changed(failing(), failed(2))
		expect([begun.dispatch, states(begun.task), begun.task.state]).toEqual([1, 'success success error cancelled', 'running'])
		const first = after(begun.task, activated(40))
		expect(states(first)).toBe('success reverting error cancelled')
		const second = changed(first, succeeded(1, 2))
		expect([second.start, states(second.task)]).toEqual([[0], 'reverting reverted error cancelled'])
		const end = changed(second.task, succeeded(0, 2)).task
		expect([end.state, end.result, end.reason, states(end)]).toEqual(['stopped', 'error', 'reverted', 'reverted reverted error cancelled'])
	})

	it('leaves alone what has nothing to take back', () => {
		const end = after(failing([1]), failed(2), activated(40), succeeded(1, 2))
		expect([end.state, states(end)]).toEqual(['stopped', 'success reverted error cancelled'])
	})

	it('takes back a step whose finalize was skipped', () => {
		const one = planOf(sequence(step(0), step(1)), 2, { rescue: 'revert' }, { finalize: [0, 1], revert: [0] })
		const skipping = {
			...one,
			steps: one.steps.map((each, index) => (index === 0 ? { ...each, policies: { ...each.policies, rescue: 'skip' as const } } : each)),
		}
		const finalizing = after(running(skipping), succeeded(0), succeeded(1), failed(0, 2), activated(40))
		expect(states(finalizing)).toBe('skipped finalizing')
		expect(states(after(finalizing, failed(1, 2), activated(50)))).toBe('reverting error')
	})

	it('that fails pauses the task, and goes on when it is resumed', () => {
		const paused = after(failing(), failed(2), activated(40), failed(1, 2))
		expect([paused.state, paused.result, states(paused)]).toEqual(['paused', 'error', 'success revert_failed error cancelled'])
		const goes = after(paused, resumed(), activated(50))
		expect(states(goes)).toBe('success reverting error cancelled')
		expect(after(goes, succeeded(1, 3), succeeded(0, 2)).reason).toBe('reverted')
	})

	it('is recovered after a crash while it runs', () => {
		const lostAt = changed(after(failing(), failed(2), activated(40)), { kind: 'attempt_lost', step: 1, attempt: 2, error: lost, at: 50 })
		expect([lostAt.dispatch, states(lostAt.task), lostAt.attempts[0]]).toMatchObject([
			1,
			'success success error cancelled',
			{ kind: 'revert' },
		])
	})

	it('waits for what still runs', () => {
		const both = after(running(planOf(concurrence(step(0), step(1)), 2, { rescue: 'revert' }, { revert: [0, 1] })), activated(25, 2))
		const waits = changed(both, failed(0)).task
		expect([waits.state, states(waits)]).toEqual(['running', 'error running'])
		expect(states(after(waits, succeeded(1)))).toBe('error reverting')
	})
})

describe('the time limit of a task', () => {
	const plan = planOf(sequence(step(0), step(1)), 2, {}, { timeout: 100 })

	it('has a timer, counts the time in running only, and pauses', () => {
		const begun = changed(after(newTask(), { kind: 'claimed', child: 1, at: 10 }, { kind: 'planned', attempt: 1, plan, at: 20 }), {
			kind: 'claims_granted',
			child: 1,
			own: true,
			at: 20,
		})
		expect(begun.timers).toEqual([{ step: null, kind: 'time_out', dueAt: 120 }])
		const paused = after(begun.task, failed(0))
		expect(paused.ranFor).toBe(10)
		const late = after(changed(begun.task, { ...succeeded(0), at: 130 } as Fact).task)
		expect(late).toMatchObject({ state: 'paused', result: 'error', reason: 'timed_out' })
		const again = changed(late, resumed(200))
		expect([again.task.ranFor, again.timers]).toEqual([0, [{ step: null, kind: 'time_out', dueAt: 300 }]])
	})

	it('pauses a task that waits for its next try', () => {
		const retrying = planOf(step(0), 1, { retry: { attempts: 9, backoff: 'fixed', initial: 500, max: 500, jitter: 0 } }, { timeout: 100 })
		const waits = after(running(retrying), failed(0))
		expect(changed(waits, { kind: 'due', at: 120 }).task).toMatchObject({ state: 'paused', reason: 'timed_out' })
	})

	it('does not matter to a task that has nothing left to do', () => {
		const end = changed(after(running(plan), succeeded(0)), { ...succeeded(1), at: 500 } as Fact).task
		expect([end.state, end.result]).toEqual(['stopped', 'success'])
	})
})

describe('pause', () => {
	const plan = planOf(sequence(step(0), step(1)), 2)
	const asked = changed(running(plan), { kind: 'pause_asked', ...who, at: 25 })

	it('lets end what runs and begins nothing more', () => {
		expect([asked.task.state, asked.events[0]?.kind]).toEqual(['running', 'pause'])
		const paused = changed(asked.task, succeeded(0)).task
		expect([paused.state, paused.result, paused.pauseAsked, states(paused)]).toEqual(['paused', 'pending', false, 'success pending'])
		expect(after(paused, resumed(), activated(50), succeeded(1))).toMatchObject({ state: 'stopped', result: 'warning' })
	})

	it('lets a task end that has nothing left', () => {
		const last = changed(changed(running(plan), succeeded(0)).task, { kind: 'pause_asked', ...who, at: 35 }).task
		expect(changed(last, succeeded(1)).task).toMatchObject({ state: 'stopped', result: 'success' })
	})

	it('can be withdrawn before it has come about', () => {
		const goesOn = changed(asked.task, resumed()).task
		expect(changed(goesOn, succeeded(0)).start).toEqual([1])
		expect(decide(goesOn, resumed())).toMatchObject({ kind: 'refused', code: 'not_paused' })
	})
})

describe('found by random sequences against the reference', () => {
	const twice: Partial<StepPolicies> = { retry: { attempts: 2, backoff: 'fixed', initial: 100, max: 100, jitter: 0 } }
	const paused = (at: number): Fact => ({ kind: 'pause_asked', ...who, at })

	it('a pause asked while the last step fails does not hold the task up again after its resume', () => {
		const stuck = after(running(planOf(step(0), 1)), paused(25), failed(0))
		expect([stuck.state, stuck.pauseAsked]).toEqual(['paused', false])
		const goesOn = after(stuck, resumed(), activated(50))
		expect([goesOn.state, states(goesOn)]).toEqual(['running', 'running'])
	})

	it('a resume gives a step between two tries all its tries again', () => {
		const resting = after(running(planOf(step(0), 1, twice)), failed(0), paused(35), resumed())
		expect([resting.steps[0]?.tries, states(resting)]).toEqual([0, 'pending'])
		const again = after(resting, activated(200), failed(0, 2))
		expect([again.state, states(again)]).toEqual(['running', 'pending'])
	})

	it('a revert after a finalize that used up its tries has all of its own', () => {
		const plan = planOf(step(0), 1, { ...twice, rescue: 'revert' }, { finalize: [0], revert: [0] })
		const reverting = after(running(plan), succeeded(0), failed(0, 2), activated(200), failed(0, 3), activated(300))
		expect([reverting.error?.reason, states(reverting)]).toEqual(['reverted', 'reverting'])
		expect(states(after(reverting, failed(0, 4)))).toBe('success')
	})
})

describe('a step that a person acts on', () => {
	const both = planOf(concurrence(step(0), step(1)), 2)
	const paused = after(running(both), activated(25, 2), failed(0), failed(1))
	const input = (from: number) => ({ value: { $output: { step: from, path: [] } } })
	const chained: Plan = {
		...planOf(sequence(step(0), step(1), step(2), step(3)), 4),
		steps: planOf(step(0), 4).steps.map((one, index) => (index === 1 || index === 2 ? { ...one, input: input(index - 1) } : one)),
	}

	it('is retried alone', () => {
		const again = changed(paused, { kind: 'retry_step_asked', step: 1, ...who, at: 40 })
		expect([again.dispatch, states(again.task), again.events[0]]).toMatchObject([1, 'error pending', { kind: 'retry', step: 1 }])
		expect(after(again.task, activated(50), succeeded(1, 2)).state).toBe('paused')
	})

	it('is skipped with those that need its output, and with those that need theirs', () => {
		const skipped = after(running(chained), failed(0), { kind: 'skip_step_asked', step: 0, ...who, at: 40 })
		expect([skipped.state, states(skipped)]).toEqual(['running', 'skipped skipped skipped pending'])
		expect(after(skipped, activated(50), succeeded(3))).toMatchObject({ state: 'stopped', result: 'warning' })
	})

	it('is skipped together with others, although what follows one of them can begin', () => {
		const failedTwice = after(running(planOf(concurrence(sequence(step(0), step(1)), step(2)), 3)), activated(25, 2), failed(0), failed(2))
		const skip: Fact = { kind: 'skip_step_asked', step: 0, also: [2], ...who, at: 40 }
		const decision = changed(failedTwice, skip)
		expect([decision.task.state, states(decision.task)]).toEqual(['running', 'skipped pending skipped'])
		expect(decision.events.filter(({ kind }) => kind === 'skip').map(({ step }) => step)).toEqual([0, 2])
		expect(decide(failedTwice, { ...skip, also: [1] })).toMatchObject({ kind: 'refused', code: 'not_in_error' })
	})

	it('is skipped so by its strategy too', () => {
		const skipping = { ...chained, steps: chained.steps.map((one) => ({ ...one, policies: { ...one.policies, rescue: 'skip' as const } })) }
		expect(states(after(running(skipping), failed(0)))).toBe('skipped skipped skipped pending')
	})

	it.each([
		['retry', 'retry_step_asked'],
		['skip', 'skip_step_asked'],
	] as const)('can be refused a %s', (_, kind) => {
		const one = after(running(planOf(sequence(step(0), step(1)), 2)), failed(0))
		expect(decide(one, { kind, step: 1, ...who, at: 40 })).toMatchObject({ kind: 'refused', code: 'not_in_error' })
		expect(decide(one, { kind, step: 7, ...who, at: 40 })).toMatchObject({ kind: 'refused', code: 'no_such_step' })
		expect(decide(running(both), { kind, step: 0, ...who, at: 40 })).toMatchObject({ kind: 'refused', code: 'not_paused' })
	})

	it('is cancelled alone: what stands behind it is too, what stands beside it goes on', () => {
		const plan = planOf(concurrence(sequence(step(0), step(1)), step(2)), 3)
		const begun = after(running(plan), activated(25, 2))
		const asked = after(begun, { kind: 'cancel_step_asked', step: 0, ...who, at: 30 })
		expect(asked.steps[0]).toMatchObject({ state: 'running', cancelAsked: true })
		const cancelled = after(asked, { kind: 'step_cancelled', step: 0, attempt: 1, at: 35 })
		expect([cancelled.state, cancelled.result, states(cancelled)]).toEqual(['running', 'cancelled', 'cancelled pending running'])
		const end = after(cancelled, succeeded(2))
		expect([end.state, end.result, states(end)]).toEqual(['stopped', 'cancelled', 'cancelled cancelled success'])
	})

	it('is cancelled by the first to commit: a success that came before wins', () => {
		const asked = after(running(planOf(step(0), 1)), { kind: 'cancel_step_asked', step: 0, ...who, at: 30 })
		expect(changed(asked, succeeded(0)).task).toMatchObject({ state: 'stopped', result: 'success' })
		const next = after(running(planOf(sequence(step(0), step(1)), 2)), succeeded(0))
		expect(decide(next, { kind: 'cancel_step_asked', step: 0, ...who, at: 40 })).toMatchObject({ kind: 'refused', code: 'already_ended' })
	})

	it('is cancelled by its deadline when it does not end', () => {
		const asked = after(running(planOf(step(0), 1)), { kind: 'cancel_step_asked', step: 0, ...who, at: 30 })
		const end = after(asked, { kind: 'step_cancel_deadline', step: 0, attempt: 1, at: 60 })
		expect([end.state, end.result]).toEqual(['stopped', 'cancelled'])
		expect(decide(running(planOf(step(0), 1)), { kind: 'step_cancel_deadline', step: 0, attempt: 1, at: 60 })).toMatchObject({
			kind: 'ignored',
		})
	})

	it('is not cancelled where its action cannot be', () => {
		expect(
			decide(running(planOf(step(0), 1, { cancellable: false })), { kind: 'cancel_step_asked', step: 0, ...who, at: 30 }),
		).toMatchObject({
			kind: 'refused',
			code: 'not_cancellable',
			because: 'cancel is not supported by Test/0',
		})
	})
})

describe('unlock', () => {
	const plan = planOf(sequence(step(0), step(1)), 2)
	const paused = after(running(plan), failed(0))

	it('stops a paused task with the result as shown, and a resume claims again', () => {
		const end = changed(paused, { kind: 'unlock_asked', ...who, at: 40 })
		expect(end.task).toMatchObject({ state: 'stopped', result: 'error', reason: 'failed', unlocked: true, endedAt: 40 })
		expect([end.ended, states(end.task)]).toEqual([true, 'error pending'])
		const again = changed(end.task, resumed(50))
		expect(again.task).toMatchObject({ state: 'planned', unlocked: false, endedAt: null, result: 'warning' })
		expect([again.dispatch, states(again.task)]).toEqual([1, 'pending pending'])
		expect(after(again.task, { kind: 'claims_granted', child: 1, at: 60 }).startedAt).toBe(20)
	})

	it('between two tries: the resume waits for the next one, and sets its time again', () => {
		const patient = planOf(step(0), 1, { retry: { attempts: 2, backoff: 'fixed', initial: 100, max: 100, jitter: 0 } })
		const waits = after(running(patient), failed(0), { kind: 'pause_asked', ...who, at: 35 }, { kind: 'unlock_asked', ...who, at: 40 })
		expect(changed(waits, resumed(50)).timers).toEqual([{ step: 0, kind: 'back_off', dueAt: 130 }])
		expect(changed(waits, resumed(150)).timers).toEqual([])
	})

	it('is for paused tasks only, and any other stopped task stays so', () => {
		expect(decide(running(plan), { kind: 'unlock_asked', ...who, at: 40 })).toMatchObject({ kind: 'refused', code: 'not_paused' })
		const end = after(paused, { kind: 'cancel_asked', ...who, at: 40 })
		expect(decide(end, resumed(50))).toMatchObject({ kind: 'refused', code: 'already_stopped' })
	})

	it.each([
		['scheduled', newTask({ state: 'scheduled', gates: { ...noGates, startAt: 99 } })],
		['pending', newTask()],
		['planning', after(newTask(), { kind: 'claimed', child: 1, at: 10 })],
		['running', running(plan)],
		['paused', paused],
	] as [string, Task][])('by force ends a %s task for good', (_, task) => {
		const end = changed(task, { kind: 'force_unlock_asked', ...who, at: 40 })
		expect(end.task).toMatchObject({ state: 'stopped', result: 'error', reason: 'force_unlocked', unlocked: false })
		if (task.state === 'running') {
			expect(end.attempts).toMatchObject([{ outcome: 'fenced_off', number: 1 }])
			expect(decide(end.task, succeeded(0))).toMatchObject({ code: 'fenced_off' })
		}
		expect(decide(end.task, resumed(50))).toMatchObject({ kind: 'refused', code: 'already_stopped' })
	})
})

describe('the history', () => {
	it('names who asked, in all that follows at once', () => {
		const paused = after(running(planOf(sequence(step(0), step(1)), 2)), failed(0))
		const { events } = changed(paused, { kind: 'resume_asked', who: 7, why: 'the disk has room', at: 40 })
		expect(events.map(({ kind, new: state, who: person }) => [kind, state, person])).toEqual([
			['resume', null, 7],
			['task', 'running', 7],
			['step', 'pending', 7],
		])
		expect(changed(running(planOf(step(0), 1)), succeeded(0)).events.every((event) => event.who === null)).toBe(true)
	})
})

describe('a step that needs a child of its own', () => {
	const plan = planOf(sequence(step(0), step(1)), 2, {})
	const own = {
		...plan,
		steps: plan.steps.map((one, index) => (index === 1 ? { ...one, policies: { ...one.policies, isolation: 'own' as const } } : one)),
	}

	it('is left by a shared child, and taken by its own', () => {
		const left = changed(running(own), succeeded(0, 1, { child: 1 }))
		expect([left.start, left.dispatch, ownSteps(left.task, 30)]).toEqual([[], 1, [1]])
		expect(decide(left.task, { kind: 'activated', child: 1, at: 31 })).toMatchObject({ kind: 'refused', code: 'not_startable' })
		const taken = changed(left.task, { kind: 'activated', child: 7, own: true, only: 1, at: 32 })
		expect([taken.start, taken.task.steps[1]?.child]).toEqual([[1], 7])
	})

	it('is the only one that its child takes', () => {
		const both = { ...own, tree: concurrence(step(0), step(1)) }
		expect(changed(running(both), { kind: 'activated', child: 7, own: true, only: 1, at: 32 }).start).toEqual([1])
		expect(decide(running(plan), { kind: 'activated', child: 7, own: true, only: 1, at: 32 })).toMatchObject({ code: 'not_startable' })
	})
})

describe('a task that no worker can take', () => {
	const waitingFor = { kind: 'worker' as const, keys: { label: 'Test' } }

	it('says what it waits for, once, until it is taken', () => {
		const waits = changed(newTask(), { kind: 'declined', waitingFor, at: 10 })
		expect(waits.task.waitingFor).toEqual(waitingFor)
		expect(decide(waits.task, { kind: 'declined', waitingFor, at: 11 })).toMatchObject({ kind: 'ignored' })
		expect(after(waits.task, { kind: 'claimed', child: 1, at: 12 }).waitingFor).toBe(null)
	})

	it('goes on saying so only while nothing of it runs', () => {
		expect(decide(running(planOf(step(0), 1)), { kind: 'declined', waitingFor, at: 30 })).toMatchObject({ kind: 'ignored' })
	})
})

describe('a line for locks', () => {
	const planned = after(newTask(), { kind: 'claimed', child: 1, at: 10 }, { kind: 'planned', attempt: 1, plan: planOf(step(0), 1), at: 20 })
	const waitingFor = { kind: 'lock' as const, keys: { type: 'Repository', id: '42' } }

	it('is joined, and left when the locks are granted or a cycle is found', () => {
		const waits = after(planned, { kind: 'claims_queued', waitingFor, at: 21 })
		expect(waits).toMatchObject({ state: 'planned', waitingFor })
		expect(decide(waits, { kind: 'claims_queued', waitingFor, at: 22 })).toMatchObject({ kind: 'ignored' })
		expect(after(waits, { kind: 'claims_granted', child: 1, at: 30 })).toMatchObject({ state: 'running', waitingFor: null })
		expect(after(waits, { kind: 'claims_refused', conflict: { ...error, reason: 'lock_conflict' }, at: 30 })).toMatchObject({
			state: 'paused',
			reason: 'lock_conflict',
			waitingFor: null,
		})
	})
})

const trees = fc.letrec<{ node: PlanShape }>((tie) => ({
	node: fc.oneof(
		{ maxDepth: 3, withCrossShrink: true },
		fc.constant<PlanShape>('step'),
		fc.record({ kind: fc.constantFrom('sequence' as const, 'concurrence' as const), nodes: fc.array(tie('node'), { maxLength: 3 }) }),
	),
})).node
type PlanShape = 'step' | { kind: 'sequence' | 'concurrence'; nodes: PlanShape[] }

function numbered(shape: PlanShape, next: { index: number }): PlanNode {
	if (shape === 'step') return step(next.index++)
	return { kind: shape.kind, nodes: shape.nodes.map((node) => numbered(node, next)) }
}

const plans = fc
	.tuple(
		trees,
		fc.constantFrom('pause' as const, 'skip' as const, 'fail' as const, 'revert' as const),
		fc.constantFrom('retry' as const, 'rescue' as const),
		fc.integer({ min: 1, max: 3 }),
		fc.subarray([0, 1, 2, 3, 4]),
		fc.subarray([0, 1, 2, 3, 4]),
		fc.constantFrom(undefined, 40, 1000),
		fc.subarray([0, 1, 2, 3, 4]),
		fc.subarray([0, 1, 2, 3, 4]),
	)
	.map(([shape, rescue, onLost, attempts, finalize, revert, timeout, cancel, joined]) => {
		const next = { index: 0 }
		const tree = numbered(shape, next)
		const retry = { attempts, backoff: 'fixed' as const, initial: 5, max: 5, jitter: 0 }
		return planOf(
			tree,
			next.index,
			{ rescue, onLost, retry },
			{ finalize, revert, cancel, joined, ...(timeout !== undefined && { timeout }) },
		)
	})

/** A task as it begins: at once, or behind gates of every kind. */
const beginnings = fc
	.record({
		startAt: fc.constantFrom(null, 9),
		startBefore: fc.constantFrom(null, null, 20, 5000),
		confirmBefore: fc.constantFrom(null, null, 6, 5000),
		open: fc.constantFrom(0, 0, 1),
		failed: fc.constantFrom(null, null, null, 'other'),
	})
	.map((gates) => {
		const all = { ...noGates, ...gates }
		const { state, waitingFor } = admission(all, 0)
		return newTask({ state, waitingFor, gates: all })
	})

const moves = fc.array(fc.tuple(fc.constantFrom(...factKinds), fc.nat(8), fc.integer({ min: -1, max: 0 }), fc.boolean()), {
	minLength: 1,
	maxLength: 60,
})

function factOf(kind: Fact['kind'], task: Task, plan: Plan, at: number, index: number, back: number, flag: boolean): Fact {
	const one = task.steps[index % Math.max(1, task.steps.length)]
	const outcome = { step: one?.index ?? 0, attempt: (one?.attempt ?? 0) + back, at }
	switch (kind) {
		case 'claimed':
		case 'claims_granted':
		case 'activated':
			return { kind, child: 1, own: flag, at }
		case 'claims_queued':
			return { kind, waitingFor: { kind: 'lock', keys: { type: 'Thing', id: index } }, at }
		case 'declined':
			return { kind, waitingFor: { kind: 'worker', keys: { label: 'Test' } }, at }
		case 'planned':
			return { kind, attempt: task.planAttempt + back, plan, at }
		case 'plan_failed':
			return { ...planFailed(task.planAttempt + back, 2, flag ? 'pause' : 'fail', at), retryable: flag } as Fact
		case 'claims_refused':
			return { kind, conflict: { ...error, reason: 'lock_conflict' }, at }
		case 'step_succeeded':
			return { kind, ...outcome, output: 'null', take: flag ? child : null }
		case 'step_failed':
			return { kind, ...outcome, error, retryable: flag, random: 0, progress: 0.3 }
		case 'step_cancelled':
			return { kind, ...outcome }
		case 'attempt_lost':
		case 'attempt_handed_back': {
			const planning = task.state === 'planning'
			const which = planning ? { step: null, attempt: task.planAttempt + back } : { step: outcome.step, attempt: outcome.attempt }
			return kind === 'attempt_lost' ? { kind, ...which, error: lost, at } : { kind, ...which, at }
		}
		case 'step_suspended': {
			const wait = (['event', 'timer', 'poll', 'sub_tasks'] as const)[index % 4] as SuspensionKind
			const poll = wait === 'poll' ? { initial: 2, factor: 2, max: 6, mostFailures: 2, delay: 0, failures: 0 } : null
			const suspension = {
				kind: wait,
				state: flag ? '1' : null,
				until: wait === 'timer' ? at + 5 : null,
				poll,
				externalId: null,
				accepts: null,
			}
			const events = one?.events ?? 0
			return {
				kind,
				...outcome,
				suspension,
				timeout: flag ? 20 : null,
				seen: flag ? events : 0,
				arrived: events,
				progress: 0.2,
				take: null,
			}
		}
		case 'event_sent': {
			const end = flag ? { output: '2' } : { error }
			return { kind, step: outcome.step, n: (one?.events ?? 0) + 1, name: 'go', who: null, outcome: index > 5 ? end : null, at }
		}
		case 'sub_tasks_changed': {
			const open = index % 3
			const counts = { total: 3, open, paused: flag ? open : 0, success: 3 - open, warning: 0, error: 0, cancelled: 0 }
			return { kind, step: outcome.step, counts, failed: back === -1 && flag, at }
		}
		case 'reported':
			return { kind, progress: index / 8, silentUntil: flag ? at + 6 : null, at }
		case 'closed':
			return { kind, result: flag ? 'success' : 'error', error: flag ? null : error, ...who, at }
		case 'due':
		case 'cancel_signalled':
		case 'cancel_deadline':
			return { kind, at }
		case 'step_cancel_deadline':
			return { kind, ...outcome }
		case 'confirm_asked':
			return { kind, yes: flag, ...who, at }
		case 'cancel_asked':
		case 'pause_asked':
		case 'resume_asked':
		case 'unlock_asked':
		case 'force_unlock_asked':
		case 'rerun_asked':
			return { kind, ...who, at }
		case 'retry_step_asked':
		case 'skip_step_asked':
		case 'cancel_step_asked':
			return { kind, step: outcome.step, ...who, at }
	}
}

const allWell = { total: 3, open: 0, paused: 0, success: 3, warning: 0, error: 0, cancelled: 0 }
const resumes = new Set<Fact['kind']>(['resume_asked', 'retry_step_asked', 'skip_step_asked'])

describe('whatever happens', () => {
	it('moves are those of the tables, progress is 0…1 and falls only by a resume or a new try', () => {
		fc.assert(
			fc.property(beginnings, plans, moves, (beginning, plan, list) => {
				let task = beginning
				let at = 0
				for (const [kind, index, back, flag] of list) {
					at += 3
					const decision = decide(task, factOf(kind, task, plan, at, index, back, flag))
					if (decision.kind !== 'changed') continue
					for (const event of decision.events) {
						if (event.kind === 'task') expect(taskMoves[event.old as Task['state']]).toContain(event.new)
						if (event.kind === 'step') expect(stepMoves[event.old as keyof typeof stepMoves]).toContain(event.new)
					}
					const next = decision.task
					expect(next.progress).toBeGreaterThanOrEqual(0)
					expect(next.progress).toBeLessThanOrEqual(1)
					const newTry = next.steps.some((one) => one.attempt > 1 && one.attempt > (task.steps[one.index]?.attempt ?? 0))
					if (next.progress < task.progress) expect(resumes.has(kind) || newTry).toBe(true)
					for (const one of next.steps) expect(one.attempt).toBeGreaterThanOrEqual(task.steps[one.index]?.attempt ?? 0)
					expect(next.result === 'success' && next.state !== 'stopped').toBe(false)
					expect(decision.ended).toBe(next.state === 'stopped' && task.state !== 'stopped')
					if (next.state === 'paused' || next.state === 'stopped') expect(next.steps.some((one) => isBusy(one.state))).toBe(false)
					expect(next.runningSince === null).toBe(next.state !== 'running')
					if (next.state === 'stopped') expect([next.endedAt === null, next.waitingFor, next.pauseAsked]).toEqual([false, null, false])
					task = next
				}
			}),
			{ numRuns: 5000 },
		)
	})

	it('every task can be brought to its end: from any state it reaches, a helpful world stops it', () => {
		fc.assert(
			fc.property(beginnings, plans, moves, (beginning, plan, list) => {
				let task = beginning
				let at = 0
				for (const [kind, index, back, flag] of list) {
					at += 3
					const decision = decide(task, factOf(kind, task, plan, at, index, back, flag))
					if (decision.kind === 'changed') task = decision.task
				}
				for (let round = 0; round < 500 && task.state !== 'stopped'; round++) {
					at = Math.max(at + 10, task.notBefore ?? 0)
					const busy = task.steps.find((one) => isBusy(one.state))
					if (task.state === 'scheduled') task = { ...task, gates: { ...task.gates, open: 0 } }
					const fact: Fact = {
						scheduled: (task.gates.confirmBefore !== null && task.gates.confirmBefore >= at
							? { kind: 'confirm_asked', yes: true, ...who, at }
							: { kind: 'due', at }) as Fact,
						pending: { kind: 'claimed', child: 1, at } as Fact,
						planning: { kind: 'planned', attempt: task.planAttempt, plan, at } as Fact,
						planned: { kind: 'claims_granted', child: 1, at } as Fact,
						running: (busy?.state === 'suspended'
							? busy.suspension?.kind === 'sub_tasks'
								? { kind: 'sub_tasks_changed', step: busy.index, counts: allWell, failed: false, at }
								: { kind: 'event_sent', step: busy.index, n: busy.events + 1, name: 'end', who: null, outcome: { output: null }, at }
							: busy
								? { kind: 'step_succeeded', step: busy.index, attempt: busy.attempt, output: null, at, take: child }
								: task.pauseAsked
									? { kind: 'resume_asked', ...who, at }
									: { kind: 'activated', child: 1, own: true, at }) as Fact,
						paused: { kind: 'resume_asked', ...who, at } as Fact,
						stopped: { kind: 'due', at } as Fact,
					}[task.state]
					task = changed(task, fact).task
				}
				expect(task.state).toBe('stopped')
			}),
			{ numRuns: 5000 },
		)
	})

	it('decides the same twice, and leaves what it was given as it was', () => {
		fc.assert(
			fc.property(plans, (plan) => {
				const task = running(plan)
				const before = JSON.stringify(task)
				const fact: Fact = { kind: 'activated', child: 2, at: 30 }
				expect(decide(task, fact)).toEqual(decide(task, fact))
				expect(JSON.stringify(task)).toBe(before)
			}),
		)
	})
})
