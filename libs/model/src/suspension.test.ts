import { newTask } from './newTask.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import type { Changed } from './decision.ts'
import type { Fact, FactOf, Taker } from './facts.ts'
import { defaultPolicies, type Plan, type PlannedStep, type StepPolicies } from './plan.ts'
import { longestCancel } from './settle.ts'
import { ownSteps } from './startable.ts'
import type { PollPolicy, Step, StepError, Task } from './task.ts'
import { stepMoves } from './transitions.ts'

/*
 * A task of one step, or of two side by side, that runs since 0. Waits begin at 10, a timer is due at 100, the first
 * poll at 110, and a time-out at 210.
 */
const error: StepError = { message: 'no room', type: 'Failure', code: 'full', trace: null, details: null, reason: 'failed' }
const lost: StepError = { ...error, reason: 'lost' }
const who = { who: 1, why: null }
const taker: Taker = { child: 1, own: true }
const poll: PollPolicy = { initial: 100, factor: 2, max: 300, mostFailures: 3, delay: 100, failures: 0 }

type Can = Partial<Pick<PlannedStep, 'poll' | 'cancel' | 'finalize'>>

interface Sketch {
	readonly can?: Can
	readonly policies?: Partial<StepPolicies>
	readonly steps?: number
	readonly timeout?: number
}

function begun({ can = {}, policies = {}, steps = 1, timeout }: Sketch = {}): Task {
	const plan: Plan = {
		tree: { kind: 'concurrence', nodes: Array.from({ length: steps }, (_, index) => ({ kind: 'step', index })) },
		steps: Array.from({ length: steps }, (_, index) => ({
			action: `Test/${index}`,
			name: `step ${index}`,
			input: {},
			weight: 1,
			policies: { ...defaultPolicies, ...policies },
			...can,
		})),
		locks: [],
		...(timeout !== undefined && { timeout }),
	}
	return after(
		fresh,
		{ kind: 'claimed', child: 1, at: 0 },
		{ kind: 'planned', attempt: 1, plan, at: 0 },
		{ kind: 'claims_granted', ...taker, at: 0 },
	)
}

const fresh: Task = {
	...newTask('019aa000-0000-7000-8000-000000000000', 'Test'),
}

function changed(task: Task, fact: Fact): Changed {
	const decision = decide(task, fact)
	if (decision.kind !== 'changed') throw new Error(`${fact.kind} in ${task.state}: ${JSON.stringify(decision)}`)
	return decision
}

const after = (task: Task, ...facts: readonly Fact[]): Task => facts.reduce((now, fact) => changed(now, fact).task, task)
const only = (task: Task): Step => task.steps[0] as Step

type Wait = 'event' | 'timer' | 'poll'

function suspended(wait: Wait, attempt = 1, more: Partial<FactOf<'step_suspended'>> = {}): Fact {
	const suspension: FactOf<'step_suspended'>['suspension'] = {
		kind: wait,
		state: '{"n":1}',
		until: wait === 'timer' ? 100 : null,
		poll: wait === 'poll' ? poll : null,
		externalId: null,
		accepts: null,
	}
	return {
		kind: 'step_suspended',
		step: 0,
		attempt,
		suspension,
		timeout: 200,
		seen: 0,
		arrived: 0,
		progress: 0,
		take: null,
		at: 10,
		...more,
	}
}

const event = (n = 1, outcome: FactOf<'event_sent'>['outcome'] = null): Fact => ({
	kind: 'event_sent',
	step: 0,
	n,
	name: 'told',
	who: 1,
	outcome,
	at: 50,
})
const due = (at: number): Fact => ({ kind: 'due', at })
const activated = (at = 60): Fact => ({ kind: 'activated', ...taker, at })
const failed = (attempt: number, more: Partial<FactOf<'step_failed'>> = {}): Fact => ({
	kind: 'step_failed',
	step: 0,
	attempt,
	error,
	retryable: true,
	random: 0.5,
	progress: 0,
	at: 120,
	...more,
})
const cancel: Fact = { kind: 'cancel_asked', ...who, at: 50 }
const cancelStep: Fact = { kind: 'cancel_step_asked', step: 0, ...who, at: 50 }
const pause: Fact = { kind: 'pause_asked', ...who, at: 50 }
const resume: Fact = { kind: 'resume_asked', ...who, at: 500 }
const succeeded = (attempt: number): Fact => ({ kind: 'step_succeeded', step: 0, attempt, output: '1', take: null, at: 130 })

