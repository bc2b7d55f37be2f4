import { describe, expect, test } from 'vitest'
import { abortReason, Failure, stepErrorOf } from './failure.ts'

describe('stepErrorOf', () => {
	test('keeps what a Failure says', () => {
		const { error, retryable } = stepErrorOf(new Failure('The disk is full', { code: 'no_space', retryable: false, details: { free: 3 } }))
		expect(error).toMatchObject({ message: 'The disk is full', type: 'Failure', code: 'no_space', details: { free: 3 }, reason: 'failed' })
		expect(retryable).toBe(false)
	})

	test('wraps any other error with its trace, its code and its causes', () => {
		const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
		const { error, retryable } = stepErrorOf(new TypeError('outer', { cause }))
		expect(error).toMatchObject({ message: 'outer', type: 'TypeError', code: null })
		expect(error.trace).toMatch(/^TypeError: outer\n[^]*Caused by: Error: connect ECONNREFUSED/)
		expect(retryable).toBe(true)
		expect(stepErrorOf(cause).error.code).toBe('ECONNREFUSED')
	})

	test.each<[unknown, string, string]>([
		['text', 'text', 'string'],
		[undefined, 'the step threw the undefined undefined', 'undefined'],
		[{ a: 1 }, 'the step threw an object {"a":1}', 'object'],
		[() => 1, 'the step threw the function', 'function'],
		[new Error(''), 'Error without a message', 'Error'],
	])('%o', (thrown, message, type) => {
		const { error } = stepErrorOf(thrown)
		expect(error.message).toContain(message)
		expect(error.type).toBe(type)
	})

	test('keeps only what the database can hold', () => {
		const { error } = stepErrorOf(new Failure(`a\u0000\uD800${'x'.repeat(10_000)}`, { details: { when: new Date(0) } }))
		expect(error.message).toMatch(/^a\uFFFD\uFFFDx+…$/)
		expect(error.message.length).toBe(8 * 1024)
		expect(error.details).toEqual({ lost: expect.stringContaining('details.when: a Date cannot be stored') })
	})

	test('survives a failure that contains itself', () => {
		const loop = new Error('loop')
		loop.cause = loop
		expect(stepErrorOf(loop).error.trace).toContain('Caused by')
	})

	test('knows a Failure of another copy of the class', () => {
		class Other extends Error {
			readonly code = 'other'
			readonly retryable = false
		}
		const foreign = new Other('x')
		Object.defineProperty(foreign, Symbol.for('taskyard.Failure'), { value: true })
		expect(stepErrorOf(foreign)).toMatchObject({ error: { code: 'other' }, retryable: false })
	})

	test('a time-out is named as one', () => {
		expect(stepErrorOf(abortReason('timed_out')).error.reason).toBe('timed_out')
	})
})
