import { describe, expect, it } from 'vitest'
import { conflicts, lockConflict, namesMeet } from './locks.ts'

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

describe('the error of a refused claim', () => {
	it('names the resource, the operation and each holder, and what to do', () => {
		const claim = { resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive' as const }
		const error = lockConflict([{ claim, holders: [{ task: '019a', name: 'Backup of /srv' }] }])
		expect(error.message).toBe(
			'Directory /srv is locked for operation "backup", held by "Backup of /srv" (019a). Resume this task when the holder has stopped.',
		)
		expect(error.details).toEqual({
			claims: [{ resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive', holders: ['019a'] }],
		})
	})

	it('speaks of all operations where the claim does', () => {
		const claim = { resource: { type: 'Host', id: '7', title: 'web01' }, name: '*', mode: 'exclusive' as const }
		expect(lockConflict([{ claim, holders: [{ task: '019b', name: 'Reboot' }] }]).message).toContain(
			'Host web01 is locked for all operations',
		)
	})
})
