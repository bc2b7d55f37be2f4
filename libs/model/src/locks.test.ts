import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areRelated, conflicts, covers, distinctClaims, namesMeet, nextInLine, type StandingClaim, standingBefore } from './locks.ts'
import type { LockClaim } from './plan.ts'

describe('two claims on one resource', () => {
	it.each([
		['backup', 'exclusive', 'backup', 'exclusive', true],
		['backup', 'exclusive', 'backup', 'shared', true],
		['backup', 'shared', 'backup', 'shared', false],
		['backup', 'exclusive', 'restore', 'exclusive', false],
		['*', 'exclusive', 'restore', 'exclusive', true],
		['backup', 'shared', '*', 'exclusive', true],
		['*', 'shared', '*', 'shared', false],
	] as const)('%s %s and %s %s: conflict %s', (oneName, oneMode, otherName, otherMode, expected) => {
		const one = { name: oneName, mode: oneMode }
		const other = { name: otherName, mode: otherMode }
		expect([conflicts(one, other), conflicts(other, one)]).toEqual([expected, expected])
	})

	it('meet by name or by *', () => {
		expect([namesMeet('a', 'a'), namesMeet('a', 'b'), namesMeet('a', '*')]).toEqual([true, false, true])
	})
})

/** `A!` holds an exclusive lock, `a!` a shared one, without `!` they stand in line; `A<P` is a sub-task of P. */
function line(text: string, resource = 'r'): StandingClaim[] {
	return text.split(' ').map((word, index) => {
		const [who = '', ...ancestors] = word.replace('!', '').split('<')
		return {
			task: who.toUpperCase(),
			resource,
			name: '*',
			mode: who === who.toUpperCase() ? 'exclusive' : 'shared',
			place: index,
			granted: word.includes('!'),
			ancestors,
		}
	})
}

describe('a line', () => {
	it.each([
		['A', 'A'],
		['A! B', ''],
		['A B', 'A'],
		['a b c', 'A,B,C'],
		['a! b c', 'B,C'],
		['a! B c', ''],
		['a B c', 'A'],
		['A! b c D', ''],
		['b c D e', 'B,C'],
		// What was granted later than it stands is in the way too.
		['A B!', ''],
		// A sub-task lives on the lock of its parent, beside its siblings, whoever stands in line for it.
		['P! X C<P', 'C'],
		['P! C<P D<P', 'C,D'],
		['P! C<P!', ''],
		['P! X C<P!', ''],
		['p! X C<P', ''],
		['p! X c<P', 'C'],
		// Without a lock of the parent, siblings are strangers.
		['C<P D<P', 'C'],
		// An ancestor in line is not in the way, and does not cover.
		['P C<P', 'P,C'],
	])('%s: next %s', (text, next) => {
		expect(nextInLine(line(text)).join(',')).toBe(next)
	})

	it('is entered with all claims of a task, which are granted together', () => {
		const claims = [...line('A! B C', 'r'), ...line('B C', 's')]
		expect(nextInLine(claims)).toEqual([])
		expect(nextInLine(claims.filter((claim) => claim.task !== 'A'))).toEqual(['B'])
	})

	const anyClaim = fc.record({
		resource: fc.constantFrom('r', 's'),
		name: fc.constantFrom('*', 'x', 'y'),
		mode: fc.constantFrom('exclusive' as const, 'shared' as const),
	})
	/** Each task makes all its claims at once. */
	const anyLine = fc
		.tuple(
			fc.shuffledSubarray(['A', 'B', 'C', 'D', 'E', 'F']),
			fc.array(fc.array(anyClaim, { minLength: 1, maxLength: 3 }), { minLength: 6, maxLength: 6 }),
		)
		.map(([tasks, claims]) =>
			tasks
				.flatMap((task, index) => (claims[index] ?? []).map((claim) => ({ ...claim, task })))
				.map((claim, place) => ({ ...claim, place, granted: false, ancestors: parents[claim.task] ?? [] })),
		)
	// C and D are sub-tasks of A, E one of C.
	const parents: Partial<Record<string, string[]>> = { C: ['A'], D: ['A'], E: ['C', 'A'] }
	const grant = (claims: readonly StandingClaim[], tasks: readonly string[]): StandingClaim[] =>
		claims.map((claim) => (tasks.includes(claim.task) ? { ...claim, granted: true } : claim))

	it('never has two strangers that hold what conflicts, and in the end everybody had a turn', () => {
		fc.assert(
			fc.property(anyLine, (claims) => {
				let standing = grant(claims, nextInLine(claims))
				const turns: string[] = []
				while (standing.length > 0) {
					const holders = standing.filter((claim) => claim.granted)
					for (const one of holders) {
						for (const other of holders) {
							if (one.resource !== other.resource || areRelated(one, other) || !conflicts(one, other)) continue
							// Siblings on the lock of an ancestor.
							expect([one, other].every((claim) => claim.ancestors.includes('A'))).toBe(true)
						}
					}
					// Ends whoever holds and has no sub-task left that holds: the last of them.
					const [ends] = holders.map((claim) => claim.task).sort((a, b) => (b < a ? -1 : 1))
					expect(ends).toBeDefined()
					turns.push(ends as string)
					standing = standing.filter((claim) => claim.task !== ends)
					standing = grant(standing, nextInLine(standing))
				}
				expect(new Set(turns).size).toBe(new Set(claims.map((claim) => claim.task)).size)
			}),
		)
	})

	it('is granted once: a second look grants nobody more', () => {
		fc.assert(
			fc.property(anyLine, (claims) => {
				const granted = grant(claims, nextInLine(claims))
				const more = nextInLine(granted)
				// But sub-tasks whose ancestor was granted just now: its lock covers theirs.
				expect(more.filter((task) => parents[task] === undefined)).toEqual([])
			}),
		)
	})

	it('keeps its order: nobody is granted before an earlier stranger that conflicts', () => {
		fc.assert(
			fc.property(anyLine, (claims) => {
				const next = new Set(nextInLine(claims))
				for (const claim of claims.filter(({ task }) => next.has(task))) {
					const earlier = claims.filter((other) => other.resource === claim.resource && other.place < claim.place)
					expect(earlier.filter((other) => conflicts(claim, other) && !areRelated(claim, other))).toEqual([])
				}
			}),
		)
	})

	it('names what stands before a claim', () => {
		const claims = line('A! b C d')
		expect(standingBefore(claims[3] as StandingClaim, claims).map((claim) => claim.task)).toEqual(['A', 'C'])
	})
})

