/**
 * Reads service-table schedules.
 *
 *     member     = ["!"] timeranges [days [weeks [months]]]      blanks between the fields, commas between the items of a field
 *     timerange  = ["~"] [window] ["@" interval]                 window: `*`, `09:00`, `22:00-02:00`; interval: minutes, or `1h30m`
 *     day        = [weekdays] [":" monthday]                     `mon-fri`, `*:last`, `tue:2nd`, `fri:13`, `*:%2+1`
 *     weeks and months = `*`, `10`, `50-2`, `jan-mar`, each with ["%" modulo ["+" shift]]
 */

import type { Day, Member, Modulo, MonthDay, NumberRange, NumberSet, Schedule, TimeRange, Window } from './ast.ts'
import { parseDuration } from './duration.ts'
import { Fault, type Piece, type ScheduleError } from './errors.ts'
import { monthNames, ordinals, weekdayNames } from './names.ts'

export type Parsed = { readonly ok: true; readonly schedule: Schedule } | { readonly ok: false; readonly error: ScheduleError }

/**
 * Reads a schedule: one member as text, or several as an array or as the JSON text of one. One bad member makes the whole bad.
 *
 * @example parse('22:00-02:00@30 mon-fri') // at most every 30 minutes in the nights
 * @example parse(['09:00-10:00', '! * fri']) // once each morning, but not on Fridays
 */
export function parse(definition: string | readonly string[]): Parsed {
	const members: Member[] = []
	let index = 0
	try {
		const texts = typeof definition === 'string' ? textsOf(definition) : definition
		for (const text of texts) {
			if (text.trim() !== '') members.push(parseMember(text))
			index += 1
		}
	} catch (fault) {
		if (!(fault instanceof Fault)) throw fault
		const { start, text } = fault.piece
		const list = typeof definition !== 'string' || definition.trim().startsWith('[')
		const message = `${list ? `member ${index + 1}, ` : ''}column ${start + 1}: ${fault.message}`
		return { ok: false, error: { message, member: index, start, end: start + text.length } }
	}
	return { ok: true, schedule: { members } }
}

/** The members of a definition: what begins with `[` has to be a JSON list of strings. */
function textsOf(definition: string): readonly string[] {
	if (!definition.trim().startsWith('[')) return [definition]
	const texts = readJson(definition)
	if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts
	throw new Fault({ start: 0, text: definition }, 'a JSON list of texts, such as ["09:00-10:00", "! * fri"]')
}

function readJson(text: string): unknown {
	try {
		return JSON.parse(text)
	} catch {
		return undefined
	}
}

function parseMember(text: string): Member {
	const [, lead = '', mark = ''] = /^(\s*)(!?)/.exec(text) ?? []
	const from = lead.length + mark.length
	const fields = [...text.slice(from).matchAll(/\S+/g)].map((match): Piece => ({ start: from + match.index, text: match[0] }))
	const [ranges = { start: from, text: '' }, days, weeks, months, extra] = fields
	if (extra !== undefined) {
		throw new Fault(extra, 'at most four fields (times, days, weeks, months; a crontab line has five and is another language)')
	}
	if (ranges.text === '') throw new Fault(ranges, 'a time after “!”, such as 12:00-14:00 or * for the whole day')
	return {
		exclude: mark === '!',
		ranges: split(ranges, ',').map(parseTimeRange),
		days: days === undefined ? null : parseDays(days),
		weeks: weeks === undefined ? null : parseNumbers(weeks, 'a week from 1 to 53', (name) => numberUpTo(name, 53)),
		months:
			months === undefined
				? null
				: parseNumbers(months, 'a month (1 to 12, jan or january)', (name) => monthNames.get(name) ?? numberUpTo(name, 12)),
	}
}

function parseTimeRange(piece: Piece): TimeRange {
	const spread = piece.text.startsWith('~')
	const [window, interval, extra] = split(spread ? tail(piece, 1) : piece, '@')
	if (extra !== undefined) throw new Fault(piece, 'one interval at most, such as 22:00-02:00@30')
	return {
		spread,
		window: window === undefined || window.text === '' || window.text === '*' ? null : parseWindow(window),
		interval: interval === undefined ? null : parseInterval(interval),
	}
}

function parseWindow(piece: Piece): Window {
	const [begin, end, extra] = split(piece, '-')
	if (begin === undefined || extra !== undefined) throw new Fault(piece, 'one window of the day, such as 22:00-02:00')
	return { begin: parseTime(begin), end: parseTime(end ?? begin) }
}

