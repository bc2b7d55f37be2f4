/** When a schedule is open and closed on one day, as instants. */

import type { Schedule, TimeRange, Window } from './ast.ts'
import { calendarDay, holds } from './calendar.ts'
import { momentOf, startOf } from './zone.ts'

/** From `start` up to, not including, `end`. */
export interface Interval {
	readonly start: number
	readonly end: number
}

export interface Opening extends Interval {
	readonly range: TimeRange
}

export interface OpeningHours {
	readonly open: readonly Opening[]
	readonly closed: readonly Interval[]
}

const dayLength = 86_400

/** Least seconds between two runs: without an interval once per window, once a day for the whole day. */
export function spacing({ window, interval }: TimeRange): number {
	if (interval !== null) return interval
	return window === null ? dayLength : windowLength(window) + 1
}

/** Seconds from the first to the last of a window; a point is one second long. */
export function windowLength({ begin, end }: Window): number {
	if (begin === end) return 1
	return end > begin ? end - begin : end - begin + dayLength
}

/**
 * What a schedule permits on a day, whenever it ran. Days, weeks and months are tested on that day also for the part of a window
 * that lies behind midnight.
 */
export function openingHours({ members }: Schedule, day: number, zone: string): OpeningHours {
	const calendar = calendarDay(day)
	const today = members.filter((member) => holds(member, calendar))
	const included = today.filter((member) => !member.exclude).flatMap((member) => effective(member.ranges))
	// The calendar is cheap and clocks are not: most days of a rare schedule end here.
	if (included.length === 0) return { open: [], closed: [] }
	const midnights = { start: startOf(day, zone), end: startOf(day + 1, zone) }
	// Both ends of a window are included; a window that closes another one reopens it at its end.
	return {
		open: included.flatMap((range) =>
			pieces(range.window, 1).map((piece): Opening => ({ ...instants(piece, day, zone, midnights), range })),
		),
		closed: today
			.filter((member) => member.exclude)
			.flatMap((member) => effective(member.ranges))
			.flatMap(({ window }) => pieces(window, 0).map((piece) => instants(piece, day, zone, midnights))),
	}
}

/** Whether there is anything that could ever permit a run; false for the empty schedule and for `@0`. */
export function opensEver({ members }: Schedule): boolean {
	return members.some((member) => !member.exclude && effective(member.ranges).length > 0)
}

/** Whether an opening permits a run at an instant, after a last one. */
export function permits({ start, end, range }: Opening, instant: number, last: Date | null): boolean {
	return contains({ start, end }, instant) && (last === null || instant - last.getTime() >= spacing(range) * 1_000)
}

export function contains({ start, end }: Interval, instant: number): boolean {
	return start <= instant && instant < end
}

/** An interval of zero means never. */
function effective(ranges: readonly TimeRange[]): readonly TimeRange[] {
	return ranges.filter((range) => range.interval !== 0)
}

/** The parts of a window that lie in a day, in seconds since midnight. */
function pieces(window: Window | null, lastSecond: number): Interval[] {
	if (window === null) return [{ start: 0, end: dayLength }]
	const { begin } = window
	if (begin <= window.end) return [{ start: begin, end: Math.min(begin + windowLength(window) + lastSecond, dayLength) }]
	return [
		{ start: 0, end: window.end + lastSecond },
		{ start: begin, end: dayLength },
	]
}

/** A window that begins in an hour which the clocks skip is moved as a whole, else it could be lost. */
function instants({ start, end }: Interval, day: number, zone: string, midnights: Interval): Interval {
	const opens = momentOf(day, start, zone)
	const closes = momentOf(day, end, zone).instant
	const moved = opens.skipped ? opens.instant + (end - start) * 1_000 : closes
	return { start: Math.max(opens.instant, midnights.start), end: Math.min(Math.max(closes, moved), midnights.end) }
}
