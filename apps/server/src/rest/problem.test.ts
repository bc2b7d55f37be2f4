import { commandRefusals } from '@taskyard/engine/commands/types'
import { describe, expect, test } from 'vitest'
import { problem, refused, refusalStatus } from './problem.ts'

test('what is wrong with an order is 422, what is not there 404, what does not fit the state of a task 409', () => {
	const byStatus = Object.groupBy(commandRefusals, refusalStatus)
	for (const code of commandRefusals.filter((one) => one.startsWith('invalid_'))) expect(byStatus[422]).toContain(code)
	for (const code of commandRefusals.filter((one) => one.startsWith('no_such_'))) expect(byStatus[404]).toContain(code)
	for (const code of commandRefusals.filter((one) => /^(already|not)_/.test(one) && one !== 'not_found'))
		expect(byStatus[409]).toContain(code)
	expect(byStatus[404]).toContain('not_found')
})

describe('a refusal', () => {
	test('has the code, the message and the faults of the command', () => {
		const faults = [{ path: '/exclude/0', message: 'must be string' }]
		expect(refused({ code: 'invalid_input', message: 'The input does not fit.', faults })).toEqual({
			status: 422,
			body: {
				type: 'urn:taskyard:problem:invalid_input',
				title: 'The request has faults',
				status: 422,
				detail: 'The input does not fit.',
				code: 'invalid_input',
				faults,
			},
		})
	})

	test('every status has a title of its own', () => {
		const statuses = [...new Set(commandRefusals.map(refusalStatus))]
		const titles = statuses.map((status) => problem(status, 'not_found', '').body.title)
		expect(new Set(titles).size).toBe(statuses.length)
	})
})
