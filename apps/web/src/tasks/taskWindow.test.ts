import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyFrame, countNew, emptyWindow, hold, release, type TaskWindow, type WindowFrame } from './taskWindow.ts'

const frame = (kind: WindowFrame['kind'], ids: string[], left: string[] = []): WindowFrame => ({
	kind,
	rows: ids.map((id) => ({ id })),
	left,
})
const after = (...frames: WindowFrame[]) => frames.reduce<TaskWindow>((window, next) => applyFrame(window, next, 3), emptyWindow)

describe('applyFrame', () => {
	test('a snapshot replaces all, newest first', () => {
		expect(after(frame('SNAPSHOT', ['a', 'c', 'b'])).shown).toEqual(['c', 'b', 'a'])
		expect(after(frame('SNAPSHOT', ['a', 'b']), frame('RESYNC', ['d'])).shown).toEqual(['d'])
	})

	test('an empty snapshot is loaded', () => {
		expect(after(frame('SNAPSHOT', []))).toMatchObject({ loaded: true, shown: [] })
	})

	test('a delta inserts what is new at its place, and keeps the size', () => {
		expect(after(frame('SNAPSHOT', ['c', 'b', 'a']), frame('DELTA', ['d'], ['a'])).shown).toEqual(['d', 'c', 'b'])
		expect(after(frame('SNAPSHOT', ['c', 'b', 'a']), frame('DELTA', ['d'])).shown).toEqual(['d', 'c', 'b'])
	})

	test('a change of rows that are there changes no window', () => {
		const window = after(frame('SNAPSHOT', ['b', 'a']))
		expect(applyFrame(window, frame('DELTA', ['a']), 3)).toBe(window)
		expect(applyFrame(window, frame('HEARTBEAT', []), 3)).toBe(window)
	})

	test('whatever the frames, the window is the newest of the tasks, in order', () => {
		fc.assert(
			fc.property(fc.array(fc.array(fc.integer({ min: 100, max: 999 }).map(String), { maxLength: 5 }), { minLength: 1 }), (batches) => {
				const window = batches.reduce<TaskWindow>(
					(so, ids, index) => applyFrame(so, frame(index ? 'DELTA' : 'SNAPSHOT', ids), 3),
					emptyWindow,
				)
				expect(window.newest).toEqual([...new Set(batches.flat())].sort().reverse().slice(0, 3))
			}),
		)
	})
})

describe('a held window', () => {
	const held = applyFrame(hold(after(frame('SNAPSHOT', ['b', 'a'])), true), frame('DELTA', ['d', 'c']), 3)

	test('does not move, and counts what is new', () => {
		expect(held.shown).toEqual(['b', 'a'])
		expect(countNew(held)).toBe(2)
	})

	test('shows the new ones when asked, and still holds', () => {
		expect(release(held)).toMatchObject({ shown: ['d', 'c', 'b'], held: true })
		expect(countNew(release(held))).toBe(0)
	})

	test('follows again when let go', () => {
		expect(hold(held, false)).toMatchObject({ shown: ['d', 'c', 'b'], held: false })
	})
})
