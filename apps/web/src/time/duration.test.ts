import { describe, expect, test } from 'vitest'
import { formatDuration, formatRelative } from './duration.ts'

describe('formatDuration', () => {
	test.each([
		[-5, '0 ms'],
		[0, '0 ms'],
		[449, '449 ms'],
		[2_449, '2.4 s'],
		[9_999, '9.9 s'],
		[42_900, '42 s'],
		[59_999, '59 s'],
		[60_000, '1 m 00 s'],
		[729_000, '12 m 09 s'],
		[14_520_000, '4 h 02 m'],
		[86_400_000, '1 d 0 h'],
		[273_600_000, '3 d 4 h'],
	])('%i ms: %s', (milliseconds, text) => {
		expect(formatDuration(milliseconds)).toBe(text)
	})
})

describe('formatRelative', () => {
	test.each([
		[0, 'just now'],
		[-4_999, 'just now'],
		[-42_000, '42 sec. ago'],
		[-60_000, '1 min. ago'],
		[-3_600_000, '1 hr. ago'],
		[10_800_000, 'in 3 hr.'],
		[-172_800_000, '2 days ago'],
	])('%i ms from now: %s', (distance, text) => {
		expect(formatRelative(1e12 + distance, 1e12)).toBe(text)
	})
})
