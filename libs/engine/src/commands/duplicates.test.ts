import type { Duplicates } from '@taskyard/model/duplicates'
import { withoutJob } from '@taskyard/dispatch/jobs'
import type { StepContext } from '@taskyard/sdk/definition'
import { inTransaction } from '@taskyard/store/connection'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import { claimDuplicates } from '@taskyard/store/tasks/claimDuplicates'
import { useDatabase } from '@taskyard/testkit/database'
import { newId } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import type { StartTask } from './types.ts'

const database = useDatabase()
let engine: EngineUnderTest
const gates = new Map<string, PromiseWithResolvers<void>>()
const asked = new Map<string, (context: StepContext) => unknown>()

const running = (_: unknown, { taskId }: StepContext): Promise<void> => {
	const gate = Promise.withResolvers<void>()
	gates.set(taskId, gate)
	return gate.promise
}
const type = (label: string, duplicates: Duplicates, more: Partial<Parameters<typeof sketch>[0]> = {}) =>
	sketch({ label, tree: () => step(0), steps: () => [{ run: running }], ...more, data: { duplicates, ...more.data } })
let plannable = false
const plannedLate = () => {
	if (!plannable) throw new Error('There is no plan yet.')
	return step(0)
}
const room = { resource: { type: 'Room', id: '{k}' }, name: '*', mode: 'exclusive' } as const

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		// Carried out by hand, so that each state stays until it has been looked at.
		run: false,
		definitions: [
			type('Serial', { key: '{k}', policy: 'serial' }),
			type('QueueOne', { key: '{k}', policy: 'queue_one' }),
			type('Discard', { key: '{k}', policy: 'discard' }),
			type('Other', { key: '{k}', policy: 'discard' }),
			type('Single', { key: '', policy: 'discard' }),
			type('Defaults', { key: '{k}', policy: 'discard' }, { data: { inputSchema: { properties: { k: { default: 'a' } } } } }),
			type('Patient', { key: '{k}', policy: 'serial' }, { locks: [{ ...room, onConflict: 'wait' }] }),
			type('Unplannable', { key: '{k}', policy: 'discard' }, { tree: plannedLate }),
			type('Locks', { key: '{k}', policy: 'serial' }, { locks: [room] }),
			sketch({
				label: 'Asks',
				tree: () => step(0),
				steps: () => [{ run: (_: unknown, context: StepContext) => asked.get(context.taskId)?.(context) }],
			}),
			sketch({
				label: 'Waits',
				tree: () => step(0),
				steps: () => [{ run: running }],
				locks: [{ ...room, onConflict: 'wait' }],
			}),
		],
	})
	await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
})
afterAll(async () => {
	for (const gate of gates.values()) gate.resolve()
	await engine?.stop()
})

let key = 0
beforeEach(() => {
	key += 1
})

const order = (label: string, more: Partial<StartTask> = {}): StartTask => ({
	label,
	input: JSON.stringify({ k: key }),
	who: engine.owner,
	correlationId: 'test',
	...more,
})
interface Started {
	readonly id: string
	readonly discarded: boolean
}
async function start(label: string, more: Partial<StartTask> = {}): Promise<Started> {
	const answer = await engine.commands.startTask(order(label, more))
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return { id: answer.task.id, discarded: answer.discarded }
}
const idsOf = async (label: string, count: number): Promise<string[]> => {
	const ids: string[] = []
	for (let n = 0; n < count; n++) ids.push((await start(label)).id)
	return ids
}
const hasTurn = async (id: string): Promise<boolean | null> => {
	const { rows } = await engine.pool.query<{ granted: boolean }>('select granted from lock where task_id = $1', [id])
	return rows[0]?.granted ?? null
}
const discardedOf = async (label: string): Promise<number> =>
	(await engine.pool.query('select discarded from task_type where label = $1', [label])).rows[0].discarded
const state = async (id: string) => (await engine.load(id)).task.state
const operate = (id: string) => ({ id, who: engine.owner, why: null })

/** Carries on with a task until its step runs, and goes on without waiting for it. */
async function runs(id: string): Promise<() => Promise<void>> {
	const carried = engine.executor.activate(id)
	await engine.reached(id, 'running')
	return async () => {
		gates.get(id)?.resolve()
		await carried
		expect((await engine.load(id)).task.result).toBe('success')
	}
}

