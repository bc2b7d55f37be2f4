import { useDatabase } from '@taskyard/testkit/database'
import { taskResultCode } from '@taskyard/store/tasks/codes'
import { asEngine, insertTask, insertUser } from '@taskyard/testkit/rows'
import { beforeAll, describe, expect, test } from 'vitest'
import { openTestServer } from '../testing/openTestServer.ts'

const database = useDatabase()
let parent = ''
let children: string[] = []

beforeAll(async () => {
	const owner = await insertUser(database.pool, 'ann', 'Ann')
	await asEngine(database.pool, async (client) => {
		parent = await insertTask(client, { owner, state: 'running', plan: ['first', 'second'] })
		for (const state of ['stopped', 'stopped', 'paused', 'pending'] as const) {
			children.push(await insertTask(client, { owner, state, result: state === 'stopped' ? 'success' : 'pending' }))
		}
		children = children.toSorted()
		await client.query('update task set result = $2 where id = $1', [children[1], taskResultCode.encode('error')])
		await client.query('update task set held = true where id = $1', [children[3]])
		await client.query('update task set parent_id = $1, parent_step = case when id = $3 then 1 else 0 end where id = any($2::uuid[])', [
			parent,
			children,
			children[3],
		])
		await client.query(
			`insert into fan_out (task_id, step, total, created, open, paused, held, success, warning, error, cancelled, fail_when, leave_running) values
			($1, 0, 10, 8, 4, 1, 2, 3, 1, 1, 1, 0, true), ($1, 1, 5, 5, 1, 0, 0, 4, 0, 0, 0, 0, true)`,
			[parent],
		)
	})
})

const counts = 'subTasks { total open paused held success warning error cancelled }'
const page =
	'query ($of: ID!, $step: Int, $filter: SubTaskFilter, $first: Int, $after: String) { subTasks(of: $of, step: $step, filter: $filter, first: $first, after: $after) { tasks { id parent } endCursor } }'

describe('the sub-tasks of a task', () => {
	test('are counted over all its steps; a task that has not fanned out has no counts', async () => {
		const server = await openTestServer(database.url)
		const { data } = await server.ask(`query ($id: ID!) { task(id: $id) { ${counts} } }`, { id: parent })
		expect(data).toEqual({
			task: { subTasks: { total: 15, open: 5, paused: 1, held: 2, success: 7, warning: 1, error: 1, cancelled: 1 } },
		})
		const { data: none } = await server.ask(`query ($id: ID!) { task(id: $id) { ${counts} } }`, { id: children[0] })
		expect(none).toEqual({ task: { subTasks: null } })
		const { data: list } = await server.ask(`{ tasks(first: 5) { tasks { id ${counts} } } }`)
		const tasks = (list as { tasks: { tasks: { id: string; subTasks: { total: number } | null }[] } }).tasks.tasks
		expect(tasks.filter(({ subTasks }) => subTasks).map(({ id, subTasks }) => [id, subTasks?.total])).toEqual([[parent, 15]])
	})

	test('are paged in the order in which they were made, also those of one step', async () => {
		const server = await openTestServer(database.url)
		const ask = async (variables: object) => (await server.ask(page, { of: parent, ...variables })).data?.subTasks
		const ids = (some: readonly string[]) => some.map((id) => ({ id, parent }))
		expect(await ask({ first: 3 })).toEqual({ tasks: ids(children.slice(0, 3)), endCursor: children[2] })
		expect(await ask({ first: 3, after: children[2] })).toEqual({ tasks: ids(children.slice(3)), endCursor: null })
		expect(await ask({ step: 1 })).toEqual({ tasks: ids(children.slice(3)), endCursor: null })
		expect(await ask({ filter: 'open', first: 1 })).toEqual({ tasks: ids([children[2] ?? '']), endCursor: children[2] })
		expect(await ask({ filter: 'open', step: 0 })).toEqual({ tasks: ids([children[2] ?? '']), endCursor: null })
		expect(await ask({ of: children[0] })).toEqual({ tasks: [], endCursor: null })
		expect(await ask({ of: 'nonsense' })).toEqual({ tasks: [], endCursor: null })
	})

	test.each([
		['open', [2, 3]],
		['paused', [2]],
		['held', [3]],
		['success', [0]],
		['error', [1]],
		['warning', []],
		['cancelled', []],
	] as const)('are filtered as they are counted: %s', async (filter, expected) => {
		const server = await openTestServer(database.url)
		const { data, errors } = await server.ask(page, { of: parent, filter })
		expect(errors).toBeUndefined()
		expect(data?.subTasks).toEqual({ tasks: expected.map((place) => ({ id: children[place], parent })), endCursor: null })
	})

	test('are counted for each step', async () => {
		const server = await openTestServer(database.url)
		const { data } = await server.ask('query ($id: ID!) { task(id: $id) { steps { subTasks { total success } } } }', { id: parent })
		expect(data).toEqual({ task: { steps: [{ subTasks: { total: 10, success: 3 } }, { subTasks: { total: 5, success: 4 } }] } })
		const { data: none } = await server.ask('query ($id: ID!) { task(id: $id) { steps { subTasks { total } } } }', { id: children[0] })
		expect(JSON.stringify(none)).not.toContain('total')
	})
})
