import { openPool, type Pool } from '@taskyard/store/connection'
import { mergeSteps } from '@taskyard/store/tasks/viewTasks'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, changeTask, insertLog, insertStep, insertTask, insertUser, newId, report } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { wakeChannel } from './feedConnection.ts'
import type { Frame, TaskListFrame, TaskLogFrame } from './frames.ts'
import { createHub, type Hub, type HubTiming } from './hub.ts'

const database = useDatabase()
let owner = 0
const opened: { hub: Hub; pool: Pool }[] = []

beforeAll(async () => {
	owner = await insertUser(database.pool)
})

afterEach(async () => {
	for (const { hub, pool } of opened.splice(0)) {
		await hub.close()
		await pool.end()
	}
	await database.pool.query('truncate task, task_payload, task_plan, step, task_progress, change, log_chunk')
})

/** A hub on a pool of its own, named so that its statements and connections can be told apart. */
function openHub(timing: Partial<HubTiming> = {}, applicationName = 'hub under test'): Hub {
	const pool = openPool(database.url, { max: 3, applicationName })
	const hub = createHub({ pool, log: { warn: () => {}, info: () => {} }, timing: { look: 60_000, heartbeat: 600_000, ...timing } })
	opened.push({ hub, pool })
	return hub
}

const wake = () => database.pool.query(`notify ${wakeChannel}`)
const add = (name: string, id = newId()) => asEngine(database.pool, (client) => insertTask(client, { id, name, owner }))

async function next<F>(frames: AsyncIterator<F, undefined>): Promise<F> {
	const result = await frames.next()
	if (result.done) throw new Error('the stream has ended')
	return result.value
}

const names = (frame: TaskListFrame) => frame.rows.map(({ row }) => row.name)

describe('the list', () => {
	test('a snapshot, then what changed, newest first', async () => {
		await add('one')
		const list = openHub().watchTasks(3, null)
		const first = await next(list)
		expect(first).toMatchObject({ kind: 'SNAPSHOT', from: null })
		expect(names(first)).toEqual(['one'])
		const second = await add('two')
		await wake()
		const delta = await next(list)
		expect(delta).toMatchObject({ kind: 'DELTA', from: first.to, left: [] })
		expect(names(delta)).toEqual(['two'])
		await asEngine(database.pool, (client) => changeTask(client, second, { name: 'two, renamed', state: 'running' }))
		await wake()
		expect(await next(list)).toMatchObject({ rows: [{ row: { name: 'two, renamed', state: 'running', revision: 1 } }] })
	})

	test('what a newcomer pushes out has left', async () => {
		const ids = [await add('one'), await add('two')]
		const list = openHub().watchTasks(2, null)
		await next(list)
		await add('three')
		await wake()
		const delta = await next(list)
		expect([names(delta), delta.left]).toEqual([['three'], [ids[0]]])
	})

	test('a deleted task has left, and the one below moves up', async () => {
		await add('one')
		await add('two')
		const newest = await add('three')
		const list = openHub().watchTasks(2, null)
		await next(list)
		await asEngine(database.pool, async (client) => {
			await client.query('delete from task where id = $1', [newest])
			await client.query('insert into change (task_id, revision, kinds) values ($1, 9, 1)', [newest])
		})
		await wake()
		const delta = await next(list)
		expect([names(delta).sort(), delta.left]).toEqual([['one', 'two'], [newest]])
	})

	test('a lost wake-up costs one look', async () => {
		const list = openHub({ look: 30 }).watchTasks(5, null)
		await next(list)
		await add('unannounced')
		expect(names(await next(list))).toEqual(['unannounced'])
	})

	test('a transaction that commits late is not overtaken', async () => {
		const hub = openHub()
		const list = hub.watchTasks(5, null)
		await next(list)
		const slow = await database.pool.connect()
		try {
			await slow.query('begin')
			await slow.query('set local session_replication_role = replica')
			await insertTask(slow, { name: 'slow', owner })
			await add('quick')
			await wake()
			expect(names(await next(list))).toEqual(['quick'])
			await slow.query('commit')
		} finally {
			slow.release()
		}
		await wake()
		expect(names(await next(list))).toEqual(['slow'])
	})

	test('heartbeats carry the cursor on while nothing changes', async () => {
		const list = openHub({ look: 10, heartbeat: 10 }).watchTasks(5, null)
		const first = await next(list)
		const beat = await next(list)
		expect(beat).toMatchObject({ kind: 'HEARTBEAT', from: first.to, rows: [], left: [] })
		expect(beat.serverTime).toBeGreaterThanOrEqual(first.serverTime)
	})
})

