import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertLog, insertStep, insertTask, insertUser, newId, newTask, report } from '@taskyard/testkit/rows'
import { beforeAll, describe, expect, it } from 'vitest'
import { inTransaction, type PoolClient } from '../connection.ts'
import { checkDeletion, deleteTasks } from './deleteTasks.ts'
import { makeDependencies } from './makeDependencies.ts'
import { readHistory } from './readHistory.ts'
import { readTombstone } from './readTombstone.ts'
import { startTasks } from './startTasks.ts'

const database = useDatabase()
let owner = 0
let bob = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
	bob = await insertUser(database.pool, 'bob', 'Bob')
})

const stopped = (client: PoolClient, parent?: string) =>
	insertChild(client, { owner, state: 'stopped', result: 'warning', plan: ['dump'] }, parent)

async function insertChild(client: PoolClient, sample: Parameters<typeof insertTask>[1], parent?: string): Promise<string> {
	const id = await insertTask(client, sample)
	await client.query('update task set parent_id = $2, parent_step = 0 where id = $1', [id, parent ?? null])
	return id
}

/** A task with a row in every table that has some of it. */
async function full(client: PoolClient): Promise<string> {
	const id = await stopped(client)
	await client.query('update task set revision = 2 where id = $1', [id])
	await insertStep(client, id, 0, { state: 'success' })
	await insertLog(client, id, 0, 1, ['one', 'two'])
	await report(client, id, 0, 0.5)
	await client.query(`insert into attempt (task_id, step, number, kind, outcome, ended_at) values ($1, 0, 1, 1, 1, clock_timestamp())`, [
		id,
	])
	await client.query(`insert into timer values ($1, 0, 0, clock_timestamp())`, [id])
	await client.query(`insert into process_group values ($1, 0, 1, 1, 'boot', 1, 1)`, [id])
	await client.query(`insert into step_event values ($1, 0, 1, 'first', 'paid', '1', null, clock_timestamp(), $2)`, [id, owner])
	await client.query(`insert into callback values (uuid_send($1), $1, 0, 1, null, null)`, [id])
	await client.query(`insert into external_id values ($1, 0, 'order 7', null)`, [id])
	await client.query(`insert into fan_out (task_id, step, total, fail_when, leave_running) values ($1, 0, 0, 0, true)`, [id])
	await client.query(`insert into bulk_item (task_id, place, item) values ($1, 0, $2)`, [id, newId()])
	await client.query(`insert into recorded_task (task_id, owner_id) values ($1, $2)`, [id, owner])
	await client.query(`insert into external_work (task_id, step, n, url, over_at) values ($1, 0, 0, 'http://there', clock_timestamp())`, [
		id,
	])
	await client.query(`insert into link values ($1, 1)`, [id])
	await client.query(`insert into dependency values ($1, $2, 0, clock_timestamp(), true)`, [id, newId()])
	await client.query(
		`insert into event (task_id, revision, n, at, kind, step, old, new, who, why) values
			($1, 0, 0, clock_timestamp(), 0, null, null, 1, $2, null), ($1, 1, 0, clock_timestamp(), 1, null, 1, 2, null, null),
			($1, 2, 0, clock_timestamp(), 5, 0, null, null, $2, 'it was in the way'), ($1, 2, 1, clock_timestamp(), 2, 0, 3, 5, null, null)`,
		[id, owner],
	)
	return id
}

/** How many rows every table has of a task. */
async function rowsOf(id: string): Promise<Record<string, number>> {
	const { rows: tables } = await database.pool.query<{ name: string; key: string }>(
		`select c.relname as name, a.attname as key from pg_class c join pg_attribute a on a.attrelid = c.oid
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
			and (a.attname = 'task_id' or a.attname = 'id' and c.relname in ('task', 'tombstone')) order by 1`,
	)
	const counts: Record<string, number> = {}
	for (const { name, key } of tables) {
		const { rows } = await database.pool.query<{ n: number }>(`select count(*)::int as n from ${name} where ${key} = $1`, [id])
		counts[name] = rows[0]?.n ?? 0
	}
	return counts
}

const check = (id: string) => inTransaction(database.pool, (client) => checkDeletion(client, id))

describe('what stands against a delete', () => {
	it('nothing, of a stopped task with a stopped sub-tree', async () => {
		const ids = await asEngine(database.pool, async (client) => {
			const root = await stopped(client)
			const child = await stopped(client, root)
			return [root, child, await stopped(client, child), await stopped(client, root)]
		})
		expect(await check(ids[0] ?? '')).toEqual({ tree: ids, unfinished: [], waiting: [] })
	})

	it('a task of the sub-tree that has not stopped, at any depth', async () => {
		const [root, deep] = await asEngine(database.pool, async (client) => {
			const top = await stopped(client)
			const child = await stopped(client, top)
			return [top, await insertChild(client, { owner, state: 'paused', name: 'the deep one' }, child)]
		})
		expect(await check(root)).toMatchObject({ unfinished: [{ id: deep, name: 'the deep one', state: 'paused' }], waiting: [] })
	})

	it('a task that waits for one of the tree, and for others still', async () => {
		const [root, child, other] = await asEngine(database.pool, async (client) => {
			const top = await stopped(client)
			return [top, await stopped(client, top), await insertTask(client, { owner })]
		})
		const waiting = newTask({ owner, state: 'scheduled', name: 'the patient one' })
		await startTasks(database.pool, [waiting])
		await inTransaction(database.pool, (client) =>
			makeDependencies(client, waiting.id, [
				{ task: child, policy: 'any' },
				{ task: other, policy: 'any' },
			]),
		)
		expect(await check(root)).toMatchObject({ unfinished: [], waiting: [{ id: waiting.id, name: 'the patient one', state: 'scheduled' }] })
		await database.pool.query('update dependency set settled_at = clock_timestamp(), met = true where task_id = $1', [waiting.id])
		expect(await check(root)).toMatchObject({ waiting: [] })
	})

	it('a task that does not exist has no tree', async () => {
		expect(await check(newId())).toEqual({ tree: [], unfinished: [], waiting: [] })
	})
})

