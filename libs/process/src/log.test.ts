import { describe, expect, test } from 'vitest'
import { createLog, humanLine } from './log.ts'
import { maskPasswords } from './secrets.ts'

function linesOf(logFormat: 'json' | 'human', write: (log: ReturnType<typeof createLog>) => void): string {
	let text = ''
	write(createLog({ name: 'server', logLevel: 'info', logFormat, destination: { write: (line) => void (text += line) } }))
	return text
}

describe('the log', () => {
	test('json: one object a line, quieter levels left out', () => {
		const text = linesOf('json', (log) => {
			log.debug('not written')
			log.info({ task: 7 }, 'planned')
		})
		expect(text.trimEnd().split('\n')).toHaveLength(1)
		expect(JSON.parse(text)).toMatchObject({ level: 30, name: 'server', task: 7, msg: 'planned' })
	})

	test('what is to be redacted is taken out of each line', () => {
		let text = ''
		const destination = { write: (line: string) => void (text += line) }
		const redact = (line: string): string => line.replaceAll('hunter2', '•••')
		createLog({ name: 'worker', logLevel: 'info', logFormat: 'human', destination, redact }).info({ key: 'hunter2' }, 'with hunter2')
		expect(text).toMatch(/worker with ••• key=•••\n$/)
	})

	test('human: time, process, message, fields', () => {
		const text = linesOf('human', (log) => log.warn({ task: 7, why: 'no room' }, 'waits'))
		expect(text).toMatch(/^\d\d:\d\d:\d\d server warning: waits task=7 why="no room"\n$/)
	})

	test('human: the trace of an error follows on lines of its own', () => {
		const text = linesOf('human', (log) => log.error({ err: new Error('broken') }, 'failed'))
		expect(text).toMatch(/server error: failed\nError: broken\n {4}at /)
	})

	test.each(['json', 'human'] as const)('%s: secrets in fields, messages and errors are not written', (format) => {
		const text = linesOf(format, (log) => {
			log.info({ password: 'hunter2', headers: { authorization: 'Bearer hunter2' }, request: { headers: { cookie: 'hunter2' } } }, 'asked')
			log.info({ url: 'postgres://me:hunter2@db/x' }, 'connecting to postgresql://me:hunter2@db:5432/x?password=hunter2&a=1')
			log.error({ err: new Error('cannot reach postgres://me:hunter2@db/x') }, 'failed')
		})
		expect(text).not.toContain('hunter2')
		expect(text).toContain('postgres://me:•••@db/x')
	})

	test('a line without a message is readable too', () => {
		expect(humanLine('{"level":30,"time":0,"name":"worker","left":2}')).toMatch(/^\d\d:\d\d:\d\d worker left=2\n$/)
	})
})

describe('maskPasswords', () => {
	test.each([
		['postgres://me:pw@db/x', 'postgres://me:•••@db/x'],
		['postgres://me@db/x', 'postgres://me@db/x'],
		['http://127.0.0.1:4180/tasks?owner=a@b', 'http://127.0.0.1:4180/tasks?owner=a@b'],
		['host=db password=pw user=me', 'host=db password=••• user=me'],
		['"postgres:///x?host=/s&password=pw"', '"postgres:///x?host=/s&password=•••"'],
	])('%s', (given, expected) => {
		expect(maskPasswords(given)).toBe(expected)
	})
})