describe('starts of one key', () => {
	it.each([
		['Serial', ['turn', 'line', 'line', 'line']],
		['QueueOne', ['turn', 'line', 1, 1]],
		['Discard', ['turn', 0, 0, 0]],
	] as const)('%s: %j', async (label, expected) => {
		const before = await discardedOf(label)
		const started: Started[] = []
		for (let n = 0; n < 4; n++) started.push(await start(label))
		const ids = [...new Set(started.map(({ id }) => id))]
		const found = await Promise.all(
			started.map(async ({ id, discarded }) => (discarded ? ids.indexOf(id) : (await hasTurn(id)) ? 'turn' : 'line')),
		)
		expect(found).toEqual(expected)
		expect((await discardedOf(label)) - before).toBe(expected.filter((one) => typeof one === 'number').length)
		const { rows } = await engine.pool.query('select count(*)::int from task where id = any($1)', [ids])
		expect(rows).toEqual([{ count: expected.filter((one) => typeof one === 'string').length }])
	})

	it.each([
		['Serial', 20, 20],
		['QueueOne', 2, 2],
		['Discard', 1, 1],
	] as const)('%s: of 20 at once %i are made', async (label, made, claims) => {
		const before = await discardedOf(label)
		const started = await Promise.all(Array.from({ length: 20 }, () => start(label)))
		const ids = new Set(started.filter(({ discarded }) => !discarded).map(({ id }) => id))
		expect(ids.size).toBe(made)
		expect(started.every(({ id }) => ids.has(id))).toBe(true)
		expect((await discardedOf(label)) - before).toBe(20 - made)
		const { rows } = await engine.pool.query('select task_id, granted from lock where task_id = any($1) order by place', [[...ids]])
		expect(rows).toHaveLength(claims)
		expect(rows.map(({ granted }) => granted)).toEqual(rows.map((_, place) => place === 0))
	})

	it('of another key, or of another type, make another task', async () => {
		const ids = [await start('Discard'), await start('Discard', { input: '{"k":"another"}' }), await start('Other')]
		expect(ids.map(({ discarded }) => discarded)).toEqual([false, false, false])
	})

	it('of a type without fields in its key are all of one', async () => {
		const first = await start('Single')
		expect(await start('Single', { input: '{"any":1}' })).toEqual({ id: first.id, discarded: true })
	})

	it('count a field that has its default as one that is given', async () => {
		const first = await start('Defaults', { input: '{}' })
		expect(await start('Defaults', { input: '{"k":"a"}' })).toEqual({ id: first.id, discarded: true })
	})

	it('with the same id answer the same task, while it stands there and when it has ended', async () => {
		const id = newId()
		const again = () => start('Discard', { id })
		expect([await again(), await again()]).toEqual([
			{ id, discarded: false },
			{ id, discarded: false },
		])
		await engine.commands.cancelTask(operate(id))
		const next = await start('Discard')
		expect(await again()).toEqual({ id, discarded: false })
		expect([await hasTurn(id), await hasTurn(next.id)]).toEqual([null, true])
	})

	it('that wait for another task or have a parent are decided alike, and leave nothing when they are discarded', async () => {
		const awaited = await start('Other')
		const parent = await start('Serial')
		const counts = await start('Discard')
		const before = await discardedOf('Discard')
		for (const more of [{ dependsOn: [{ task: awaited.id, policy: 'any' as const }] }, { parent: { task: parent.id, step: 0 } }]) {
			const id = newId()
			expect(await start('Discard', { id, ...more })).toEqual({ id: counts.id, discarded: true })
			const { rows } = await engine.pool.query(
				`select (select count(*)::int from task where id = $1) as tasks, (select count(*)::int from dependency where task_id = $1) as edges,
				(select count(*)::int from event where task_id = $1) as events, (select count(*)::int from change where task_id = $1) as changes`,
				[id],
			)
			expect(rows).toEqual([{ tasks: 0, edges: 0, events: 0, changes: 0 }])
			expect(await withoutJob(engine.pool, [id])).toEqual([id])
		}
		expect((await discardedOf('Discard')) - before).toBe(2)
	})

	it('whose transaction does not come through leave no claim', async () => {
		const { id } = await start('Discard')
		const { rows } = await engine.pool.query<{ resource_id: string }>('select resource_id::text from lock where task_id = $1', [id])
		await engine.commands.cancelTask(operate(id))
		const task = newId()
		const lost = inTransaction(engine.pool, async (client) => {
			const resource = rows[0]?.resource_id as string
			await claimDuplicates(client, [{ task, admission: { kind: 'granted' }, resource, ancestors: '{}' }])
			expect((await client.query('select from lock where task_id = $1', [task])).rowCount).toBe(1)
			throw new Error('lost')
		})
		await expect(lost).rejects.toThrow('lost')
		expect((await start('Discard')).discarded).toBe(false)
	})

	it('with a key that no index holds are refused by name', async () => {
		const answer = await engine.commands.startTask(order('Discard', { input: JSON.stringify({ k: 'é'.repeat(1000) }) }))
		expect(answer).toMatchObject({
			refusal: { code: 'invalid_input', message: expect.stringMatching(/^The duplicate key of Discard would have 2008 bytes/) },
		})
	})
})

