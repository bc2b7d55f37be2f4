/** What an attempt leaves, as it is stored: its output, and what it keeps for itself while it waits. */

import { mayHoldSealed, sealedKey } from '@taskyard/model/sensitive/sealed'
import type { Task } from '@taskyard/model/task'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import type { Outcome } from '../execution/outcome.ts'
import type { Confidant } from './confidant.ts'
import { outputPlaces } from './outputPlaces.ts'

/** @throws Failure when something is sensitive and there is no key */
export function sealOutcome(confidant: Confidant, { plan }: Task, definition: TaskDefinition, step: number, outcome: Outcome): Outcome {
	if ('output' in outcome) {
		if (outcome.output === null || !plan) return outcome
		const output = confidant.seal(outcome.output, outputPlaces(plan, definition, step))
		return output === outcome.output ? outcome : { output }
	}
	if (!('suspended' in outcome) || !confidant.secrets) return outcome
	const { suspension } = outcome.suspended
	const state = suspension.state === null ? null : confidant.seal(suspension.state)
	const externalId = suspension.externalId === null ? null : confidant.redact(suspension.externalId)
	return { suspended: { ...outcome.suspended, suspension: { ...suspension, state, externalId } } }
}

/** An author's JSON text. What stands for something encrypted is ours to write. */
export function unsealedText(json: string, what: string): string {
	if (!mayHoldSealed(json)) return json
	throw new Failure(`${what} has a property "${sealedKey}", which stands for what is encrypted. Rename it.`, {
		code: 'reserved_name',
		retryable: false,
	})
}
