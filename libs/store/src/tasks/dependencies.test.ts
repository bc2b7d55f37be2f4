import { decide } from '@taskyard/model/decide'
import type { Fact } from '@taskyard/model/facts'
import { admission } from '@taskyard/model/gates'
import type { DependencyPolicy, Reason, TaskResult } from '@taskyard/model/states'
import { type Gates, noGates, type Task } from '@taskyard/model/task'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertTask, insertUser, newId, newTask } from '@taskyard/testkit/rows'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTransaction, type PoolClient } from '../connection.ts'
import { applyDecisions } from './applyDecisions.ts'
import { loadTasks } from './loadTasks.ts'
import { type DependencyDraft, makeDependencies } from './makeDependencies.ts'
import { settleDependencies, type WaitingTask } from './settleDependencies.ts'
import { startTasks } from './startTasks.ts'

const database = useDatabase()
let owner = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
})

const at = 1_795_000_000_000
const cancel: Fact = { kind: 'cancel_asked', who: 1, why: null, at }
const repetitions = 120

async function load(id: string): Promise<Task> {
	const found = (await loadTasks(database.pool, [id])).get(id)
	if (!found) throw new Error(`There is no task ${id}.`)
	return found.task
}

async function pending(): Promise<string> {
	const task = newTask({ owner })
	await startTasks(database.pool, [task])
	return task.id
}

/** Starts a task that waits for others, as the command does: all in one transaction. */
async function startWaiting(edges: readonly DependencyDraft[], client?: PoolClient): Promise<string> {
	const gates: Gates = { ...noGates, open: edges.length, waitsFor: edges[0]?.task ?? null }
	const task = newTask({ owner, queue: 'night', ...admission(gates, at) })
	const work = async (one: PoolClient) => {
		await startTasks(one, [task])
		const { missing } = await makeDependencies(one, task.id, edges)
		if (missing.length > 0) throw new Error(`missing: ${missing.join()}`)
	}
	await (client ? work(client) : inTransaction(database.pool, work))
	return task.id
}

const on = (task: string, policy: DependencyPolicy = 'any'): DependencyDraft => ({ task, policy })

/** Ends a task as the door does: again on what it finds when its decision was void. */
async function end(id: string, inMemory?: Task): Promise<WaitingTask[]> {
	for (let before = inMemory ?? (await load(id)); ; before = await load(id)) {
		const changed = decide(before, cancel)
		if (changed.kind !== 'changed') throw new Error(`Task ${id} has ended already.`)
		const waiting = await inTransaction(database.pool, async (client) => {
			const moved = await applyDecisions(client, [{ before, changed, plan: null, name: null, output: null }])
			return moved.has(id) ? settleDependencies(client, [id]) : null
		})
		if (waiting) return waiting
	}
}

/** Gives others a head start of so many round trips. */
async function later<Result>(trips: number, work: () => Promise<Result>): Promise<Result> {
	for (let trip = 0; trip < trips; trip++) await database.pool.query('select')
	return work()
}

async function edgesOf(id: string): Promise<{ on: string; open: boolean; met: boolean | null }[]> {
	const { rows } = await database.pool.query<{ on: string; open: boolean; met: boolean | null }>(
		`select on_task_id as "on", settled_at is null as open, met from dependency where task_id = $1 order by on_task_id`,
		[id],
	)
	return rows
}

async function stoppedAs(result: TaskResult, reason: Reason | null, unlocked: boolean): Promise<string> {
	return asEngine(database.pool, async (client) => {
		const id = await insertTask(client, { owner, state: 'stopped', result, ...(reason && { reason }) })
		await client.query('update task set unlocked = $2 where id = $1', [id, unlocked])
		return id
	})
}

describe('an edge to a task that has stopped is settled at once, and met', () => {
	const ends: [string, TaskResult, Reason | null, boolean, DependencyPolicy[]][] = [
		['success', 'success', null, false, ['success', 'ended', 'any']],
		['warning', 'warning', null, false, ['success', 'ended', 'any']],
		['error', 'error', 'failed', false, ['ended', 'any']],
		['cancelled', 'cancelled', 'cancelled', false, ['any']],
		['not confirmed', 'cancelled', 'not_confirmed', false, ['any']],
		['force-unlocked', 'error', 'force_unlocked', false, ['any']],
		['unlocked with an error', 'error', 'failed', true, ['any']],
		['unlocked with a warning', 'warning', null, true, ['any']],
	]
	it.each(ends)('after %s', async (_, result, reason, unlocked, met) => {
		const awaited = await stoppedAs(result, reason, unlocked)
		for (const policy of ['success', 'ended', 'any'] as const) {
			const id = await startWaiting([on(awaited, policy)])
			expect(await edgesOf(id)).toEqual([{ on: awaited, open: false, met: met.includes(policy) }])
			expect((await load(id)).gates).toMatchObject({ open: 0, waitsFor: null, failed: met.includes(policy) ? null : awaited })
		}
	})
})