describe('the next one is granted its turn', () => {
	const ways: Record<string, (id: string) => Promise<unknown>> = {
		'ends with success': async (id) => (await runs(id))(),
		'is cancelled before it was planned': (id) => engine.commands.cancelTask(operate(id)),
		'is cancelled while it runs': async (id) => {
			const end = await runs(id)
			await engine.commands.cancelTask(operate(id))
			await engine.executor.look()
			gates.get(id)?.resolve()
			await end().catch(() => undefined)
		},
		'is unlocked': async (id) => {
			const carried = engine.executor.activate(id)
			await engine.reached(id, 'running')
			gates.get(id)?.reject(new Error('a failure that pauses it'))
			await carried
			await engine.commands.unlockTask({ ...operate(id), confirmed: true })
		},
		'is unlocked by force': (id) => engine.commands.forceUnlockTask({ ...operate(id), confirmed: true }),
		'ends and is deleted': async (id) => {
			await engine.commands.cancelTask(operate(id))
			expect(await engine.commands.deleteTask(operate(id))).toEqual({ task: { id } })
		},
	}

	it.each(Object.keys(ways))('when the first %s', async (way) => {
		const [first, second, third] = (await idsOf('Serial', 3)) as [string, string, string]
		await engine.executor.activate(second)
		expect((await engine.load(second)).task).toMatchObject({
			state: 'planned',
			waitingFor: { kind: 'lock', keys: { type: 'duplicate', id: `Serial:${key}` } },
		})
		await engine.pool.query('delete from graphile_worker._private_jobs where key = $1', [second])
		await ways[way]?.(first)
		expect(await state(first).catch(() => 'deleted')).toMatch(/stopped|deleted/)
		expect([await hasTurn(first), await hasTurn(second), await hasTurn(third)]).toEqual([null, true, false])
		// It has a job, and goes on with it.
		expect(await withoutJob(engine.pool, [second])).toEqual([])
		await (await runs(second))()
		expect(await hasTurn(third)).toBe(true)
		await (await runs(third))()
		expect(
			(await engine.pool.query('select from lock where resource_id in (select id from resource where key = $1)', [`Serial:${key}`]))
				.rowCount,
		).toBe(0)
	})

	it('when the first misses its latest start, and not before: a scheduled one keeps its place', async () => {
		const first = await start('Serial', { startAt: Date.now() + 3_600_000, startBefore: Date.now() + 3_600_001 })
		const second = await start('Serial')
		await engine.executor.activate(second.id)
		expect([await state(first.id), await hasTurn(first.id), await hasTurn(second.id)]).toEqual(['scheduled', true, false])
		await engine.door.submit(first.id, () => [{ fact: { kind: 'due', at: Date.now() + 7_200_000 } }])
		expect((await engine.load(first.id)).task.reason).toBe('missed_start_before')
		expect(await hasTurn(second.id)).toBe(true)
	})

	it('when one leaves the line, and who is behind moves up', async () => {
		const [first, second, third] = (await idsOf('Serial', 3)) as [string, string, string]
		await engine.commands.cancelTask(operate(second))
		expect([await hasTurn(second), await hasTurn(third)]).toEqual([null, false])
		await engine.commands.cancelTask(operate(first))
		expect(await hasTurn(third)).toBe(true)
	})
})

