import { describe, expect, test } from 'vitest'
import { createLog } from './log.ts'
import { createShutdown, type ShutdownHost } from './shutdown.ts'

/** A process whose signals, clock and exit are in the hands of the test. */
function processOfTest({ hasParent = false } = {}) {
	const listeners = new Map<string, () => void>()
	const exited = Promise.withResolvers<number>()
	const state = { now: 0, lines: '' }
	const host: ShutdownHost = {
		on: (event, listener) => listeners.set(event, listener),
		exit: (code) => exited.resolve(code),
		now: () => state.now,
		hasParent,
	}
	const log = createLog({
		name: 'test',
		logLevel: 'info',
		logFormat: 'human',
		destination: { write: (line) => void (state.lines += line) },
	})
	return { host, log, state, listeners, exited: exited.promise, send: (event: string) => listeners.get(event)?.() }
}

describe('shutdown', () => {
	test('closes in reverse order, one after the other, once', async () => {
		const { host, log } = processOfTest()
		const shutdown = createShutdown({ log, host })
		const closed: string[] = []
		for (const name of ['database', 'pool', 'server']) {
			shutdown.register(name, async () => {
				await Promise.resolve()
				closed.push(name)
			})
		}
		const [first, second] = await Promise.all([shutdown.stop('test'), shutdown.stop('again')])
		expect(closed).toEqual(['server', 'pool', 'database'])
		expect(first).toEqual([])
		expect(second).toBe(first)
		expect(shutdown.signal.aborted).toBe(true)
	})

	test('one that fails is named, and the rest is closed', async () => {
		const { host, log, state } = processOfTest()
		const shutdown = createShutdown({ log, host })
		let closed = false
		shutdown.register('database', () => void (closed = true))
		shutdown.register('server', () => {
			throw new Error('port is stuck')
		})
		expect(await shutdown.stop('test')).toEqual(['server'])
		expect(closed).toBe(true)
		expect(state.lines).toMatch(/server failed to close[^\n]*\nError: port is stuck/)
	})

	test('one that hangs is named and left behind at the limit', async () => {
		const { host, log, state } = processOfTest()
		const shutdown = createShutdown({ log, host, limitMilliseconds: 10 })
		shutdown.register('pool', () => new Promise(() => undefined))
		expect(await shutdown.stop('test')).toEqual(['pool'])
		expect(state.lines).toContain('pool did not close within the 0.01 s')
	})

	test('what is opened while another part closes is closed before the end', async () => {
		const { host, log } = processOfTest()
		const shutdown = createShutdown({ log, host })
		const closed: string[] = []
		shutdown.register('house', () => void closed.push('house'))
		shutdown.register('start-up', async () => {
			await Promise.resolve()
			shutdown.register('database', () => void closed.push('database'))
		})
		expect(await shutdown.stop('test')).toEqual([])
		expect(closed).toEqual(['database', 'house'])
	})

	test('what is opened after the end is closed at once', async () => {
		const { host, log } = processOfTest()
		const shutdown = createShutdown({ log, host })
		await shutdown.stop('test')
		let closed = false
		shutdown.register('late', () => void (closed = true))
		expect(await shutdown.stop('test')).toEqual([])
		expect(closed).toBe(true)
	})

	test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s ends the process with 0', async (signal) => {
		const { host, log, send, exited } = processOfTest()
		createShutdown({ log, host }).listen()
		send(signal)
		expect(await exited).toBe(0)
	})

	test('ends with 1 when a part failed', async () => {
		const { host, log, send, exited } = processOfTest()
		const shutdown = createShutdown({ log, host })
		shutdown.register('pool', () => Promise.reject(new Error('no')))
		shutdown.listen()
		send('SIGTERM')
		expect(await exited).toBe(1)
	})

	test('the same Ctrl-C seen twice is one wish; a later one exits at once', async () => {
		const { host, log, send, state, exited } = processOfTest()
		const shutdown = createShutdown({ log, host })
		shutdown.register('drain', () => new Promise(() => undefined))
		shutdown.listen()
		let code: number | undefined
		void exited.then((value) => (code = value))
		send('SIGINT')
		state.now = 999
		send('SIGTERM')
		await Promise.resolve()
		expect(code).toBeUndefined()
		state.now = 1_000
		send('SIGINT')
		expect(await exited).toBe(1)
	})

	test('a parent that is gone ends the process; without a parent nobody listens', async () => {
		const orphan = processOfTest({ hasParent: true })
		createShutdown({ log: orphan.log, host: orphan.host }).listen()
		orphan.send('disconnect')
		expect(await orphan.exited).toBe(0)
		const alone = processOfTest()
		createShutdown({ log: alone.log, host: alone.host }).listen()
		expect(alone.listeners.has('disconnect')).toBe(false)
	})
})
