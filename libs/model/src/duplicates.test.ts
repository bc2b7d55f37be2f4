import { describe, expect, it } from 'vitest'
import { admitDuplicate, duplicateClaim, type DuplicatePolicy, duplicateType, isDuplicateClaim } from './duplicates.ts'

describe('the claim of a task', () => {
	it.each([
		['{path}', { path: '/srv' }, 'Backup::Directory:/srv', 'of Backup::Directory /srv'],
		['{path}:{deep}', { path: '/srv', deep: true }, 'Backup::Directory:/srv:true', 'of Backup::Directory /srv:true'],
		['', { path: '/srv' }, 'Backup::Directory:', 'of Backup::Directory'],
		['nightly', {}, 'Backup::Directory:nightly', 'of Backup::Directory nightly'],
	])('%j over %j', (key, input, id, title) => {
		const claim = duplicateClaim('Backup::Directory', { key, policy: 'serial' }, input)
		expect(claim.resource).toEqual({ type: duplicateType, id, title })
		expect(isDuplicateClaim(claim)).toBe(true)
	})

	it.each([
		['serial', 'wait', undefined],
		['queue_one', 'wait', 2],
		['discard', 'fail', 1],
	] as const)('%s', (policy, onConflict, most) => {
		const claim = duplicateClaim('Type', { key: 'k', policy }, {})
		expect([claim.onConflict, claim.most, claim.name, claim.mode]).toEqual([onConflict, most, '*', 'exclusive'])
	})

	it('is not what authors lock', () => {
		expect(isDuplicateClaim({ resource: { type: 'Directory', id: 'Type:k' } })).toBe(false)
	})
})

describe('a start', () => {
	it.each<[DuplicatePolicy, string[], string]>([
		['serial', [], 'granted'],
		['serial', ['a'], 'in_line'],
		['serial', ['a', 'b', 'c'], 'in_line'],
		['queue_one', [], 'granted'],
		['queue_one', ['a'], 'in_line'],
		['queue_one', ['a', 'b'], 'b'],
		// Left over from when the type was serial.
		['queue_one', ['a', 'b', 'c'], 'b'],
		['discard', [], 'granted'],
		['discard', ['a'], 'a'],
		['discard', ['a', 'b'], 'a'],
	])('%s behind %j: %s', (policy, before, expected) => {
		const admission = admitDuplicate(duplicateClaim('Type', { key: '', policy }, {}), before)
		expect(admission.kind === 'discarded' ? admission.task : admission.kind).toBe(expected)
	})
})
