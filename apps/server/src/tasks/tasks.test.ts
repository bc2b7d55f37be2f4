import type { Plan } from '@taskyard/model/plan'
import { defaultPolicies } from '@taskyard/model/plan'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertLock, insertLog, insertStep, insertTask, insertUser, newId, report } from '@taskyard/testkit/rows'
import { beforeAll, describe, expect, test } from 'vitest'
import { openTestServer } from '../testing/openTestServer.ts'

const database = useDatabase()
let owner = 0

beforeAll(async () => {
	owner = await insertUser(database.pool, 'ann', 'Ann')
})

const everything = `query ($id: ID!) { task(id: $id) {
	id label name state result reason revision progress queue owner { login name } correlationId cancelPhase
	waitingFor { kind text tasks { id name state } } createdAt startedAt endedAt stateUpdatedAt error { message code details reason }
	runningSteps input output plan actions { name allowed reason }
	steps { index name action state attempt tries worker progress progressDetail { done total unit } input output error { message details } }
	attempts { step number kind outcome worker startedAt endedAt error { message } }
	locks { resource { type id title } name mode granted since holders { id name state } } links { type id title }
} }`

const plan: Plan = {
	tree: { kind: 'sequence', nodes: [0, 1, 2].map((index) => ({ kind: 'step', index })) },
	steps: [
		{ action: 'Sample/scan', name: 'scan', input: { source: '/srv' }, weight: 1, policies: defaultPolicies },
		{
			action: 'Sample/pack',
			name: 'pack',
			input: { files: { $output: { step: 0, path: ['files'] } }, later: { $output: { step: 2, path: [] } } },
			weight: 3,
			policies: defaultPolicies,
		},
		{ action: 'Sample/verify', name: 'verify', input: {}, weight: 0, policies: defaultPolicies },
	],
	locks: [],
}

