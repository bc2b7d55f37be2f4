import { withoutJob } from '@taskyard/dispatch/jobs'
import type { StepContext, StepWake } from '@taskyard/sdk/definition'
import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { readAttempts } from '@taskyard/store/tasks/readAttempts'
import { readTaskRows } from '@taskyard/store/tasks/readTaskRows'
import { waitingText } from '@taskyard/model/waiting'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { openWaitingTasks, type WaitingTasks } from '../testing/waitingTasks.ts'

const database = useDatabase()
let engine: WaitingTasks
let wakes: (StepWake | null)[] = []
let polls: unknown[] = []
/** How long each poll had been waited for. */
let waits: number[] = []
/** What polls answer, one after the other; the last again and again. */
let answers: (() => unknown)[] = []
let gate = Promise.withResolvers<void>()

const input = z.object({ times: z.number().default(1), until: z.number().optional(), timeout: z.number().optional() })
type Input = z.output<typeof input>

/** Suspends as often as it is told to, and answers what it was woken with the last time. */
function wait({ times, until, timeout }: Input, { wake }: StepContext) {
	wakes.push(wake)
	if (wakes.length > times) return { last: wake?.events.at(-1)?.payload ?? wake?.reason ?? null }
	return suspend({
		state: { round: wakes.length },
		...(until !== undefined && { until: new Date(Date.now() + until) }),
		...(timeout !== undefined && { timeout }),
	})
}

const options = { input, queue: 'default' } as const
const definitions = [
	defineTask({ ...options, label: 'Wait::Event', run: wait }),
	// Nobody takes jobs of this queue: it is carried out by hand.
	defineTask({ ...options, label: 'Wait::ByHand', queue: 'by hand', run: wait }),
	defineTask({
		...options,
		label: 'Wait::Gated',
		async run(given, context) {
			if (wakes.length === 0) await gate.promise
			return wait(given, context)
		},
	}),
	defineTask({
		...options,
		label: 'Wait::Poll',
		run: (_, { wake }) => {
			wakes.push(wake)
			return wake ? wake.events[0]?.payload : suspend({ state: { seen: 0 }, poll: { initial: 20, max: 60, failures: 3 } })
		},
		async poll(_, state: { seen: number }, context) {
			polls.push(state)
			waits.push((await engine.load(context.taskId)).task.steps[0]?.suspension?.poll?.delay ?? 0)
			context.progress(polls.length / 10)
			const answer = answers.length > 1 ? answers.shift() : answers[0]
			return answer?.()
		},
	}),
	defineTask({ ...options, label: 'Wait::NoPoll', run: () => suspend({ poll: {} }) }),
]

beforeAll(async () => {
	engine = await openWaitingTasks(database.url, definitions)
})
afterAll(async () => {
	gate.resolve()
	await engine?.stop()
})
beforeEach(() => {
	wakes = []
	polls = []
	waits = []
	answers = []
	gate = Promise.withResolvers()
})

const payloads = (index: number): unknown => wakes[index]?.events.map(({ payload }) => payload)

it('holds no job, no slot and no child, and says what it waits for', async () => {
	const id = await engine.start('Wait::Event')
	const step = await engine.stepIs(id, 'suspended')
	expect(step).toMatchObject({ attempt: 1, child: null, suspension: { kind: 'event', state: '{"round":1}', wake: null } })
	expect(await withoutJob(engine.pool, [id])).toEqual([id])
	expect(engine.executor.busy).toBe(0)
	const [row] = await readTaskRows(engine.pool, [id])
	expect(row).toMatchObject({ state: 'running', waitingFor: { kind: 'event', keys: { step: 0 } } })
	expect(row?.waitingFor && waitingText(row.waitingFor)).toBe('Waits for an event')
	await engine.send(id)
	await engine.reached(id, 'stopped')
})

it('goes on with an event, is told what it suspended with, and was told nothing the first time', async () => {
	const id = await engine.start('Wait::Event')
	await engine.stepIs(id, 'suspended')
	const event = { task: id, step: 0, id: 'paid', name: 'payment', payload: '{"amount":12345678901234567}', who: engine.owner }
	expect(await engine.commands.sendEvent(event)).toEqual({ task: { id }, repeated: false })
	const task = await engine.reached(id, 'stopped')
	expect(task).toMatchObject({ result: 'success', steps: [{ attempt: 2, tries: 0, suspension: null, events: 1 }] })
	expect(wakes).toEqual([
		null,
		{ reason: 'event', state: { round: 1 }, events: [{ id: 'paid', name: 'payment', payload: { amount: 12345678901234567n } }] },
	])
	expect(task.steps[0]?.output).toBe('{"last":{"amount":12345678901234567}}')
})

