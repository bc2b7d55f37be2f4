/** The client against a small HTTP server that does what networks and servers do. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { connect } from '../client.ts'
import { defineTask } from '../defineTask.ts'
import { newTaskId } from './taskId.ts'

interface Seen {
	readonly method: string
	readonly url: string
	readonly headers: IncomingMessage['headers']
	readonly body: string
}

type Behaviour = (seen: Seen, response: ServerResponse) => void

/** Behaves as the list says, request by request; the last one stays. */
async function serverThat(...behaviours: readonly Behaviour[]) {
	return serverAt(0, ...behaviours)
}

async function serverAt(port: number, ...behaviours: readonly Behaviour[]) {
	const seen: Seen[] = []
	const behave = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const { method = '', url = '', headers } = request
		const one = { method, url, headers, body: await text(request) }
		seen.push(one)
		behaviours[Math.min(seen.length, behaviours.length) - 1]?.(one, response)
	}
	const server = createServer((request, response) => void behave(request, response))
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
	onTestFinished(() => {
		server.closeAllConnections()
		server.close()
	})
	const { port: listening } = server.address() as AddressInfo
	const close = () => new Promise((resolve) => server.close(resolve))
	return { url: `http://127.0.0.1:${listening}`, port: listening, seen, close }
}

const says =
	(status: number, body: unknown): Behaviour =>
	(_, response) =>
		response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
const hangsUp: Behaviour = (_, response) => response.destroy()
const away = says(503, { code: 'service_unavailable', detail: 'The database does not answer.' })
const started = says(202, { id: 'one' })
const idOf = ({ body }: Seen): unknown => (JSON.parse(body) as { id: unknown }).id

describe('a request without an answer', () => {
	test('is repeated with the same id', async () => {
		const { url, seen } = await serverThat(hangsUp, away, started)
		expect(await connect({ url }).start('Some::Type', { a: 1 })).toEqual({ id: 'one', discarded: false })
		expect(seen).toHaveLength(3)
		expect(new Set(seen.map(idOf)).size).toBe(1)
		expect(idOf(seen[0] as Seen)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
	})

	test('is given up when patience is over, and the failure says that another try makes sense', async () => {
		const { url, seen } = await serverThat(hangsUp)
		await expect(connect({ url, patience: 0 }).start('Some::Type', {})).rejects.toMatchObject({ code: 'no_connection', retryable: true })
		expect(seen).toHaveLength(1)
	})

	test('is not repeated where it could do something twice', async () => {
		for (const behaviour of [hangsUp, away]) {
			const { url, seen } = await serverThat(behaviour)
			await expect(connect({ url }).useCallback('token', { name: 'done' })).rejects.toMatchObject({
				code: 'no_connection',
				retryable: false,
				message: expect.stringContaining('may have been done all the same'),
			})
			expect(seen).toHaveLength(1)
		}
	})

	test('is repeated there, too, where it never arrived, or where nothing is used up', async () => {
		const gone = await serverThat()
		await gone.close()
		const used = connect(gone).useCallback('token', { name: 'done' })
		await serverAt(gone.port, says(200, { usedUp: true }))
		expect(await used).toEqual({ usedUp: true })
		const reported = await serverThat(hangsUp, says(200, { usedUp: false }))
		expect(await connect(reported).useCallback('token', { progress: 0.5 })).toEqual({ usedUp: false })
	})

	test('of a wait leads to another wait', async () => {
		const { url, seen } = await serverThat(
			says(202, { id: 'one', goesOn: 'it' }),
			hangsUp,
			says(200, { id: 'one', goesOn: 'it' }),
			says(200, { id: 'one', output: 7 }),
		)
		expect(await connect({ url }).run('Some::Type', {})).toBe(7)
		expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
			'POST /api/tasks',
			'GET /api/tasks/one',
			'GET /api/tasks/one',
			'GET /api/tasks/one',
		])
		expect(seen.map(({ headers }) => headers.prefer)).toEqual(Array.from({ length: 4 }, () => 'wait=50'))
	})
})

