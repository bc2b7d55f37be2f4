import type { LockClaim } from '@taskyard/model/plan'
import type { StepContext } from '@taskyard/sdk/definition'
import { inTransaction } from '@taskyard/store/connection'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import { claimAgain } from './claimAgain.ts'

const database = useDatabase()
let engine: EngineUnderTest
/** Tasks in the order in which their steps began, and what lets each of them end. */
let begun: string[] = []
const gates = new Map<string, PromiseWithResolvers<void>>()

const gated = [
	{
		run: (_: never, { taskId }: StepContext) => {
			begun.push(taskId)
			return gateOf(taskId).promise
		},
	},
]
const locked = (label: string, locks: readonly LockClaim[]) => sketch({ label, tree: () => step(0), steps: () => gated, locks })
const room = (mode: LockClaim['mode'], onConflict: 'wait' | 'fail'): LockClaim => ({
	resource: { type: 'Room', id: '{room}' },
	name: 'use',
	mode,
	onConflict,
})

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			locked('Line::Write', [room('exclusive', 'wait')]),
			locked('Line::Read', [room('shared', 'wait')]),
			locked('Line::Insist', [room('exclusive', 'fail')]),
			locked('Line::Both', [room('exclusive', 'wait'), { ...room('exclusive', 'wait'), resource: { type: 'Room', id: '{other}' } }]),
		],
	})
})
afterAll(() => engine?.stop())
beforeEach(() => {
	begun = []
})

function gateOf(task: string): PromiseWithResolvers<void> {
	const gate = gates.get(task) ?? Promise.withResolvers<void>()
	gates.set(task, gate)
	return gate
}

let rooms = 0
const newRoom = (): string => `room ${++rooms}`
const starts = (label: string, room: string, other = 'none'): Promise<string> => engine.start(`Line::${label}`, { room, other })
const running = (id: string) => waitFor(`task ${id} to run its step`, () => begun.includes(id))
const inLine = (id: string) =>
	waitFor(`task ${id} to stand in line`, async () => {
		const { task } = await engine.load(id)
		return task.state === 'planned' && task.waitingFor?.kind === 'lock' ? task : null
	})
const ends = async (id: string): Promise<void> => {
	gateOf(id).resolve()
	await engine.reached(id, 'stopped')
}
const cancel = (id: string) => engine.commands.cancelTask({ id, who: engine.owner, why: null })
const claims = async (...ids: string[]): Promise<number> => {
	const { rows } = await engine.pool.query<{ count: number }>('select count(*)::int as count from lock where task_id = any($1)', [ids])
	return rows[0]?.count ?? -1
}

describe('tasks that wait for a lock', () => {
	it('run one after the other in the order in which they came, readers together', async () => {
		const room = newRoom()
		const first = await starts('Write', room)
		await running(first)
		const line: string[] = []
		for (const label of ['Read', 'Read', 'Write', 'Read', 'Write']) {
			const id = await starts(label, room)
			line.push(id)
			expect((await inLine(id)).waitingFor).toEqual({ kind: 'lock', keys: { type: 'Room', id: room } })
		}
		const [reader1, reader2, writer1, reader3, writer2] = line as [string, string, string, string, string]
		await ends(first)
		await Promise.all([running(reader1), running(reader2)])
		await ends(reader1)
		expect(begun).toHaveLength(3)
		await ends(reader2)
		await running(writer1)
		await ends(writer1)
		await running(reader3)
		await ends(reader3)
		await running(writer2)
		await ends(writer2)
		expect([...begun.slice(1, 3)].sort()).toEqual([reader1, reader2].sort())
		expect(begun.slice(3)).toEqual([writer1, reader3, writer2])
		expect(await claims(first, ...line)).toBe(0)
	})

	it('show no wait and no error once they run', async () => {
		const room = newRoom()
		const [holder, waiter] = [await starts('Write', room), await starts('Write', room)]
		await running(holder)
		await inLine(waiter)
		await ends(holder)
		await running(waiter)
		expect((await engine.load(waiter)).task).toMatchObject({ state: 'running', waitingFor: null, error: null })
		await ends(waiter)
		expect((await engine.load(waiter)).task.result).toBe('success')
	})

	it('leave the line when they are cancelled, and who stood behind runs', async () => {
		const room = newRoom()
		const reader = await starts('Read', room)
		await running(reader)
		const writer = await starts('Write', room)
		await inLine(writer)
		const behind = await starts('Read', room)
		await inLine(behind)
		await cancel(writer)
		await running(behind)
		expect((await engine.load(writer)).task).toMatchObject({ state: 'stopped', result: 'cancelled' })
		expect(await claims(writer)).toBe(0)
		expect((await engine.load(reader)).task.state).toBe('running')
		await Promise.all([ends(reader), ends(behind)])
	})

	it('leave it when their latest start has passed', async () => {
		const room = newRoom()
		const reader = await starts('Read', room)
		await running(reader)
		const writer = await starts('Write', room)
		await inLine(writer)
		const behind = await starts('Read', room)
		await inLine(behind)
		await engine.pool.query(`update task set start_before = clock_timestamp(), revision = revision + 1 where id = $1`, [writer])
		await engine.door.submit(writer, () => [{ fact: { kind: 'due', at: Date.now() + 1_000 } }])
		await running(behind)
		expect((await engine.load(writer)).task).toMatchObject({ state: 'stopped', reason: 'missed_start_before' })
		await Promise.all([ends(reader), ends(behind)])
	})

	it('are not disturbed by a job that comes for another reason', async () => {
		const room = newRoom()
		const holder = await starts('Write', room)
		await running(holder)
		const waiter = await starts('Write', room)
		const { revision } = await inLine(waiter)
		await Promise.all([engine.executor.activate(waiter), engine.executor.activate(waiter)])
		expect((await engine.load(waiter)).task).toMatchObject({ revision, state: 'planned' })
		expect(await claims(waiter)).toBe(1)
		await ends(holder)
		await running(waiter)
		await ends(waiter)
	})

	it('need all their locks at once, and hold none before', async () => {
		const [room, other] = [newRoom(), newRoom()]
		const [one, two] = [await starts('Write', room), await starts('Write', other)]
		await Promise.all([running(one), running(two)])
		const both = await starts('Both', room, other)
		await inLine(both)
		await ends(one)
		const { rows } = await engine.pool.query('select granted from lock where task_id = $1', [both])
		expect(rows).toEqual([{ granted: false }, { granted: false }])
		await ends(two)
		await running(both)
		await ends(both)
	})
})

