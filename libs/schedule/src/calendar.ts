/** Which days a member of a schedule means. Days are numbers: 0 is 1 January 1970. */

import type { Day, Member, Modulo, MonthDay, NumberRange, NumberSet } from './ast.ts'

const dayLength = 86_400_000

interface CalendarDay {
	readonly month: number
	readonly dayOfMonth: number
	readonly daysInMonth: number
	/** 1 is Monday. */
	readonly weekday: number
	/** ISO 8601: week 1 has the first Thursday of the year. */
	readonly week: number
}

/** What is to be known about a day. */
export function calendarDay(day: number): CalendarDay {
	const date = new Date(day * dayLength)
	const weekday = ((((day + 3) % 7) + 7) % 7) + 1
	// The year of a week is that of its Thursday, so the first days of January may lie in week 52 or 53.
	const thursday = day - weekday + 4
	const firstOfYear = Date.UTC(new Date(thursday * dayLength).getUTCFullYear(), 0, 1) / dayLength
	return {
		month: date.getUTCMonth() + 1,
		dayOfMonth: date.getUTCDate(),
		daysInMonth: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
		weekday,
		week: Math.floor((thursday - firstOfYear) / 7) + 1,
	}
}

/** Whether the calendar of a member holds that day. */
export function holds({ days, weeks, months }: Pick<Member, 'days' | 'weeks' | 'months'>, day: CalendarDay): boolean {
	return (
		(months === null || months.some((set) => hasNumber(set, day.month))) &&
		(weeks === null || weeks.some((set) => hasNumber(set, day.week))) &&
		(days === null || days.some((item) => isDay(item, day)))
	)
}

function hasNumber({ range, modulo }: NumberSet, number: number): boolean {
	return (range === null || inRange(range, number)) && (modulo === null || keeps(modulo, number))
}

function isDay({ weekdays, monthDay }: Day, day: CalendarDay): boolean {
	return (weekdays === null || inRange(weekdays, day.weekday)) && (monthDay === null || isMonthDay(monthDay, weekdays !== null, day))
}

function isMonthDay(monthDay: MonthDay, weekdayNamed: boolean, { dayOfMonth, daysInMonth }: CalendarDay): boolean {
	switch (monthDay.kind) {
		case 'number':
			return dayOfMonth === monthDay.number
		case 'nth': {
			const { nth } = monthDay
			const fromThatEnd = nth > 0 ? dayOfMonth : daysInMonth - dayOfMonth + 1
			return Math.abs(nth) === (weekdayNamed ? Math.ceil(fromThatEnd / 7) : fromThatEnd)
		}
		case 'modulo':
			return keeps(monthDay, dayOfMonth)
	}
}

function inRange({ from, to }: NumberRange, number: number): boolean {
	return from <= to ? from <= number && number <= to : number >= from || number <= to
}

function keeps({ modulo, shift }: Modulo, number: number): boolean {
	return (number + shift) % modulo === 0
}
