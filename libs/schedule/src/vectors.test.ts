import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allowed, type Occasion } from './allowed.ts'
import type { Member, Schedule } from './ast.ts'
import { calendarDay, holds } from './calendar.ts'
import { delayLimit } from './delay.ts'
import { parseDuration } from './duration.ts'
import { next } from './next.ts'
import { spacing } from './openings.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

interface Vector {
	readonly id: string
	readonly kind: string
	readonly definition: string
	readonly expression: string
	readonly now: string
	readonly last_run: string | null
	readonly tz: string
	readonly allowed: boolean
	readonly next: string | null
	readonly error: boolean
	readonly date: string
	readonly values: readonly number[]
	readonly expect: unknown
}

const { vectors } = JSON.parse(readFileSync(new URL('../vectors/schedule.json', import.meta.url), 'utf8')) as { vectors: Vector[] }

/** The vectors of some kinds, with their titles. */
function rows(...kinds: string[]): (readonly [string, Vector])[] {
	const found = vectors.filter(({ kind }) => kinds.includes(kind))
	if (found.length === 0)
		throw new Error(`no vector is of the kind ${kinds.join(' or ')}; expected some in libs/schedule/vectors/schedule.json`)
	return found.map((vector) => [`${vector.id} ${vector.definition ?? vector.expression ?? vector.date}`, vector])
}

function scheduleOf(definition: string): Schedule {
	const parsed = parse(definition)
	if (!parsed.ok) throw new Error(parsed.error.message)
	return parsed.schedule
}

/** Vectors also ask bad definitions, which never permit anything. */
function permissive(definition: string): Schedule {
	const parsed = parse(definition)
	return parsed.ok ? parsed.schedule : { members: [] }
}

function occasion({ now, last_run: last, tz }: Vector): Occasion {
	return { now: new Date(now), last: typeof last === 'string' ? new Date(last) : null, zone: tz }
}

function memberOf(definition: string): Member {
	const [member] = scheduleOf(definition).members
	if (member === undefined) throw new Error(`“${definition}” has no member`)
	return member
}

/** The numbers of a calendar day that a member holds, all others being any. */
function heldNumbers(member: Member, key: 'month' | 'week' | 'weekday', greatest: number): number[] {
	const some = { month: 1, week: 1, weekday: 1, dayOfMonth: 1, daysInMonth: 31 }
	return Array.from({ length: greatest }, (_, index) => index + 1).filter((number) => holds(member, { ...some, [key]: number }))
}

describe('allowed', () => {
	test.each(rows('allowed'))('%s', (_title, vector) => {
		expect(allowed(permissive(vector.definition), occasion(vector))).toBe(vector.allowed)
	})
})

describe('next', () => {
	test.each(rows('next', 'next_dst'))('%s', (_title, vector) => {
		const expected = vector.next === null ? null : new Date(vector.next)
		expect(next(permissive(vector.definition), occasion(vector))).toEqual(expected)
	})
})

describe('parse', () => {
	test.each(rows('invalid'))('%s', (_title, { definition, error }) => {
		expect(parse(definition).ok).toBe(!error)
	})

	test.each(rows('list_with_invalid_member'))('%s', (_title, { definition, expect: expected }) => {
		expect({ error: !parse(definition).ok }).toEqual(expected)
	})

	test.each(rows('allowed', 'next', 'next_dst', 'delay_bounds').filter(([, { definition }]) => parse(definition).ok))(
		'print: %s',
		(_title, { definition }) => {
			const schedule = scheduleOf(definition)
			expect(scheduleOf(print(schedule))).toEqual(schedule)
		},
	)
})

describe('pieces', () => {
	test.each(rows('interval'))('interval %s', (_title, { definition, expect: expected }) => {
		const [range] = memberOf(definition).ranges
		expect(range && spacing(range)).toBe(expected)
	})

	test.each(rows('weekdays'))('%s', (_title, { expression, expect: expected }) => {
		expect(heldNumbers(memberOf(`* ${expression}`), 'weekday', 7)).toEqual(expected)
	})

	test.each(rows('weeks'))('%s', (_title, { expression, expect: expected }) => {
		expect(heldNumbers(memberOf(`* * ${expression}`), 'week', 53)).toEqual(expected)
	})

	test.each(rows('months'))('%s', (_title, { expression, expect: expected }) => {
		expect(heldNumbers(memberOf(`* * * ${expression}`), 'month', 12)).toEqual(expected)
	})

	test.each(rows('modulo'))('%s', (_title, { expression, values, expect: expected }) => {
		expect(heldNumbers(memberOf(`* * * %${expression}`), 'month', Math.max(...values))).toEqual(expected)
	})

	test.each(rows('month_days'))('%s', (_title, { date, expect: expected }) => {
		expect(calendarDay(Date.parse(date) / 86_400_000).daysInMonth).toBe(expected)
	})

	test.each(rows('duration'))('duration %s', (_title, { expression, expect: expected }) => {
		expect(parseDuration(expression, 's') ?? 'error').toBe(expected)
	})
})

describe('delay', () => {
	test.each(rows('delay_bounds'))('%s', (_title, vector) => {
		const limit = delayLimit(scheduleOf(vector.definition), { ...occasion(vector), last: null })
		expect({ min: 0, max_exclusive: limit, random: limit > 1 }).toEqual(vector.expect)
	})
})
