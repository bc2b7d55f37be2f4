import { once } from 'node:events'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, changeTask, insertLog, insertTask, insertUser, newId } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { getIntrospectionQuery } from 'graphql'
import { beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type Answer, openTestServer } from './testing/openTestServer.ts'

const database = useDatabase()
let owner = 0
const quiet = { look: 600_000, heartbeat: 600_000, progress: 600_000 }

beforeAll(async () => {
	owner = await insertUser(database.pool)
	await database.pool.query('create extension if not exists pg_stat_statements')
})

const wake = () => database.pool.query('notify taskyard_change')
const list =
	'subscription ($after: Cursor) { taskListChanged(first: 5, after: $after) { kind from to serverTime left rows { id name state } } }'
const detail = `subscription ($id: ID!) { taskChanged(id: $id) { kind to task {
	name state revision steps { name state progress } attempts { number } locks { name } input actions { name allowed }
} } }`

interface Frame {
	readonly kind: string
	readonly to: string
	readonly rows: readonly { readonly name: string }[]
	readonly task: { readonly name: string; readonly revision: number } | null
	readonly chunks: readonly { readonly step: number; readonly lines: readonly string[] }[]
}

async function next(frames: AsyncIterator<Answer>): Promise<Frame> {
	const { value, done } = await frames.next()
	if (done) throw new Error('the stream has ended')
	expect(value.errors).toBeUndefined()
	return Object.values(value.data ?? {})[0] as Frame
}

const add = (name: string, id = newId()) => asEngine(database.pool, (client) => insertTask(client, { id, name, owner, plan: ['one'] }))

test('a list over the socket: snapshot, deltas, and on from the cursor', async () => {
	await add('before')
	const server = await openTestServer(database.url, { timing: quiet })
	const frames = server.follow(list)
	expect(await next(frames)).toMatchObject({ kind: 'SNAPSHOT', rows: [{ name: 'before' }] })
	await add('after')
	await wake()
	const delta = await next(frames)
	expect(delta).toMatchObject({ kind: 'DELTA', rows: [{ name: 'after', state: 'pending' }], left: [] })
	await frames.return?.()
	await waitFor('the watcher to be gone', () => server.watchers() === 0)
	await add('meanwhile')
	expect(await next(server.follow(list, { after: delta.to }))).toMatchObject({
		kind: 'DELTA',
		from: delta.to,
		rows: [{ name: 'meanwhile' }],
	})
	expect(await next(server.follow(list, { after: 'nonsense' }))).toMatchObject({ kind: 'RESYNC' })
})

test('a log over the socket', async () => {
	const id = await add('logs')
	await asEngine(database.pool, (client) => insertLog(client, id, 2, 1, ['"one"', 'zwei ✓']))
	const server = await openTestServer(database.url, { timing: quiet })
	const frames = server.follow('subscription ($id: ID!) { taskLogAppended(id: $id, step: 2) { chunks { step firstLine lines } } }', { id })
	expect((await next(frames)).chunks).toEqual([{ step: 2, firstLine: 1, lines: ['"one"', 'zwei ✓'] }])
	await asEngine(database.pool, (client) => insertLog(client, id, 2, 3, ['three']))
	await wake()
	expect((await next(frames)).chunks).toMatchObject([{ firstLine: 3, lines: ['three'] }])
})

test('a client that vanishes leaves no watcher', async () => {
	const id = await add('watched')
	const server = await openTestServer(database.url, { timing: quiet })
	const client = server.socket()
	const streams = [client.iterate({ query: list }), client.iterate({ query: detail, variables: { id } })]
	for (const stream of streams) await stream.next()
	expect(server.watchers()).toBe(2)
	client.terminate()
	await waitFor('the watchers to be gone', () => server.watchers() === 0)
})

test('an id that is none is refused by name', async () => {
	const server = await openTestServer(database.url)
	const frames = server.follow(detail, { id: 'x' })
	const { value } = await frames.next()
	expect(value).toMatchObject({ errors: [{ message: expect.stringContaining('id: there is no task "x" to watch') }] })
})

