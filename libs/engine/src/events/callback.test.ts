import { createHash } from 'node:crypto'
import { defineTask } from '@taskyard/sdk/defineTask'
import type { Callback, StepWake } from '@taskyard/sdk/definition'
import { suspend } from '@taskyard/sdk/suspend'
import { readLog } from '@taskyard/store/logs/readLog'
import { readProgress } from '@taskyard/store/tasks/readProgress'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openWaitingTasks, type WaitingTasks } from '../testing/waitingTasks.ts'

const database = useDatabase()
let engine: WaitingTasks
let callbacks: Callback[] = []
let wakes: (StepWake | null)[] = []

const definitions = [
	defineTask({
		label: 'Callback::Wait',
		input: z.object({ expires: z.number().optional() }),
		output: z.object({ ok: z.boolean() }),
		async run({ expires }, { wake, callback, log }) {
			wakes.push(wake)
			await log('began')
			if (wake?.events[0]?.payload === 'fail') throw new Error('it went wrong')
			if (wake) return { ok: true }
			callbacks.push(await callback(expires === undefined ? {} : { expires }), await callback())
			return suspend()
		},
	}),
]

beforeAll(async () => {
	engine = await openWaitingTasks(database.url, definitions)
})
afterAll(() => engine?.stop())
beforeEach(() => {
	callbacks = []
	wakes = []
})

const tokenOf = (index: number): string => callbacks[index]?.token ?? ''
const use = (order: Omit<Parameters<WaitingTasks['commands']['useCallback']>[0], 'token'>, index = 0) =>
	engine.commands.useCallback({ token: tokenOf(index), ...order })

async function waiting(input: object = {}): Promise<string> {
	const id = await engine.start('Callback::Wait', input)
	await engine.stepIs(id, 'suspended')
	return id
}

async function linesOf(id: string): Promise<string[]> {
	const [chunks = []] = await readLog(engine.pool, [{ taskId: id, step: 0, afterLine: 0 }], 100)
	return chunks.flatMap(({ lines }) => lines)
}

it('gives an address and a token of which only the hash is kept', async () => {
	const id = await waiting()
	expect(callbacks[0]).toEqual({ url: `http://localhost:4180/api/callbacks/${tokenOf(0)}`, token: expect.stringMatching(/^[\w-]{43}$/) })
	const { rows } = await engine.pool.query(
		`select encode(token_hash, 'hex') as hash, callback::text as whole from callback where task_id = $1`,
		[id],
	)
	expect(new Set(rows.map((row) => row.hash))).toEqual(
		new Set([0, 1].map((index) => createHash('sha256').update(tokenOf(index)).digest('hex'))),
	)
	expect(rows.some((row) => row.whole.includes(tokenOf(0)))).toBe(false)
	await use({ outcome: { output: '{"ok":true}' } })
	await engine.reached(id, 'stopped')
})

it('wakes the step with an event, once', async () => {
	const id = await waiting()
	expect(await use({ name: 'finished', payload: '{"n":1}' })).toEqual({ task: { id }, step: 0, usedUp: true })
	await engine.reached(id, 'stopped')
	expect(wakes[1]).toMatchObject({ reason: 'event', events: [{ name: 'finished', payload: { n: 1 } }] })
	expect(await use({ name: 'finished' })).toMatchObject({
		refusal: {
			code: 'callback_used',
			message: expect.stringMatching(/^The token was used at \d{4}-.*Z, and is good for one answer only\.$/),
		},
	})
})

it('takes the outcome of the step, and no other than it can have', async () => {
	const id = await waiting()
	expect(await use({ outcome: { output: '{"ok":1}' } })).toMatchObject({ refusal: { code: 'invalid_input', faults: [{ path: '/ok' }] } })
	// Refused, it is not used up.
	expect(await use({ outcome: { output: '{"ok":false}' } })).toMatchObject({ usedUp: true })
	expect(await engine.reached(id, 'stopped')).toMatchObject({ steps: [{ output: '{"ok":false}', attempt: 1 }] })
})

it('takes progress and lines as often as they come, which do not use it up', async () => {
	const id = await waiting()
	expect(await use({ progress: 0.5, lines: ['half', 'of\nit'] })).toEqual({ task: { id }, step: 0, usedUp: false })
	expect(await use({ progress: 0.25, lines: ['more'] })).toMatchObject({ usedUp: false })
	expect((await readProgress(engine.pool, [id])).get(id)).toMatchObject([{ step: 0, fraction: 0.5 }])
	expect(await linesOf(id)).toEqual(['began', 'half', 'of', 'it', 'more'])
	await use({ payload: '1' })
	await engine.reached(id, 'stopped')
	expect(await linesOf(id)).toEqual(['began', 'half', 'of', 'it', 'more', 'began'])
})

it('does not let the progress go back when the step goes on', async () => {
	const id = await waiting()
	await use({ progress: 0.75 })
	await use({ payload: '"fail"' })
	expect(await engine.stepIs(id, 'error')).toMatchObject({ attempt: 2, progress: 0.75 })
	await engine.commands.cancelTask({ id, who: engine.owner, why: null })
})

describe('refuses', () => {
	it('a token that nobody gave', async () => {
		expect(await engine.commands.useCallback({ token: 'x'.repeat(43), payload: '1' })).toMatchObject({
			refusal: { code: 'no_such_callback' },
		})
		expect(await engine.commands.useCallback({ token: 'short', payload: '1' })).toMatchObject({ refusal: { code: 'no_such_callback' } })
	})

	it('one that has expired, by the clock of the database', async () => {
		const id = await waiting({ expires: 3_600_000 })
		await engine.pool.query(`update callback set expires_at = clock_timestamp() where task_id = $1 and expires_at is not null`, [id])
		expect(await use({ payload: '1' })).toMatchObject({ refusal: { code: 'callback_expired' } })
		expect(await use({ progress: 1 })).toMatchObject({ refusal: { code: 'callback_expired' } })
		expect((await engine.load(id)).task.steps[0]).toMatchObject({ state: 'suspended', events: 0 })
		expect(await use({ payload: '1' }, 1)).toMatchObject({ usedUp: true })
		await engine.reached(id, 'stopped')
	})

	it('one whose task has stopped, or was deleted', async () => {
		const id = await waiting()
		await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		await engine.reached(id, 'stopped')
		expect(await use({ payload: '1' })).toMatchObject({ refusal: { code: 'already_stopped' } })
		await engine.commands.deleteTask({ id, who: engine.owner, why: null })
		expect(await use({ payload: '1' })).toMatchObject({ refusal: { code: 'no_such_callback' } })
	})

	it('progress that is none', async () => {
		const id = await waiting()
		expect(await use({ progress: 1.5 })).toMatchObject({ refusal: { code: 'invalid_event' } })
		await use({ payload: '1' })
		await engine.reached(id, 'stopped')
	})

	it('an expiry that is none', async () => {
		const id = await engine.start('Callback::Wait', { expires: -1 })
		expect((await engine.stepIs(id, 'error')).error).toMatchObject({ code: 'invalid_callback' })
	})
})

it('is taken once by many who answer at the same time', async () => {
	const id = await waiting()
	const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => use({ id: `answer ${n}`, payload: String(n) })))
	expect(answers.filter((answer) => 'task' in answer)).toHaveLength(1)
	expect(answers.filter((answer) => 'refusal' in answer && answer.refusal.code === 'callback_used')).toHaveLength(7)
	await engine.reached(id, 'stopped')
	expect(wakes).toHaveLength(2)
	expect(wakes[1]?.events).toHaveLength(1)
})
