/** REST against the engine: what programs that know HTTP and nothing else get. */

import { connect } from '@taskyard/testkit/client'
import { newId } from '@taskyard/testkit/rows'
import { closePost, openGate, sampleTasks } from '@taskyard/testkit/sampleTasks'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { waitFor } from '@taskyard/testkit/waitFor'
import { describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/openTestServer.ts'

const taskyard = useTaskyard({ tasks: sampleTasks })

interface Answer {
	readonly status: number
	readonly headers: Headers
	readonly text: string
	readonly body: Record<string, unknown> & { readonly id: string }
}

async function send(
	server: TestServer,
	method: string,
	path: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<Answer> {
	const response = await fetch(`${server.url}/api${path}`, {
		method,
		headers: { ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers },
		...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	})
	const text = await response.text()
	return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Answer['body'] }
}

const post = (server: TestServer, path: string, body?: unknown, headers?: Record<string, string>) =>
	send(server, 'POST', path, body, headers)
const get = (server: TestServer, path: string, headers?: Record<string, string>) => send(server, 'GET', path, undefined, headers)

async function tasks(): Promise<number> {
	const { rows } = await taskyard.pool.query<{ count: number }>('select count(*)::int as count from task')
	return rows[0]?.count ?? -1
}

describe('a start', () => {
	test('is answered with 202, and where the task is; awaited there, it has its output', async () => {
		const server = await openTestServer(taskyard.url)
		const started = await post(server, '/tasks', { label: 'Sample::Echo', input: { text: 'a' } }, { 'x-correlation-id': 'order-4711' })
		expect(started).toMatchObject({
			status: 202,
			body: { label: 'Sample::Echo', name: 'Echo a', correlationId: 'order-4711', output: null },
		})
		expect(started.headers.get('location')).toBe(`/api/tasks/${started.body.id}`)
		expect(started.headers.get('x-correlation-id')).toBe('order-4711')
		const ended = await get(server, `/tasks/${started.body.id}`, { prefer: 'wait=30' })
		expect(ended.headers.get('preference-applied')).toBe('wait=30')
		expect(ended).toMatchObject({
			status: 200,
			body: {
				state: 'stopped',
				result: 'success',
				progress: 1,
				owner: { login: 'ann', name: 'Ann' },
				output: { text: 'a' },
				steps: [{ index: 0, state: 'success', attempt: 1, progress: 1, error: null }],
			},
		})
		expect(ended.body).not.toHaveProperty('failure')
	})

	test('with Prefer: wait is answered when the task has ended', async () => {
		const server = await openTestServer(taskyard.url)
		const ran = await post(server, '/tasks', { label: 'Sample::Echo', input: { text: 'b' } }, { prefer: 'respond-async, wait=30' })
		expect(ran).toMatchObject({ status: 200, body: { state: 'stopped', result: 'success', output: { text: 'b' } } })
	})

	test('keeps the text of the input: numbers, order and blanks', async () => {
		const server = await openTestServer(taskyard.url)
		const input = '{ "text":"c", "number": {"2":12345678901234567890, "1":1.50, "e":1e400} }'
		const started = await post(server, '/tasks', `{"label":"Sample::Echo",\n"input":${input}}`)
		expect(started.status).toBe(422)
		const exact = input.replace(', "e":1e400', '')
		const ran = await post(server, '/tasks', `{"label":"Sample::Echo",\n"input":${exact}}`, { prefer: 'wait=30' })
		expect(ran.text).toContain(`"input":${exact},"output":{`)
		expect(ran.text).toMatch(/"output":\{"text":"c","number":\{"1":1\.5,"2":12345678901234567890\}\}/)
	})

	test('that has not ended when the time is over goes on', async () => {
		const server = await openTestServer(taskyard.url)
		const started = await post(server, '/tasks', { label: 'Sample::Wait', input: { gate: 'rest' } }, { prefer: 'wait=0' })
		expect(started).toMatchObject({ status: 202, body: { goesOn: expect.stringMatching(/It goes on/) } })
		expect(started.headers.get('location')).toBe(`/api/tasks/${started.body.id}`)
		openGate('rest')
		expect(await get(server, `/tasks/${started.body.id}`, { prefer: 'wait=30' })).toMatchObject({ body: { output: { passed: 'rest' } } })
	})

	test('asked again with the same id is the same task', async () => {
		const server = await openTestServer(taskyard.url)
		const order = { label: 'Sample::Echo', input: { text: 'd' }, id: newId() }
		for (const again of [await post(server, '/tasks', order), await post(server, '/tasks', order)])
			expect(again).toMatchObject({ status: 202, body: { id: order.id } })
		const other = await post(server, '/tasks', { ...order, input: { text: 'e' } })
		expect(other).toMatchObject({ status: 409, body: { code: 'id_taken' } })
	})

	test('may wait for a time and for another task', async () => {
		const server = await openTestServer(taskyard.url)
		const later = await post(server, '/tasks', { label: 'Sample::Echo', input: { text: 'f' }, startAt: '2999-01-01T00:00:00+01:00' })
		expect(later.body).toMatchObject({ state: 'scheduled', startAt: '2998-12-31T23:00:00.000Z', waitingFor: { kind: 'start_time' } })
		const behind = await post(server, '/tasks', { label: 'Sample::Echo', input: { text: 'g' }, dependsOn: [{ task: later.body.id }] })
		expect(behind.body).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'dependency', tasks: [{ id: later.body.id }] } })
		for (const { body } of [behind, later]) await post(server, `/tasks/${body.id}/cancel`)
	})
})