function parseTime(piece: Piece): number {
	const [, hours, minutes, seconds = '0'] = /^(\d\d?):(\d\d?)(?::(\d\d?))?$/.exec(piece.text) ?? []
	const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)]
	// NaN, of a text that is no time at all, fails here too.
	if (!(h < 24 && m < 60 && s < 60)) throw new Fault(piece, 'a time from 00:00 to 23:59:59, or * for the whole day')
	return h * 3_600 + m * 60 + s
}

function parseInterval(piece: Piece): number {
	const interval = parseDuration(piece.text, 'm')
	if (interval === null)
		throw new Fault(piece, 'an interval after “@”: minutes, or numbers with units, such as 1h30m (y w d h m s), up to 100 years')
	return interval
}

function parseDays(field: Piece): Day[] | null {
	const days: Day[] = []
	// A signed number behind a `:` item continues it: `*:1,-1` is the first and the last day.
	let continued: Day | null = null
	for (const item of split(field, ',')) {
		const day: Day =
			continued !== null && /^[+-]\d+$/.test(item.text) ? { weekdays: continued.weekdays, monthDay: parseMonthDay(item) } : parseDay(item)
		days.push(day)
		continued = day.monthDay === null ? null : day
	}
	return days.some((day) => day.weekdays === null && day.monthDay === null) ? null : days
}

function parseDay(item: Piece): Day {
	const [weekdays, monthDay, extra] = split(item, ':')
	if (weekdays === undefined || item.text === '') throw new Fault(item, weekdayExpected)
	if (extra !== undefined) throw new Fault(item, 'one “:” at most, such as fri:last')
	const any = weekdays.text === '' || weekdays.text === '*'
	return {
		weekdays: any ? null : parseRange(weekdays, weekdayExpected, (name) => weekdayNames.get(name) ?? numberUpTo(name, 7)),
		monthDay: monthDay === undefined ? null : parseMonthDay(monthDay),
	}
}

const weekdayExpected = 'a weekday (1 is Monday to 7, mon or monday), or * for any'

function parseMonthDay(piece: Piece): MonthDay {
	if (piece.text.startsWith('%')) return { kind: 'modulo', ...parseModulo(tail(piece, 1)) }
	const ordinal = ordinals.get(piece.text.toLowerCase())
	if (ordinal !== undefined) return { kind: 'nth', nth: ordinal }
	const number = Number(piece.text)
	if (!/^[+-]?\d+$/.test(piece.text) || number === 0 || !Number.isSafeInteger(number)) {
		throw new Fault(piece, 'a day of the month after “:”, such as 1, -1, last, 2nd or %2')
	}
	return /^\d/.test(piece.text) ? { kind: 'number', number } : { kind: 'nth', nth: number }
}

function parseNumbers(field: Piece, expected: string, numberOf: (name: string) => number | undefined): NumberSet[] | null {
	const sets = split(field, ',').map((item): NumberSet => {
		const at = item.text.indexOf('%')
		const numbers = at === -1 ? item : { start: item.start, text: item.text.slice(0, at) }
		const any = numbers.text === '*' || (numbers.text === '' && at !== -1)
		return {
			range: any ? null : parseRange(numbers, expected, numberOf),
			modulo: at === -1 ? null : parseModulo(tail(item, at + 1)),
		}
	})
	return sets.some((set) => set.range === null && set.modulo === null) ? null : sets
}

function parseModulo(piece: Piece): Modulo {
	const [, modulo, shift = '0'] = /^(\d+)(?:\+(\d+))?$/.exec(piece.text) ?? []
	const parsed = { modulo: Number(modulo), shift: Number(shift) }
	if (!(parsed.modulo > 0 && Number.isSafeInteger(parsed.modulo + parsed.shift))) {
		throw new Fault(piece, 'a number from 1 after “%”, with “+” and another one if the rhythm is shifted, such as %2+1')
	}
	return parsed
}

function parseRange(piece: Piece, expected: string, numberOf: (name: string) => number | undefined): NumberRange {
	const [from, to, extra] = split(piece, '-').map((name) => {
		const number = numberOf(name.text.toLowerCase())
		if (number === undefined) throw new Fault(name, expected)
		return number
	})
	if (from === undefined || extra !== undefined) throw new Fault(piece, `one “-” at most, between two of these: ${expected}`)
	return { from, to: to ?? from }
}

function numberUpTo(text: string, greatest: number): number | undefined {
	const number = /^\d+$/.test(text) ? Number(text) : 0
	return number >= 1 && number <= greatest ? number : undefined
}

/** The pieces between the separators, with their places. */
function split(piece: Piece, separator: string): Piece[] {
	let { start } = piece
	return piece.text.split(separator).map((text) => {
		const part = { start, text }
		start += text.length + separator.length
		return part
	})
}

function tail(piece: Piece, skipped: number): Piece {
	return { start: piece.start + skipped, text: piece.text.slice(skipped) }
}