it('is woken once by an event that is sent twice', async () => {
	const id = await engine.start('Wait::Event', { times: 2 })
	await engine.stepIs(id, 'suspended')
	expect(await engine.send(id, { id: 'once' })).toMatchObject({ repeated: false })
	expect(await engine.send(id, { id: 'once', payload: 'other' })).toMatchObject({ repeated: true })
	await engine.stepIs(id, 'suspended')
	expect(await engine.send(id, { id: 'once' })).toMatchObject({ repeated: true })
	expect((await engine.load(id)).task.steps[0]).toMatchObject({ state: 'suspended', attempt: 2, events: 1, eventsSeen: 1 })
	await engine.send(id, { id: 'twice', payload: 2 })
	await engine.reached(id, 'stopped')
	expect([payloads(1), payloads(2)]).toEqual([[null], [2]])
	// Also when it has ended: whoever sends it again is to hear that it came.
	expect(await engine.send(id, { id: 'once' })).toMatchObject({ repeated: true })
})

it('finds the events that came before it had suspended', async () => {
	const id = await engine.start('Wait::Gated')
	await engine.stepIs(id, 'running')
	await engine.send(id, { payload: 1 })
	await engine.send(id, { payload: 2 })
	gate.resolve()
	await engine.reached(id, 'stopped')
	expect(wakes).toEqual([null, expect.objectContaining({ reason: 'event' })])
	expect(payloads(1)).toEqual([1, 2])
})

it('finds the events that came before there was a plan, and while no worker lived', async () => {
	const id = await engine.start('Wait::ByHand', { times: 2 })
	await engine.send(id, { payload: 'before the plan' })
	await engine.executor.activate(id)
	expect(await engine.load(id)).toMatchObject({ task: { steps: [{ state: 'suspended', attempt: 2, events: 1, eventsSeen: 1 }] } })
	await engine.send(id, { payload: 'nobody lives' })
	await engine.send(id, { payload: 'still nobody' })
	expect(wakes).toHaveLength(2)
	await engine.executor.activate(id)
	await engine.reached(id, 'stopped')
	expect([payloads(1), payloads(2)]).toEqual([['before the plan'], ['nobody lives', 'still nobody']])
})

it('goes on at its time', async () => {
	const id = await engine.start('Wait::Event', { until: 50 })
	expect((await engine.stepIs(id, 'suspended')).suspension).toMatchObject({ kind: 'timer' })
	expect((await engine.load(id)).task.waitingFor).toMatchObject({ kind: 'timer' })
	await engine.stepIs(id, 'success')
	expect(wakes[1]).toEqual({ reason: 'timer', state: { round: 1 }, events: [] })
})

it('fails when nothing has woken it in time, and is told of a resume', async () => {
	const id = await engine.start('Wait::Event', { timeout: 30 })
	const step = await engine.stepIs(id, 'error')
	expect(step).toMatchObject({ attempt: 1, tries: 0, error: { code: 'suspension_timed_out', reason: 'timed_out' } })
	expect(await engine.reached(id, 'paused')).toMatchObject({ result: 'error', reason: 'timed_out' })
	await engine.commands.resumeTask({ id, who: engine.owner, why: null })
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'warning' })
	expect(wakes[1]).toEqual({ reason: 'resumed', state: { round: 1 }, events: [] })
})

it('polls with back-off: each is an attempt and none a try', async () => {
	answers = [() => suspend({}), () => suspend({}), () => suspend({ state: { seen: 1 } }), () => ({ done: true })]
	const id = await engine.start('Wait::Poll')
	const step = await engine.stepIs(id, 'success')
	expect(step).toMatchObject({ attempt: 5, tries: 0, output: '{"done":true}' })
	expect(waits).toEqual([20, 40, 60, 20])
	expect(polls).toEqual([{ seen: 0 }, { seen: 0 }, { seen: 0 }, { seen: 1 }])
	const attempts = (await readAttempts(engine.pool, [id])).get(id) ?? []
	expect(attempts.map(({ number, kind, outcome }) => [number, kind, outcome])).toEqual([2, 3, 4, 5].map((n) => [n, 'poll', 'success']))
})

