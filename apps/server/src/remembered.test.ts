import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'

test('made once, when first needed', async () => {
	let made = 0
	const thing = remembered(async () => ++made)
	expect(await thing.known()).toBeUndefined()
	expect(await Promise.all([thing.get(), thing.get(), thing.known()])).toEqual([1, 1, 1])
	expect(made).toBe(1)
})

test('made again after a failure', async () => {
	let tries = 0
	const thing = remembered(async () => {
		tries += 1
		if (tries === 1) throw new Error('not yet')
		return tries
	})
	await expect(thing.get()).rejects.toThrow('not yet')
	expect(await thing.known()).toBeUndefined()
	expect(await thing.get()).toBe(2)
})