/** What a step is, in few words: its state, why it is begun again, and of the task its state. */
function words(task: Task): string {
	const { state, suspension, error: failure } = only(task)
	const why = state === 'error' ? ` ${failure?.code}` : suspension?.wake ? ` by ${suspension.wake}` : ''
	return `${state}${why}, task ${task.state}`
}

describe('what happens to a step that waits', () => {
	const everyWait: readonly Wait[] = ['event', 'timer', 'poll']
	/** Of every wait, or by the wait. `nothing`: the fact changes nothing. */
	const cases: [string, Fact, string | Record<Wait, string>][] = [
		['an event', event(), 'pending by event, task running'],
		['an output', event(1, { output: '2' }), 'success, task stopped'],
		['an error', event(1, { error }), 'error full, task paused'],
		['a look at 99', due(99), 'nothing'],
		['a look at 100', due(100), { event: 'nothing', timer: 'pending by timer, task running', poll: 'nothing' }],
		['a look at 110', due(110), { event: 'nothing', timer: 'pending by timer, task running', poll: 'pending by poll, task running' }],
		['a look at 209', due(209), { event: 'nothing', timer: 'pending by timer, task running', poll: 'pending by poll, task running' }],
		['a look at 210', due(210), 'error suspension_timed_out, task paused'],
		['a cancel', cancel, 'cancelled, task stopped'],
		['a cancel of the step', cancelStep, 'cancelled, task stopped'],
		['a pause', pause, 'suspended, task running'],
		['a late success of its attempt', succeeded(1), 'nothing'],
		['a late failure of its attempt', failed(1), 'nothing'],
		['a late suspension by its attempt', suspended('event'), 'nothing'],
		['an activation', activated(), 'nothing'],
	]
	for (const wait of everyWait)
		it.each(cases)(`${wait}: %s`, (_, fact, expected) => {
			const task = after(begun({ can: { poll: true } }), suspended(wait))
			expect(words(task)).toBe('suspended, task running')
			const decision = decide(task, fact)
			expect(decision.kind === 'changed' ? words(decision.task) : 'nothing').toBe(typeof expected === 'string' ? expected : expected[wait])
		})

	it.each(everyWait)('%s: has its timers, and no child', (wait) => {
		const { timers, task, dispatch } = changed(begun(), suspended(wait))
		expect(timers).toEqual([
			...(wait === 'event' ? [] : [{ step: 0, kind: 'wake', dueAt: wait === 'timer' ? 100 : 110 }]),
			{ step: 0, kind: 'time_out', dueAt: 210 },
		])
		expect(only(task)).toMatchObject({ child: null, attempt: 1, tries: 0 })
		expect(task.waitingFor).toMatchObject({ kind: wait, keys: { step: 0 } })
		expect(dispatch).toBe(0)
	})
})

describe('a step that is woken', () => {
	it('is begun by whoever is told, with the next attempt, and keeps what it was suspended with', () => {
		const woken = changed(after(begun(), suspended('event')), event())
		expect([woken.dispatch, woken.task.waitingFor]).toEqual([1, null])
		const { task, start } = changed(woken.task, activated())
		expect(start).toEqual([0])
		expect(only(task)).toMatchObject({ state: 'running', attempt: 2, suspension: { wake: 'event', state: '{"n":1}' } })
		expect(only(after(task, succeeded(2)))).toMatchObject({ state: 'success', suspension: null, tries: 0 })
	})

	it('is not woken a second time before it has suspended again', () => {
		const once = after(begun(), suspended('event'), event())
		const twice = changed(once, event(2))
		expect([words(twice.task), twice.dispatch, only(twice.task).events]).toEqual(['pending by event, task running', 0, 2])
		// It was given both, and waits then.
		const again = after(twice.task, activated(), suspended('event', 2, { seen: 2 }))
		expect(words(again)).toBe('suspended, task running')
	})

	it.each([
		[0, 0, 0, 'suspended'],
		[1, 0, 0, 'pending'],
		[0, 1, 0, 'pending'],
		[2, 0, 1, 'pending'],
		[2, 0, 2, 'suspended'],
	])('has %i events counted, %i in the table, and was given %i: %s', (counted, arrived, seen, state) => {
		const sent = Array.from({ length: counted }, (_, index) => event(index + 1))
		expect(only(after(begun(), ...sent, suspended('event', 1, { arrived, seen })))).toMatchObject({ state, eventsSeen: seen })
	})

	it('goes on with its tries, and is told the same again', () => {
		const retry = { ...defaultPolicies.retry, attempts: 2, initial: 5, jitter: 0 }
		const task = after(begun({ policies: { retry } }), suspended('event'), event(), activated(), failed(2))
		expect(only(task)).toMatchObject({ state: 'pending', tries: 1, notBefore: 125, suspension: { wake: 'event' }, eventsSeen: 0 })
	})

	it('is told the same after its worker was lost, or stopped', () => {
		const running = after(begun(), suspended('timer'), due(100), activated(101))
		for (const fact of [
			{ kind: 'attempt_lost', step: 0, attempt: 2, error: lost, at: 110 },
			{ kind: 'attempt_handed_back', step: 0, attempt: 2, at: 110 },
		] as const)
			expect(words(after(running, fact))).toBe('pending by timer, task running')
	})

	it('waits for a person where a pause was asked, and is told after the resume', () => {
		const paused = after(begun(), suspended('event'), pause, event())
		expect(words(paused)).toBe('pending by event, task paused')
		expect(words(after(paused, resume))).toBe('pending by event, task running')
	})
})

