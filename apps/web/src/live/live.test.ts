// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TypedDocumentString } from '../graphql/generated/graphql.ts'
import { offlineAfter } from './connection.ts'
import { backOff, createLive } from './live.ts'

interface Message {
	readonly type: string
	readonly id: string
	readonly payload: { readonly variables: { readonly after: string | null } }
}

/** The server's end of a socket, moved by the test. */
class FakeSocket {
	static readonly OPEN = 1
	static readonly CLOSING = 2
	static opened: FakeSocket[] = []
	readyState = 0
	sent: Message[] = []
	onopen: (() => void) | null = null
	onmessage: ((event: { data: string }) => void) | null = null
	onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null
	onerror: ((event: unknown) => void) | null = null

	constructor() {
		FakeSocket.opened.push(this)
	}

	send(text: string) {
		this.sent.push(JSON.parse(text) as Message)
	}

	close(code = 1000, reason = '') {
		this.readyState = 3
		this.onclose?.({ code, reason, wasClean: true })
	}

	async accept() {
		this.readyState = FakeSocket.OPEN
		this.onopen?.()
		await settle()
		this.says({ type: 'connection_ack' })
		await settle()
	}

	says(message: object) {
		this.onmessage?.({ data: JSON.stringify(message) })
	}

	get subscription(): Message | undefined {
		return this.sent.find(({ type }) => type === 'subscribe')
	}
}

const settle = () => vi.advanceTimersByTimeAsync(0)
const socket = (index: number): FakeSocket => {
	const opened = FakeSocket.opened[index]
	if (!opened) throw new Error(`Socket ${index} was not opened.`)
	return opened
}

interface Result {
	readonly value: number
	readonly to: string
}
const document = new TypedDocumentString<Result, { after: string | null }>('subscription { value }')

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'requestAnimationFrame'] })
	FakeSocket.opened = []
	vi.stubGlobal('WebSocket', FakeSocket)
})
afterEach(() => {
	vi.useRealTimers()
	vi.unstubAllGlobals()
})

test('comes back after a break and goes on at its cursor', async () => {
	const live = createLive('ws://test/graphql')
	const values: number[] = []
	live.follow(document, { variables: { after: null }, resume: ({ to }) => ({ after: to }), next: ({ value }) => values.push(value) })
	await settle()
	expect(live.connection.get().kind).toBe('connecting')
	await socket(0).accept()
	expect(live.connection.get().kind).toBe('live')
	const first = socket(0).subscription
	expect(first?.payload.variables).toEqual({ after: null })
	socket(0).says({ type: 'next', id: first?.id, payload: { data: { value: 1, to: 'c1' } } })
	await vi.advanceTimersByTimeAsync(20)
	expect(values).toEqual([1])

	socket(0).close(1012, 'restart')
	expect(live.connection.get().kind).toBe('reconnecting')
	await vi.advanceTimersByTimeAsync(500)
	await socket(1).accept()
	expect(live.connection.get().kind).toBe('live')
	expect(socket(1).subscription?.payload.variables).toEqual({ after: 'c1' })
})

test('notices a socket that went silent, and says offline when nothing comes back', async () => {
	const live = createLive('ws://test/graphql')
	await settle()
	await socket(0).accept()
	await vi.advanceTimersByTimeAsync(10_000)
	expect(socket(0).sent.at(-1)?.type).toBe('ping')
	await vi.advanceTimersByTimeAsync(5_000)
	expect(live.connection.get().kind).toBe('reconnecting')
	await vi.advanceTimersByTimeAsync(offlineAfter)
	expect(live.connection.get().kind).toBe('offline')
})

test('asks again when the server refuses, and tells why', async () => {
	const live = createLive('ws://test/graphql')
	const refusals: string[] = []
	live.follow(document, { variables: { after: 'lost' }, resume: () => ({}), next: () => {}, refused: (message) => refusals.push(message) })
	await settle()
	await socket(0).accept()
	const first = socket(0).subscription
	socket(0).says({ type: 'error', id: first?.id, payload: [{ message: 'The cursor is not one of ours.' }] })
	await settle()
	expect(refusals).toEqual(['The cursor is not one of ours.'])
	await vi.advanceTimersByTimeAsync(1_000)
	expect(socket(0).sent.filter(({ type }) => type === 'subscribe')).toHaveLength(2)
})

test('the waits grow, differ and end at fifteen seconds', () => {
	expect(backOff(0, () => 1)).toBe(375)
	expect(backOff(3, () => 1)).toBe(2125)
	expect(backOff(50, () => 1)).toBe(15_125)
	expect(backOff(50, () => 0)).toBe(125)
})