describe('a task that insists', () => {
	it('is refused by the line, pauses without lock or place, and runs when a person resumes it', async () => {
		const room = newRoom()
		const reader = await starts('Read', room)
		await running(reader)
		const writer = await starts('Write', room)
		await inLine(writer)
		const insists = await starts('Insist', room)
		const { error, result, reason } = await engine.reached(insists, 'paused')
		expect([result, reason]).toEqual(['error', 'lock_conflict'])
		expect(error?.message).toContain(`held by "Line::Read" (${reader}), claimed earlier by "Line::Write" (${writer})`)
		expect(await claims(insists)).toBe(0)
		await ends(reader)
		await running(writer)
		await ends(writer)
		expect(begun).not.toContain(insists)
		await engine.commands.resumeTask({ id: insists, who: engine.owner, why: null })
		await running(insists)
		await ends(insists)
		expect((await engine.load(insists)).task.result).toBe('warning')
	})

	it('links to what it claims, also when it is refused', async () => {
		const room = newRoom()
		const holder = await starts('Write', room)
		await running(holder)
		const insists = await starts('Insist', room)
		await engine.reached(insists, 'paused')
		const { rows } = await engine.pool.query(
			`select r.key from link k join resource r on r.id = k.resource_id where k.task_id = $1 and r.type = 'Room'`,
			[insists],
		)
		expect(rows).toEqual([{ key: room }])
		await cancel(insists)
		await ends(holder)
	})
})

describe('the locks of an unlocked task', () => {
	const again = async (id: string, keep: boolean) => {
		const loaded = await engine.load(id)
		return inTransaction(engine.pool, async (client) => {
			await client.query('select from task where id = $1 for update', [id])
			const { taken } = await claimAgain(client, loaded)
			if (!keep) await client.query('delete from lock where task_id = $1', [id])
			return taken
		})
	}
	const unlocked = async (label: string, room: string): Promise<string> => {
		const holder = await starts('Write', room)
		await running(holder)
		const id = await starts('Insist', room)
		await engine.reached(id, 'paused')
		await engine.door.submit(id, () => [{ fact: { kind: 'unlock_asked', who: engine.owner, why: null, at: Date.now() } }])
		await ends(holder)
		if (label === 'Insist') return id
		const waits = await starts(label, room)
		await running(waits)
		gates.get(waits)?.reject(new Error('a failure that pauses it'))
		await engine.reached(waits, 'paused')
		await engine.door.submit(waits, () => [{ fact: { kind: 'unlock_asked', who: engine.owner, why: null, at: Date.now() } }])
		return waits
	}

	it('are free for others', async () => {
		const room = newRoom()
		const id = await unlocked('Write', room)
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', unlocked: true })
		const other = await starts('Insist', room)
		await running(other)
		await ends(other)
	})

	it('are taken again when they are free', async () => {
		expect(await again(await unlocked('Insist', newRoom()), false)).toEqual({ kind: 'granted' })
	})

	it('are refused by name when they are not and the claim does not wait', async () => {
		const room = newRoom()
		const id = await unlocked('Insist', room)
		const holder = await starts('Read', room)
		await running(holder)
		expect(await again(id, true)).toMatchObject({
			kind: 'refused',
			conflict: { message: expect.stringContaining(`"Line::Read" (${holder})`) },
		})
		expect(await claims(id)).toBe(0)
		await ends(holder)
	})

	it('are waited for when the claim waits', async () => {
		const room = newRoom()
		const id = await unlocked('Write', room)
		const holder = await starts('Read', room)
		await running(holder)
		expect(await again(id, false)).toEqual({ kind: 'queued', waitingFor: { kind: 'lock', keys: { type: 'Room', id: room } } })
		await ends(holder)
	})
})
