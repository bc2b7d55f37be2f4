/** What an author's suspension means for a step, as data. */

import { stringifyJson } from '@taskyard/model/json'
import type { FactOf } from '@taskyard/model/facts'
import type { Step } from '@taskyard/model/task'
import type { ActionDefinition } from './definition.ts'
import { Failure } from './failure.ts'
import type { Suspended } from './suspend.ts'

export interface SuspensionData extends Pick<FactOf<'step_suspended'>, 'suspension' | 'timeout'> {}

/** Longest state of a suspended step in characters: it is read with its task. */
const longestState = 1024 * 1024

/** What is left out is as it was: the state, and within a poll how often it is repeated. */
export function suspensionOf(suspended: Suspended, { suspension: before }: Step, { outputSchema }: ActionDefinition): SuspensionData {
	const { state, until, timeout, externalId, externalUrl } = suspended
	const again = suspended.kind === 'event' && before?.wake === 'poll' ? before.poll : null
	const text = state === undefined ? (before?.state ?? null) : stringifyJson(state, 'state')
	if (text !== null && text.length > longestState)
		throw new Failure(
			`The state of the suspended step has ${text.length} characters, and ${longestState} are the most. Keep large data elsewhere, and the place of it here.`,
			{ code: 'invalid_suspension', retryable: false },
		)
	return {
		suspension: {
			kind: again ? 'poll' : suspended.kind,
			state: text,
			until,
			poll: again ?? suspended.poll,
			externalId,
			...(externalUrl !== null && { externalUrl }),
			accepts: outputSchema ?? null,
		},
		timeout,
	}
}
