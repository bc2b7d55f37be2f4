import { Watcher } from '@taskyard/live/watcher'
import { buildSchema, type ExecutionArgs } from 'graphql'
import { expect, test } from 'vitest'
import { createDocuments } from './documents.ts'
import { createSharedFrames, type SharedResult } from './sharedFrames.ts'

const schema = buildSchema(`
	type Query { nothing: Int }
	type Subscription { news(of: String): News }
	type News { text(loud: Boolean): String, failing: String, flaky: String }
`)
const documents = createDocuments(schema)
const context = { requestId: 'request 1', log: { error: () => {}, warn: () => {} } }

/** A stream of two frames, which all who follow it get. */
function openNews() {
	let executed = 0
	let failures = 2
	const frames = ['one', 'two'].map((text) => ({
		news: {
			text: () => {
				executed += 1
				return text
			},
			failing: () => {
				throw new Error('secret detail')
			},
			flaky: () => {
				if (failures-- > 0) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
				return 'back'
			},
		},
	}))
	const shared = createSharedFrames()
	const follow = async (query: string, variables: Record<string, unknown> = {}) => {
		const document = documents(query, null)
		if (!('document' in document)) throw document[0]
		const left = [...frames]
		const source = new Watcher<unknown>({ take: () => left.shift() ?? null, leave: () => {} })
		const news = { news: () => source }
		const args = { schema, document: document.document, variableValues: variables, contextValue: context, rootValue: news } as ExecutionArgs
		const stream = await shared.subscribe({ ...args }, document)
		if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream.errors))
		return stream
	}
	return { follow, executed: () => executed }
}

const take = async (stream: AsyncIterator<SharedResult>) => (await stream.next()).value as SharedResult

test('one execution and one text for all with the same document and result variables', async () => {
	const news = openNews()
	const query = 'subscription ($of: String, $loud: Boolean) { news(of: $of) { text(loud: $loud) } }'
	const streams = await Promise.all(['a', 'b', 'c'].map((of) => news.follow(query, { of, loud: true })))
	const results = await Promise.all(streams.map(take))
	expect(new Set(results).size).toBe(1)
	expect(results[0]?.text).toBe('{"data":{"news":{"text":"one"}}}')
	expect(news.executed()).toBe(1)
	await take(await news.follow(query, { of: 'a', loud: false }))
	await take(await news.follow(`${query} `, { of: 'a', loud: true }))
	expect(news.executed()).toBe(3)
})

test('what fails inside is not told, and what heals is awaited', async () => {
	const news = openNews()
	const failing = await take(await news.follow('subscription { news { failing } }'))
	expect(failing.text).toContain('under the request id request 1')
	expect(failing.text).not.toContain('secret')
	const flaky = await take(await news.follow('subscription { news { flaky } }'))
	expect(flaky.text).toBe('{"data":{"news":{"flaky":"back"}}}')
})

test('documents are read once, and only subscriptions are taken', () => {
	const query = 'subscription { news { text } }'
	expect(documents(query, null)).toBe(documents(query, undefined))
	expect(documents('{ nothing }', null)).toMatchObject([{ message: expect.stringContaining('subscriptions only. Send a query as POST') }])
	expect(documents('subscription {', null)).toMatchObject([{ message: expect.stringContaining('Syntax Error') }])
	const two = 'subscription A { news { text } } subscription B { news { text } }'
	expect(documents(two, null)).toMatchObject([{ message: expect.stringContaining('say which one') }])
	expect(documents(two, 'B')).toHaveProperty('document')
})
