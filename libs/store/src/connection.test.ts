import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectionOptions, parseDatabaseUrl, readInstant, withDatabase, writeInstant } from './connection.ts'

describe('parseDatabaseUrl', () => {
	test.each([
		['postgres://ann:s%40fe@db.example:6543/tasks', { host: 'db.example', port: 6543, user: 'ann', password: 's@fe', database: 'tasks' }],
		['postgresql://localhost/tasks', { host: 'localhost', port: 5432, user: undefined, password: undefined, database: 'tasks' }],
		['postgres:///taskyard?host=/tmp/dir&user=x', { host: '/tmp/dir', port: 5432, user: 'x', password: undefined, database: 'taskyard' }],
		['postgres://%2Ftmp%2Fdir/taskyard', { host: '/tmp/dir', port: 5432, user: undefined, password: undefined, database: 'taskyard' }],
		['postgres://[::1]:5433/tasks', { host: '::1', port: 5433, user: undefined, password: undefined, database: 'tasks' }],
	])('%s', (url, expected) => {
		expect(parseDatabaseUrl(url)).toEqual(expected)
	})

	test.each([
		['nonsense', /cannot be read/],
		['mysql://localhost/tasks', /mysql/],
		['postgres://localhost', /no database/],
		['postgres://localhost/tasks?port=0', /port/],
	])('%s is refused and both forms are shown', (url, message) => {
		expect(() => parseDatabaseUrl(url)).toThrow(message)
		expect(() => parseDatabaseUrl(url)).toThrow(/postgres:\/\/user:password@host:5432\/database or postgres:\/\/\/database\?host=/)
	})
})

describe('connectionOptions', () => {
	test('a socket URL becomes a host directory', () => {
		expect(connectionOptions('postgres:///taskyard?host=/tmp/dir&user=x')).toEqual({
			host: '/tmp/dir',
			port: 5432,
			user: 'x',
			database: 'taskyard',
		})
	})

	test('what only the driver understands is left to it', () => {
		expect(connectionOptions('postgres://db/tasks?sslmode=require').connectionString).toBe('postgres://db/tasks?sslmode=require')
	})
})

test('withDatabase keeps server, user and parameters', () => {
	expect(parseDatabaseUrl(withDatabase('postgres:///taskyard?host=/tmp/dir&user=x', 'other'))).toMatchObject({
		host: '/tmp/dir',
		user: 'x',
		database: 'other',
	})
})

describe('instants', () => {
	test.each([
		['2026-11-21 11:05:56+00', Date.UTC(2026, 10, 21, 11, 5, 56)],
		['2026-11-21 11:05:56.1+00', Date.UTC(2026, 10, 21, 11, 5, 56, 100)],
		['2026-11-21 11:05:56.123456+00', (Date.UTC(2026, 10, 21, 11, 5, 56, 123) * 1000 + 456) / 1000],
		['2026-11-21 11:05:56+05:30', Date.UTC(2026, 10, 21, 5, 35, 56)],
		['2026-11-21 11:05:56-02', Date.UTC(2026, 10, 21, 13, 5, 56)],
		['infinity', Number.POSITIVE_INFINITY],
		['-infinity', Number.NEGATIVE_INFINITY],
	])('reads %s', (text, ms) => {
		expect(readInstant(text)).toBe(ms)
	})

	test('microseconds survive writing and reading', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), fc.integer({ min: 0, max: 999 }), (ms, micros) => {
				const moment = (ms * 1000 + micros) / 1000
				const written = writeInstant(moment)
				expect(written.endsWith(`${String(micros).padStart(3, '0')}Z`)).toBe(true)
				expect(readInstant(written.replace('T', ' ').replace('Z', '+00'))).toBe(moment)
			}),
		)
	})
})
