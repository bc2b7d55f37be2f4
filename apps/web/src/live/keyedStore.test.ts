import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { createKeyedStore } from './keyedStore.ts'

describe('a keyed store', () => {
	test('ignores an older revision and takes an equal one', () => {
		const store = createKeyedStore<{ id: string; revision: number; progress: number }>()
		expect(store.put({ id: 'a', revision: 2, progress: 0.1 })).toBe(true)
		expect(store.put({ id: 'a', revision: 2, progress: 0.2 })).toBe(true)
		expect(store.put({ id: 'a', revision: 1, progress: 0.9 })).toBe(false)
		expect(store.get('a')?.progress).toBe(0.2)
	})

	test('tells the readers of the row and nobody else', () => {
		const store = createKeyedStore<{ id: string; revision: number }>()
		const ofA = vi.fn()
		const ofB = vi.fn()
		store.subscribe('a', ofA)
		const stop = store.subscribe('b', ofB)
		store.put({ id: 'a', revision: 1 })
		expect(ofA).toHaveBeenCalledTimes(1)
		expect(ofB).not.toHaveBeenCalled()
		stop()
		store.put({ id: 'b', revision: 1 })
		expect(ofB).not.toHaveBeenCalled()
	})

	test('forgets a row when its last reader leaves', () => {
		const store = createKeyedStore<{ id: string; revision: number }>()
		store.put({ id: 'a', revision: 1 })
		const stop = store.subscribe('a', () => {})
		store.forget('a')
		expect(store.get('a')).toBeDefined()
		stop()
		expect(store.get('a')).toBeUndefined()
		expect(store.size).toBe(0)
	})

	test('ends at the newest revision whatever the order of arrival', () => {
		fc.assert(
			fc.property(fc.array(fc.nat(20), { minLength: 1 }), (revisions) => {
				const store = createKeyedStore<{ id: string; revision: number }>()
				for (const revision of revisions) store.put({ id: 'a', revision })
				expect(store.get('a')?.revision).toBe(Math.max(...revisions))
			}),
		)
	})
})
