/** When a schedule permits its next run. */

import type { Occasion } from './allowed.ts'
import type { Schedule } from './ast.ts'
import { openingHours, openRanges, spacing } from './openings.ts'
import { dayOf } from './zone.ts'

/** Days that are looked at: a Friday that is 29 February may be 40 years away, since 2100 has none. */
const horizon = 41 * 366

/**
 * The first instant from now on at which a run is permitted, with the same last run; null when there is none. The delay of a spread
 * schedule is not in it.
 *
 * @example next(schedule, { now: new Date(), last: null, zone: 'Europe/Paris' })
 */
export function next(schedule: Schedule, { now, last, zone }: Occasion): Date | null {
	const ranges = openRanges(schedule)
	if (ranges.length === 0) return null
	/** Before that a run would come too soon after the last one. */
	const earliest = (seconds: number) => (last === null ? now.getTime() : Math.max(now.getTime(), last.getTime() + seconds * 1_000))
	const first = dayOf(earliest(Math.min(...ranges.map(spacing))), zone)
	for (let day = first; day < first + horizon; day += 1) {
		const candidates = openingHours(schedule, day, zone).flatMap(({ start, end, range }) => {
			const candidate = Math.max(start, earliest(spacing(range)))
			return candidate < end ? [candidate] : []
		})
		if (candidates.length > 0) return new Date(Math.min(...candidates))
	}
	return null
}
