/** Checks an input against the schema of its type: every fault with its path. */

import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import type { Fault } from '../commands/types.ts'

/** Faults that are told of one input at most. */
const mostFaults = 1_000

/** Answers the faults, a thousand at most; none means that the value fits. */
export type InputCheck = (value: unknown) => Fault[]

export function checkAgainst(schema: object): InputCheck {
	const validate = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(schema)
	return (value) => (validate(withNumbers(value)) ? [] : (validate.errors ?? []).slice(0, mostFaults).map(toFault))
}

/** JSON Schema knows numbers and no big integers; to a schema one looks like the nearest number. */
function withNumbers(value: unknown): unknown {
	if (typeof value === 'bigint') return Number(value)
	if (Array.isArray(value)) return value.map(withNumbers)
	if (value !== null && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withNumbers(part)]))
	return value
}

function toFault(error: ErrorObject): Fault {
	const parameters = error.params as Record<string, unknown>
	switch (error.keyword) {
		case 'required':
			return { path: `${error.instancePath}/${String(parameters.missingProperty)}`, message: 'is required' }
		case 'additionalProperties':
			return { path: `${error.instancePath}/${String(parameters.additionalProperty)}`, message: 'is not a field of this task type' }
		case 'enum':
			return {
				path: error.instancePath,
				message: `must be one of ${(parameters.allowedValues as unknown[]).map((one) => JSON.stringify(one)).join(', ')}`,
			}
		case 'const':
			return { path: error.instancePath, message: `must be ${JSON.stringify(parameters.allowedValue)}` }
		default:
			return { path: error.instancePath, message: error.message ?? 'does not fit the schema' }
	}
}
