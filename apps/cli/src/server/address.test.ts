import { describe, expect, test } from 'vitest'
import { readAddress } from './address.ts'

describe('readAddress', () => {
	test.each([
		['http://127.0.0.1:4180', 'http://127.0.0.1:4180', 'ws://127.0.0.1:4180/graphql'],
		['http://127.0.0.1:4180/', 'http://127.0.0.1:4180', 'ws://127.0.0.1:4180/graphql'],
		['localhost:8080', 'http://localhost:8080', 'ws://localhost:8080/graphql'],
		['[::1]:4180', 'http://[::1]:4180', 'ws://[::1]:4180/graphql'],
		['https://tasks.example/yard/graphql', 'https://tasks.example/yard', 'wss://tasks.example/yard/graphql'],
	])('%s', (text, name, socket) => {
		expect(readAddress(text)).toEqual({ name, graphql: `${name}/graphql`, socket })
	})

	test.each(['', 'ftp://localhost', 'http://', 'http://localhost:99999', 'http://localhost/?a=b'])('refuses "%s"', (text) => {
		expect(() => readAddress(text)).toThrow(/is no address of a server: expected one such as http:\/\/127\.0\.0\.1:4180/)
	})
})