describe('a step that polls', () => {
	const endless = after(begun({ can: { poll: true } }), suspended('poll', 1, { timeout: null }), due(110), activated(111))
	const polling = after(begun({ can: { poll: true } }), suspended('poll'), due(110), activated(111))
	const again = (attempt: number, state: string, at: number): Fact => {
		const fact = suspended('poll', attempt, { at }) as FactOf<'step_suspended'>
		return { ...fact, suspension: { ...fact.suspension, state } }
	}

	it('waits longer as long as its state is the same, up to the longest, and keeps its time-out', () => {
		let task = polling
		const waits: (number | undefined)[] = []
		for (const [attempt, state] of [
			[2, '{"n":1}'],
			[3, '{"n":1}'],
			[4, '{"n":1}'],
			[5, '{"n":2}'],
		] as const) {
			task = after(task, again(attempt, state, 112))
			const { suspension } = only(task)
			waits.push(suspension?.poll?.delay)
			expect(suspension).toMatchObject({ timeoutAt: 210, until: 112 + (suspension?.poll?.delay ?? 0) })
			task = { ...task, steps: [{ ...only(task), state: 'pending', suspension: suspension && { ...suspension, wake: 'poll' } }] }
			task = after(task, activated(113))
		}
		expect(waits).toEqual([200, 300, 300, 100])
	})

	it('keeps each poll as an attempt of its kind, and counts none as a try', () => {
		const found = changed(polling, again(2, '', 112))
		expect(found.attempts).toMatchObject([{ number: 2, kind: 'poll', outcome: 'success' }])
		const fails = changed(polling, failed(2))
		expect(fails.attempts).toMatchObject([{ number: 2, kind: 'poll', outcome: 'failed' }])
		expect(only(fails.task)).toMatchObject({ state: 'suspended', tries: 0, suspension: { poll: { failures: 1, delay: 200 }, until: 320 } })
		expect(changed(polling, succeeded(2)).attempts).toMatchObject([{ number: 2, kind: 'poll', outcome: 'success' }])
	})

	it('fails with as many failures in a row as it may, whatever its tries; a resume polls first', () => {
		let task = endless
		for (const attempt of [2, 3, 4]) {
			if (attempt > 2) task = after(task, due(10_000), activated(10_001))
			task = after(task, failed(attempt))
		}
		expect(words(task)).toBe('error full, task paused')
		expect(only(task)).toMatchObject({ tries: 0, attempt: 4 })
		const resumed = after(task, resume)
		expect(words(resumed)).toBe('pending by poll, task running')
		expect(only(resumed).suspension?.poll?.failures).toBe(0)
	})

	it('counts failures anew after a poll that did not fail', () => {
		const once = after(endless, failed(2), due(320), activated(321))
		expect(only(once).suspension?.poll?.failures).toBe(1)
		expect(only(after(once, again(3, '{"n":1}', 322))).suspension?.poll?.failures).toBe(0)
	})

	it('is woken by an event that came during a poll, also one that failed', () => {
		for (const end of [failed(2), again(2, '{"n":1}', 112)])
			expect(words(after(polling, event(), end))).toBe('pending by event, task running')
	})

	it('is polled again after its worker was lost, also where a run would wait for a person', () => {
		const task = after(begun({ can: { poll: true }, policies: { onLost: 'rescue' } }), suspended('poll'), due(110), activated(111))
		const again = after(task, { kind: 'attempt_lost', step: 0, attempt: 2, error: lost, at: 120 })
		expect(words(again)).toBe('pending by poll, task running')
	})
})