describe('a task that does not end well', () => {
	test('says why, is resumed, and its history says who and why', async () => {
		const server = await openTestServer(taskyard.url)
		closePost(true)
		const paused = await post(server, '/tasks', { label: 'Sample::Post', input: { parcel: 'one' } }, { prefer: 'wait=30' })
		const place = `/tasks/${paused.body.id}`
		expect(paused).toMatchObject({
			status: 200,
			body: {
				state: 'paused',
				result: 'error',
				output: null,
				failure: { state: 'paused', result: 'error', code: 'closed', message: expect.stringContaining('the post is closed') },
				steps: [{ state: 'error', error: { type: 'Failure', code: 'closed', details: { parcel: 'one' } } }],
			},
		})
		closePost(false)
		expect(await post(server, `${place}/resume`, { why: 'it opened' })).toMatchObject({ status: 200, body: { id: paused.body.id } })
		expect(await get(server, place, { prefer: 'wait=30' })).toMatchObject({ body: { result: 'warning', output: { sent: 'one' } } })
		const { body: history } = await get(server, `${place}/events`)
		expect(history).toMatchObject({
			entries: expect.arrayContaining([
				expect.objectContaining({ kind: 'resume', who: { login: 'ann', name: 'Ann' }, why: 'it opened' }),
				expect.objectContaining({ kind: 'task', oldState: 'running', newState: 'paused' }),
			]),
			endCursor: null,
			tombstone: null,
		})
		const { body: first } = await get(server, `${place}/events?first=1`)
		const { body: rest } = await get(server, `${place}/events?first=500&after=${String(first.endCursor)}`)
		expect([...(first.entries as object[]), ...(rest.entries as object[])]).toEqual(history.entries)
	})

	test('is skipped, retried, run again and deleted', async () => {
		const server = await openTestServer(taskyard.url)
		closePost(true)
		const start = () => post(server, '/tasks', { label: 'Sample::Post', input: { parcel: newId() } }, { prefer: 'wait=30' })
		const one = `/tasks/${(await start()).body.id}`
		expect(await post(server, `${one}/steps/0/retry`)).toMatchObject({ status: 200 })
		expect(await get(server, one, { prefer: 'wait=30' })).toMatchObject({ body: { state: 'paused', steps: [{ attempt: 2 }] } })
		expect(await post(server, `${one}/steps/0/skip`, { why: null })).toMatchObject({ status: 200, body: { result: 'warning' } })
		const again = await post(server, `${one}/rerun`, { newId: newId() })
		expect(again).toMatchObject({ status: 202, body: { rerunOf: one.slice('/tasks/'.length) } })
		expect(again.headers.get('location')).toBe(`/api/tasks/${again.body.id}`)
		await get(server, `/tasks/${again.body.id}`, { prefer: 'wait=30' })
		expect(await post(server, `/tasks/${again.body.id}/cancel`)).toMatchObject({
			status: 200,
			body: { state: 'stopped', result: 'cancelled' },
		})
		expect(await send(server, 'DELETE', `${one}?why=tidy`)).toMatchObject({ status: 200, body: { id: one.slice('/tasks/'.length) } })
		expect(await get(server, one)).toMatchObject({ status: 404, body: { code: 'not_found' } })
		expect((await get(server, `${one}/events`)).body).toMatchObject({
			entries: expect.arrayContaining([expect.objectContaining({ kind: 'delete', why: 'tidy' })]),
			tombstone: { label: 'Sample::Post', deletedBy: { login: 'ann' } },
		})
	})

	test('is unlocked when its consequences were confirmed', async () => {
		const server = await openTestServer(taskyard.url)
		closePost(true)
		const paused = await post(server, '/tasks', { label: 'Sample::Post', input: { parcel: 'locked' } }, { prefer: 'wait=30' })
		const place = `/tasks/${paused.body.id}/unlock`
		expect(await post(server, place)).toMatchObject({ status: 403, body: { code: 'dangerous_actions_off' } })
		await taskyard.commands.changeSetting({ key: 'dangerous_actions', value: true, who: taskyard.owner })
		expect(await post(server, place)).toMatchObject({
			status: 200,
			body: { consequences: { runningAttempts: 0, locks: [{ resource: { type: 'Parcel', id: 'locked', title: null }, next: [] }] } },
		})
		expect(await post(server, place, { confirmed: true })).toMatchObject({ status: 200, body: { state: 'stopped', unlocked: true } })
	})
})

