/** Actions on many tasks, over each of the doors. */

import { connect } from '@taskyard/testkit/client'
import { newId } from '@taskyard/testkit/rows'
import { openGate, sampleTasks } from '@taskyard/testkit/sampleTasks'
import { useTaskyard } from '@taskyard/testkit/taskyard'
import { describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/openTestServer.ts'

const taskyard = useTaskyard({ tasks: sampleTasks })

interface Item {
	readonly task: string
	readonly outcome: string
	readonly code: string | null
	readonly made: string | null
}

interface Door {
	/** Answers the id of the bulk. */
	start(action: string, ids: readonly string[], why: string): Promise<string>
	again(bulk: string): Promise<string>
	items(bulk: string, outcome?: string): Promise<readonly Item[]>
	/** The code of the refusal. */
	refused(action: string, ids: readonly string[]): Promise<string>
}

function graphQl(server: TestServer): Door {
	async function ask(document: string, variables: object) {
		const { data, errors } = await server.ask(document, variables)
		expect(errors).toBeUndefined()
		return Object.values(data ?? {})[0] as { task: { id: string } | null; refusal: { code: string } | null; items: Item[] }
	}
	const start =
		'mutation ($action: BulkAction!, $ids: [ID!]!, $why: String) { startBulk(action: $action, ids: $ids, why: $why) { task { id } refusal { code } } }'
	return {
		start: async (action, ids, why) => (await ask(start, { action, ids, why })).task?.id ?? '',
		again: async (id) => (await ask('mutation ($id: ID!) { bulkAgain(id: $id) { task { id } refusal { code } } }', { id })).task?.id ?? '',
		items: async (id, outcome) => {
			const document =
				'query ($id: ID!, $outcome: BulkOutcome) { bulkItems(id: $id, outcome: $outcome) { items { task outcome code made } } }'
			return (await ask(document, { id, outcome })).items
		},
		refused: async (action, ids) => (await ask(start, { action, ids })).refusal?.code ?? '',
	}
}

function rest(server: TestServer): Door {
	async function ask(method: string, path: string, body?: object) {
		const response = await fetch(`${server.url}/api/bulk${path}`, {
			method,
			...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		})
		const answer = (await response.json()) as { id: string; code: string; items: Item[] }
		if (response.status === 202) expect(response.headers.get('location')).toBe(`/api/tasks/${answer.id}`)
		return answer
	}
	return {
		start: async (action, ids, why) => (await ask('POST', '', { action, ids, why })).id,
		again: async (id) => (await ask('POST', `/${id}/again`, {})).id,
		// Page after page, as long as there is a next one.
		items: async (id, outcome) => {
			const items: Item[] = []
			for (let after: number | null = -1; after !== null; ) {
				const only = outcome === undefined ? '' : `&outcome=${outcome}`
				const from: string = after < 0 ? '' : `&after=${after}`
				const page = (await ask('GET', `/${id}/items?first=2${only}${from}`)) as { items: Item[] } & { next?: number | null }
				items.push(...page.items)
				after = page.next ?? null
			}
			return items
		},
		refused: async (action, ids) => (await ask('POST', '', { action, ids })).code,
	}
}

function sdk(server: TestServer): Door {
	const client = connect({ url: server.url, patience: 0 })
	return {
		start: (action, ids, why) => client.bulk(action as 'cancel', ids, { why }),
		again: (id) => client.bulkAgain(id),
		items: async (id, outcome) => {
			const items: Item[] = []
			for await (const item of client.bulkItems(id, outcome as 'done' | undefined)) items.push(item)
			return items
		},
		refused: (action, ids) =>
			client.bulk(action as 'cancel', ids).then(
				() => '',
				(failure: { code: string }) => failure.code,
			),
	}
}

describe.each([
	['GraphQL', graphQl],
	['REST', rest],
	['the SDK', sdk],
] as const)('over %s', (name, doorOf) => {
	test('many are cancelled, each with its outcome, and those that were refused once more', async () => {
		const server = await openTestServer(taskyard.url)
		const door = doorOf(server)
		const client = connect({ url: server.url, patience: 0 })
		const later = { startAt: new Date('2999-01-01') }
		const waiting = await Promise.all([1, 2, 3].map(async (n) => (await client.start('Sample::Echo', { text: String(n) }, later)).id))
		const ended = newId()
		await client.run('Sample::Echo', { text: 'ended' }, { id: ended })
		const bulk = await door.start('cancel', [...waiting, ended], `for ${name}`)
		await client.ended(bulk)
		const items = await door.items(bulk)
		expect(items).toMatchObject([
			...waiting.map((task) => ({ task, outcome: 'done', code: null })),
			{ task: ended, outcome: 'refused', code: 'already_stopped' },
		])
		expect(await door.items(bulk, 'refused')).toEqual(items.slice(3))
		for (const id of waiting) expect(await client.get(id)).toMatchObject({ state: 'stopped', result: 'cancelled' })
		const { data } = await server.ask('query ($id: ID!) { taskHistory(id: $id) { entries { kind why } } }', { id: waiting[0] })
		expect(data?.taskHistory).toMatchObject({ entries: expect.arrayContaining([{ kind: 'cancel', why: `for ${name}` }]) })
		const again = await door.again(bulk)
		await client.ended(again)
		expect(await door.items(again)).toMatchObject([{ task: ended, outcome: 'refused', code: 'already_stopped' }])
		const rerun = await door.start('rerun', [ended], 'again')
		await client.ended(rerun)
		const [{ made } = { made: null }] = await door.items(rerun)
		expect(await client.ended(made ?? '')).toEqual({ text: 'ended' })
	})

	test('what is wrong is refused', async () => {
		const server = await openTestServer(taskyard.url)
		const door = doorOf(server)
		expect(await door.refused('cancel', [])).toBe('invalid_bulk')
		expect(await door.refused('cancel', ['nothing'])).toBe('invalid_bulk')
		expect(await door.refused('unlock', [newId()])).toBe('dangerous_actions_off')
	})
})

test('what is no bulk has no items', async () => {
	const server = await openTestServer(taskyard.url)
	const client = connect({ url: server.url, patience: 0 })
	openGate('bulk')
	const { id } = await client.start('Sample::Wait', { gate: 'bulk' })
	const { data, errors } = await server.ask('query ($id: ID!) { bulkItems(id: $id) { next } }', { id: newId() })
	expect([data, errors]).toEqual([{ bulkItems: null }, undefined])
	const wrong = await server.ask('query ($id: ID!) { bulkItems(id: $id) { next } }', { id })
	expect(wrong.errors?.[0]?.message).toMatch(/and no bulk/)
	await expect(client.bulkItems(id)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid_bulk' })
	await client.ended(id)
})

test('items name their tasks as they are now, and none where there is none', async () => {
	const server = await openTestServer(taskyard.url)
	const client = connect({ url: server.url, patience: 0 })
	const known = newId()
	await client.run('Sample::Echo', { text: 'known' }, { id: known })
	const bulk = await client.bulk('rerun', [known, newId()])
	await client.ended(bulk)
	const { data } = await server.ask('query ($id: ID!) { bulkItems(id: $id) { items { subject { id name state } } } }', { id: bulk })
	expect(data?.bulkItems).toEqual({ items: [{ subject: { id: known, name: 'Echo known', state: 'stopped' } }, { subject: null }] })
})
