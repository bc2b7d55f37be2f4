import { describe, expect, test } from 'vitest'
import { isConnectionFailure, isDataFault, isRetryable, sqlStateOf } from './sqlState.ts'

const fault = (code: string | undefined, message = 'x') => Object.assign(new Error(message), code === undefined ? {} : { code })

describe('what an error means', () => {
	test.each([
		['22003', fault('22003'), { data: true, connection: false, retry: false }],
		['23505', fault('23505'), { data: true, connection: false, retry: false }],
		['54000', fault('54000'), { data: true, connection: false, retry: false }],
		['54001', fault('54001'), { data: false, connection: false, retry: false }],
		['40001', fault('40001'), { data: false, connection: false, retry: true }],
		['40P01', fault('40P01'), { data: false, connection: false, retry: true }],
		['08006', fault('08006'), { data: false, connection: true, retry: true }],
		['57P01', fault('57P01'), { data: false, connection: true, retry: true }],
		['53100', fault('53100'), { data: false, connection: false, retry: true }],
		['42P01', fault('42P01'), { data: false, connection: false, retry: false }],
		['ECONNRESET', fault('ECONNRESET'), { data: false, connection: true, retry: true }],
		['EPIPE', fault('EPIPE'), { data: false, connection: true, retry: true }],
		['EPERM', fault('EPERM'), { data: false, connection: false, retry: false }],
		['pg: terminated', fault(undefined, 'Connection terminated unexpectedly'), { data: false, connection: true, retry: true }],
		['pg: timeout', fault(undefined, 'timeout exceeded when trying to connect'), { data: false, connection: true, retry: true }],
		['several addresses', new AggregateError([fault('ECONNREFUSED')]), { data: false, connection: true, retry: true }],
		['a bug', new TypeError('x is not a function'), { data: false, connection: false, retry: false }],
		['no error at all', 'text', { data: false, connection: false, retry: false }],
	])('%s', (_name, error, expected) => {
		expect({ data: isDataFault(error), connection: isConnectionFailure(error), retry: isRetryable(error) }).toEqual(expected)
	})
})

test('a code of the operating system is no SQLSTATE', () => {
	expect(sqlStateOf(fault('EPIPE'))).toBeUndefined()
	expect(sqlStateOf(fault('P0001'))).toBe('P0001')
})
