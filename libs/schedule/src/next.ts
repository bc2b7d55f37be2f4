/** When a schedule permits its next run. */

import type { Occasion } from './allowed.ts'
import type { Schedule } from './ast.ts'
import { contains, type Interval, openingHours, opensEver, spacing } from './openings.ts'
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
	if (!opensEver(schedule)) return null
	const instant = now.getTime()
	const today = dayOf(instant, zone)
	for (let day = today; day < today + horizon; day += 1) {
		const { open, closed } = openingHours(schedule, day, zone)
		const candidates = open.flatMap(({ start, end, range }) => {
			const spaced = last === null ? instant : last.getTime() + spacing(range) * 1_000
			const candidate = reopened(Math.max(start, instant, spaced), closed)
			return candidate < end ? [candidate] : []
		})
		if (candidates.length > 0) return new Date(Math.min(...candidates))
	}
	return null
}

/** The first instant from that one on which is not closed; exclusions may overlap, in any order. */
function reopened(instant: number, closed: readonly Interval[]): number {
	const interval = closed.find((closing) => contains(closing, instant))
	return interval === undefined ? instant : reopened(interval.end, closed)
}