describe('a task in line', () => {
	it('takes no lock before its turn, and so does not fail on what the one before it holds', async () => {
		const [first, second] = (await idsOf('Locks', 2)) as [string, string]
		const end = await runs(first)
		await engine.executor.activate(second)
		expect((await engine.load(second)).task).toMatchObject({ state: 'planned', waitingFor: { kind: 'lock', keys: { type: 'duplicate' } } })
		await end()
		await (await runs(second))()
	})

	it('keeps its turn while it is paused for a lock that it does not get', async () => {
		const stranger = await start('Waits')
		const end = await runs(stranger.id)
		const first = await start('Locks')
		await engine.executor.activate(first.id)
		expect((await engine.load(first.id)).task).toMatchObject({ state: 'paused', reason: 'lock_conflict' })
		expect(await hasTurn(first.id)).toBe(true)
		expect(await hasTurn((await start('Locks')).id)).toBe(false)
		await end()
		await engine.commands.resumeTask(operate(first.id))
		const carried = engine.executor.activate(first.id)
		await engine.reached(first.id, 'running')
		gates.get(first.id)?.resolve()
		await carried
		expect((await engine.load(first.id)).task.result).toBe('warning')
	})

	it('keeps its key when its type gets another, and claims it again', async () => {
		const { id } = await start('Serial')
		const other = await start('Serial')
		const change = (key: string) =>
			engine.pool.query(`update task_type set definition = (definition::jsonb || $1)::json where label = 'Serial'`, [
				JSON.stringify({ duplicates: { key, policy: 'serial' } }),
			])
		await change('{another}')
		try {
			await engine.executor.activate(other.id)
			expect((await engine.load(other.id)).task.plan?.locks).toMatchObject([{ resource: { type: 'duplicate', id: `Serial:${key}` } }])
			await engine.commands.cancelTask(operate(id))
			expect(await hasTurn(other.id)).toBe(true)
		} finally {
			await change('{k}')
		}
	})

	it('links to what it is about, and not to its key', async () => {
		const { id } = await start('Locks')
		const end = await runs(id)
		const { rows } = await engine.pool.query(
			'select r.type from link l join resource r on r.id = l.resource_id where l.task_id = $1 order by r.type',
			[id],
		)
		expect(rows).toEqual([{ type: 'Room' }, { type: 'User' }])
		await end()
	})
})

describe('an unlocked task that is resumed', () => {
	async function unlocked(label: string): Promise<string> {
		const { id } = await start(label)
		const carried = engine.executor.activate(id)
		await engine.reached(id, 'running')
		gates.get(id)?.reject(new Error('a failure that pauses it'))
		await carried
		await engine.commands.unlockTask({ ...operate(id), confirmed: true })
		return id
	}

	it('takes its key again', async () => {
		const id = await unlocked('Discard')
		expect(await engine.commands.resumeTask(operate(id))).toEqual({ task: { id } })
		expect(await hasTurn(id)).toBe(true)
		expect(await start('Discard')).toEqual({ id, discarded: true })
	})

	it('is refused, by name, while as many as may be stand there', async () => {
		const discarded = await unlocked('Discard')
		const counts = await start('Discard')
		expect(await engine.commands.resumeTask(operate(discarded))).toMatchObject({
			refusal: {
				code: 'locks_held',
				message: expect.stringContaining(`duplicate of Discard ${key} is locked for all operations, held by "Discard" (${counts.id})`),
			},
		})
		expect(await state(discarded)).toBe('stopped')
		const queued = await unlocked('QueueOne')
		await idsOf('QueueOne', 2)
		expect(await engine.commands.resumeTask(operate(queued))).toMatchObject({ refusal: { code: 'locks_held' } })
	})

	it('that could not be planned makes its claim when it is', async () => {
		const { id } = await start('Unplannable')
		await engine.executor.activate(id)
		expect((await engine.load(id)).task).toMatchObject({ state: 'paused', reason: 'planning_failed' })
		expect(await start('Unplannable')).toEqual({ id, discarded: true })
		await engine.commands.unlockTask({ ...operate(id), confirmed: true })
		expect(await hasTurn(id)).toBe(null)
		plannable = true
		await engine.commands.resumeTask(operate(id))
		const carried = engine.executor.activate(id)
		await engine.reached(id, 'running')
		expect(await hasTurn(id)).toBe(true)
		gates.get(id)?.resolve()
		await carried
		expect([(await engine.load(id)).task.result, await hasTurn(id)]).toEqual(['warning', null])
	})

	it('stands in line where there is room', async () => {
		const id = await unlocked('QueueOne')
		const first = await start('QueueOne')
		expect(await engine.commands.resumeTask(operate(id))).toEqual({ task: { id } })
		expect([await state(id), await hasTurn(id)]).toEqual(['planned', false])
		await (await runs(first.id))()
		expect(await hasTurn(id)).toBe(true)
	})
})

