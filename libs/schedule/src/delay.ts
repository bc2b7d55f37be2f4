/** How far the start of a spread schedule (`~`) may be delayed. */

import type { Occasion } from './allowed.ts'
import type { Schedule, TimeRange } from './ast.ts'
import { openingHours, permits, windowLength } from './openings.ts'
import { dayOf } from './zone.ts'

/**
 * Whole seconds that the delay of a run which is due now has to be below; 1 means no delay. The delay is to be drawn once per
 * planned run and kept, else it would change each time that somebody looks. A delayed run is still permitted.
 *
 * @example const delay = Math.floor(Math.random() * delayLimit(schedule, { now: due, last, zone }))
 */
export function delayLimit(schedule: Schedule, { now, last, zone }: Occasion): number {
	const instant = now.getTime()
	const today = dayOf(instant, zone)
	const permitting = openingHours(schedule, today, zone).filter((opening) => permits(opening, instant, last))
	// One range that wants to start at once is enough.
	if (permitting.length === 0 || permitting.some(({ range }) => !isSpread(range))) return 1
	const tomorrow = openingHours(schedule, today + 1, zone)
	const limits = permitting.map(({ range, end }) => {
		const behindMidnight = tomorrow.find((opening) => crosses(range) && opening.range === range && opening.start === end)
		// The last second belongs to the window, and the delay ends one second before it.
		return Math.floor(((behindMidnight?.end ?? end) - instant) / 1_000) - 2
	})
	return Math.max(1, ...limits)
}

/** No spread where several runs per window are wanted, or the window is a point. */
function isSpread({ spread, window, interval }: TimeRange): boolean {
	if (!spread || (window !== null && window.begin === window.end)) return false
	return interval === null || interval >= (window === null ? 86_400 : windowLength(window))
}

function crosses({ window }: TimeRange): boolean {
	return window !== null && window.end < window.begin
}