describe('a task', () => {
	test('with all there is to say of it', async () => {
		const id = newId()
		await asEngine(database.pool, async (client) => {
			await insertTask(client, {
				id,
				owner,
				name: 'Backup of /srv',
				state: 'running',
				plan,
				progress: 0.25,
				input: '{"b":9007199254740993,"a":1}',
			})
			await insertStep(client, id, 0, { state: 'success', progress: 1, output: '{"files":[12345678901234567890]}' })
			await insertStep(client, id, 1)
			await insertLock(client, id, { type: 'Directory', id: '/srv', title: 'the sources' }, { name: 'backup' })
			await client.query(
				`insert into attempt (task_id, step, number, kind, outcome, ended_at, error)
				values ($1, -1, 1, 0, 2, clock_timestamp(), '{"message":"gone","type":"Lost","code":null,"trace":null,"details":null,"reason":"lost"}')`,
				[id],
			)
		})
		await report(database.pool, id, 1, 0.5, { done: 10, total: 20, unit: 'bytes' })
		const server = await openTestServer(database.url)
		const { data, errors } = await server.ask(everything, { id: id.toUpperCase() })
		expect(errors).toBeUndefined()
		expect(data?.task).toMatchObject({
			id,
			name: 'Backup of /srv',
			state: 'running',
			progress: 0.625,
			owner: { login: 'ann', name: 'Ann' },
			waitingFor: null,
			runningSteps: ['pack'],
			input: '{"b":9007199254740993,"a":1}',
			output: null,
			plan: JSON.stringify(plan),
			actions: expect.arrayContaining([
				{
					name: 'resume',
					allowed: false,
					reason: 'The task is running. Only a paused task can be resumed.',
				},
				{ name: 'cancel', allowed: true, reason: null },
			]),
			steps: [
				{ index: 0, state: 'success', attempt: 1, progress: 1, output: '{"files":[12345678901234567890]}', input: '{"source":"/srv"}' },
				{
					index: 1,
					state: 'running',
					progress: 0.5,
					progressDetail: { done: 10, total: 20, unit: 'bytes' },
					input: '{"files":[12345678901234567890],"later":{"$output":{"step":2,"path":[]}}}',
				},
				{ index: 2, state: 'pending', attempt: 0, progress: 0, progressDetail: null, output: null },
			],
			attempts: [{ step: null, number: 1, kind: 'plan', outcome: 'lost', error: { message: 'gone' } }],
			locks: [
				{
					resource: { type: 'Directory', id: '/srv', title: 'the sources' },
					name: 'backup',
					mode: 'exclusive',
					granted: true,
					holders: [],
				},
			],
			links: [],
		})
	})

	test('a refused claim names its holders, as they are now', async () => {
		const [holder, refused] = [newId(), newId()]
		await asEngine(database.pool, async (client) => {
			await insertTask(client, { id: holder, owner, name: 'the first', state: 'running' })
			await insertTask(client, {
				id: refused,
				owner,
				name: 'the second',
				state: 'paused',
				result: 'error',
				error: {
					message: 'Directory /srv is locked',
					type: 'LockConflict',
					code: 'lock_conflict',
					trace: null,
					details: { claims: [{ resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive', holders: [holder] }] },
					reason: 'lock_conflict',
				},
			})
		})
		const server = await openTestServer(database.url)
		const { data } = await server.ask(everything, { id: refused })
		expect(data?.task).toMatchObject({
			error: { code: 'lock_conflict', details: expect.stringContaining(holder) },
			locks: [
				{ resource: { type: 'Directory', id: '/srv' }, granted: false, holders: [{ id: holder, name: 'the first', state: 'running' }] },
			],
		})
	})

	test('a claim that waits names who stands before it', async () => {
		const [holder, waiter] = [newId(), newId()]
		await asEngine(database.pool, async (client) => {
			await insertTask(client, { id: holder, owner, name: 'holds', state: 'running' })
			await insertTask(client, { id: waiter, owner, state: 'planned', waitingFor: { kind: 'lock', keys: { type: 'Disk', id: 'sda' } } })
			await insertLock(client, holder, { type: 'Disk', id: 'sda' })
			await insertLock(client, waiter, { type: 'Disk', id: 'sda' }, { name: 'scan', granted: false })
		})
		const server = await openTestServer(database.url)
		const { data } = await server.ask(everything, { id: waiter })
		expect(data?.task).toMatchObject({
			waitingFor: {
				kind: 'lock',
				text: 'Waits for the lock on Disk sda: place 1 in its line, behind "holds"',
				tasks: [{ id: holder, name: 'holds', state: 'running' }],
			},
			locks: [{ granted: false, holders: [{ id: holder }] }],
		})
	})

	test.each(['019a0b1c-2d3e-7f00-8000-0123456789ab', 'no id at all', ''])('%j: there is none', async (id) => {
		const server = await openTestServer(database.url)
		expect(await server.ask(everything, { id })).toEqual({ data: { task: null } })
	})

	test('takes at most four statements; a page of the list one, and four when it asks for everything of each', async () => {
		const server = await openTestServer(database.url)
		await database.pool.query('create extension if not exists pg_stat_statements')
		const statements = async (query: string, variables: object) => {
			await server.ask(query, variables)
			await database.pool.query('select pg_stat_statements_reset()')
			const { errors } = await server.ask(query, variables)
			expect(errors).toBeUndefined()
			const { rows } = await database.pool.query<{ calls: number }>(
				`select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
				where d.datname = current_database() and query !~ 'pg_stat_statements'`,
			)
			return rows[0]?.calls
		}
		const id = newId()
		await asEngine(database.pool, (client) => insertTask(client, { id, owner, state: 'running', plan }))
		expect(await statements(everything, { id })).toBe(4)
		const row = 'id name state result progress runningSteps error { message } owner { name } actions { name allowed }'
		expect(await statements(`{ tasks { tasks { ${row} } endCursor } }`, {})).toBe(1)
		expect(await statements(`{ tasks { tasks { ${row} steps { name } input attempts { number } locks { name } } } }`, {})).toBe(4)
		expect(await statements('{ tasks { tasks { id subTasks { total open } } } }', {})).toBe(2)
	})
})

describe('the list', () => {
	test('newest first, page by page, to its end', async () => {
		await database.pool.query('truncate task')
		const ids: string[] = []
		await asEngine(database.pool, async (client) => {
			for (let n = 0; n < 5; n++) ids.unshift(await insertTask(client, { owner, name: `task ${n}` }))
		})
		const server = await openTestServer(database.url)
		const pages: unknown[][] = []
		let after: string | null = null
		do {
			const { data } = await server.ask('query ($after: String) { tasks(first: 2, after: $after) { tasks { id } endCursor } }', { after })
			const page = data?.tasks as { tasks: { id: string }[]; endCursor: string | null }
			pages.push(page.tasks.map((task) => task.id))
			after = page.endCursor
		} while (after !== null)
		expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
	})

	test.each([
		['first: 0', 'first: expected a number from 1 to 200, but it is 0'],
		['first: 201', 'first: expected a number from 1 to 200, but it is 201'],
		['after: "x"', 'id: there is no task "x" to continue after'],
	])('%s is refused by name', async (args, message) => {
		const server = await openTestServer(database.url)
		const { errors } = await server.ask(`{ tasks(${args}) { endCursor } }`)
		expect(errors).toMatchObject([{ message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT' } }])
	})
})

describe('a log', () => {
	test('is read from a line on', async () => {
		const id = newId()
		await asEngine(database.pool, async (client) => {
			await insertTask(client, { id, owner })
			await insertLog(client, id, 0, 1, ['one', 'two'])
			await insertLog(client, id, 0, 3, ['three'], 'stderr')
		})
		const server = await openTestServer(database.url)
		const query =
			'query ($id: ID!, $after: Float) { taskLog(id: $id, step: 0, afterLine: $after) { step attempt firstLine count stream lines } }'
		expect(await server.ask(query, { id, after: 1 })).toEqual({
			data: {
				taskLog: [
					{ step: 0, attempt: 1, firstLine: 2, count: 1, stream: 'stdout', lines: ['two'] },
					{ step: 0, attempt: 1, firstLine: 3, count: 1, stream: 'stderr', lines: ['three'] },
				],
			},
		})
		expect(await server.ask(query, { id: 'none' })).toEqual({ data: { taskLog: [] } })
	})
})
