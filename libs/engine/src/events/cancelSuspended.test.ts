import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { readAttempts } from '@taskyard/store/tasks/readAttempts'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { openWaitingTasks, type WaitingTasks } from '../testing/waitingTasks.ts'

const database = useDatabase()
let engine: WaitingTasks
/** What the work elsewhere was told. */
let told: unknown[] = []
let cancel: () => unknown = () => undefined
/** Resolved at the end: the code of a lost attempt that would go on for ever. */
const lost = Promise.withResolvers<void>()
let woken = Promise.withResolvers<void>()

const input = z.object({})
const definitions = [
	defineTask({
		label: 'Cancel::Remote',
		input,
		async run(_, { wake, signal }) {
			if (!wake) return suspend({ state: { job: 7 } })
			woken.resolve()
			return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
		},
		cancel(_, state) {
			told.push(state)
			return cancel()
		},
	}),
	defineTask({ label: 'Cancel::Plain', input, run: () => suspend() }),
]

beforeAll(async () => {
	engine = await openWaitingTasks(database.url, definitions)
})
afterAll(async () => {
	lost.resolve()
	await engine?.stop()
})
beforeEach(() => {
	told = []
	cancel = () => undefined
	woken = Promise.withResolvers()
})

const order = (id: string) => ({ id, who: engine.owner, why: null })

async function attemptsOf(id: string): Promise<string[]> {
	const attempts = (await readAttempts(engine.pool, [id])).get(id) ?? []
	return attempts.map(({ number, kind, outcome }) => `${number} ${kind} ${outcome}`)
}

/** Nobody has ended it, and its deadline is here. */
async function passDeadline(id: string): Promise<void> {
	await asEngine(engine.pool, async (client) => {
		await client.query(
			`update step set suspension = jsonb_set(suspension::jsonb, '{cancelBy}', to_jsonb(floor(extract(epoch from clock_timestamp()) * 1000) - 1))::json
where task_id = $1`,
			[id],
		)
		await client.query(`update timer set due_at = clock_timestamp() where task_id = $1 and kind = 6`, [id])
	})
}

it('stops a task at once whose step waits for nothing but a word', async () => {
	const id = await engine.start('Cancel::Plain')
	await engine.stepIs(id, 'suspended')
	await engine.commands.cancelTask(order(id))
	expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'cancelled', steps: [{ state: 'cancelled' }] })
})

it('calls the cancel of a suspended step with its state, as an attempt of its kind, and stops then', async () => {
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	await engine.commands.cancelTask(order(id))
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'cancelled', steps: [{ state: 'cancelled', attempt: 2 }] })
	expect(told).toEqual([{ job: 7 }])
	expect(await attemptsOf(id)).toEqual(['2 cancel success'])
})

it('is not ended by the cancel that it passes on', async () => {
	const gate = Promise.withResolvers<void>()
	cancel = () => gate.promise
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	await engine.commands.cancelTask(order(id))
	await waitFor('the cancel to be called', () => told.length === 1)
	await engine.executor.look()
	gate.resolve()
	await engine.reached(id, 'stopped')
	expect(await attemptsOf(id)).toEqual(['2 cancel success'])
})

it('is called again when its attempt was lost', async () => {
	cancel = () => (told.length === 1 ? lost.promise : undefined)
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	await engine.commands.cancelTask(order(id))
	await waitFor('the cancel to be called', () => told.length === 1)
	const error = { message: 'gone', type: 'Lost', code: null, trace: null, details: null, reason: 'lost' } as const
	await engine.door.submit(id, () => [{ fact: { kind: 'attempt_lost', step: 0, attempt: 2, error, at: Date.now() } }])
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'cancelled' })
	expect(told).toHaveLength(2)
	expect(await attemptsOf(id)).toEqual(['2 cancel lost', '3 cancel success'])
})

it('waits for the next try of a cancel that failed, and ends without it at the deadline', async () => {
	cancel = () => {
		throw new Error('the service is down')
	}
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	await engine.commands.cancelTask(order(id))
	await waitFor('the cancel to be called', () => told.length === 1)
	const waiting = await engine.stepIs(id, 'pending')
	expect(waiting).toMatchObject({ suspension: { wake: 'cancel' } })
	await passDeadline(id)
	const step = await engine.stepIs(id, 'cancelled')
	expect(step.attempt).toBe(2)
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'cancelled' })
	expect(await attemptsOf(id)).toEqual(['2 cancel failed'])
})

it('is called too for a step that an event has woken, and whose attempt is cut off', async () => {
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	await engine.send(id)
	await woken.promise
	await engine.commands.cancelTask(order(id))
	await engine.executor.look()
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'cancelled' })
	expect(told).toEqual([{ job: 7 }])
	expect(await attemptsOf(id)).toEqual(['2 run cancelled', '3 cancel success'])
})

it('ends one suspended step alone', async () => {
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	expect(await engine.commands.cancelStep({ ...order(id), step: 0 })).toEqual({ task: { id } })
	expect(await engine.stepIs(id, 'cancelled')).toMatchObject({ attempt: 2 })
	expect(told).toEqual([{ job: 7 }])
	expect(await engine.commands.cancelStep({ ...order(id), step: 0 })).toMatchObject({ task: { id } })
	await engine.reached(id, 'stopped')
})

it('is no place for events any more', async () => {
	const gate = Promise.withResolvers<void>()
	cancel = () => gate.promise
	const id = await engine.start('Cancel::Remote')
	await engine.stepIs(id, 'suspended')
	await engine.commands.cancelTask(order(id))
	await waitFor('the cancel to be called', () => told.length === 1)
	// It comes too late, and changes nothing.
	expect(await engine.send(id)).toMatchObject({ repeated: false })
	gate.resolve()
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'cancelled', steps: [{ attempt: 2 }] })
})
