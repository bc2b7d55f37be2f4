import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCycle, type TaskWait } from './lockCycle.ts'
import type { StandingClaim } from './locks.ts'

let place = 0
const claim = (task: string, resource: string, granted: boolean, ancestors: string[] = []): StandingClaim => ({
	task,
	resource,
	name: '*',
	mode: 'exclusive',
	place: ++place,
	granted,
	ancestors,
})
const subTask = (task: string, on: string): TaskWait => ({ task, on, kind: 'sub_task' })

describe('a cycle of waits', () => {
	it('of two parents whose sub-tasks want what the other holds is found from either', () => {
		const claims = [claim('P1', 'a', true), claim('P2', 'b', true), claim('C1', 'b', false, ['P1']), claim('C2', 'a', false, ['P2'])]
		const waits = [subTask('P1', 'C1'), subTask('P2', 'C2')]
		expect(findCycle('C2', claims, waits)).toEqual([
			{ task: 'C2', on: 'P1', kind: 'lock', resource: 'a' },
			subTask('P1', 'C1'),
			{ task: 'C1', on: 'P2', kind: 'lock', resource: 'b' },
			subTask('P2', 'C2'),
		])
		expect(findCycle('C1', claims, waits)?.map((link) => link.task)).toEqual(['C1', 'P2', 'C2', 'P1'])
	})

	it('through a task that only stands in line is found', () => {
		const claims = [claim('P', 'a', true), claim('X', 'a', false), claim('X', 'b', false), claim('C', 'b', false, ['P'])]
		expect(findCycle('C', claims, [subTask('P', 'C')])?.map((link) => [link.task, link.on])).toEqual([
			['C', 'X'],
			['X', 'P'],
			['P', 'C'],
		])
	})

	it('through a sub-task that depends on the one that waits is found', () => {
		const claims = [claim('H', 'a', true), claim('T', 'a', false)]
		const waits = [subTask('H', 'S'), { task: 'S', on: 'T', kind: 'dependency' } as const]
		expect(findCycle('T', claims, waits)?.map((link) => link.kind)).toEqual(['lock', 'sub_task', 'dependency'])
	})

	it.each([
		['a sub-task behind its own parent', [claim('P', 'a', true), claim('C', 'a', false, ['P'])], [subTask('P', 'C')], 'C'],
		[
			'a grandchild behind its own grandparent',
			[claim('G', 'a', true), claim('C', 'a', false, ['P', 'G'])],
			[subTask('G', 'P'), subTask('P', 'C')],
			'C',
		],
		[
			'siblings one behind the other',
			[claim('A', 'a', true, ['P']), claim('B', 'a', false, ['P'])],
			[subTask('P', 'A'), subTask('P', 'B')],
			'B',
		],
		[
			'a holder whose sub-tasks claim something else',
			[claim('P', 'a', true), claim('C', 'b', true, ['P']), claim('T', 'a', false)],
			[subTask('P', 'C')],
			'T',
		],
	])('is not made by %s', (_, claims, waits, from) => {
		expect(findCycle(from, claims, waits)).toBeNull()
	})

	/** Claims made one task at a time, each granted at random, and waits between any two tasks. */
	const graph = fc.record({
		claims: fc.array(fc.record({ task: fc.nat(7), resource: fc.nat(2), granted: fc.boolean() }), { maxLength: 14 }),
		waits: fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 8 }),
	})

	it('is a way of links that hold, one after the other, or there is no way back', () => {
		fc.assert(
			fc.property(graph, ({ claims, waits }) => {
				const standing = claims.map((one, index) => ({ ...claim(`${one.task}`, `${one.resource}`, one.granted), place: index }))
				const edges = waits.map(([task, on]) => subTask(`${task}`, `${on}`))
				const cycle = findCycle('0', standing, edges)
				const links = new Set(edges.map(({ task, on }) => `${task}>${on}`))
				for (const mine of standing) {
					for (const other of standing) {
						const before = mine.resource === other.resource && mine.task !== other.task && (other.granted || other.place < mine.place)
						if (!mine.granted && before) links.add(`${mine.task}>${other.task}`)
					}
				}
				const reached = new Set<string>()
				const look = (from: string): void => {
					for (const link of links) {
						const [task = '', on = ''] = link.split('>')
						if (task === from && !reached.has(on)) {
							reached.add(on)
							look(on)
						}
					}
				}
				if (edges.length > 0) look('0')
				expect(cycle !== null).toBe(reached.has('0'))
				expect((cycle ?? []).every(({ task, on }) => links.has(`${task}>${on}`))).toBe(true)
				if (cycle) expect([...cycle.map((link) => link.task), '0']).toEqual(['0', ...cycle.map((link) => link.on)])
			}),
		)
	})

	const waiters = fc.array(
		fc.record({
			task: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }),
			mode: fc.constantFrom('exclusive' as const, 'shared' as const),
		}),
		{ maxLength: 10 },
	)

	it('never comes from lines alone: of tasks that claim all at once, each waits for earlier ones only', () => {
		fc.assert(
			fc.property(waiters, (tasks) => {
				const standing: StandingClaim[] = []
				for (const [task, { task: resources, mode }] of tasks.entries()) {
					const first = standing.length
					for (const resource of resources)
						standing.push({ ...claim(`${task}`, `${resource}`, false), mode, place: first + resources.indexOf(resource) })
				}
				// A wait that leads nowhere, so that the lines are walked.
				for (const task of tasks.keys()) expect(findCycle(`${task}`, standing, [subTask('a', 'b')])).toBeNull()
			}),
		)
	})
})
