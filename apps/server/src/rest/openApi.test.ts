/** The OpenAPI document against what is served: nothing is described that is not there, and answers are what it says. */

import { newId } from '@taskyard/testkit/rows'
import { callbacks, closePost, sampleTasks } from '@taskyard/testkit/sampleTasks'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { waitFor } from '@taskyard/testkit/waitFor'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { openTestServer } from '../testing/openTestServer.ts'
import { pathNames } from './route.ts'
import { routes } from './routes.ts'

const taskyard = useTaskyard({ tasks: sampleTasks })

type Contents = Readonly<Record<string, { readonly schema: object }>>

interface Operation {
	readonly operationId: string
	readonly summary: string
	readonly parameters: readonly { readonly name: string; readonly in: string }[]
	readonly requestBody?: { readonly content: object }
	readonly responses: Readonly<Record<string, { readonly content: Contents }>>
}

interface Document {
	readonly openapi: string
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
	readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let document: Document
/** Compiles as a client would: references lead into the document. */
let fits: (schema: object, value: unknown) => void

beforeAll(async () => {
	const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false, validateFormats: false })
	fits = (schema, value) => {
		const validate = ajv.compile({ ...schema, components: document.components })
		expect([value, validate(value) ? [] : validate.errors]).toEqual([value, []])
	}
	ajv.addKeyword('components')
})

async function openDocumented() {
	const server = await openTestServer(taskyard.url)
	const response = await fetch(`${server.url}/api/openapi.json`)
	expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
	document = (await response.json()) as Document
	return server
}