it('the end of the awaited task settles its edges, and names who waited with the queue', async () => {
	const [first, second] = [await pending(), await pending()]
	const [one, both, other] = [
		await startWaiting([on(first)]),
		await startWaiting([on(first), on(second)]),
		await startWaiting([on(second)]),
	]
	expect((await load(both)).gates).toMatchObject({ open: 2, waitsFor: first })
	expect(await end(first)).toEqual([
		{ task: one, queue: 'night', priority: 0 },
		{ task: both, queue: 'night', priority: 0 },
	])
	expect((await load(both)).gates).toMatchObject({ open: 1, waitsFor: second, failed: null })
	expect((await load(other)).gates).toMatchObject({ open: 1, waitsFor: second })
	expect((await end(second)).map(({ task }) => task)).toEqual([both, other])
	expect(await edgesOf(both)).toEqual([
		{ on: first, open: false, met: true },
		{ on: second, open: false, met: true },
	])
})

it('who no longer waits is not told', async () => {
	const awaited = await pending()
	const waiting = await startWaiting([on(awaited)])
	await end(waiting)
	expect(await end(awaited)).toEqual([])
	expect(await edgesOf(waiting)).toEqual([{ on: awaited, open: false, met: true }])
})

it('a task that does not exist is answered by its id, and nothing is made', async () => {
	const awaited = await pending()
	const [absent, gone] = [newId(), newId()]
	await expect(startWaiting([on(absent), on(awaited), on(gone)])).rejects.toThrow(`missing: ${absent},${gone}`)
	expect((await loadTasks(database.pool, [awaited])).get(awaited)).toMatchObject({ awaited: false, task: { revision: 0 } })
})

it('an edge is settled once: a resume of the unlocked task does not reopen it', async () => {
	const awaited = await stoppedAs('error', 'failed', true)
	const [hoping, content] = [await startWaiting([on(awaited, 'success')]), await startWaiting([on(awaited, 'any')])]
	const settled = await edgesOf(hoping)
	const before = await load(awaited)
	const resumed = decide(before, { kind: 'resume_asked', who: 1, why: null, at })
	if (resumed.kind !== 'changed') throw new Error('The unlocked task was not resumed.')
	await applyDecisions(database.pool, [{ before, changed: resumed, plan: null, name: null, output: null }])
	expect(await load(awaited)).toMatchObject({ unlocked: false, endedAt: null })
	expect(await edgesOf(hoping)).toEqual(settled)
	expect((await load(content)).gates).toMatchObject({ open: 0, failed: null })
	expect(await end(awaited)).toEqual([])
	expect(await edgesOf(hoping)).toEqual(settled)
})

describe('races', () => {
	it('an edge that is made while the awaited task ends is settled, whoever comes first', async () => {
		let told = 0
		for (let n = 0; n < repetitions; n++) {
			const awaited = await pending()
			// As a process has it that knows nothing of the edge.
			const inMemory = await load(awaited)
			const [waiting, answer] = await Promise.all([startWaiting([on(awaited, 'success')]), later(n % 6, () => end(awaited, inMemory))])
			expect(await edgesOf(waiting)).toEqual([{ on: awaited, open: false, met: false }])
			told += answer.length
		}
		// Both orders have been seen, else nothing was raced.
		expect(told).toBeGreaterThan(0)
		expect(told).toBeLessThan(repetitions)
	})

	it('of two ends at once, one at least finds all edges settled when it tells the task', async () => {
		for (let n = 0; n < repetitions; n++) {
			const [first, second] = [await pending(), await pending()]
			const waiting = await startWaiting([on(second), on(first)])
			const open = await Promise.all(
				[first, second].map(async (id) => ((await end(id)).length === 1 ? (await load(waiting)).gates.open : -1)),
			)
			expect(open.every((left) => left === 0 || left === 1)).toBe(true)
			expect(open).toContain(0)
		}
	})

	it('edges to the same tasks in opposite order, and their ends, wait for each other and never in a circle', async () => {
		for (let n = 0; n < repetitions; n++) {
			const [first, second, third] = [await pending(), await pending(), await pending()]
			const [one, other] = await Promise.all([
				startWaiting([on(first), on(second), on(third)]),
				startWaiting([on(third), on(second), on(first)]),
				end(second),
				end(third),
			])
			await end(first)
			for (const id of [one, other]) expect((await edgesOf(id)).filter(({ open }) => open)).toEqual([])
		}
	})

	it('who decides the end without having seen the edge is void', async () => {
		const awaited = await pending()
		const before = await load(awaited)
		await startWaiting([on(awaited)])
		const changed = decide(before, cancel)
		if (changed.kind !== 'changed') throw new Error('The task was not cancelled.')
		expect([...(await applyDecisions(database.pool, [{ before, changed, plan: null, name: null, output: null }]))]).toEqual([])
		expect((await loadTasks(database.pool, [awaited])).get(awaited)).toMatchObject({
			awaited: true,
			task: { state: 'pending', revision: 1 },
		})
	})
})
