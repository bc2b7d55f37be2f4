import { expect, test } from 'vitest'
import { isForwardedCallback, refusalOf } from './sameOrigin.ts'

const refused = (host: string | undefined, origin?: string, port = 4180) => refusalOf({ host, origin, port })

test.each([
	['localhost:4180', undefined],
	['127.0.0.1:4180', undefined],
	['[::1]:4180', undefined],
	['LOCALHOST:4180', undefined],
	['localhost:4180', 'http://localhost:4180'],
	['127.0.0.1:4180', 'http://127.0.0.1:4180'],
	['[::1]:4180', 'http://[::1]:4180'],
])('host %s with origin %s is served', (host, origin) => {
	expect(refused(host, origin)).toBeNull()
})

test.each([
	[undefined, undefined],
	['', undefined],
	['localhost', undefined],
	['localhost:4181', undefined],
	['evil.example:4180', undefined],
	['localhost.evil.example:4180', undefined],
	['localhost:4180.evil.example', undefined],
	['localhost:4180@evil.example', undefined],
	['evil.example', 'http://localhost:4180'],
	['localhost:4180', 'http://evil.example'],
	['localhost:4180', 'null'],
	['localhost:4180', ''],
	['localhost:4180', 'https://localhost:4180'],
	['localhost:4180', 'http://127.0.0.1:4180'],
	['localhost:4180', 'http://localhost:5173'],
	['localhost:4180', 'http://localhost:4180.evil.example'],
])('host %s with origin %s is refused', (host, origin) => {
	expect(refused(host, origin)).toMatch(/^Refused: .*\.$/)
})

test('on port 80 the port may be left out', () => {
	expect(refused('localhost', undefined, 80)).toBeNull()
	expect(refused('localhost:80', undefined, 80)).toBeNull()
})

test('what a stranger sent is named without its control characters', () => {
	expect(refused('a\u0007b\u00e9')).toContain('"a?b?"')
})

test.each([
	['/api/callbacks/abc', 'tasks.example', undefined, true],
	['/api/callbacks/abc', 'TASKS.example', undefined, true],
	['/api/callbacks/abc', 'evil.example', undefined, false],
	['/api/callbacks/abc', undefined, undefined, false],
	['/api/callbacks/abc', 'tasks.example', 'https://tasks.example', false],
	['/api/callbacks/abc', 'tasks.example', 'null', false],
	['/api/callbacks/', 'tasks.example', undefined, false],
	['/api/callbacks/../tasks', 'tasks.example', undefined, false],
	['/api/callbacks/abc/x', 'tasks.example', undefined, false],
	['/api/callbacks/%2e%2e', 'tasks.example', undefined, false],
	['/api/tasks', 'tasks.example', undefined, false],
	['/graphql', 'tasks.example', undefined, false],
])('forwarded to %s by %s with origin %s: %s', (url, host, origin, forwarded) => {
	expect(isForwardedCallback(url, { host, origin }, 'tasks.example')).toBe(forwarded)
	expect(isForwardedCallback(url, { host, origin }, null)).toBe(false)
})