describe('after a delete', () => {
	it('a tombstone is left, and what people did; all else is gone', async () => {
		const id = await asEngine(database.pool, full)
		const before = await rowsOf(id)
		expect(Object.entries(before).filter(([, count]) => count === 0)).toEqual([
			['lock', 0],
			['tombstone', 0],
		])
		await inTransaction(database.pool, (client) => deleteTasks(client, [id], { who: bob, rule: null, why: 'no longer needed' }))
		const after = await rowsOf(id)
		expect(Object.fromEntries(Object.entries(after).filter(([, count]) => count > 0))).toEqual({
			change: (before['change'] ?? 0) + 1,
			event: 3,
			tombstone: 1,
		})
		expect(await readTombstone(database.pool, id)).toMatchObject({
			id,
			label: 'Sample::Task',
			name: 'a sample',
			owner: { id: owner, login: 'ann', name: 'Ann' },
			result: 'warning',
			deletedBy: { id: bob, login: 'bob', name: 'Bob' },
			rule: null,
		})
		const { entries, next } = await readHistory(database.pool, id, null, 10)
		expect(entries.map(({ kind, step, who, why }) => [kind, step, who?.login, why])).toEqual([
			['created', null, 'ann', null],
			['skip', { index: 0, name: null }, 'ann', 'it was in the way'],
			['delete', null, 'bob', 'no longer needed'],
		])
		expect(next).toBeNull()
	})

	it('by a rule, nobody is who did it', async () => {
		const id = await asEngine(database.pool, (client) => stopped(client))
		await inTransaction(database.pool, (client) => deleteTasks(client, [id], { who: null, rule: 'older than 30 days', why: null }))
		expect(await readTombstone(database.pool, id)).toMatchObject({ deletedBy: null, rule: 'older than 30 days' })
	})

	it('a tree larger than one statement takes is gone', async () => {
		const [root, ...children] = Array.from({ length: 1201 }, newId) as [string, ...string[]]
		await asEngine(database.pool, (client) =>
			client.query(
				`insert into task (id, parent_id, label, type_version, name, state, result, queue, owner_id, correlation_id, created_at, state_updated_at)
				select id, case when id <> $2 then $2 end, 'Sample::Task', 1, 'a sample', 6, 1, 'default', $3, 'sample', now(), now()
				from unnest($1::uuid[]) as c(id)`,
				[[root, ...children], root, owner],
			),
		)
		await inTransaction(database.pool, async (client) => {
			const { tree } = await checkDeletion(client, root)
			expect(tree).toEqual([root, ...children])
			await deleteTasks(client, tree, { who: bob, rule: null, why: null })
		})
		const { rows } = await database.pool.query<{ tasks: number; tombstones: number }>(
			`select (select count(*)::int from task where id = any($1::uuid[])) as tasks,
				(select count(*)::int from tombstone where id = any($1::uuid[])) as tombstones`,
			[[root, ...children]],
		)
		expect(rows).toEqual([{ tasks: 0, tombstones: 1201 }])
	})

	it('nobody starts to wait for it: whoever comes second finds the other', async () => {
		const seen = new Set<string>()
		for (let n = 0; n < 120; n++) {
			const id = await asEngine(database.pool, (client) => stopped(client))
			const other = newTask({ owner })
			const waiting = newTask({ owner, state: 'scheduled' })
			await startTasks(database.pool, [other])
			const depend = inTransaction(database.pool, async (client) => {
				await startTasks(client, [waiting])
				const edges = [id, other.id].map((task) => ({ task, policy: 'any' as const }))
				const { missing } = await makeDependencies(client, waiting.id, edges)
				if (missing.length > 0) throw new Error(missing.join())
			}).then(
				() => 'waits',
				(error: Error) => error.message,
			)
			const remove = inTransaction(database.pool, async (client) => {
				for (let trip = 0; trip < n % 5; trip++) await client.query('select')
				const found = await checkDeletion(client, id)
				if (found.waiting.length > 0) return found.waiting.map((task) => task.id).join()
				await deleteTasks(client, found.tree, { who: bob, rule: null, why: null })
				return 'deleted'
			})
			const outcome = await Promise.all([depend, remove])
			expect([
				['waits', waiting.id],
				[id, 'deleted'],
			]).toContainEqual(outcome)
			seen.add(outcome[0] === 'waits' ? 'the edge first' : 'the delete first')
		}
		expect([...seen].sort()).toEqual(['the delete first', 'the edge first'])
	})
})
