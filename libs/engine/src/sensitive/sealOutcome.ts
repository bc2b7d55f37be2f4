/** What an attempt leaves, as it is stored: its output, and what it keeps for itself while it waits. */

import { stringifyJson } from '@taskyard/model/json'
import { mayHoldSealed, sealedKey } from '@taskyard/model/sensitive/sealed'
import type { Task } from '@taskyard/model/task'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import type { Outcome } from '../execution/outcome.ts'
import type { Confidant } from './confidant.ts'
import { outputPlaces } from './outputPlaces.ts'

/** @throws Failure when something is sensitive and there is no key */
export function sealOutcome(
	confidant: Confidant,
	{ plan, steps }: Task,
	definition: TaskDefinition,
	step: number,
	outcome: Outcome,
): Outcome {
	if ('output' in outcome) {
		if (outcome.output === null || !plan) return outcome
		const output = confidant.seal(outcome.output, outputPlaces(plan, definition, step))
		return output === outcome.output ? outcome : { output }
	}
	if (!('suspended' in outcome) || !confidant.secrets) return outcome
	const { suspension } = outcome.suspended
	const words = (text: string | null): string | null => text && confidant.redact(text)
	const kept = {
		state: sealState(confidant, steps[step]?.suspension?.state ?? null, suspension.state),
		externalId: words(suspension.externalId),
		...(suspension.externalUrl !== undefined && { externalUrl: confidant.redact(suspension.externalUrl) }),
	}
	return { suspended: { ...outcome.suspended, suspension: { ...suspension, ...kept } } }
}

/** The same state is the same text: polls are further apart as long as it does not change, and no value is sealed twice alike. */
function sealState(confidant: Confidant, before: string | null, state: string | null): string | null {
	if (state === null) return null
	if (before !== null && mayHoldSealed(before) && stringifyJson(confidant.openText(before)) === state) return before
	return confidant.seal(state)
}

/** An author's JSON text. What stands for something encrypted is ours to write. */
export function unsealedText(json: string, what: string): string {
	if (!mayHoldSealed(json)) return json
	throw new Failure(`${what} has a property "${sealedKey}", which stands for what is encrypted. Rename it.`, {
		code: 'reserved_name',
		retryable: false,
	})
}