test('a confirmation is answered once', async () => {
	const server = await openTestServer(taskyard.url)
	const asks = await post(server, '/tasks', { label: 'Sample::Ask' })
	expect(asks.body).toMatchObject({ state: 'scheduled', waitingFor: { kind: 'confirmation' } })
	const place = `/tasks/${asks.body.id}/confirm`
	expect(await post(server, place)).toMatchObject({ status: 422, body: { faults: [{ path: '/yes', message: 'is required' }] } })
	expect(await post(server, place, { yes: true })).toMatchObject({ status: 200 })
	expect(await post(server, place, { yes: false })).toMatchObject({ status: 409, body: { code: 'not_awaiting_confirmation' } })
	expect(await get(server, `/tasks/${asks.body.id}`, { prefer: 'wait=30' })).toMatchObject({ body: { output: { done: true } } })
})

describe('what is wrong with a request is a problem, and nothing is stored:', () => {
	const unknown = '019a0b1c-2d3e-7f00-8000-0123456789ab'
	test.each<[string, string, string, unknown, number, object]>([
		[
			'an unknown type',
			'POST',
			'/tasks',
			{ label: 'No::Such' },
			422,
			{ code: 'unknown_task_type', detail: expect.stringContaining('Known are') },
		],
		[
			'an input that does not fit',
			'POST',
			'/tasks',
			{ label: 'Sample::Echo', input: { text: 1 } },
			422,
			{ code: 'invalid_input', faults: [{ path: '/text', message: 'must be string' }] },
		],
		['an id that is none', 'POST', '/tasks', { label: 'Sample::Ask', id: unknown.replace('7f', '4f') }, 422, { code: 'invalid_id' }],
		['no id at all', 'POST', '/tasks', { label: 'Sample::Ask', id: 'x' }, 422, { faults: [{ path: '/id' }] }],
		[
			'members that are not known, and one that is missing',
			'POST',
			'/tasks',
			{ type: 'Sample::Ask', inputs: {} },
			422,
			{
				code: 'invalid_request',
				detail: expect.stringContaining('/label is required'),
				faults: expect.arrayContaining([
					{ path: '/label', message: 'is required' },
					{ path: '/type', message: 'is not known here' },
					{ path: '/inputs', message: 'is not known here' },
				]),
			},
		],
		['a time that is none', 'POST', '/tasks', { label: 'Sample::Ask', startAt: 'soon' }, 422, { faults: [{ path: '/startAt' }] }],
		[
			'a dependency on nothing',
			'POST',
			'/tasks',
			{ label: 'Sample::Ask', dependsOn: [{ task: unknown }] },
			422,
			{ code: 'invalid_dependency' },
		],
		['a body that is no JSON', 'POST', '/tasks', '{"label":', 400, { code: 'invalid_json' }],
		['a list for a body', 'POST', '/tasks', [], 422, { code: 'invalid_request' }],
		['a body that is too large', 'POST', '/tasks', `{"label":"${'x'.repeat(4 * 1024 * 1024)}"}`, 413, { code: 'request_refused' }],
		['a task that is not there', 'GET', `/tasks/${unknown}`, undefined, 404, { code: 'not_found' }],
		['an id of nothing', 'GET', '/tasks/nothing', undefined, 404, { code: 'not_found' }],
		['the history of nothing', 'GET', '/tasks/nothing/events', undefined, 404, { code: 'not_found' }],
		['too much of a history', 'GET', `/tasks/${unknown}/events?first=501`, undefined, 422, { code: 'invalid_request' }],
		['no number', 'GET', `/tasks/${unknown}/events?first=many`, undefined, 422, { code: 'invalid_request', faults: [{ path: '/first' }] }],
		['a cancel of nothing', 'POST', '/tasks/nothing/cancel', {}, 404, { code: 'not_found' }],
		['a step that is no number', 'POST', `/tasks/${unknown}/steps/one/skip`, {}, 404, { code: 'no_such_step' }],
		['a delete of nothing', 'DELETE', `/tasks/${unknown}`, undefined, 404, { code: 'not_found' }],
		['no route', 'GET', '/nothing', undefined, 404, { code: 'no_such_route' }],
		['another method', 'GET', '/tasks', undefined, 405, { code: 'method_not_allowed', detail: expect.stringContaining('POST is') }],
	])('%s', async (_, method, path, body, status, expected) => {
		const server = await openTestServer(taskyard.url)
		const before = await tasks()
		const answer = await send(server, method, path, body)
		expect(answer.body).toMatchObject({
			status,
			type: expect.stringMatching(/^urn:taskyard:problem:\w+$/),
			detail: expect.stringMatching(/\S/),
		})
		expect(answer).toMatchObject({ status, body: expected })
		expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
		expect(await tasks()).toBe(before)
	})

	test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'text/plain', 'text/plain; application/json', ''])(
		'a body of type %j',
		async (contentType) => {
			const server = await openTestServer(taskyard.url)
			const before = await tasks()
			const body = new Blob([JSON.stringify({ label: 'Sample::Ask' })])
			for (const path of ['/tasks', `/tasks/${unknown}/cancel`]) {
				const response = await fetch(`${server.url}/api${path}`, { method: 'POST', headers: { 'content-type': contentType }, body })
				expect([response.status, await response.json()]).toMatchObject([415, { detail: expect.stringContaining('needs content-type') }])
			}
			const nothing = await fetch(`${server.url}/api/tasks/${unknown}/cancel`, { method: 'POST' })
			expect(nothing.status).toBe(415)
			expect(await tasks()).toBe(before)
		},
	)

	test('a foreign origin', async () => {
		const server = await openTestServer(taskyard.url)
		const before = await tasks()
		const response = await fetch(`${server.url}/api/tasks`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', origin: 'http://evil.example' },
			body: JSON.stringify({ label: 'Sample::Ask' }),
		})
		expect([response.status, await response.text()]).toEqual([403, expect.stringMatching(/^Refused: /)])
		expect(await tasks()).toBe(before)
	})
})

