/** Why a step is begun again that was suspended, and what has come for it meanwhile. */

import { parseJson } from '@taskyard/model/json'
import type { Step } from '@taskyard/model/task'
import type { StepWake } from '@taskyard/sdk/definition'
import type { Pool } from '@taskyard/store/connection'
import { readEvents, type StoredEvent } from '@taskyard/store/events/readEvents'

export interface AttemptWake {
	/** What the author is given; null where a poll or a cancel is called. */
	readonly told: StepWake | null
	/** Number of the last event that the author is given. */
	readonly seen: number
	/** A caller has ended the step with it: no code of the author is called. */
	readonly outcome: StoredEvent | null
	/** What work elsewhere has reported, 0…1. */
	readonly progress: number
}

/** The last event that an attempt was given, and the last that there is as far as it knows. */
export interface Seen {
	readonly seen: number
	readonly arrived: number
}

/** Null for an attempt that is told nothing. */
export async function readWake(pool: Pool, task: string, step: Step): Promise<AttemptWake | null> {
	const { suspension, eventsSeen } = step
	const wake = suspension?.wake
	if (!wake || step.state !== 'running' || wake === 'cancel' || wake === 'joined') return null
	const { events, progress } = await readEvents(pool, task, step.index, eventsSeen)
	const outcome = events.find((event) => event.outcome !== null) ?? null
	// A poll is given none: it is no more than a look, and what has come wakes the step when it suspends again.
	if (outcome || wake === 'poll') return { told: null, seen: outcome?.n ?? eventsSeen, outcome, progress }
	return {
		told: {
			reason: wake,
			state: suspension.state === null ? null : parseJson(suspension.state),
			events: events.map(({ id, name, payload }) => ({ id, name, payload: parseJson(payload) })),
		},
		seen: events.at(-1)?.n ?? eventsSeen,
		outcome: null,
		progress,
	}
}
