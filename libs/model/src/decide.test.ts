import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import type { Changed } from './decision.ts'
import type { Fact } from './facts.ts'
import { defaultPolicies, type Plan, type PlanNode, type StepPolicies } from './plan.ts'
import { stepStates, taskStates } from './states.ts'
import type { StepError, Task } from './task.ts'
import { factKinds, stepMoves, taskMoves, taskRules } from './transitions.ts'

const error: StepError = { message: 'no room', type: 'Failure', code: null, trace: null, details: null, reason: 'failed' }
const lost: StepError = { ...error, message: 'the process ended', reason: 'lost' }
const who = { who: 1, why: null }

function newTask(changes: Partial<Task> = {}): Task {
	return {
		id: '019aa000-0000-7000-8000-000000000000',
		label: 'Test',
		state: 'pending',
		result: 'pending',
		reason: null,
		revision: 0,
		cancel: 'none',
		touched: false,
		waitingFor: null,
		startedAt: null,
		endedAt: null,
		progress: 0,
		planAttempt: 0,
		planChild: null,
		planStartedAt: null,
		error: null,
		plan: null,
		steps: [],
		...changes,
	}
}

const step = (index: number): PlanNode => ({ kind: 'step', index })
const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'sequence', nodes })
const concurrence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'concurrence', nodes })

function planOf(tree: PlanNode, count: number, policies: Partial<StepPolicies> = {}): Plan {
	return {
		tree,
		steps: Array.from({ length: count }, (_, index) => ({
			action: `Test/${index}`,
			name: `step ${index}`,
			input: {},
			weight: 1,
			policies: { ...defaultPolicies, ...policies },
		})),
		locks: [],
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

const succeeded = (index: number, attempt = 1, take: number | null = 1): Fact => ({
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
		expect(waits.timers).toEqual([{ step: 0, dueAt: 130 }])
		expect(waits.attempts).toMatchObject([{ number: 1, outcome: 'failed' }])
		expect(waits.task.waitingFor).toEqual({ kind: 'back_off', keys: { step: 0, until: 130 } })
		expect(decide(waits.task, { kind: 'activated', child: 1, at: 100 })).toMatchObject({ kind: 'refused', code: 'not_startable' })
		expect(changed(waits.task, { kind: 'due', at: 130 }).dispatch).toBe(1)
		const again = changed(waits.task, { kind: 'activated', child: 1, at: 131 }).task
		expect([again.steps[0]?.attempt, again.steps[0]?.tries]).toEqual([2, 1])
		expect(changed(again, failed(0, 2)).task.state).toBe('paused')
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
		const end = after(running(planOf(sequence(step(0), step(1)), 2, { rescue: 'fail' })), failed(0))
		expect([end.state, end.result, states(end)]).toEqual(['stopped', 'error', 'error cancelled'])
	})

	it('pauses without a plan when planning failed, and plans again when resumed', () => {
		const planning = after(newTask(), { kind: 'claimed', child: 1, at: 10 })
		const paused = after(planning, { kind: 'plan_failed', attempt: 1, error: { ...error, reason: 'planning_failed' }, at: 20 })
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

	it('that nobody asked for hands the step back: a cancelled one could never be resumed', () => {
		const decision = changed(running(planOf(step(0), 1)), { kind: 'step_cancelled', step: 0, attempt: 1, at: 30 })
		expect([states(decision.task), decision.dispatch, decision.attempts[0]?.outcome]).toEqual(['pending', 1, 'handed_back'])
	})

	it('asked twice is asked once', () => {
		const asked = changed(running(planOf(step(0), 1)), { kind: 'cancel_asked', ...who, at: 25 }).task
		expect(decide(asked, { kind: 'cancel_asked', ...who, at: 26 })).toMatchObject({ kind: 'ignored' })
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
		fc.constantFrom('pause' as const, 'skip' as const, 'fail' as const),
		fc.constantFrom('retry' as const, 'rescue' as const),
		fc.integer({ min: 1, max: 3 }),
	)
	.map(([shape, rescue, onLost, attempts]) => {
		const next = { index: 0 }
		const tree = numbered(shape, next)
		return planOf(tree, next.index, { rescue, onLost, retry: { attempts, backoff: 'fixed', initial: 5, max: 5, jitter: 0 } })
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
			return { kind, child: 1, at }
		case 'planned':
			return { kind, attempt: task.planAttempt + back, plan, at }
		case 'plan_failed':
			return { kind, attempt: task.planAttempt + back, error: { ...error, reason: 'planning_failed' }, at }
		case 'claims_refused':
			return { kind, conflict: { ...error, reason: 'lock_conflict' }, at }
		case 'step_succeeded':
			return { kind, ...outcome, output: 'null', take: flag ? 1 : null }
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
		case 'due':
		case 'cancel_signalled':
		case 'cancel_deadline':
			return { kind, at }
		case 'cancel_asked':
		case 'resume_asked':
			return { kind, ...who, at }
	}
}

describe('whatever happens', () => {
	it('moves are those of the tables, progress is 0…1 and falls only by a resume or a new try', () => {
		fc.assert(
			fc.property(plans, moves, (plan, list) => {
				let task = newTask()
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
					if (next.progress < task.progress) expect(kind === 'resume_asked' || newTry).toBe(true)
					for (const one of next.steps) expect(one.attempt).toBeGreaterThanOrEqual(task.steps[one.index]?.attempt ?? 0)
					expect(next.result === 'success' && next.state !== 'stopped').toBe(false)
					expect(decision.ended).toBe(next.state === 'stopped')
					task = next
				}
			}),
			{ numRuns: 5000 },
		)
	})

	it('every task can be brought to its end: from any state it reaches, a helpful world stops it', () => {
		fc.assert(
			fc.property(plans, moves, (plan, list) => {
				let task = newTask()
				let at = 0
				for (const [kind, index, back, flag] of list) {
					at += 3
					const decision = decide(task, factOf(kind, task, plan, at, index, back, flag))
					if (decision.kind === 'changed') task = decision.task
				}
				for (let round = 0; round < 500 && task.state !== 'stopped'; round++) {
					at += 10
					const busy = task.steps.find((one) => one.state === 'running')
					const fact: Fact = {
						scheduled: { kind: 'due', at } as Fact,
						pending: { kind: 'claimed', child: 1, at } as Fact,
						planning: { kind: 'planned', attempt: task.planAttempt, plan, at } as Fact,
						planned: { kind: 'claims_granted', child: 1, at } as Fact,
						running: (busy
							? { kind: 'step_succeeded', step: busy.index, attempt: busy.attempt, output: null, at, take: 1 }
							: { kind: 'activated', child: 1, at }) as Fact,
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
