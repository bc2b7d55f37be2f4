import { describe, expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'
import { atMost, casesFile, median, timesFaster } from './cases.ts'

describe('arguments', () => {
	test.each([
		['engine', { name: 'engine', quick: false, json: null }],
		['engine --quick', { name: 'engine', quick: true, json: null }],
		['--json out.json engine', { name: 'engine', quick: false, json: 'out.json' }],
		['--quick --json a/b.json engine', { name: 'engine', quick: true, json: 'a/b.json' }],
	])('%s', (line, expected) => {
		expect(parseArguments(line.split(' '), ['engine', 'live'])).toEqual(expected)
	})

	test.each([
		['', 'No bench is named. Usage: npm run bench -- NAME [--quick] [--json FILE], NAME one of engine, live.'],
		['motor', 'There is no bench "motor".'],
		['engine live', '"live" is one name too many: "engine" was named already.'],
		['engine --fast', '--fast is not an option of the bench.'],
		['engine --json', '--json is not followed by the name of a file.'],
		['--json --quick engine', '--json is not followed by the name of a file.'],
	])('refuses "%s"', (line, message) => {
		expect(() => parseArguments(line.split(' ').filter(Boolean), ['engine', 'live'])).toThrow(message)
	})
})

test.each([
	[[3], 3],
	[[9, 1, 5], 5],
	[[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
	expect(median(values)).toBe(expected)
})

test('there is no median of nothing', () => {
	expect(() => median([])).toThrow('measure at least once')
})

describe('a case of so many times a peer', () => {
	const measured = { name: 'durable steps/s', unit: 'steps/s', ours: 1000, yardstick: 5000 }

	test('is met at the target', () => {
		expect(timesFaster(10, { ...measured, peers: { slow: 100 } })).toEqual({ ...measured, peers: { slow: 100 }, target: 1000, met: true })
	})

	test('is not met below it', () => {
		expect(timesFaster(10, { ...measured, peers: { slow: 100.1 } })).toMatchObject({ met: false })
	})

	test('looks at the fastest peer', () => {
		expect(timesFaster(2, { ...measured, peers: { slow: 100, fast: 600 } })).toMatchObject({ target: 1200, met: false })
	})

	test('is not met with a peer missing, nor without any', () => {
		expect(timesFaster(1, { ...measured, peers: { slow: 1, missing: null } })).toMatchObject({ target: null, met: false })
		expect(timesFaster(1, { ...measured, peers: {} })).toMatchObject({ target: null, met: false })
	})
})

test('a case of at most a bound is met at the bound', () => {
	expect(atMost(0.2, { name: 'commits per step', unit: 'commits', ours: 0.2 })).toMatchObject({ target: 0.2, met: true })
	expect(atMost(0.2, { name: 'commits per step', unit: 'commits', ours: 0.21 })).toMatchObject({ met: false })
})

test('the file holds the cases with all their fields', () => {
	const cases = [
		timesFaster(10, {
			name: 'durable steps/s',
			unit: 'steps/s',
			ours: 21_234.567,
			peers: { '@dbos-inc/dbos-sdk': null },
			yardstick: 4321.9,
		}),
	]
	expect(JSON.parse(casesFile(cases))).toEqual({
		cases: [
			{
				name: 'durable steps/s',
				unit: 'steps/s',
				ours: 21_230,
				peers: { '@dbos-inc/dbos-sdk': null },
				yardstick: 4322,
				target: null,
				met: false,
			},
		],
	})
})
