import { request } from 'node:http'
import { useDatabase } from '@taskyard/testkit/database'
import { beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { openTestServer, type TestServer } from './testing/openTestServer.ts'

const database = useDatabase()

beforeAll(async () => {
	const definition = {
		label: 'Sample::Task',
		version: 1,
		name: 'a sample',
		inputSchema: { type: 'object' },
		locks: [],
		queue: 'default',
		cancellable: true,
		retry: { attempts: 1, backoff: 'fixed', initial: 0, max: 0, jitter: 0 },
	}
	await database.pool.query('insert into task_type (label, version, definition) values ($1, 1, $2)', [
		definition.label,
		JSON.stringify(definition),
	])
})

const startTask = 'mutation { startTask(label: "Sample::Task", input: "{}") { task { id } refusal { message } } }'

async function tasks(): Promise<number> {
	const { rows } = await database.pool.query<{ count: number }>('select count(*)::int as count from task')
	return rows[0]?.count ?? -1
}

/** A request as a stranger makes it: with headers that fetch does not let one set. */
function send(server: TestServer, headers: Record<string, string>, body: string, path = '/graphql', method = 'POST') {
	return new Promise<{ status: number; text: string }>((resolve, reject) => {
		const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
			let text = ''
			response.setEncoding('utf8')
			response.on('data', (part) => (text += part))
			response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
		})
		sent.on('error', reject)
		sent.end(method === 'POST' ? body : undefined)
	})
}

/** What becomes of an upgrade: the socket, or the refusal. */
function connect(server: TestServer, headers: Record<string, string>) {
	return new Promise<{ status: number; text: string } | WebSocket>((resolve, reject) => {
		const socket = new WebSocket(`ws://127.0.0.1:${server.port}/graphql`, 'graphql-transport-ws', { headers })
		socket.on('open', () => resolve(socket))
		socket.on('error', reject)
		socket.on('unexpected-response', (_, response) => {
			let text = ''
			response.setEncoding('utf8')
			response.on('data', (part) => (text += part))
			response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
		})
	})
}

const json = { 'content-type': 'application/json' }
const body = JSON.stringify({ query: startTask })

test('what the page does itself is served, so the refusals below refuse something that works', async () => {
	const server = await openTestServer(database.url)
	for (const host of ['localhost', '127.0.0.1', '[::1]']) {
		const own = `${host}:${server.port}`
		const before = await tasks()
		const { status, text } = await send(server, { ...json, host: own, origin: `http://${own}` }, body)
		expect([status, JSON.parse(text)]).toMatchObject([200, { data: { startTask: { refusal: null } } }])
		expect(await tasks()).toBe(before + 1)
		const socket = await connect(server, { host: own, origin: `http://${own}` })
		expect(socket).toBeInstanceOf(WebSocket)
		if (socket instanceof WebSocket) socket.close()
	}
})

const foreign: [string, (port: number) => Record<string, string>][] = [
	['a foreign origin', (port) => ({ host: `localhost:${port}`, origin: 'http://evil.example' })],
	['an opaque origin', (port) => ({ host: `localhost:${port}`, origin: 'null' })],
	['another port of this machine', (port) => ({ host: `localhost:${port}`, origin: 'http://localhost:5173' })],
	['a foreign host', (port) => ({ host: `evil.example:${port}` })],
	['a foreign host that is its own origin', (port) => ({ host: `evil.example:${port}`, origin: `http://evil.example:${port}` })],
	['our host without our port', () => ({ host: 'localhost' })],
]

test.each(foreign)('a request with %s is refused in clear text, and no task exists', async (_, headers) => {
	const server = await openTestServer(database.url)
	const before = await tasks()
	const refused = await send(server, { ...json, ...headers(server.port) }, body)
	expect(refused).toMatchObject({ status: 403, text: expect.stringMatching(/^Refused: .+\n$/) })
	for (const path of ['/', '/healthz', '/readyz', '/graphql', '/api/openapi.json', '/api/tasks/one', '/nothing']) {
		expect(await send(server, headers(server.port), '', path, 'GET')).toMatchObject({ status: 403 })
	}
	expect(await tasks()).toBe(before)
})

test.each(foreign)('an upgrade with %s is refused in clear text', async (_, headers) => {
	const server = await openTestServer(database.url)
	const refused = await connect(server, headers(server.port))
	expect(refused).toMatchObject({ status: 403, text: expect.stringMatching(/^Refused: /) })
})

test.each(['mutation', 'query'])('a %s over the socket is refused, and no task exists', async (operation) => {
	const server = await openTestServer(database.url)
	const before = await tasks()
	const frames = server.follow(operation === 'mutation' ? startTask : '{ tasks { tasks { id } } }')
	await expect(frames.next()).rejects.toMatchObject([
		{ message: expect.stringContaining(`subscriptions only. Send a ${operation} as POST /graphql`) },
	])
	expect(await tasks()).toBe(before)
})

test.each([
	['application/x-www-form-urlencoded', `query=${encodeURIComponent(startTask)}`],
	['multipart/form-data; boundary=b', `--b\r\ncontent-disposition: form-data; name="query"\r\n\r\n${startTask}\r\n--b--\r\n`],
	['text/plain', body],
	['text/plain; application/json', body],
	['', body],
])('a POST with content-type %j is refused, and no task exists', async (contentType, sent) => {
	const server = await openTestServer(database.url)
	const before = await tasks()
	const headers = { host: `localhost:${server.port}`, ...(contentType ? { 'content-type': contentType } : {}) }
	const { status, text } = await send(server, headers, sent)
	expect(status).toBe(415)
	expect(text).toContain('A POST needs content-type: application/json')
	expect(await tasks()).toBe(before)
})

test('a mutation in the address is not carried out', async () => {
	const server = await openTestServer(database.url)
	const before = await tasks()
	const { status, text } = await send(
		server,
		{ host: `localhost:${server.port}` },
		'',
		`/graphql?query=${encodeURIComponent(startTask)}`,
		'GET',
	)
	expect([status, JSON.parse(text)]).toMatchObject([404, { errors: [{ message: expect.stringContaining('POST') }] }])
	expect(await tasks()).toBe(before)
})
