/**
 * A service-table schedule as a tree. It is no list of instants but a permission: calendar, windows of the day, and the least time
 * since the last run. A schedule starts at the earliest instant that is permitted.
 */

/** Seconds since midnight, both ends included. An end before the begin crosses midnight; both the same is a point. */
export interface Window {
	readonly begin: number
	readonly end: number
}

export interface TimeRange {
	/** Spread the start over what is left of the window. */
	readonly spread: boolean
	/** null: the whole day. */
	readonly window: Window | null
	/** Least seconds since the last run; 0 means never, null means once per window. */
	readonly interval: number | null
}

/** From one number to another, both included; the end before the begin wraps around (Saturday to Monday). */
export interface NumberRange {
	readonly from: number
	readonly to: number
}

/** Keeps the numbers n for which (n + shift) is a multiple of the modulo. */
export interface Modulo {
	readonly modulo: number
	readonly shift: number
}

/** Some numbers of weeks or months: those of the range (null: all) that the modulo keeps. Never both null. */
export interface NumberSet {
	readonly range: NumberRange | null
	readonly modulo: Modulo | null
}

export type MonthDay =
	/** The day of that number: 13 is the 13th, whatever its weekday has to be. */
	| { readonly kind: 'number'; readonly number: number }
	/** The nth such weekday of the month, or the nth day when no weekday is named; negative counts from the end. */
	| { readonly kind: 'nth'; readonly nth: number }
	| ({ readonly kind: 'modulo' } & Modulo)

/** Some days; never both null. */
export interface Day {
	/** 1 is Monday, 7 is Sunday; null: any. */
	readonly weekdays: NumberRange | null
	/** null: any. */
	readonly monthDay: MonthDay | null
}

export interface Member {
	/** An exclusion only ever removes. */
	readonly exclude: boolean
	readonly ranges: readonly TimeRange[]
	/** Any of these; null: all days, as for weeks and months. */
	readonly days: readonly Day[] | null
	/** ISO 8601 weeks. */
	readonly weeks: readonly NumberSet[] | null
	readonly months: readonly NumberSet[] | null
}

/** The union of its inclusions minus the union of its exclusions; without members: never. */
export interface Schedule {
	readonly members: readonly Member[]
}
