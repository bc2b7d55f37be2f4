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
 * What a schedule permits on a day, whenever it ran: its windows without what is excluded. Days, weeks and months are tested on that
 * day also for the part of a window that lies behind midnight.
 */
export function openingHours({ members }: Schedule, day: number, zone: string): Opening[] {
	const calendar = calendarDay(day)
	const today = members.filter((member) => holds(member, calendar))
	const windows = (exclude: boolean) => today.filter((member) => member.exclude === exclude).flatMap((member) => effective(member.ranges))
	// The end belongs to a window, but not to an exclusion.
	const excluded = windows(true).flatMap(({ window }) => pieces(window, 0))
	const open = without(
		windows(false).flatMap((range) => pieces(range.window, 1).map((piece): Opening => ({ ...piece, range }))),
		excluded,
	)
	// To look at clocks is expensive, and on most days of a rare schedule nothing is left.
	if (open.length === 0) return []
	const midnights = { start: startOf(day, zone), end: startOf(day + 1, zone) }
	const instants = <Piece extends Interval>(piece: Piece): Piece => ({ ...piece, ...placed(piece, day, zone, midnights) })
	// Once more, for a window that is moved by the clocks into a time that is excluded.
	return without(open.map(instants), excluded.map(instants))
}

/** Every range that could ever permit a run: none in the empty schedule and in `@0`. */
export function openRanges({ members }: Schedule): TimeRange[] {
	return members.filter((member) => !member.exclude).flatMap((member) => effective(member.ranges))
}

/** Whether an opening permits a run at an instant, after a last one. */
export function permits({ start, end, range }: Opening, instant: number, last: Date | null): boolean {
	return start <= instant && instant < end && (last === null || instant - last.getTime() >= spacing(range) * 1_000)
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

/** What is left of the pieces. */
function without<Piece extends Interval>(pieces: readonly Piece[], holes: readonly Interval[]): Piece[] {
	return holes.reduce<Piece[]>(
		(left, hole) =>
			left.flatMap((piece) =>
				[
					{ ...piece, end: Math.min(piece.end, hole.start) },
					{ ...piece, start: Math.max(piece.start, hole.end) },
				].filter(({ start, end }) => start < end),
			),
		pieces.filter(({ start, end }) => start < end),
	)
}

/** The instants of a piece of a day. One that begins in an hour which the clocks skip is moved as a whole, else it could be lost. */
function placed({ start, end }: Interval, day: number, zone: string, midnights: Interval): Interval {
	const opens = momentOf(day, start, zone)
	const closes = momentOf(day, end, zone).instant
	const moved = opens.skipped ? opens.instant + (end - start) * 1_000 : closes
	return { start: Math.max(opens.instant, midnights.start), end: Math.min(Math.max(closes, moved), midnights.end) }
}
