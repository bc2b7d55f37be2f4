/** Steps that wait for something from outside, told over each of the doors. */

import { request } from 'node:http'
import { connect } from '@taskyard/testkit/client'
import { newId } from '@taskyard/testkit/rows'
import { callbacks, sampleTasks } from '@taskyard/testkit/sampleTasks'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { waitFor } from '@taskyard/testkit/waitFor'
import { describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/openTestServer.ts'

const taskyard = useTaskyard({ tasks: sampleTasks })

interface Event {
	readonly id?: string
	readonly payload?: unknown
	readonly outcome?:
		| { readonly output: unknown }
		| { readonly error: { readonly message: string; readonly code?: string; readonly details?: unknown } }
}

interface Message extends Event {
	readonly name?: string
	readonly progress?: number
	readonly lines?: readonly string[]
}

type Refused = { readonly code: string; readonly message: string }

interface Door {
	send(task: string, step: number, name: string, event: Event): Promise<{ readonly repeated: boolean } | Refused>
	use(token: string, message: Message): Promise<{ readonly task: string; readonly step: number; readonly usedUp: boolean } | Refused>
	find(externalId: string): Promise<readonly { readonly task: string; readonly step: number; readonly url: string | null }[]>
}

function graphQl(server: TestServer): Door {
	async function ask<Found>(document: string, variables: object): Promise<Found & { refusal: Refused | null }> {
		const { data, errors } = await server.ask(document, variables)
		expect(errors).toBeUndefined()
		return Object.values(data ?? {})[0] as Found & { refusal: Refused | null }
	}
	function texts<Given extends Event>({ payload, outcome, ...more }: Given) {
		const error = outcome && 'error' in outcome ? outcome.error : undefined
		return {
			...more,
			...(payload !== undefined && { payload: JSON.stringify(payload) }),
			...(outcome && 'output' in outcome && { outcome: { output: JSON.stringify(outcome.output) } }),
			...(error && { outcome: { error: { ...error, ...(error.details !== undefined && { details: JSON.stringify(error.details) }) } } }),
		}
	}
	return {
		async send(task, step, name, event) {
			const { refusal, repeated } = await ask<{ repeated: boolean }>(
				`mutation ($task: ID!, $step: Int!, $name: String!, $id: String, $payload: JsonText, $outcome: OutcomeInput) {
				sendEvent(task: $task, step: $step, name: $name, id: $id, payload: $payload, outcome: $outcome) { task { id } repeated refusal { code message } } }`,
				{ task, step, name, ...texts(event) },
			)
			return refusal ?? { repeated }
		},
		async use(token, message) {
			const { refusal, ...used } = await ask<{ task: string; step: number; usedUp: boolean }>(
				`mutation ($token: String!, $name: String, $id: String, $payload: JsonText, $outcome: OutcomeInput, $progress: Float, $lines: [String!]) {
				useCallback(token: $token, name: $name, id: $id, payload: $payload, outcome: $outcome, progress: $progress, lines: $lines)
				{ task step usedUp refusal { code message } } }`,
				{ token, ...texts(message) },
			)
			return refusal ?? used
		},
		async find(id) {
			const document = 'query ($id: String!) { stepsByExternalId(id: $id) { task { id } step url } }'
			const found = await ask<{ task: { id: string }; step: number; url: string | null }[]>(document, { id })
			return found.map(({ task, step, url }) => ({ task: task.id, step, url }))
		},
	}
}

function rest(server: TestServer): Door {
	async function ask<Found>(path: string, body?: object): Promise<Found | Refused> {
		const response = await fetch(`${server.url}/api${path}`, {
			...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		})
		const answer = (await response.json()) as Found & { code: string; detail: string }
		return response.ok ? answer : { code: answer.code, message: answer.detail }
	}
	return {
		send: (task, step, name, event) => ask(`/tasks/${task}/events`, { step, name, ...event }),
		use: (token, message) => ask(`/callbacks/${token}`, message),
		async find(value) {
			const { steps } = (await ask(`/external-ids/${encodeURIComponent(value)}`)) as { steps: Awaited<ReturnType<Door['find']>> }
			return steps
		},
	}
}

function sdk(server: TestServer): Door {
	const client = connect({ url: server.url, patience: 0 })
	const refused = ({ code, message }: Refused): Refused => ({ code, message })
	return {
		send: (task, step, name, event) => client.sendEvent(task, step, name, event).catch(refused),
		use: (token, message) => client.useCallback(token, message).catch(refused),
		find: (value) => client.findByExternalId(value),
	}
}

describe.each([
	['GraphQL', graphQl],
	['REST', rest],
	['the SDK', sdk],
] as const)('over %s', (name, doorOf) => {
	async function waiting(input: object = {}) {
		const server = await openTestServer(taskyard.url)
		const client = connect({ url: server.url, patience: 0 })
		const { id } = await client.start('Sample::Elsewhere', input)
		await waitFor('the step to be suspended', async () => (await client.get(id)).steps[0]?.state === 'suspended')
		const { token, url } = callbacks.get(id) ?? { token: '', url: '' }
		return { server, client, door: doorOf(server), id, token, url }
	}

	describe('an event', () => {
		test('wakes the step with its payload, and counts once', async () => {
			const { client, door, id } = await waiting()
			const payload = { amount: 5, of: ['a', null] }
			expect(await door.send(id, 0, 'paid', { id: 'one', payload })).toMatchObject({ repeated: false })
			expect(await client.ended(id)).toEqual({ event: 'paid', payload })
			expect(await door.send(id, 0, 'paid', { id: 'one', payload })).toMatchObject({ repeated: true })
		})

		test('with an output ends the step', async () => {
			const { client, door, id } = await waiting()
			const output = { event: 'none', payload: 7 }
			await door.send(id, 0, 'done', { outcome: { output } })
			expect(await client.ended(id)).toEqual(output)
		})

		test('with an error fails it', async () => {
			const { client, door, id } = await waiting()
			await door.send(id, 0, 'failed', { outcome: { error: { message: 'no room', code: 'no_space', details: { free: 0 } } } })
			await expect(client.ended(id)).rejects.toMatchObject({
				details: { state: 'paused', code: 'no_space' },
				message: expect.stringContaining('no room'),
			})
			expect(await client.get(id)).toMatchObject({ steps: [{ error: { message: 'no room', code: 'no_space', details: { free: 0 } } }] })
		})

		test('for nothing is refused', async () => {
			const { door, id, client } = await waiting()
			expect(await door.send(newId(), 0, 'paid', {})).toMatchObject({ code: 'not_found' })
			expect(await door.send(id, 7, 'paid', {})).toMatchObject({ code: 'no_such_step' })
			expect(await door.send(id, 0, 'paid', { id: 'x'.repeat(201) })).toMatchObject({ code: 'invalid_event' })
			await client.cancel(id)
			expect(await door.send(id, 0, 'paid', {})).toMatchObject({ code: 'already_stopped' })
		})
	})

	describe('a callback', () => {
		test('takes progress and lines as often as they come, and one event', async () => {
			const { client, door, id, token } = await waiting()
			for (const [progress, line] of [
				[0.25, 'first'],
				[0.5, 'second'],
			] as const)
				expect(await door.use(token, { progress, lines: [line] })).toEqual({ task: id, step: 0, usedUp: false })
			expect(await client.get(id)).toMatchObject({ steps: [{ state: 'suspended', progress: 0.5 }] })
			const { rows } = await taskyard.pool.query<{ text: string }>('select text from log_chunk where task_id = $1 order by first_line', [
				id,
			])
			expect(rows.map(({ text }) => text)).toEqual(['first', 'second'])
			expect(await door.use(token, { name: 'done', payload: { by: name } })).toEqual({ task: id, step: 0, usedUp: true })
			expect(await client.ended(id)).toEqual({ event: 'done', payload: { by: name } })
		})

		test('takes an outcome', async () => {
			const { client, door, id, token } = await waiting()
			const output = { event: 'none', payload: null }
			expect(await door.use(token, { outcome: { output } })).toMatchObject({ usedUp: true })
			expect(await client.ended(id)).toEqual(output)
		})

		test('whose outcome does not fit is refused with the place, and may be used again', async () => {
			const { client, door, id, token } = await waiting()
			const refused = await door.use(token, { outcome: { output: { event: 1 } } })
			expect(refused).toMatchObject({ code: 'invalid_input', message: expect.stringMatching(/\/event must be string/) })
			expect(await door.use(token, { name: 'well' })).toMatchObject({ usedUp: true })
			expect(await client.ended(id)).toMatchObject({ event: 'well' })
		})

		test('with a wrong, a used, or an expired token is refused with the reason, and so is one of a stopped task', async () => {
			const { door, client, id, token } = await waiting()
			for (const wrong of ['x', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`])
				expect(await door.use(wrong, { name: 'done' })).toEqual({
					code: 'no_such_callback',
					message: expect.stringMatching(/the token is wrong/),
				})
			expect(await client.get(id)).toMatchObject({ steps: [{ state: 'suspended' }] })
			await door.use(token, { name: 'done' })
			await client.ended(id)
			expect(await door.use(token, { name: 'done' })).toEqual({
				code: 'callback_used',
				message: expect.stringMatching(/was used at \d{4}-/),
			})
			const expiring = await waiting({ expires: 1 })
			await waitFor('the token to expire', async () => 'code' in (await door.use(expiring.token, {})))
			expect(await door.use(expiring.token, { name: 'done' })).toEqual({
				code: 'callback_expired',
				message: expect.stringMatching(/expired at \d{4}-/),
			})
			const stopped = await waiting()
			await client.cancel(stopped.id)
			expect(await door.use(stopped.token, { name: 'done' })).toMatchObject({ code: 'already_stopped' })
		})
	})

	test('a step is found by the id of its work elsewhere', async () => {
		const externalId = `job ${name}/7`
		const { id, door, client } = await waiting({ externalId })
		expect(await door.find(externalId)).toEqual([{ task: id, step: 0, url: `http://elsewhere.example/${externalId}` }])
		expect(await client.get(id)).toMatchObject({ externalIds: [{ step: 0, value: externalId }] })
		expect(await door.find('nothing')).toEqual([])
	})
})

test('the address that a step gives away is the one that is served, and its answers say what became of the token', async () => {
	const server = await openTestServer(taskyard.url)
	const client = connect({ url: server.url, patience: 0 })
	const { id } = await client.start('Sample::Elsewhere', {})
	const { url, token } = await waitFor('the callback', () => callbacks.get(id))
	expect(new URL(url).pathname).toBe(`/api/callbacks/${token}`)
	const call = async (body: object) => {
		const response = await fetch(`${server.url}${new URL(url).pathname}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		})
		return [response.status, ((await response.json()) as { code?: string }).code]
	}
	expect(await call({ name: 'done', bogus: 1 })).toEqual([422, 'invalid_request'])
	expect(await call({ outcome: { output: 1, error: { message: 'both' } } })).toEqual([422, 'invalid_request'])
	expect(await call({ name: 'done' })).toEqual([200, undefined])
	expect(await call({ name: 'done' })).toEqual([410, 'callback_used'])
	expect(await client.ended(id)).toMatchObject({ event: 'done' })
})

test('a callback that comes by the public address is taken, and nothing else of that host', async () => {
	const server = await openTestServer(taskyard.url, { publicUrl: 'https://tasks.example/yard' })
	const client = connect({ url: server.url, patience: 0 })
	const { id } = await client.start('Sample::Elsewhere', {})
	const { token } = await waitFor('the callback', () => callbacks.get(id))
	const call = (path: string, headers: Record<string, string>) =>
		new Promise<number | undefined>((resolve, reject) => {
			const sent = request({
				host: '127.0.0.1',
				port: server.port,
				path,
				method: 'POST',
				headers: { 'content-type': 'application/json', ...headers },
			})
			sent.on('response', (response) => {
				response.resume()
				resolve(response.statusCode)
			})
			sent.on('error', reject)
			sent.end('{"name":"done"}')
		})
	const host = 'tasks.example'
	expect(await call(`/api/tasks/${id}/cancel`, { host })).toBe(403)
	expect(await call(`/api/callbacks/${token}`, { host, origin: 'https://tasks.example' })).toBe(403)
	expect(await call(`/api/callbacks/${token}`, { host: 'evil.example' })).toBe(403)
	expect(await call(`/api/callbacks/${token}`, { host })).toBe(200)
	expect(await client.ended(id)).toMatchObject({ event: 'done' })
})