describe('an outcome from elsewhere', () => {
	it.each(['pause', 'skip', 'fail'] as const)('that is an error follows the rescue strategy: %s', (rescue) => {
		const task = after(begun({ policies: { rescue } }), suspended('event'), event(1, { error }))
		expect(words(task)).toBe({ pause: 'error full, task paused', skip: 'skipped, task stopped', fail: 'error full, task stopped' }[rescue])
	})

	it('counts as seen, so that a resume does not end with it again', () => {
		const task = after(begun(), suspended('event'), event(1, { error }), resume)
		expect(only(task)).toMatchObject({ state: 'pending', events: 1, eventsSeen: 1, suspension: { wake: 'resumed' } })
		const early = after(begun(), event(1, { error }), suspended('event'), activated(), failed(2, { retryable: false, seen: 1 }), resume)
		expect(only(early)).toMatchObject({ state: 'pending', events: 1, eventsSeen: 1, suspension: { wake: 'resumed' } })
	})

	it('that comes before the suspension is kept, and wakes the step then', () => {
		expect(words(after(begun(), event(1, { output: '2' })))).toBe('running, task running')
		expect(words(after(begun(), event(1, { output: '2' }), suspended('event')))).toBe('pending by event, task running')
	})

	it('lets a finalize follow', () => {
		const task = after(begun({ can: { finalize: true } }), suspended('event'), event(1, { output: '2' }))
		expect([words(task), only(task).output]).toEqual(['success, task running', '2'])
	})
})

describe('a cancel of a step that has work elsewhere', () => {
	const can = { cancel: true, poll: true } as const
	const waiting = after(begun({ can }), suspended('event'))

	it.each([
		['of the task', cancel],
		['of the step', cancelStep],
	])('%s: its cancel is called, and what comes of it is the end', (_, asked) => {
		const { task, timers, dispatch } = changed(waiting, asked)
		expect(words(task)).toBe('pending by cancel, task running')
		expect([timers, dispatch]).toEqual([[{ step: 0, kind: 'cancel', dueAt: 50 + longestCancel }], 1])
		const called = after(task, activated())
		expect(words(called)).toBe('running by cancel, task running')
		const ended = changed(called, succeeded(2))
		expect(words(ended.task)).toMatch(/^cancelled.*, task stopped$/)
		expect(ended.attempts).toMatchObject([{ number: 2, kind: 'cancel', outcome: 'success' }])
	})

	const called = after(waiting, cancel, activated())
	const ends: [string, Fact, string][] = [
		['lost', { kind: 'attempt_lost', step: 0, attempt: 2, error: lost, at: 70 }, 'pending by cancel, task running'],
		['handed back', { kind: 'attempt_handed_back', step: 0, attempt: 2, at: 70 }, 'pending by cancel, task running'],
		['failed with time left', failed(2), 'pending by cancel, task running'],
		['failed for good', failed(2, { retryable: false }), 'cancelled by cancel, task stopped'],
		['failed without time left', failed(2, { at: 50 + longestCancel }), 'cancelled by cancel, task stopped'],
		['an event', event(), 'running by cancel, task running'],
		['the deadline of the cancel of others', { kind: 'cancel_deadline', at: 10_000 }, 'running by cancel, task running'],
	]
	it.each(ends)('%s', (_, fact, expected) => {
		expect(words(after(called, fact))).toBe(expected)
	})

	it('is given up at its deadline, when nobody carries it out', () => {
		const pending = after(waiting, cancel)
		expect(decide(pending, due(49 + longestCancel)).kind).toBe('changed')
		expect(words(after(pending, due(49 + longestCancel)))).toBe('pending by cancel, task running')
		expect(words(after(pending, due(50 + longestCancel)))).toBe('cancelled by cancel, task stopped')
	})

	it('reaches also a step that was woken, however its attempt ends', () => {
		const woken = after(waiting, event(), activated())
		const attempt = { step: 0, attempt: 2, at: 70 } as const
		const cases: readonly Fact[] = [
			{ kind: 'step_cancelled', ...attempt },
			{ kind: 'attempt_lost', error: lost, ...attempt },
			{ kind: 'attempt_handed_back', ...attempt },
			{ kind: 'cancel_deadline', at: 70 },
			suspended('event', 2, { seen: 1, at: 70 }),
		]
		for (const end of cases) expect([end.kind, words(after(woken, cancel, end))]).toEqual([end.kind, 'pending by cancel, task running'])
		for (const end of cases.filter(({ kind }) => kind !== 'cancel_deadline'))
			expect([end.kind, words(after(woken, cancelStep, end))]).toEqual([end.kind, 'pending by cancel, task running'])
		const overdue: Fact = { kind: 'step_cancel_deadline', ...attempt }
		expect(words(after(woken, cancelStep, overdue))).toBe('pending by cancel, task running')
	})

	it('also of a step that was woken and has not begun', () => {
		expect(words(after(waiting, event(), cancel))).toBe('pending by cancel, task running')
	})

	it('is for a child of its own where the step needs one', () => {
		const own = after(begun({ can, policies: { isolation: 'own' } }), suspended('event'), cancel)
		expect(ownSteps(own, 60)).toEqual([0])
		expect(decide(own, { kind: 'activated', child: 1, at: 60 }).kind).toBe('refused')
		expect(changed(own, activated()).start).toEqual([0])
	})

	it('leaves what is beside the cancelled step alone', () => {
		const two = after(begun({ can, steps: 2 }), suspended('event'), cancelStep)
		expect(two.steps.map(({ state }) => state)).toEqual(['pending', 'pending'])
		expect(two.state).toBe('running')
	})
})

