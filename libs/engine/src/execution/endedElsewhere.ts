/** What a step ends with that a caller has ended before it had suspended, or while a poll looked after its work. */

import { parseJson } from '@taskyard/model/json'
import type { StepError } from '@taskyard/model/task'
import { Failure } from '@taskyard/sdk/failure'
import type { StoredEvent } from '@taskyard/store/events/readEvents'
import { outputFaults, outputMessage } from '../events/checkOutcome.ts'

/** @throws what the caller said went wrong, or that the output is none that the step may have */
export function outputElsewhere({ outcome, payload }: StoredEvent, schema: object | undefined, step: string): string {
	if (outcome === 'error') {
		const { message, code, details } = parseJson(payload) as StepError
		throw new Failure(message, { retryable: false, details, ...(code !== null && { code }) })
	}
	const faults = schema ? outputFaults(schema, parseJson(payload)) : []
	if (faults.length === 0) return payload
	throw new Failure(outputMessage(step, faults), { code: 'invalid_output', retryable: false, details: { faults } })
}