test('describes each route, with all that its path names', async () => {
	await openDocumented()
	const described = Object.entries(document.paths).flatMap(([path, operations]) =>
		Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
	)
	expect(described.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(
		routes.map(({ path, method }) => `${method.toLowerCase()} /api${path}`).sort(),
	)
	expect(new Set(described.map(({ operation }) => operation.operationId)).size).toBe(routes.length)
	for (const { path, operation } of described) {
		expect(operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(pathNames(path))
		expect(operation.summary).toMatch(/\.$/)
		expect(Object.keys(operation.responses)).toContain('default')
	}
})

test('each reference in it leads somewhere, and each component is used', async () => {
	await openDocumented()
	const used = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
	expect([...new Set(used)].sort()).toEqual(Object.keys(document.components.schemas).sort())
})

describe('an answer is what the document says:', () => {
	interface Request {
		readonly operationId: string
		readonly values?: Readonly<Record<string, string>>
		readonly body?: object
		readonly wait?: true
	}

	async function documented() {
		const server = await openDocumented()
		return async ({ operationId, values = {}, body, wait }: Request): Promise<{ id: string; status: number } & Record<string, unknown>> => {
			const route = routes.find((one) => one.operationId === operationId)
			if (!route) throw new Error(`There is no operation ${operationId}.`)
			const response = await fetch(`${server.url}/api${route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')}`, {
				method: route.method,
				headers: { 'content-type': 'application/json', ...(wait && { prefer: 'wait=30' }) },
				...(route.method === 'POST' && { body: JSON.stringify(body ?? {}) }),
			})
			const operation = document.paths[`/api${route.path}`]?.[route.method.toLowerCase()]
			const { content } = operation?.responses[response.status] ?? operation?.responses.default ?? { content: {} as Contents }
			const [type = ''] = (response.headers.get('content-type') ?? '').split(';')
			const answer = (await response.json()) as { id: string } & Record<string, unknown>
			fits(content[type]?.schema ?? { const: `no answer of type ${type}` }, answer)
			return { ...answer, status: response.status }
		}
	}

	test('a task that waits, that pauses, that is awaited, that is gone', async () => {
		const ask = await documented()
		const later = await ask({
			operationId: 'startTask',
			body: { label: 'Sample::Echo', input: { text: 'a' }, startAt: '2999-01-01T00:00:00Z' },
		})
		expect(later.status).toBe(202)
		await ask({ operationId: 'startTask', body: { label: 'Sample::Echo', input: { text: 'a' }, dependsOn: [{ task: later.id }] } })
		closePost(true)
		const { id } = await ask({ operationId: 'startTask', body: { label: 'Sample::Post', input: { parcel: 'document' } }, wait: true })
		expect(await ask({ operationId: 'readTask', values: { id }, wait: true })).toMatchObject({ status: 200, failure: { state: 'paused' } })
		expect((await ask({ operationId: 'retryStep', values: { id, step: '0' } })).status).toBe(200)
		await ask({ operationId: 'readTask', values: { id }, wait: true })
		await taskyard.commands.changeSetting({ key: 'dangerous_actions', value: true, who: taskyard.owner })
		expect(await ask({ operationId: 'unlockTask', values: { id } })).toHaveProperty('consequences')
		expect((await ask({ operationId: 'unlockTask', values: { id }, body: { confirmed: true } })).status).toBe(200)
		expect(await ask({ operationId: 'readTaskEvents', values: { id } })).toHaveProperty('entries')
		expect((await ask({ operationId: 'deleteTask', values: { id } })).status).toBe(200)
		expect(await ask({ operationId: 'readTaskEvents', values: { id } })).toHaveProperty('tombstone.id', id)
	})

	test('a recorded task, a step that is woken, a bulk and its items', async () => {
		const ask = await documented()
		const links = [{ type: 'Host', id: 'web', title: 'Web' }]
		const opened = await ask({ operationId: 'openTask', body: { label: 'Nightly::Export', silence: 60, links } })
		expect(opened).toMatchObject({ status: 201, recorded: true })
		const values = { id: opened.id }
		expect((await ask({ operationId: 'reportTask', values, body: { progress: 0.5, lines: ['half'] } })).status).toBe(200)
		const error = { message: 'no room', code: 'no_space', details: { free: 0 } }
		expect(await ask({ operationId: 'closeTask', values, body: { result: 'error', error } })).toMatchObject({ status: 200, error })
		const { id } = await ask({ operationId: 'startTask', body: { label: 'Sample::Elsewhere', input: { externalId: 'document' } } })
		await waitFor('the step to be suspended', async () => {
			const { steps } = await ask({ operationId: 'readTask', values: { id } })
			return (steps as { wait: { kind: string } | null }[])[0]?.wait?.kind === 'event'
		})
		expect(await ask({ operationId: 'findByExternalId', values: { value: 'document' } })).toMatchObject({ steps: [{ task: id }] })
		const { token = '' } = callbacks.get(id) ?? {}
		expect(await ask({ operationId: 'useCallback', values: { token }, body: { progress: 0.5 } })).toMatchObject({
			status: 200,
			usedUp: false,
		})
		expect((await ask({ operationId: 'sendEvent', values: { id }, body: { step: 0, name: 'done', payload: 1 } })).status).toBe(202)
		await ask({ operationId: 'readTask', values: { id }, wait: true })
		const bulk = await ask({ operationId: 'startBulk', body: { action: 'cancel', ids: [id, newId()] } })
		expect(bulk.status).toBe(202)
		await ask({ operationId: 'readTask', values: { id: bulk.id }, wait: true })
		expect(await ask({ operationId: 'readBulkItems', values: { id: bulk.id } })).toMatchObject({ items: [{ outcome: 'refused' }, {}] })
		expect((await ask({ operationId: 'bulkAgain', values: { id: bulk.id } })).status).toBe(202)
	})

	test('a task with sub-tasks', async () => {
		const ask = await documented()
		const ran = await ask({ operationId: 'startTask', body: { label: 'Sample::Family', input: { texts: ['a', 'b'] } }, wait: true })
		expect(ran).toMatchObject({ status: 200, result: 'success', subTasks: { total: 2, success: 2, open: 0 }, output: { total: 2 } })
	})

	const searches = ['findByExternalId']

	test.each(searches)('%s of nothing is empty', async (operationId) => {
		const ask = await documented()
		expect(await ask({ operationId, values: { value: 'nothing' } })).toEqual({ status: 200, steps: [] })
	})

	test.each(routes.map(({ operationId }) => operationId).filter((name) => !searches.includes(name)))(
		'%s of nothing is a problem',
		async (operationId) => {
			const ask = await documented()
			const answer = await ask({ operationId, values: { id: newId(), step: '0' } })
			expect(answer.status).toBeGreaterThanOrEqual(400)
			expect(answer).toHaveProperty('code')
		},
	)
})