describe('the time limit of the task', () => {
	it('ends what waits, by the timer or with the suspension, and a resume goes on where it waited', () => {
		const task = after(begun({ timeout: 150 }), suspended('event', 1, { timeout: null }))
		expect(decide(task, due(149)).kind).toBe('ignored')
		const over = after(task, due(150))
		expect(words(over)).toBe('error timed_out, task paused')
		expect(over.reason).toBe('timed_out')
		expect(words(after(over, resume))).toBe('pending by resumed, task running')
		expect(words(after(begun({ timeout: 150 }), suspended('event', 1, { at: 160 })))).toBe('error timed_out, task paused')
	})

	it('polls first after a resume', () => {
		const over = after(begun({ timeout: 105, can: { poll: true } }), suspended('poll'), due(105))
		expect(words(over)).toBe('error timed_out, task paused')
		expect(words(after(over, resume))).toBe('pending by poll, task running')
	})

	it('does not cut off a cancel', () => {
		const called = after(begun({ timeout: 150, can: { cancel: true } }), suspended('event'), cancel, activated())
		expect(decide(called, due(200)).kind).toBe('ignored')
	})
})

describe('before there is a plan', () => {
	it('an event is no more than noted', () => {
		const { task, events, dispatch } = changed(fresh, event())
		expect([task.state, task.steps, dispatch]).toEqual(['pending', [], 0])
		expect(events).toMatchObject([{ kind: 'event', step: 0, who: 1, why: 'told' }])
	})
})

it('whatever comes in whatever order: states move by the table, no event wakes twice, and the last word is the end', () => {
	const facts: readonly Fact[] = [
		event(),
		event(2),
		event(3, { output: '2' }),
		event(4, { error }),
		due(100),
		due(110),
		due(210),
		due(1_000_000),
		activated(300),
		pause,
		resume,
		cancel,
		cancelStep,
		{ kind: 'retry_step_asked', step: 0, ...who, at: 500 },
		{ kind: 'cancel_deadline', at: 500 },
	]
	const own = (attempt: number): readonly Fact[] => [
		suspended('event', attempt, { seen: 4, at: 300 }),
		suspended('timer', attempt, { at: 300 }),
		suspended('poll', attempt, { at: 300 }),
		succeeded(attempt),
		failed(attempt),
		{ kind: 'step_cancelled', step: 0, attempt, at: 300 },
		{ kind: 'attempt_lost', step: 0, attempt, error: lost, at: 300 },
		{ kind: 'attempt_handed_back', step: 0, attempt, at: 300 },
	]
	fc.assert(
		fc.property(fc.boolean(), fc.array(fc.nat(facts.length + 7), { maxLength: 30 }), (cancellable, choices) => {
			let task = begun({ can: { poll: true, ...(cancellable && { cancel: true }) } })
			for (const choice of choices) {
				const fact = choice < facts.length ? facts[choice] : own(only(task).attempt)[choice - facts.length]
				const decision = decide(task, fact as Fact)
				if (decision.kind !== 'changed') continue
				const [before, now] = [only(task), only(decision.task)]
				if (before.state !== now.state) expect(stepMoves[before.state]).toContain(now.state)
				// Every attempt has a number of its own, and only a suspended step is without a child and not to be begun.
				expect(now.attempt - before.attempt).toBe(decision.start.length)
				if (now.state === 'suspended') expect(now.suspension).toMatchObject({ wake: null })
				if (now.state === 'suspended' && now.suspension?.kind !== 'sub_tasks') expect(now.events).toBeLessThanOrEqual(now.eventsSeen)
				expect(now.events).toBeGreaterThanOrEqual(before.events)
				task = decision.task
			}
		}),
		{ numRuns: 2_000 },
	)
})