test('documents that are wrong, too deep or too long are refused by name', async () => {
	const server = await openTestServer(database.url)
	const deep = `{ __schema { types { fields { type { ${'ofType { '.repeat(20)} name ${'} '.repeat(20)} } } } } }`
	expect((await server.ask(deep)).errors?.[0]?.message).toBe(
		'The document nests 25 fields deep; at most 16 are allowed. Ask in two documents.',
	)
	const { data } = await server.ask(getIntrospectionQuery())
	expect(data).toBeTruthy()
	await expect(server.follow('subscription { nothing }').next()).rejects.toMatchObject([{ message: expect.stringContaining('nothing') }])
	const long = `subscription { taskListChanged { kind ${'to '.repeat(6_000)} } }`
	await expect(server.follow(long).next()).rejects.toMatchObject([{ message: expect.stringContaining('token') }])
	expect((await server.ask(`{ tasks { tasks { ${'id '.repeat(6_000)} } } }`)).errors?.[0]?.message).toContain('token')
})

test('50 pages with one query cost the database and the server what one costs', async () => {
	const id = await add('watched by many')
	const cost = async (pages: number) => {
		const applicationName = `pages_${pages}`
		await database.pool.query(`create role ${applicationName} login superuser`)
		const url = new URL(database.url)
		url.searchParams.set('user', applicationName)
		url.username = ''
		const server = await openTestServer(url.href, { timing: quiet, applicationName })
		await database.pool.query('select pg_stat_statements_reset()')
		const sockets = Array.from({ length: pages }, () => server.socket())
		const streams = sockets.flatMap((socket) => [socket.iterate({ query: list }), socket.iterate({ query: detail, variables: { id } })])
		const firsts = await Promise.all(streams.map((stream) => next(stream as AsyncIterator<Answer>)))
		expect(new Set(firsts.map((frame) => JSON.stringify(frame))).size).toBe(2)
		for (let change = 0; change < 3; change++) {
			const revision = await asEngine(database.pool, (client) => changeTask(client, id))
			await wake()
			const frames = await Promise.all(streams.map((stream) => next(stream as AsyncIterator<Answer>)))
			expect(frames.filter((frame) => frame.task?.revision === revision)).toHaveLength(pages)
			expect(new Set(frames.map((frame) => JSON.stringify(frame))).size).toBe(2)
		}
		const { rows } = await database.pool.query<{ query: string; calls: number }>(
			`select s.query, s.calls from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname = $1 order by 1`,
			[applicationName],
		)
		await server.close()
		await database.pool.query(`drop role ${applicationName}`)
		return rows.filter((row) => row.query.includes('from'))
	}
	const one = await cost(1)
	expect(one.length).toBeGreaterThan(4)
	expect(await cost(50)).toEqual(one)
})

test('a broken connection to the database is not the watchers’ business', async () => {
	const id = await add('survives')
	const applicationName = 'server to be cut off'
	const server = await openTestServer(database.url, { timing: { ...quiet, retry: 5 }, applicationName })
	const frames = server.follow(detail, { id })
	expect(await next(frames)).toMatchObject({ kind: 'SNAPSHOT' })
	for (let n = 1; n <= 3; n++) {
		await database.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [applicationName])
		await asEngine(database.pool, (client) => changeTask(client, id))
		// The server may have come back before the change: then only the wake-up tells it.
		await wake()
		expect(await next(frames)).toMatchObject({ kind: 'DELTA', task: { name: 'survives', revision: n } })
	}
})

test('a server that stops tells the pages, and is not held up by one that does not answer', async () => {
	const server = await openTestServer(database.url, { timing: quiet })
	const closed = Promise.withResolvers<unknown>()
	const polite = server.socket()
	polite.on('closed', closed.resolve)
	await polite.iterate({ query: list }).next()
	const deaf = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
	await once(deaf, 'open')
	deaf.pause()
	const begun = performance.now()
	await server.close()
	expect(performance.now() - begun).toBeLessThan(5_000)
	expect(await closed.promise).toMatchObject({ code: 1001, reason: 'The server stops.' })
	deaf.terminate()
})
