import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'
import { atLeast, atMost, casesFile, describeCase, median, percentile, targetFrom } from './cases.ts'

describe('arguments', () => {
	const benches = { engine: ['durable', 'first'], live: ['frames'] }
	const usual = { name: 'engine', quick: false, cases: [], json: null, profile: null }

	test.each([
		['engine', usual],
		['engine --quick', { ...usual, quick: true }],
		['--json out.json engine', { ...usual, json: 'out.json' }],
		['--quick --json a/b.json engine', { ...usual, quick: true, json: 'a/b.json' }],
		['engine --case first', { ...usual, cases: ['first'] }],
		['--case frames live', { ...usual, name: 'live', cases: ['frames'] }],
		['engine --case first --profile p --case durable', { ...usual, cases: ['first', 'durable'], profile: 'p' }],
	])('%s', (line, expected) => {
		expect(parseArguments(line.split(' '), benches)).toEqual(expected)
	})

	test.each([
		[
			'',
			'No bench is named. Usage: npm run bench -- NAME [--quick] [--case CASE]… [--json FILE] [--profile DIRECTORY], NAME one of engine, live.',
		],
		['motor', 'There is no bench "motor".'],
		['engine live', '"live" is one name too many: "engine" was named already.'],
		['engine --fast', '--fast is not an option of the bench.'],
		['engine --json', '--json is not followed by the name of a file.'],
		['--json --quick engine', '--json is not followed by the name of a file.'],
		['engine --case', '--case is not followed by the name of a case.'],
		['engine --profile --quick', '--profile is not followed by the name of a directory.'],
		['engine --case frames', 'The bench "engine" has no case "frames", only durable, first.'],
	])('refuses "%s"', (line, message) => {
		expect(() => parseArguments(line.split(' ').filter(Boolean), benches)).toThrow(message)
	})
})

test.each([
	[[3], 3],
	[[9, 1, 5], 5],
	[[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
	expect(median(values)).toBe(expected)
})

test.each([
	[50, [3], 3],
	[50, [4, 1, 3, 2], 2],
	[99, [1, 2, 3], 3],
	[99, Array.from({ length: 100 }, (_, index) => 100 - index), 99],
	[100, [1, 9, 5], 9],
	[0, [7, 2], 2],
])('%d per cent of %j do not exceed %d', (percent, values, expected) => {
	expect(percentile(percent, values)).toBe(expected)
})

test('so many per cent of the values do not exceed a percentile, and fewer stay below it', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.integer(), { minLength: 1 }), (percent, values) => {
			const found = percentile(percent, values)
			expect(values).toContain(found)
			expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual((percent / 100) * values.length)
			expect(values.filter((value) => value < found).length).toBeLessThan((percent / 100) * values.length)
		}),
	)
})

test('there is no median and no percentile of nothing', () => {
	expect(() => median([])).toThrow('measure at least once')
	expect(() => percentile(99, [])).toThrow('measure at least once')
})

describe('a target from the figures of peers', () => {
	test('is what is made of them', () => {
		expect(targetFrom({ slow: 100, fast: 600 }, (peers) => 2 * peers.fast)).toBe(1200)
	})

	test('is unknown with a peer missing, also one that it does not need, and without any', () => {
		expect(targetFrom({ slow: null, fast: 600 }, (peers) => 2 * peers.fast)).toBeNull()
		expect(targetFrom({}, () => 1)).toBeNull()
	})
})

describe('a case', () => {
	const measured = { name: 'durable steps/s', unit: 'steps/s', ours: 1000, peers: { slow: 100, missing: null }, yardstick: 500 }

	test.each([
		[atLeast, 1000, true],
		[atLeast, 1000.1, false],
		[atLeast, null, false],
		[atMost, 1000, true],
		[atMost, 999.9, false],
		[atMost, null, false],
	])('%o %d is met: %o', (judge, target, met) => {
		expect(judge(target, measured)).toMatchObject({ target, met })
	})

	test('that could not be measured is not met', () => {
		expect(atLeast(0, { ...measured, ours: null })).toMatchObject({ met: false, ratio: { ours: null } })
		expect(atMost(2, { ...measured, ours: null })).toMatchObject({ met: false })
	})

	test('has the ratio of each figure to the yardstick', () => {
		expect(atLeast(1, measured).ratio).toEqual({ ours: 2, peers: { slow: 0.2, missing: null } })
		expect(atLeast(1, { ...measured, yardstick: null }).ratio).toEqual({ ours: null, peers: { slow: null, missing: null } })
	})

	test('is told with its peers, those that are missing too', () => {
		expect(describeCase(atLeast(2000, measured))).toBe(
			[
				'✗ durable steps/s: not met',
				'    1,000 (2 × yardstick) steps/s; target at least 2,000',
				'    beside it: slow 100 (0.2 × yardstick); missing missing',
				'    yardstick: 500 steps/s',
			].join('\n'),
		)
		expect(describeCase(atMost(null, { ...measured, peers: {}, yardstick: null }))).toBe(
			'✗ durable steps/s: not met\n    1,000 steps/s; target unknown, for a peer is missing',
		)
	})
})

test('the file holds the cases with all their fields', () => {
	const cases = [
		atLeast(null, {
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
				ratio: { ours: 4.913, peers: { '@dbos-inc/dbos-sdk': null } },
				target: null,
				bound: 'at least',
				met: false,
			},
		],
	})
})
