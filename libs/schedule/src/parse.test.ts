import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Day, Member, MonthDay, NumberRange, NumberSet, Schedule, TimeRange } from './ast.ts'
import { parseDuration, printDuration } from './duration.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

const numbers = (greatest: number): fc.Arbitrary<NumberRange> =>
	fc.record({ from: fc.integer({ min: 1, max: greatest }), to: fc.integer({ min: 1, max: greatest }) })
const modulo = fc.record({ modulo: fc.integer({ min: 1, max: 60 }), shift: fc.nat(60) })
const time = fc.nat(86_399)
const range: fc.Arbitrary<TimeRange> = fc.record({
	spread: fc.boolean(),
	window: fc.option(fc.record({ begin: time, end: time })),
	interval: fc.option(fc.nat(10_000_000)),
})
const monthDay: fc.Arbitrary<MonthDay> = fc.oneof(
	fc.integer({ min: 1, max: 31 }).map((number): MonthDay => ({ kind: 'number', number })),
	fc
		.integer({ min: -31, max: 31 })
		.filter((nth) => nth !== 0)
		.map((nth): MonthDay => ({ kind: 'nth', nth })),
	modulo.map((parts): MonthDay => ({ kind: 'modulo', ...parts })),
)
const day: fc.Arbitrary<Day> = fc
	.record({ weekdays: fc.option(numbers(7)), monthDay: fc.option(monthDay) })
	.filter((item) => item.weekdays !== null || item.monthDay !== null)
const set = (greatest: number): fc.Arbitrary<NumberSet> =>
	fc
		.record({ range: fc.option(numbers(greatest)), modulo: fc.option(modulo) })
		.filter((item) => item.range !== null || item.modulo !== null)
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 })
const member: fc.Arbitrary<Member> = fc.record({
	exclude: fc.boolean(),
	ranges: some(range),
	days: fc.option(some(day)),
	weeks: fc.option(some(set(53))),
	months: fc.option(some(set(12))),
})
const schedule: fc.Arbitrary<Schedule> = fc.record({ members: fc.array(member, { maxLength: 3 }) })

function scheduleOf(definition: string | readonly string[]): Schedule {
	const parsed = parse(definition)
	if (!parsed.ok) throw new Error(parsed.error.message)
	return parsed.schedule
}

describe('laws', () => {
	test('parse(print(schedule)) is the schedule', () => {
		fc.assert(
			fc.property(schedule, (schedule) => {
				expect(scheduleOf(print(schedule))).toEqual(schedule)
			}),
		)
	})

	test('parseDuration(printDuration(n)) is n', () => {
		fc.assert(
			fc.property(fc.nat(), (length) => {
				expect(parseDuration(printDuration(length), 's')).toBe(length)
			}),
		)
	})

	test('every text is a schedule or has an error that lies in it', () => {
		const pieces = fc.constantFrom('*', '!', '~', '09:00', '-', '@', '10', 'mon', ':', 'last', ',', '%2', '+1', ' ', 'jan', '[', '"', ']')
		const typed = fc.oneof(
			fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
			fc.string({ unit: 'binary' }),
		)
		fc.assert(
			fc.property(typed, (text) => {
				const parsed = parse(text)
				if (parsed.ok) return
				const { start, end, message } = parsed.error
				expect(start).toBeLessThanOrEqual(end)
				expect(end).toBeLessThanOrEqual(text.length)
				expect(message).toMatch(/column \d+: expected .*, found /s)
			}),
			{ numRuns: 300 },
		)
	})
})

describe('print', () => {
	test.each([
		['', ''],
		['  ', ''],
		['[]', ''],
		['@0', '@0'],
		['*@90', '@1h30m'],
		['~ ', '~*'],
		['~22:0-2:00:05@90s 1-5', '~22:00-02:00:05@1m30s mon-fri'],
		['09:00-09:00 * * 3', '09:00 * * mar'],
		['!*  Friday:-1', '! * fri:last'],
		['* mon:+1,tue:2ND,:13,*:-2', '* mon:first,tue:second,*:13,*:-2'],
		['06:00 *:1,-1', '06:00 *:1,*:last'],
		['06:00 mon:+1,+3', '06:00 mon:first,mon:third'],
		['* * * *', '*'],
		['* *,mon * *%2+1', '* * * %2+1'],
		['["09:00 mon", "", " ! 12:00-14:00"]', '["09:00 mon","! 12:00-14:00"]'],
	])('%s', (definition, text) => {
		expect(print(scheduleOf(definition))).toBe(text)
	})

	test('a list reads like its JSON text', () => {
		expect(scheduleOf(['09:00 mon', '! * fri'])).toEqual(scheduleOf('["09:00 mon", "! * fri"]'))
	})
})

describe('messages name the place, what was expected and what was found', () => {
	test.each([
		['24:00', 0, 5, 'column 1: expected a time from 00:00 to 23:59:59, or * for the whole day, found “24:00”'],
		['09:00-9', 6, 7, 'column 7: expected a time from 00:00 to 23:59:59'],
		['09:00@1.5h', 6, 10, 'column 7: expected an interval after “@”'],
		['@101y', 1, 5, 'column 2: expected an interval after “@”'],
		[
			'@',
			1,
			1,
			'column 2: expected an interval after “@”: minutes, or numbers with units, such as 1h30m (y w d h m s), up to 100 years, found nothing',
		],
		['* mon,', 6, 6, 'column 7: expected a weekday'],
		['* mon-freday', 6, 12, 'column 7: expected a weekday'],
		['* *:0', 4, 5, 'column 5: expected a day of the month after “:”'],
		['* mon,tue:', 10, 10, 'column 11: expected a day of the month'],
		['* * 54', 4, 6, 'column 5: expected a week from 1 to 53, found “54”'],
		['* * * jan-feb-mar', 6, 17, 'column 7: expected one “-” at most'],
		['* * * %0', 7, 8, 'column 8: expected a number from 1 after “%”'],
		['*/10 * * * *', 11, 12, 'column 12: expected at most four fields'],
		['!', 1, 1, 'column 2: expected a time after “!”'],
		['["09:00", "10:60"]', 0, 5, 'member 2, column 1: expected a time'],
		['["09:00", 7]', 0, 12, 'member 1, column 1: expected a JSON list of texts'],
		['[09:00]', 0, 7, 'member 1, column 1: expected a JSON list of texts'],
	])('%s', (definition, start, end, message) => {
		expect(parse(definition)).toMatchObject({ ok: false, error: { start, end, message: expect.stringContaining(message) } })
	})
})