describe('one task', () => {
	test('a page that waits for a task to exist gets it', async () => {
		const id = newId()
		const frames = openHub().watchTask(id, null)
		expect(await next(frames)).toMatchObject({ kind: 'SNAPSHOT', task: null })
		await add('here', id)
		await wake()
		expect(await next(frames)).toMatchObject({ kind: 'DELTA', task: { row: { name: 'here' } } })
	})

	test('changes of others are not its own', async () => {
		const id = await add('mine')
		const frames = openHub().watchTask(id, null)
		await next(frames)
		await add('another')
		await wake()
		await asEngine(database.pool, (client) => changeTask(client, id, { state: 'running' }))
		await wake()
		expect(await next(frames)).toMatchObject({ task: { row: { revision: 1 } } })
	})

	test('what a running step reports is shown before its checkpoint, in lists as well', async () => {
		const id = newId()
		await asEngine(database.pool, async (client) => {
			await insertTask(client, { id, owner, state: 'running', plan: ['scan', 'pack'], progress: 0.5 })
			await insertStep(client, id, 0, { state: 'success', progress: 1 })
			await insertStep(client, id, 1)
		})
		const hub = openHub({ progress: 10 })
		const task = hub.watchTask(id, null)
		const list = hub.watchTasks(5, null)
		await next(task)
		await next(list)
		await report(database.pool, id, 1, 0.5, { done: 5, total: 10, unit: 'bytes' })
		const { task: view } = await next(task)
		const steps = view && mergeSteps(await view.content(false))
		expect(steps).toMatchObject([
			{ name: 'scan', state: 'success' },
			{ name: 'pack', progress: 0.5 },
		])
		expect(JSON.parse(steps?.[1]?.detail ?? '')).toEqual({ done: 5, total: 10, unit: 'bytes' })
		const [row] = (await next(list)).rows
		expect(row?.row.running).toMatchObject([{ name: 'pack', reported: 0.5 }])
	})
})

describe('a log', () => {
	const follow = async (frames: AsyncIterator<TaskLogFrame, undefined>) => (await next(frames)).chunks.flatMap((chunk) => chunk.lines)

	test('what is there from a line on, then what is appended', async () => {
		const id = await add('logs')
		const append = (first: number, lines: string[]) => asEngine(database.pool, (client) => insertLog(client, id, 0, first, lines))
		await append(1, ['one', 'two'])
		await append(3, ['three'])
		const hub = openHub()
		const all = hub.watchLog({ taskId: id, step: 0, afterLine: 0 })
		const some = hub.watchLog({ taskId: id, step: 0, afterLine: 1 })
		expect(await follow(all)).toEqual(['one', 'two', 'three'])
		expect(await follow(some)).toEqual(['two', 'three'])
		await append(4, ['four', ''])
		await wake()
		expect(await follow(all)).toEqual(['four', ''])
		const frame = await next(some)
		expect(frame.chunks).toMatchObject([{ firstLine: 4, count: 2, stream: 'stdout' }])
	})

	test('a long log comes in frames of at most 500 chunks, in order', async () => {
		const id = await add('much')
		// In short transactions, as those of the engine are: a long one is ended by the server.
		for (let first = 1; first <= 1_100; first += 100) {
			await asEngine(database.pool, async (client) => {
				for (let line = first; line < first + 100; line++) await insertLog(client, id, 0, line, [`line ${line}`])
			})
		}
		const frames = openHub().watchLog({ taskId: id, step: 0, afterLine: 0 })
		const sizes: number[] = []
		const lines: string[] = []
		while (lines.length < 1_100) {
			const more = await follow(frames)
			sizes.push(more.length)
			lines.push(...more)
		}
		expect(sizes).toEqual([500, 500, 100])
		expect(lines).toEqual(Array.from({ length: 1_100 }, (_, n) => `line ${n + 1}`))
	})
})

