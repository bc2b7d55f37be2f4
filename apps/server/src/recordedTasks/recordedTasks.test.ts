/** A program that records its task, over each of the doors: they say the same. */

import { connect } from '@taskyard/testkit/client'
import { useDatabase } from '@taskyard/testkit/database'
import { newId } from '@taskyard/testkit/rows'
import { describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/openTestServer.ts'

const database = useDatabase()

interface Opening {
	readonly label: string
	readonly name?: string
	readonly input?: object
	readonly key?: string
	readonly silence?: number
	readonly links?: readonly { type: string; id: string; title?: string }[]
}

interface Report {
	readonly number?: number
	readonly progress?: number
	readonly lines?: readonly string[]
	readonly links?: readonly { type: string; id: string }[]
	readonly externalId?: string
	readonly externalUrl?: string
}

interface Closing {
	readonly result: 'success' | 'warning' | 'error' | 'cancelled'
	readonly output?: unknown
	readonly error?: { readonly message: string; readonly code?: string; readonly details?: unknown }
	readonly lines?: readonly string[]
}

/** The id of the task, or the code of the refusal. */
type Answer = { readonly id: string } | { readonly code: string; readonly paths: readonly string[] }

interface Door {
	open(opening: Opening): Promise<Answer>
	report(id: string, report: Report): Promise<Answer>
	close(id: string, closing: Closing): Promise<Answer>
}

const idOf = (answer: Answer): string => {
	if ('id' in answer) return answer.id
	throw new Error(`refused: ${answer.code} ${answer.paths.join(' ')}`)
}

interface Answered {
	readonly task: { readonly id: string } | null
	readonly refusal: { readonly code: string; readonly faults: readonly { readonly path: string }[] } | null
}

function graphQl(server: TestServer): Door {
	async function ask(command: string, types: string, variables: object): Promise<Answer> {
		const names = Object.keys(variables)
		const declared = types.split(', ').filter((one) => names.includes(one.slice(1).split(':', 1)[0] ?? ''))
		const passed = names.map((name) => `${name}: $${name}`).join(', ')
		const document = `mutation (${declared.join(', ')}) { ${command}(${passed}) { task { id } refusal { code faults { path } } } }`
		const { data, errors } = await server.ask(document, variables)
		expect(errors).toBeUndefined()
		const { task, refusal } = ((data ?? {}) as Record<string, Answered>)[command] ?? { task: null, refusal: null }
		if (task) return task
		return { code: refusal?.code ?? '', paths: refusal?.faults.map(({ path }) => path) ?? [] }
	}
	return {
		open: ({ input, ...opening }) =>
			ask('openTask', '$label: String!, $name: String, $input: JsonText, $key: String, $silence: Float, $links: [ResourceInput!]', {
				...opening,
				...(input && { input: JSON.stringify(input) }),
			}),
		report: (id, report) =>
			ask(
				'reportTask',
				'$id: ID!, $number: Float, $progress: Float, $lines: [String!], $links: [ResourceInput!], $externalId: String, $externalUrl: String',
				{ id, ...report },
			),
		close: (id, { output, error, ...closing }) =>
			ask('closeTask', '$id: ID!, $result: EndResult!, $output: JsonText, $error: FailureInput, $lines: [String!]', {
				id,
				...closing,
				...(output !== undefined && { output: JSON.stringify(output) }),
				...(error && { error: { ...error, ...('details' in error && { details: JSON.stringify(error.details) }) } }),
			}),
	}
}

function rest(server: TestServer): Door {
	async function ask(path: string, body: object): Promise<Answer> {
		const response = await fetch(`${server.url}/api/recorded-tasks${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		})
		const answer = (await response.json()) as { id: string; code: string; faults: { path: string }[] }
		if (response.status === 201) expect(response.headers.get('location')).toBe(`/api/tasks/${answer.id}`)
		return response.ok ? { id: answer.id } : { code: answer.code, paths: answer.faults.map(({ path: at }) => at) }
	}
	return {
		open: (opening) => ask('', opening),
		report: (id, report) => ask(`/${id}/reports`, report),
		close: (id, closing) => ask(`/${id}/close`, closing),
	}
}

function sdk(server: TestServer): Door {
	const client = connect({ url: server.url, patience: 0 })
	const opened = new Map<string, Awaited<ReturnType<typeof client.openTask>>>()
	const answered = async (work: Promise<{ readonly id: string }>): Promise<Answer> =>
		work.then(
			({ id }) => ({ id }),
			(failure: { code: string; details: { faults?: { path: string }[] } | null }) => ({
				code: failure.code,
				paths: (failure.details?.faults ?? []).map(({ path }) => path),
			}),
		)
	const handle = (id: string) => opened.get(id) ?? Promise.reject(new Error(`Task ${id} was not opened here.`))
	return {
		open: ({ label, silence, ...options }) =>
			answered(
				client.openTask(label, { ...options, ...(silence !== undefined && { silence: silence * 1000 }) }).then((task) => {
					opened.set(task.id, task)
					return task
				}),
			),
		report: async (id, report) => answered((await handle(id)).report(report)),
		close: async (id, { result, ...closing }) => answered((await handle(id)).close(result, closing)),
	}
}

describe.each([
	['GraphQL', graphQl],
	['REST', rest],
	['the SDK', sdk],
] as const)('over %s', (name, doorOf) => {
	const seen = async (server: TestServer, id: string) => {
		const { data, errors } = await server.ask(
			`query ($id: ID!) { task(id: $id) { label name state result progress recorded input output correlationId owner { login }
				error { message code details } links { type id title } externalIds { step value url } } }`,
			{ id },
		)
		expect(errors).toBeUndefined()
		return data?.task as Record<string, unknown>
	}

	async function log(id: string): Promise<string[]> {
		const { rows } = await database.pool.query<{ text: string }>(
			'select text from log_chunk where task_id = $1 order by step, first_line',
			[id],
		)
		return rows.flatMap(({ text }) => text.split('\n'))
	}

	test('a task is opened, reported on and closed', async () => {
		const server = await openTestServer(database.url)
		const door = doorOf(server)
		const links = [{ type: 'Host', id: 'web', title: 'Web' }]
		const id = idOf(await door.open({ label: 'Nightly::Export', name: 'Export of today', input: { day: 5 }, silence: 3600, links }))
		expect(await seen(server, id)).toMatchObject({
			label: 'Nightly::Export',
			name: 'Export of today',
			state: 'running',
			progress: 0,
			recorded: true,
			input: '{"day":5}',
			owner: { login: 'ann' },
			links: expect.arrayContaining(links),
		})
		const { rows } = await database.pool.query('select silence_ms from recorded_task where task_id = $1', [id])
		expect(rows).toEqual([{ silence_ms: 3_600_000 }])
		idOf(await door.report(id, { progress: 0.5, lines: ['one', 'two'], links: [{ type: 'File', id: '/srv/export' }] }))
		expect(await seen(server, id)).toMatchObject({
			progress: 0.5,
			links: expect.arrayContaining([expect.objectContaining({ type: 'File' })]),
		})
		idOf(await door.close(id, { result: 'success', output: { rows: 7 }, lines: ['three'] }))
		expect(await seen(server, id)).toMatchObject({ state: 'stopped', result: 'success', progress: 1, output: '{"rows":7}', error: null })
		expect(await log(id)).toEqual(['one', 'two', 'three'])
	})

	test('calls may repeat, and a report after the close is refused', async () => {
		const server = await openTestServer(database.url)
		const door = doorOf(server)
		const opening = { label: 'Nightly::Export', key: `export ${name}` }
		const id = idOf(await door.open(opening))
		expect(idOf(await door.open(opening))).toBe(id)
		const number = 7
		idOf(await door.report(id, { number, lines: ['once'] }))
		idOf(await door.report(id, { number, lines: ['once'] }))
		expect(await log(id)).toEqual(['once'])
		const failed = { result: 'error', error: { message: 'no room', code: 'no_space', details: { free: 0 } } } as const
		idOf(await door.close(id, failed))
		expect(idOf(await door.close(id, failed))).toBe(id)
		expect(await seen(server, id)).toMatchObject({
			result: 'error',
			error: { message: 'no room', code: 'no_space', details: '{"free":0}' },
		})
		expect(await door.close(id, { result: 'success' })).toMatchObject({ code: 'already_stopped' })
		expect(await door.report(id, { progress: 1 })).toMatchObject({ code: 'already_stopped' })
	})

	test('a task is found by what its work is called elsewhere, and only an address leads there', async () => {
		const server = await openTestServer(database.url)
		const door = doorOf(server)
		const id = idOf(await door.open({ label: 'Nightly::Export' }))
		const externalId = `job of ${name}`
		idOf(await door.report(id, { externalId, externalUrl: 'https://jobs.example/7' }))
		idOf(await door.report(id, { externalId: 'another', externalUrl: 'javascript:alert(1)' }))
		const externalIds = [
			{ step: 0, value: 'another', url: null },
			{ step: 0, value: externalId, url: 'https://jobs.example/7' },
		]
		expect(await seen(server, id)).toMatchObject({ externalIds })
		const client = connect({ url: server.url })
		expect(await client.get(id)).toMatchObject({ externalIds })
		expect(await client.findByExternalId(externalId)).toEqual([{ task: id, step: 0, url: 'https://jobs.example/7' }])
		expect(await door.report(id, { externalUrl: 'https://jobs.example' })).toMatchObject({ paths: ['/externalId'] })
	})

	test('what is wrong is named, and nothing is stored', async () => {
		const server = await openTestServer(database.url)
		const door = doorOf(server)
		expect(await door.open({ label: ' ', silence: 0.1 })).toMatchObject({ paths: expect.arrayContaining(['/label', '/silence']) })
		const id = idOf(await door.open({ label: 'Nightly::Export' }))
		expect(await door.report(id, { progress: 2, lines: ['kept?'] })).toMatchObject({ paths: ['/progress'] })
		expect(await door.close(id, { result: 'success', error: { message: 'but' } })).toMatchObject({
			code: 'invalid_input',
			paths: ['/error'],
		})
		expect(await log(id)).toEqual([])
		expect(await seen(server, id)).toMatchObject({ state: 'running', progress: 0 })
	})
})

test('a task without an address to call cannot be cancelled', async () => {
	const server = await openTestServer(database.url)
	const client = connect({ url: server.url, patience: 0 })
	const { id } = await client.openTask('Nightly::Export')
	await expect(client.cancel(id)).rejects.toMatchObject({ code: 'not_cancellable' })
	await expect(client.get(newId())).rejects.toMatchObject({ code: 'not_found' })
})

test('a program that was started anew goes on with the numbers of its reports', async () => {
	const server = await openTestServer(database.url)
	const open = () => connect({ url: server.url, patience: 0 }).openTask('Nightly::Export', { key: 'anew' })
	const first = await open()
	await first.report({ progress: 0.1 })
	await first.report({ progress: 0.2 })
	const second = await open()
	expect(second.id).toBe(first.id)
	expect(await second.report({ progress: 0.3 })).toMatchObject({ progress: 0.3 })
})