it('fails after as many failed polls in a row as it may, and a resume polls first', async () => {
	const fails = () => {
		throw new Error('the service is down')
	}
	answers = [fails, fails, () => suspend({}), fails, fails, fails, () => 'well']
	const id = await engine.start('Wait::Poll')
	const step = await engine.stepIs(id, 'error')
	expect(step).toMatchObject({ attempt: 7, tries: 0, error: { message: 'the service is down' } })
	expect(wakes).toHaveLength(1)
	const attempts = (await readAttempts(engine.pool, [id])).get(id) ?? []
	expect(attempts.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
		'poll failed',
		'poll failed',
		'poll success',
		'poll failed',
		'poll failed',
		'poll failed',
	])
	await engine.commands.resumeTask({ id, who: engine.owner, why: null })
	expect(await engine.reached(id, 'stopped')).toMatchObject({ steps: [{ output: '"well"', attempt: 8 }] })
	expect(wakes).toHaveLength(1)
})

it('is woken from polling by an event, also one that came during a poll that failed', async () => {
	const id = await engine.start('Wait::Poll')
	answers = [
		async () => {
			await engine.send(id, { payload: 'came' })
			throw new Error('the service is down')
		},
	]
	const task = await engine.stepIs(id, 'success')
	expect(task).toMatchObject({ output: '"came"' })
	expect(polls).toHaveLength(1)
})

it('refuses to poll by an action that has no poll', async () => {
	const id = await engine.start('Wait::NoPoll')
	expect((await engine.stepIs(id, 'error')).error).toMatchObject({
		code: 'invalid_suspension',
		message: 'Wait::NoPoll suspends its step to poll, and has no poll: add one, or suspend for an event or a time',
	})
})

it('pauses, when that was asked, once it is woken', async () => {
	const id = await engine.start('Wait::Event')
	await engine.stepIs(id, 'suspended')
	await engine.commands.pauseTask({ id, who: engine.owner, why: null })
	expect((await engine.load(id)).task.state).toBe('running')
	await engine.send(id, { payload: 'go' })
	await engine.reached(id, 'paused')
	expect(wakes).toHaveLength(1)
	await engine.commands.resumeTask({ id, who: engine.owner, why: null })
	await engine.reached(id, 'stopped')
	expect(payloads(1)).toEqual(['go'])
})

const refusals: [string, (id: string) => Promise<unknown>, string][] = [
	['a step that the plan does not have', (id) => engine.send(id, { step: 1 }), 'no_such_step'],
	['an event without a name', (id) => engine.send(id, { name: '' }), 'invalid_event'],
	[
		'a payload that is no JSON',
		(id) => engine.commands.sendEvent({ task: id, step: 0, id: 'x', name: 'y', payload: '{', who: null }),
		'invalid_event',
	],
	['a payload of more than a megabyte', (id) => engine.send(id, { payload: 'x'.repeat(1024 * 1024) }), 'invalid_event'],
	[
		'an outcome beside a payload',
		(id) => engine.commands.sendEvent({ task: id, step: 0, id: 'x', name: 'y', payload: '1', outcome: { output: '1' }, who: null }),
		'invalid_event',
	],
	['a step that is none', (id) => engine.send(id, { step: 0.5 }), 'no_such_step'],
	['a task that does not exist', () => engine.send('01890a5d-ac96-774b-bcce-b302099a8057'), 'not_found'],
	['an id that is none', () => engine.send('7'), 'not_found'],
]
it.each(refusals)('refuses %s', async (_, send, code) => {
	const id = await engine.start('Wait::Event')
	await engine.stepIs(id, 'suspended')
	expect(await send(id)).toMatchObject({ refusal: { code } })
	expect((await engine.pool.query('select from step_event where task_id = $1', [id])).rowCount).toBe(0)
	await engine.send(id)
	await engine.reached(id, 'stopped')
	expect(await engine.send(id)).toMatchObject({ refusal: { code: 'already_stopped' } })
})

it('keeps as many events as may wait, and takes more when it has taken these', async () => {
	const id = await engine.start('Wait::ByHand', { times: 1 })
	await engine.executor.activate(id)
	await engine.pool.query(
		`insert into step_event (task_id, step, n, id, name, payload, at) select $1, 0, n, 'many ' || n, 'told', to_json(n), clock_timestamp() from generate_series(1, 999) n`,
		[id],
	)
	expect(await engine.send(id, { payload: 1000 })).toMatchObject({ repeated: false })
	expect(await engine.send(id)).toMatchObject({ refusal: { code: 'too_many_events' } })
	await engine.executor.activate(id)
	await engine.reached(id, 'stopped')
	expect(payloads(1)).toHaveLength(1000)
})
