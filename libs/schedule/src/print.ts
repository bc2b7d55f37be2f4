/** Writes a schedule as text, in one form however it was typed. Law: parse(print(schedule)) is the same schedule. */

import type { Day, Member, Modulo, MonthDay, NumberRange, NumberSet, Schedule, TimeRange } from './ast.ts'
import { printDuration } from './duration.ts'
import { ordinals, shortMonths, shortWeekdays } from './names.ts'

/**
 * Writes a schedule as text: nothing for never, one member as it is, several as a JSON list.
 *
 * @example print(schedule) // a schedule typed as `22:00-2:00@90 1-5` prints as `22:00-02:00@1h30m mon-fri`
 */
export function print({ members }: Schedule): string {
	const [first, ...others] = members
	if (first === undefined) return ''
	return others.length === 0 ? printMember(first) : JSON.stringify(members.map(printMember))
}

function printMember({ exclude, ranges, days, weeks, months }: Member): string {
	const fields = [
		ranges.map(printTimeRange).join(','),
		days?.map(printDay).join(',') ?? '*',
		weeks?.map((set) => printNumbers(set, String)).join(',') ?? '*',
		months?.map((set) => printNumbers(set, nameIn(shortMonths))).join(',') ?? '*',
	]
	// Only the first field has to be there.
	const last = fields.findLastIndex((field, index) => index === 0 || field !== '*')
	return `${exclude ? '! ' : ''}${fields.slice(0, last + 1).join(' ')}`
}

function printTimeRange({ spread, window, interval }: TimeRange): string {
	const { begin, end } = window ?? { begin: 0, end: 0 }
	const times = window === null ? '*' : begin === end ? printTime(begin) : `${printTime(begin)}-${printTime(end)}`
	const text = `${times}${interval === null ? '' : `@${printDuration(interval)}`}`
	return `${spread ? '~' : ''}${interval !== null && window === null ? text.slice(1) : text}`
}

function printTime(time: number): string {
	const parts = [Math.floor(time / 3_600), Math.floor(time / 60) % 60, time % 60]
	return (time % 60 === 0 ? parts.slice(0, 2) : parts).map((part) => String(part).padStart(2, '0')).join(':')
}

function printDay({ weekdays, monthDay }: Day): string {
	return `${weekdays === null ? '*' : printRange(weekdays, nameIn(shortWeekdays))}${monthDay === null ? '' : `:${printMonthDay(monthDay)}`}`
}

function printMonthDay(day: MonthDay): string {
	switch (day.kind) {
		case 'number':
			return String(day.number)
		case 'nth': {
			const [ordinal] = [...ordinals].find(([, number]) => number === day.nth) ?? []
			return ordinal ?? `${day.nth > 0 ? '+' : ''}${day.nth}`
		}
		case 'modulo':
			return printModulo(day)
	}
}

function printNumbers({ range, modulo }: NumberSet, name: (number: number) => string): string {
	return `${range === null ? '' : printRange(range, name)}${modulo === null ? '' : printModulo(modulo)}`
}

function printRange({ from, to }: NumberRange, name: (number: number) => string): string {
	return from === to ? name(from) : `${name(from)}-${name(to)}`
}

function printModulo({ modulo, shift }: Modulo): string {
	return `%${modulo}${shift === 0 ? '' : `+${shift}`}`
}

function nameIn(names: readonly string[]): (number: number) => string {
	return (number) => names[number - 1] ?? String(number)
}