test('what comes too late is refused with the reason', async () => {
	const server = await openTestServer(taskyard.url)
	const { body } = await post(server, '/tasks', { label: 'Sample::Echo', input: { text: 'late' } }, { prefer: 'wait=30' })
	for (const [command, code] of [
		['cancel', 'already_stopped'],
		['pause', 'already_stopped'],
		['resume', 'already_stopped'],
	])
		expect(await post(server, `/tasks/${body.id}/${command}`)).toMatchObject({ status: 409, body: { code, faults: [] } })
})

describe('what goes wrong inside', () => {
	test('a database that does not answer is 503', async () => {
		const server = await openTestServer('postgres://nobody@127.0.0.1:1/nothing')
		expect(await get(server, `/tasks/${newId()}`)).toMatchObject({
			status: 503,
			body: { code: 'service_unavailable', detail: expect.stringMatching(/^The database does not answer/), requestId: expect.any(String) },
		})
	})
})

test('who waits for a task does not hold up the stop of the server, and the client asks the next one', async () => {
	const server = await openTestServer(taskyard.url)
	const { port } = server
	const ids = [newId(), newId()] as const
	const waiting = post(server, '/tasks', { label: 'Sample::Wait', input: { gate: 'stop' }, id: ids[0] }, { prefer: 'wait=300' })
	const ran = connect({ url: server.url }).run('Sample::Wait', { gate: 'stop' }, { id: ids[1] })
	await waitFor('both tasks', async () => {
		const { rowCount } = await taskyard.pool.query('select from task where id = any($1)', [ids])
		return rowCount === 2
	})
	await server.close()
	expect(await waiting).toMatchObject({ status: 503, body: { code: 'service_unavailable', detail: expect.stringContaining('ask again') } })
	await openTestServer(taskyard.url, { port })
	openGate('stop')
	expect(await ran).toEqual({ passed: 'stop' })
})