describe('a lock of an ancestor', () => {
	const claim = (overrides: Partial<StandingClaim>): StandingClaim => ({
		task: 'P',
		resource: 'r',
		name: '*',
		mode: 'exclusive',
		place: 0,
		granted: true,
		ancestors: [],
		...overrides,
	})
	it.each([
		[{}, {}, true],
		[{ name: 'x' }, { name: 'x' }, true],
		[{}, { name: 'x', mode: 'shared' }, true],
		[{ name: 'x' }, {}, false],
		[{ name: 'x' }, { name: 'y' }, false],
		[{ mode: 'shared' }, {}, false],
		[{ mode: 'shared' }, { mode: 'shared' }, true],
		[{ granted: false }, {}, false],
		[{ resource: 's' }, {}, false],
		[{ task: 'G' }, {}, true],
		[{ task: 'stranger' }, {}, false],
	] as const)('%j covers %j: %s', (held, wanted, expected) => {
		expect(covers(claim(held), claim({ task: 'C', granted: false, ancestors: ['P', 'G'], ...wanted }))).toBe(expected)
	})
})

describe('claims that a plan names twice', () => {
	const one = (mode: LockClaim['mode'], onConflict?: LockClaim['onConflict']): LockClaim => ({
		resource: { type: 'Host', id: '7' },
		name: 'run',
		mode,
		...(onConflict && { onConflict }),
	})
	it.each([
		[[one('shared'), one('exclusive')], 'exclusive', 'fail'],
		[[one('exclusive', 'wait'), one('shared', 'wait')], 'exclusive', 'wait'],
		[[one('shared', 'wait'), one('shared')], 'shared', 'fail'],
		[[one('shared'), one('shared', 'wait')], 'shared', 'fail'],
	] as const)('%j are one: %s, %s', (claims, mode, onConflict) => {
		expect(distinctClaims(claims)).toEqual([{ ...one('shared'), mode, onConflict }])
	})

	it('are two for another name, id or type', () => {
		const host = one('shared')
		expect(distinctClaims([host, { ...host, name: '*' }, { ...host, resource: { type: 'Host', id: '8' } }])).toHaveLength(3)
	})
})