describe('what the server refuses is a failure', () => {
	test('with its code and its faults, of which another try changes nothing', async () => {
		const faults = [{ path: '/a', message: 'is required' }]
		const { url, seen } = await serverThat(says(422, { code: 'invalid_input', detail: 'It does not fit.', faults }))
		await expect(connect({ url }).start('Some::Type', {})).rejects.toMatchObject({
			name: 'Failure',
			code: 'invalid_input',
			message: 'Task Some::Type was not started: It does not fit.',
			details: { faults },
			retryable: false,
		})
		expect(seen).toHaveLength(1)
	})

	test('of which another try may help, when it went wrong inside', async () => {
		const { url } = await serverThat(says(500, { code: 'internal_error', detail: 'Something went wrong.' }))
		await expect(connect({ url }).get('x')).rejects.toMatchObject({ code: 'internal_error', retryable: true })
	})

	test.each([
		[404, '<html>not here</html>'],
		[403, 'Refused: the request names the host "a".'],
		[502, ''],
	])('that names what was said, when %i is no answer of Taskyard', async (status, said) => {
		const { url } = await serverThat(says(status, said))
		await expect(connect({ url }).get('x')).rejects.toMatchObject({
			code: 'no_taskyard',
			message: expect.stringContaining(`${url} answers ${status}: ${said}`),
		})
	})
})

test('an id that this machine’s clock has made wrong is left to the server', async () => {
	const { url, seen } = await serverThat(says(422, { code: 'invalid_id', detail: 'It lies in the future.', faults: [] }), started)
	expect(await connect({ url }).start('Some::Type', {})).toMatchObject({ id: 'one' })
	expect(seen.map((one) => typeof idOf(one))).toEqual(['string', 'undefined'])
	const own = await serverThat(says(422, { code: 'invalid_id', detail: 'It is taken.', faults: [] }))
	await expect(connect(own).start('Some::Type', {}, { id: 'mine' })).rejects.toMatchObject({ code: 'invalid_id' })
})

test('what is sent and answered loses nothing', async () => {
	const { url, seen } = await serverThat(says(200, '{"id":"one","output":{"big":12345678901234567890}}'))
	const startAt = new Date('2999-01-01T00:00:00Z')
	const client = connect({ url: `${url}//`, correlationId: 'order-1' })
	expect(await client.run('Some::Type', { big: 2n ** 70n }, { startAt, queue: 'slow', priority: -3 })).toEqual({
		big: 12345678901234567890n,
	})
	expect(seen[0]).toMatchObject({ url: '/api/tasks', headers: { 'content-type': 'application/json', 'x-correlation-id': 'order-1' } })
	expect(seen[0]?.body).toContain('"input":{"big":1180591620717411303424}')
	expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ startAt: '2999-01-01T00:00:00.000Z', queue: 'slow', priority: -3 })
	await expect(client.start('Some::Type', { when: startAt })).rejects.toThrow(/a Date cannot be stored as JSON; use toISOString/)
})

test('given a type, input and output are checked by the compiler', async () => {
	const double = defineTask({
		label: 'Test::Double',
		input: z.object({ of: z.number() }),
		output: z.object({ is: z.number() }),
		run: ({ of }) => ({ is: 2 * of }),
	})
	const { url, seen } = await serverThat(says(200, { id: 'one', output: { is: 4 } }))
	const client = connect({ url })
	const answer = await client.run(double, { of: 2 })
	expectTypeOf(answer).toEqualTypeOf<{ is: number }>()
	expect(answer).toEqual({ is: 4 })
	expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ label: 'Test::Double', input: { of: 2 } })
	// @ts-expect-error the input has no such field
	await client.run(double, { from: 2 })
})

test('pages of items are read one after the other', async () => {
	const item = (place: number) => ({ place, task: `task ${place}`, outcome: 'done' })
	const { url, seen } = await serverThat(says(200, { items: [item(0), item(1)], next: 1 }), says(200, { items: [item(2)], next: null }))
	const places: number[] = []
	for await (const { place } of connect({ url }).bulkItems('one', 'done')) places.push(place)
	expect(places).toEqual([0, 1, 2])
	expect(seen.map((one) => one.url)).toEqual([
		'/api/bulk/one/items?first=1000&outcome=done',
		'/api/bulk/one/items?first=1000&outcome=done&after=1',
	])
})

test('ids are UUIDv7 of the moment, and no two are the same', () => {
	const ids = Array.from({ length: 1_000 }, () => newTaskId(Date.UTC(2026, 10, 21)))
	expect(new Set(ids).size).toBe(ids.length)
	for (const id of ids) {
		expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
		expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 21))
	}
})
