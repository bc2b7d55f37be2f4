import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowed } from './allowed.ts'
import type { Schedule } from './ast.ts'
import { delayLimit } from './delay.ts'
import { next } from './next.ts'
import { parse } from './parse.ts'
import { dayOf, startOf } from './zone.ts'

function scheduleOf(definition: string | readonly string[]): Schedule {
	const parsed = parse(definition)
	if (!parsed.ok) throw new Error(parsed.error.message)
	return parsed.schedule
}

const zone = fc.constantFrom(
	'UTC',
	'Europe/Paris',
	'America/Sao_Paulo',
	'America/St_Johns',
	'Australia/Lord_Howe',
	'Pacific/Apia',
	'Asia/Kathmandu',
)
const instant = fc.date({ min: new Date('1995-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true })

const times = fc.constantFrom(
	'*',
	'09:00',
	'00:00',
	'23:59:59',
	'02:30',
	'22:00-02:00',
	'00:00-06:00@30',
	'@1h',
	'@1w',
	'14:00-15:00,08:00-09:00',
)
const days = fc.constantFrom('*', 'mon-fri', 'sat-sun', 'fri:last', '*:1,-1', '*:%2', 'tue:2nd')
const months = fc.constantFrom('*', 'jan-mar', '%2+1', 'dec')
const inclusion = fc.tuple(times, days, fc.constantFrom('*', '1-26', '50-2'), months).map((fields) => fields.join(' '))
const exclusion = fc.tuple(fc.constantFrom('*', '12:00-14:00', '13:30-15:00', '23:00-01:00'), days).map((fields) => `! ${fields.join(' ')}`)
const definition = fc
	.tuple(fc.array(inclusion, { minLength: 1, maxLength: 2 }), fc.array(exclusion, { maxLength: 2 }))
	.map((members) => members.flat())

describe('laws', () => {
	const occasion = fc.record({ now: instant, last: fc.option(fc.nat(14 * 86_400_000)), zone }).map(({ now, last, zone }) => {
		return { now, last: last === null ? null : new Date(now.getTime() - last), zone }
	})

	test('next is the first instant that is allowed', () => {
		fc.assert(
			fc.property(
				definition,
				occasion,
				fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
				(definition, asked, samples) => {
					const schedule = scheduleOf(definition)
					const found = next(schedule, asked)
					expect(found !== null && found.getTime() === asked.now.getTime()).toBe(allowed(schedule, asked))
					if (found === null) return
					expect(allowed(schedule, { ...asked, now: found })).toBe(true)
					expect(next(schedule, { ...asked, now: found })).toEqual(found)
					const earlier = found.getTime() - asked.now.getTime()
					const instants = [
						...samples.map((sample) => Math.floor(sample * earlier)),
						earlier - 1,
						earlier - 3_600_000,
						earlier - 86_400_000,
					]
					for (const after of instants.filter((milliseconds) => milliseconds >= 0 && milliseconds < earlier)) {
						expect(allowed(schedule, { ...asked, now: new Date(asked.now.getTime() + after) })).toBe(false)
					}
				},
			),
			{ numRuns: 150 },
		)
	})

	test('the order of members does not matter', () => {
		fc.assert(
			fc.property(definition, occasion, (definition, asked) => {
				expect(next(scheduleOf(definition.toReversed()), asked)).toEqual(next(scheduleOf(definition), asked))
			}),
			{ numRuns: 50 },
		)
	})

	test('each instant lies in one day, and days follow each other', () => {
		fc.assert(
			fc.property(instant, zone, (now, zone) => {
				const day = dayOf(now.getTime(), zone)
				expect(startOf(day, zone)).toBeLessThanOrEqual(now.getTime())
				expect(startOf(day + 1, zone)).toBeGreaterThan(now.getTime())
			}),
		)
	})

	test('a delayed run is allowed, at the first and at the last second of the delay', () => {
		const spread = fc
			.tuple(
				fc.constantFrom('~00:00-06:00', '~22:00-02:00', '~*', '~@1d', '~10:00-12:00,13:00-13:30'),
				days,
				fc.array(exclusion, { maxLength: 2 }),
			)
			.map(([times, days, exclusions]) => [`${times} ${days}`, ...exclusions])
		fc.assert(
			fc.property(spread, occasion, (definition, asked) => {
				const schedule = scheduleOf(definition)
				const due = next(schedule, asked)
				fc.pre(due !== null)
				const limit = delayLimit(schedule, { ...asked, now: due })
				for (const delay of [0, limit - 1]) {
					expect(allowed(schedule, { ...asked, now: new Date(due.getTime() + delay * 1_000) })).toBe(true)
				}
			}),
			{ numRuns: 100 },
		)
	})
})

describe('clocks that change', () => {
	test.each([
		// Paris puts its clocks forward on 2026-03-29, 02:00 to 03:00, and back on 2026-10-25, 03:00 to 02:00.
		['a skipped time is an hour later', '02:30', 'Europe/Paris', '2026-03-29T00:30:00+01:00', null, '2026-03-29T03:30:00+02:00'],
		['a skipped window is an hour later', '02:15-02:45', 'Europe/Paris', '2026-03-29T00:30:00+01:00', null, '2026-03-29T03:15:00+02:00'],
		['a repeated time is the first', '02:30', 'Europe/Paris', '2026-10-25T00:30:00+02:00', null, '2026-10-25T02:30:00+02:00'],
		['… and runs once', '02:30', 'Europe/Paris', '2026-10-25T02:31:00+02:00', '2026-10-25T02:30:00+02:00', '2026-10-26T02:30:00+01:00'],
		['25 hours have all their hours', '@10', 'Europe/Paris', '2026-10-25T23:55:00+01:00', null, '2026-10-25T23:55:00+01:00'],
		['no midnight on that day', '00:00', 'America/Sao_Paulo', '2018-11-03T12:00:00-03:00', null, '2018-11-04T01:00:00-02:00'],
		['a midnight that comes twice', '00:00', 'America/St_Johns', '2009-10-31T12:00:00-02:30', null, '2009-11-01T00:00:00-02:30'],
		[
			'moved into an exclusion',
			'["02:30", "! 03:00-04:00"]',
			'Europe/Paris',
			'2026-03-29T00:30:00+01:00',
			null,
			'2026-03-30T02:30:00+02:00',
		],
		[
			'excluded before it is moved',
			'["02:15-02:45", "! 01:00-03:00 * * mar"]',
			'Europe/Paris',
			'2026-03-29T00:30:00+01:00',
			null,
			'2026-04-01T02:15:00+02:00',
		],
		['half an hour', '02:15', 'Australia/Lord_Howe', '2026-10-04T00:00:00+10:30', null, '2026-10-04T02:45:00+11:00'],
		['a day that does not exist', '12:00 *:30 * dec', 'Pacific/Apia', '2011-12-01T00:00:00-10:00', null, '2012-12-30T12:00:00+14:00'],
	])('%s', (_title, definition, zone, now, last, expected) => {
		const found = next(scheduleOf(definition), { now: new Date(now), last: last === null ? null : new Date(last), zone })
		expect(found).toEqual(new Date(expected))
	})
})

describe('far and never', () => {
	test.each([
		['@0', null],
		['! *', null],
		['["09:00", "! 08:00-10:00"]', null],
		['["02:00-04:00", "! 02:00-03:00", "! 03:00-04:00"]', '2026-11-22T04:00:00.000Z'],
		['* *:30 * feb', null],
		['09:00 fri:5th * feb', '2036-02-29T09:00:00.000Z'],
		['09:00 sun:5th * feb', '2032-02-29T09:00:00.000Z'],
	])('%s', (definition, expected) => {
		const found = next(scheduleOf(definition), { now: new Date('2026-11-21T12:00:00Z'), last: null, zone: 'UTC' })
		expect(found?.toISOString() ?? null).toBe(expected)
	})

	test('a zone that does not exist is refused by name', () => {
		expect(() => next(scheduleOf('*'), { now: new Date(0), last: null, zone: 'Mars/Olympus' })).toThrow('Mars/Olympus')
	})
})
