/** Whether a schedule permits a run. */

import type { Schedule } from './ast.ts'
import { openingHours, permits } from './openings.ts'
import { dayOf } from './zone.ts'

/** What a schedule is asked against. */
export interface Occasion {
	readonly now: Date
	/** The last run by this schedule; null: never. One in the future (the clock was moved) counts as it is. */
	readonly last: Date | null
	/** The IANA name of the time zone whose wall clock counts, such as `Europe/Paris`. */
	readonly zone: string
}

/**
 * Whether a run is permitted now. Exclusions win; among several ranges one that permits is enough.
 *
 * @example allowed(schedule, { now: new Date(), last: null, zone: 'Europe/Paris' })
 */
export function allowed(schedule: Schedule, { now, last, zone }: Occasion): boolean {
	const instant = now.getTime()
	return openingHours(schedule, dayOf(instant, zone), zone).some((opening) => permits(opening, instant, last))
}
