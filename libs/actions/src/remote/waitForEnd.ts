import { suspend, type Suspended } from '@taskyard/sdk/suspend'
import { type Given, usualPolling } from './input.ts'
import type { Started } from './states.ts'

/** Waits without a worker: for a call of the service, or until it is time to look. */
export function waitForEnd({ poll, callback }: Given, state: Started, id: string | null): Suspended {
	const elsewhere = { ...(id !== null && { externalId: id }), ...(state.address !== null && { externalUrl: state.address }) }
	if (callback) return suspend({ state, ...elsewhere, ...(callback.timeout !== undefined && { timeout: callback.timeout * 1000 }) })
	const { interval, factor, max, failures } = poll ?? usualPolling
	return suspend({ state, ...elsewhere, poll: { initial: interval * 1000, factor, max: Math.max(max, interval) * 1000, failures } })
}