describe('who watches', () => {
	test('is counted, and leaves nothing behind, even while it waits', async () => {
		const hub = openHub()
		const id = await add('watched')
		const streams = [hub.watchTasks(5, null), hub.watchTask(id, null), hub.watchLog({ taskId: id, step: 0, afterLine: 0 })]
		await next<unknown>(streams[0] as AsyncIterator<unknown, undefined>)
		expect(hub.watchers).toBe(3)
		const parked = streams.map((stream) => stream.next())
		for (const stream of streams) await stream.return?.()
		expect(hub.watchers).toBe(0)
		const results = await Promise.all(parked)
		expect(results.at(-1)).toEqual({ done: true, value: undefined })
		expect(await streams[0]?.next()).toEqual({ done: true, value: undefined })
	})

	test('is told when the server stops', async () => {
		const hub = openHub()
		const list = hub.watchTasks(5, null)
		await next(list)
		const parked = list.next()
		await hub.close()
		expect(await parked).toEqual({ done: true, value: undefined })
		expect(await hub.watchTasks(5, null).next()).toEqual({ done: true, value: undefined })
	})

	test('continues at its cursor after a break, without a gap', async () => {
		const hub = openHub()
		const list = hub.watchTasks(5, null)
		const { to } = await next(list)
		await list.return?.()
		await add('meanwhile')
		const again = hub.watchTasks(5, to)
		const frame = await next(again)
		expect(frame).toMatchObject({ kind: 'DELTA', from: to })
		expect(names(frame)).toEqual(['meanwhile'])
	})

	test('gets all of it when its cursor is unknown', async () => {
		await add('one')
		const list = openHub().watchTasks(5, '0f:1:2:')
		const frame = await next(list)
		expect([frame.kind, names(frame)]).toEqual(['RESYNC', ['one']])
	})

	test('gets all of it after a break that is longer than the feed remembers', async () => {
		const list = openHub({ look: 20, forget: -1 }).watchTasks(5, null)
		await next(list)
		await add('one')
		const frame = await waitFor('the task to be listed', async () => {
			const resync = await next(list)
			expect(resync.kind).toBe('RESYNC')
			return resync.rows.length > 0 && resync
		})
		expect(names(frame)).toEqual(['one'])
	})

	test('continues after every connection was killed', async () => {
		const list = openHub({ retry: 5 }, 'hub to be killed').watchTasks(5, null)
		await next(list)
		const kill = () =>
			database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hub to be killed'`)
		for (const name of ['one', 'two', 'three']) {
			await kill()
			await add(name)
			expect(names(await next(list))).toEqual([name])
		}
	})
})

describe('what it costs', () => {
	/** Calls of the statements that a hub makes, by name of what they read. */
	async function calls(of: (hub: Hub) => Promise<void>): Promise<Record<string, number>> {
		await database.pool.query('create extension if not exists pg_stat_statements')
		await database.pool.query('select pg_stat_statements_reset()')
		const role = `hub_${newId().replaceAll('-', '')}`
		await database.pool.query(`create role ${role} login superuser`)
		const url = new URL(database.url)
		url.searchParams.set('user', role)
		url.username = ''
		const pool = openPool(url.href, { max: 3, applicationName: role })
		const hub = createHub({
			pool,
			log: { warn: () => {}, info: () => {} },
			timing: { look: 600_000, heartbeat: 600_000, progress: 600_000 },
		})
		try {
			await of(hub)
		} finally {
			await hub.close()
			await pool.end()
		}
		const { rows } = await database.pool.query<{ query: string; calls: number }>(
			`select s.query, s.calls from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname = $1 and s.query !~* '^(set|listen|begin|commit)'`,
			[role],
		)
		await database.pool.query(`drop role ${role}`)
		return Object.fromEntries(rows.map((row) => [row.query, row.calls]))
	}

	async function watchWith(hub: Hub, watchers: number, id: string): Promise<void> {
		const streams: AsyncIterator<Frame, undefined>[] = []
		for (let n = 0; n < watchers; n++) streams.push(hub.watchTasks(50, null), hub.watchTask(id, null))
		await Promise.all(streams.map(next))
		for (let change = 0; change < 5; change++) {
			await asEngine(database.pool, (client) => changeTask(client, id))
			await wake()
			const frames = await Promise.all(streams.map(next))
			expect(frames.every((frame) => frame.kind === 'DELTA')).toBe(true)
		}
		// Who comes later gets what is in memory.
		const late = [hub.watchTasks(50, null), hub.watchTask(id, null)]
		for (const stream of late) expect(await next<Frame>(stream as AsyncIterator<Frame, undefined>)).toMatchObject({ kind: 'SNAPSHOT' })
		for (const stream of [...streams, ...late]) await stream.return?.()
	}

	test('50 watchers of one query cost no more calls than one', async () => {
		const id = await add('watched by many')
		const one = await calls((hub) => watchWith(hub, 1, id))
		const fifty = await calls((hub) => watchWith(hub, 50, id))
		expect(Object.keys(one).length).toBeGreaterThan(2)
		expect(fifty).toEqual(one)
	})

	test('with nobody watching the feed is not read', async () => {
		const made = await calls(async (hub) => {
			await wake()
			await add('unseen')
			expect(hub.watchers).toBe(0)
		})
		expect(made).toEqual({})
		const after = await calls(async (hub) => {
			const list = hub.watchTasks(5, null)
			await next(list)
			await list.return?.()
			for (let n = 0; n < 5; n++) {
				await add('unseen')
				await wake()
			}
		})
		const reads = Object.entries(after).filter(([query]) => query.includes('pg_current_snapshot'))
		expect(reads).toHaveLength(1)
		expect(reads[0]?.[1]).toBe(1)
	})
})
