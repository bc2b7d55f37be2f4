import { describe, expect, it } from 'vitest'
import { cycleConflict, lockConflict, type RefusedClaim } from './lockConflict.ts'
import type { LockClaim } from './plan.ts'

const claim: LockClaim = { resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive' }
const refused: RefusedClaim = { claim, holders: [{ task: '019a', name: 'Backup of /srv' }], line: [], others: false }

describe('the error of a refused claim', () => {
	it.each([
		[
			'a holder',
			[refused],
			'Directory /srv is locked for operation "backup", held by "Backup of /srv" (019a). Resume this task when the holder has stopped.',
		],
		[
			'a line',
			[{ ...refused, holders: [], line: [{ task: '019b', name: 'Restore' }] }],
			'Directory /srv is locked for operation "backup", claimed earlier by "Restore" (019b). Resume this task when the holder has stopped.',
		],
		[
			'both, and others',
			[{ ...refused, line: [{ task: '019b', name: 'Restore' }], others: true }],
			'Directory /srv is locked for operation "backup", held by "Backup of /srv" (019a), claimed earlier by "Restore" (019b), and by others. Resume this task when they have stopped.',
		],
		[
			'all operations, by title, on two resources',
			[{ ...refused, claim: { resource: { type: 'Host', id: '7', title: 'web01' }, name: '*', mode: 'shared' } as const }, refused],
			'Host web01 is locked for all operations, held by "Backup of /srv" (019a); Directory /srv is locked for operation "backup", held by "Backup of /srv" (019a). Resume this task when the holder has stopped.',
		],
	])('names %s', (_, claims, message) => {
		expect(lockConflict(claims).message).toBe(message)
	})

	it('has what the page links', () => {
		const error = lockConflict([{ ...refused, line: [{ task: '019b', name: 'Restore' }] }])
		expect(error).toMatchObject({ type: 'LockConflict', code: 'lock_conflict', reason: 'lock_conflict' })
		expect(error.details).toEqual({
			claims: [{ resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive', holders: ['019a', '019b'] }],
		})
	})
})

describe('the error of a wait without an end', () => {
	it('names each task of the cycle and what it waits for', () => {
		const names = new Map([
			['1', 'child one'],
			['2', 'parent two'],
			['3', 'child two'],
			['4', 'parent one'],
		])
		const error = cycleConflict(
			claim,
			[
				{ task: '1', on: '2', kind: 'lock', resource: 'any' },
				{ task: '2', on: '3', kind: 'sub_task' },
				{ task: '3', on: '4', kind: 'dependency' },
				{ task: '4', on: '1', kind: 'sub_task' },
			],
			(task) => names.get(task) ?? '',
		)
		expect(error.message).toBe(
			'To wait for Directory /srv, for operation "backup", would never end: "child one" (1) waits for a lock after "parent two" (2), ' +
				'"parent two" (2) waits for its sub-task "child two" (3), "child two" (3) depends on "parent one" (4), ' +
				'"parent one" (4) waits for its sub-task "child one" (1). Cancel one of them, then resume this task.',
		)
		expect(error.details).toEqual({
			claims: [{ resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive', holders: ['2'] }],
			cycle: [
				{ task: '1', name: 'child one', on: '2', kind: 'lock' },
				{ task: '2', name: 'parent two', on: '3', kind: 'sub_task' },
				{ task: '3', name: 'child two', on: '4', kind: 'dependency' },
				{ task: '4', name: 'parent one', on: '1', kind: 'sub_task' },
			],
		})
	})
})
