import { useDatabase } from '@taskyard/testkit/database'
import { newId } from '@taskyard/testkit/rows'
import { beforeAll, expect, test } from 'vitest'
import { openTestServer } from '../testing/openTestServer.ts'

const database = useDatabase()

beforeAll(async () => {
	const definition = {
		label: 'Sample::Copy',
		version: 3,
		name: 'Copy {source}',
		description: 'Copies.',
		inputSchema: { type: 'object', properties: { source: { type: 'string' } }, required: ['source'], additionalProperties: false },
		locks: [],
		queue: 'default',
		cancellable: true,
		retry: { attempts: 1, backoff: 'fixed', initial: 0, max: 0, jitter: 0 },
	}
	await database.pool.query('insert into task_type (label, version, definition) values ($1, 3, $2)', [
		definition.label,
		JSON.stringify(definition),
	])
	await database.pool.query(
		`insert into worker (node, boot_id, pid, version, queues, capacity, labels) values ('node1', 'b', 42, '0.1.0', '{default}', 100, '{Sample::Copy}')`,
	)
	await database.pool.query(`insert into child (worker_id, pid, lease_until) values (1, 43, clock_timestamp() + interval '1 minute')`)
})

const start = `mutation ($label: String!, $input: JsonText!, $id: ID) { startTask(label: $label, input: $input, id: $id) {
	task { id name state correlationId owner { login } input } refusal { code message faults { path message } }
} }`
const operate = (command: string) => `mutation ($id: ID!) { ${command}(id: $id, why: "a test") {
	task { id state result actions { name allowed } } refusal { code message }
} }`

test('starts a task, owned by the account of the server, with the caller’s correlation id', async () => {
	const server = await openTestServer(database.url)
	const input = '{"source":"/srv"}'
	const { data } = await server.ask(start, { label: 'Sample::Copy', input }, { 'x-correlation-id': 'order-4711' })
	expect(data?.startTask).toMatchObject({
		task: { name: 'Copy /srv', state: 'pending', correlationId: 'order-4711', owner: { login: 'ann' }, input },
		refusal: null,
	})
})

test.each(['', 'with blanks in it', 'x'.repeat(200)])('a correlation id %j is replaced by a new one', async (id) => {
	const server = await openTestServer(database.url)
	const { data } = await server.ask(start, { label: 'Sample::Copy', input: '{"source":"/srv"}' }, { 'x-correlation-id': id })
	expect(data?.startTask).toMatchObject({ task: { correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/) } })
})

test('asked again with the same id it answers the same task', async () => {
	const server = await openTestServer(database.url)
	const order = { label: 'Sample::Copy', input: '{"source":"/srv"}', id: newId() }
	const answers = [await server.ask(start, order), await server.ask(start, order)]
	for (const { data } of answers) expect(data?.startTask).toMatchObject({ task: { id: order.id }, refusal: null })
})

test.each([
	['an unknown type', { label: 'Sample::Other', input: '{}' }, { code: 'unknown_task_type' }],
	['a missing field', { label: 'Sample::Copy', input: '{}' }, { code: 'invalid_input', faults: [{ path: '/source' }] }],
	['no JSON', { label: 'Sample::Copy', input: '{' }, { code: 'invalid_input' }],
	['an id that is none', { label: 'Sample::Copy', input: '{"source":"/srv"}', id: 'x' }, { code: 'invalid_id' }],
])('%s is refused by name, and nothing is stored', async (_, order, refusal) => {
	const server = await openTestServer(database.url)
	const count = async () => (await database.pool.query<{ n: number }>('select count(*)::int as n from task')).rows[0]?.n
	const before = await count()
	const { data, errors } = await server.ask(start, order)
	expect(errors).toBeUndefined()
	expect(data?.startTask).toMatchObject({ task: null, refusal: { ...refusal, message: expect.stringMatching(/\S/) } })
	expect(await count()).toBe(before)
})