describe('whoever starts one', () => {
	it('and waits for it gets the end of the one that counts', async () => {
		const { id } = await start('Discard')
		const end = await runs(id)
		const before = await discardedOf('Discard')
		const answer = engine.commands.runTask({ ...order('Discard'), limit: 60_000 })
		await waitFor('the start to be discarded', async () => (await discardedOf('Discard')) > before)
		await end()
		expect(await answer).toEqual({ task: { id }, discarded: true, result: 'success', output: null })
	})

	it('and is a step is told that it was discarded', async () => {
		const counts = await start('Discard')
		const { id } = await start('Asks')
		let answer: unknown
		asked.set(id, async ({ tasks }) => {
			answer = await tasks.start('Discard', { k: key })
		})
		await engine.executor.activate(id)
		expect(answer).toEqual({ id: counts.id, discarded: true })
	})

	it('and holds the key itself, as its parent, does not wait for itself', async () => {
		const parent = await start('Serial')
		const end = await runs(parent.id)
		const child = await start('Serial', { parent: { task: parent.id, step: 0 } })
		expect(await hasTurn(child.id)).toBe(true)
		await (await runs(child.id))()
		await end()
	})

	it('again gets what the first one made, when it is a rerun', async () => {
		const { id } = await start('Discard')
		await engine.commands.cancelTask(operate(id))
		const rerun = { ...operate(id), correlationId: 'test' }
		const first = await engine.commands.rerunTask(rerun)
		expect(first).toMatchObject({ discarded: false })
		expect(await engine.commands.rerunTask(rerun)).toEqual({ ...first, discarded: true })
		const { rows } = await engine.pool.query(`select count(*)::int from event where task_id = $1 and kind = $2`, [
			id,
			eventKindCode.encode('rerun'),
		])
		// The rerun that made nothing left no mark either.
		expect(rows).toEqual([{ count: 1 }])
	})
})

it('a sub-task whose turn would never come, for who has it waits for its parent, pauses naming the cycle', async () => {
	const parent = await start('Waits')
	const end = await runs(parent.id)
	const first = await start('Patient')
	await engine.executor.activate(first.id)
	expect((await engine.load(first.id)).task.waitingFor).toEqual({ kind: 'lock', keys: { type: 'Room', id: String(key) } })
	const child = await start('Patient', { parent: { task: parent.id, step: 0 } })
	const stranger = await start('Patient')
	await engine.executor.activate(child.id)
	const { task } = await engine.load(child.id)
	expect(task).toMatchObject({ state: 'paused', reason: 'lock_conflict' })
	expect(task.error?.message).toMatch(/^To wait for duplicate of Patient \d+, for all operations, would never end: /)
	expect([await hasTurn(child.id), await hasTurn(stranger.id)]).toEqual([null, false])
	await end()
	await (await runs(first.id))()
	expect(await hasTurn(stranger.id)).toBe(true)
	// Resumed, it stands in line again, at the end.
	await engine.commands.resumeTask(operate(child.id))
	await engine.executor.activate(child.id)
	expect((await engine.load(child.id)).task.waitingFor).toEqual({ kind: 'lock', keys: { type: 'duplicate', id: `Patient:${key}` } })
})

it('a task that has its turn and whose wait for a lock would close a cycle pauses naming it, and keeps its turn', async () => {
	const parent = await start('Waits')
	const end = await runs(parent.id)
	const first = await start('Patient')
	const child = await start('Patient', { parent: { task: parent.id, step: 0 } })
	await engine.executor.activate(child.id)
	expect((await engine.load(child.id)).task.waitingFor).toEqual({ kind: 'lock', keys: { type: 'duplicate', id: `Patient:${key}` } })
	// Until now it waits for nobody; what it claims is held by the parent of the one that waits for it.
	await engine.executor.activate(first.id)
	const { task } = await engine.load(first.id)
	expect(task).toMatchObject({ state: 'paused', reason: 'lock_conflict' })
	expect(task.error?.message).toMatch(new RegExp(`^To wait for Room ${key}, for all operations, would never end: `))
	expect([await hasTurn(first.id), await hasTurn(child.id)]).toEqual([true, false])
	await engine.commands.cancelTask(operate(first.id))
	await (await runs(child.id))()
	await end()
})
