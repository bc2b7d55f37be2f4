/** Wall clocks of time zones. Instants are milliseconds since 1970 UTC; a wall time is what a clock shows, counted as if it were UTC. */

const dayLength = 86_400_000

// Making a formatter takes far longer than using one.
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
	const known = formats.get(zone)
	if (known !== undefined) return known
	const format = new Intl.DateTimeFormat('en-US', {
		timeZone: zone,
		calendar: 'iso8601',
		numberingSystem: 'latn',
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	})
	formats.set(zone, format)
	return format
}

/** What the clocks of that zone show at an instant. Throws a RangeError for a zone that does not exist. */
function wallTime(instant: number, zone: string): number {
	if (zone === 'UTC') return instant
	const parts = new Map(
		formatOf(zone)
			.formatToParts(instant)
			.map(({ type, value }) => [type, Number(value)]),
	)
	const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
	const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
	return seconds + (((instant % 1_000) + 1_000) % 1_000)
}

/** When a clock shows that wall time. */
export interface Moment {
	readonly instant: number
	/** The clocks skip that time; the instant is as much later as they are put forward. */
	readonly skipped: boolean
}

/**
 * When the clocks of a zone show a time of day, given as seconds since midnight (86,400 is the next midnight). Of a time that comes
 * twice it is the first.
 */
export function momentOf(day: number, seconds: number, zone: string): Moment {
	const wall = day * dayLength + seconds * 1_000
	if (zone === 'UTC') return { instant: wall, skipped: false }
	// No zone is a day away from UTC, so these are surely before and after it; and no zone changes its clocks twice within two days.
	const [before = 0, after = 0] = [wall - dayLength, wall + dayLength].map((instant) => wallTime(instant, zone) - instant)
	for (const offset of [before, after]) {
		if (wallTime(wall - offset, zone) === wall) return { instant: wall - offset, skipped: false }
	}
	return { instant: wall - before, skipped: true }
}

/** The instant at which a day begins. */
export function startOf(day: number, zone: string): number {
	return momentOf(day, 0, zone).instant
}

/** The day that an instant lies in: each instant lies in one, also where a change of the clocks repeats a midnight. */
export function dayOf(instant: number, zone: string): number {
	let day = Math.floor(wallTime(instant, zone) / dayLength)
	while (instant < startOf(day, zone)) day -= 1
	while (instant >= startOf(day + 1, zone)) day += 1
	return day
}