test('cancels what has not begun, and refuses what cannot be done with the reason', async () => {
	const server = await openTestServer(database.url)
	const id = newId()
	await server.ask(start, { label: 'Sample::Copy', input: '{"source":"/srv"}', id })
	expect((await server.ask(operate('resumeTask'), { id })).data?.resumeTask).toMatchObject({
		task: null,
		refusal: { code: 'not_paused', message: expect.stringContaining('Only a paused task can be resumed') },
	})
	expect((await server.ask(operate('cancelTask'), { id })).data?.cancelTask).toMatchObject({
		task: {
			id,
			state: 'stopped',
			result: 'cancelled',
			actions: expect.arrayContaining([
				{ name: 'cancel', allowed: false },
				{ name: 'rerun', allowed: true },
			]),
		},
	})
	// Asked twice is asked once; anything else comes too late.
	expect((await server.ask(operate('cancelTask'), { id })).data?.cancelTask).toMatchObject({ task: { id }, refusal: null })
	expect((await server.ask(operate('pauseTask'), { id })).data?.pauseTask).toMatchObject({ refusal: { code: 'already_stopped' } })
	expect((await server.ask(operate('cancelTask'), { id: newId() })).data?.cancelTask).toMatchObject({ refusal: { code: 'not_found' } })
})

test('task types and workers', async () => {
	const server = await openTestServer(database.url)
	const { data, errors } = await server.ask(`{
		taskTypes { label version name description inputSchema outputSchema queue cancellable offered }
		taskType(label: "Sample::Copy") { label offeredAt } none: taskType(label: "x") { label }
		workers { id node pid version queues capacity alive children { id pid alive } }
	}`)
	expect(errors).toBeUndefined()
	expect(data).toMatchObject({
		taskTypes: [
			{
				label: 'Sample::Copy',
				version: 3,
				name: 'Copy {source}',
				description: 'Copies.',
				inputSchema: expect.stringContaining('"required":["source"]'),
				outputSchema: null,
				offered: true,
			},
		],
		taskType: { label: 'Sample::Copy' },
		none: null,
		workers: [{ node: 'node1', pid: 42, queues: ['default'], capacity: 100, alive: true, children: [{ pid: 43, alive: true }] }],
	})
})

test('a start that makes no task says so and names the one that counts, also when it is awaited', async () => {
	const server = await openTestServer(database.url)
	await database.pool.query(
		`insert into task_type (label, version, definition) select 'Sample::Once', 1, (definition::jsonb || $1)::json from task_type where label = 'Sample::Copy'`,
		[JSON.stringify({ label: 'Sample::Once', duplicates: { key: '{source}', policy: 'discard' } })],
	)
	const order = { label: 'Sample::Once', input: '{"source":"/srv"}' }
	const begin = `mutation ($label: String!, $input: JsonText!, $when: StartConditions) {
		startTask(label: $label, input: $input, when: $when) { task { id queue priority } discarded refusal { code } } }`
	const first = (await server.ask(begin, { ...order, when: { queue: 'night', priority: 3 } })).data?.startTask as { task: { id: string } }
	expect(first).toMatchObject({ task: { queue: 'night', priority: 3 }, discarded: false })
	expect((await server.ask(begin, order)).data?.startTask).toEqual({
		task: first.task,
		discarded: true,
		refusal: null,
	})
	const { data } = await server.ask(
		`mutation ($label: String!, $input: JsonText!) { runTask(label: $label, input: $input, limit: 0) { task { id } discarded timedOut } }`,
		order,
	)
	expect(data?.runTask).toEqual({ task: { id: first.task.id }, discarded: true, timedOut: true })
	expect((await server.ask('{ taskType(label: "Sample::Once") { discarded } }')).data?.taskType).toEqual({ discarded: 2 })
	const refused = await server.ask(begin, { ...order, when: { priority: 11 } })
	expect(refused.data?.startTask).toMatchObject({ task: null, discarded: false, refusal: { code: 'invalid_priority' } })
})