describe('the client of the SDK', () => {
	const client = (server: TestServer, more: object = {}) => connect({ url: `${server.url}/`, patience: 0, ...more })

	test('runs a task and answers its output, with big integers', async () => {
		const server = await openTestServer(taskyard.url)
		const sdk = client(server, { correlationId: 'order-4712' })
		expect(await sdk.run('Sample::Echo', { text: 'a', number: 12345678901234567890n })).toEqual({
			text: 'a',
			number: 12345678901234567890n,
		})
		const { id } = await sdk.start('Sample::Ask')
		expect(await sdk.get(id)).toMatchObject({ id, state: 'scheduled', input: {}, correlationId: 'order-4712' })
		expect(await sdk.cancel(id, 'no need')).toMatchObject({ state: 'stopped', result: 'cancelled' })
		await expect(sdk.ended(id)).rejects.toMatchObject({ code: 'task_failed', details: { task: id, result: 'cancelled' } })
	})

	test('a failed task is a Failure with the id; resumed, it has an output', async () => {
		const server = await openTestServer(taskyard.url)
		closePost(true)
		const id = newId()
		await expect(client(server).run('Sample::Post', { parcel: 'sdk' }, { id })).rejects.toMatchObject({
			name: 'Failure',
			code: 'task_failed',
			message: expect.stringContaining('the post is closed'),
			details: { task: id, state: 'paused', result: 'error', code: 'closed' },
		})
		closePost(false)
		await client(server).resume(id)
		expect(await client(server).ended(id)).toEqual({ sent: 'sdk' })
	})

	test('one that takes too long goes on', async () => {
		const server = await openTestServer(taskyard.url)
		const id = newId()
		await expect(client(server).run('Sample::Wait', { gate: 'sdk' }, { id, timeout: 1 })).rejects.toMatchObject({
			code: 'task_not_ended',
			retryable: false,
			details: { task: id },
		})
		openGate('sdk')
		expect(await client(server).ended(id)).toEqual({ passed: 'sdk' })
	})

	test('a refusal has its code and its faults', async () => {
		const server = await openTestServer(taskyard.url)
		await expect(client(server).start('Sample::Echo', {})).rejects.toMatchObject({
			code: 'invalid_input',
			retryable: false,
			message: expect.stringMatching(/^Task Sample::Echo was not started: /),
			details: { faults: [{ path: '/text', message: 'is required' }] },
		})
		await expect(client(server).get('nothing')).rejects.toMatchObject({ code: 'not_found' })
		await expect(connect({ url: `${server.url}/elsewhere`, patience: 0 }).get('x')).rejects.toMatchObject({ code: 'no_taskyard' })
	})

	test('a server that comes back is asked again; one that stays away is a Failure', async () => {
		const server = await openTestServer(taskyard.url)
		const { port } = server
		await server.close()
		await expect(client(server).start('Sample::Ask')).rejects.toMatchObject({ code: 'no_connection', retryable: true })
		const ran = client(server, { patience: 30_000 }).run('Sample::Echo', { text: 'back' })
		await openTestServer(taskyard.url, { port })
		expect(await ran).toEqual({ text: 'back' })
	})
})
