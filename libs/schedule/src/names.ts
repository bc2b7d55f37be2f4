/** The names that a schedule may use for numbers, in lower case. */

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december']

/** Full names and their first three letters, from 1. */
function numbered(names: readonly string[]): ReadonlyMap<string, number> {
	return new Map(names.flatMap((name, index) => [[name, index + 1] as const, [name.slice(0, 3), index + 1] as const]))
}

/** 1 is Monday. */
export const weekdayNames = numbered(weekdays)
export const monthNames = numbered(months)

export const ordinals: ReadonlyMap<string, number> = new Map([
	['first', 1],
	['1st', 1],
	['second', 2],
	['2nd', 2],
	['third', 3],
	['3rd', 3],
	['fourth', 4],
	['4th', 4],
	['fifth', 5],
	['5th', 5],
	['last', -1],
])

/** `mon`, `tue` … */
export const shortWeekdays = weekdays.map((name) => name.slice(0, 3))
/** `jan`, `feb` … */
export const shortMonths = months.map((name) => name.slice(0, 3))
