import { expect, test } from 'vitest'
import { createHealth } from './health.ts'

test('ready when no check has a reason', async () => {
	const health = createHealth()
	expect(await health.check()).toEqual({ ready: true, reasons: [] })
	health.register('database', () => undefined)
	health.register('feed', async () => undefined)
	expect(await health.check()).toEqual({ ready: true, reasons: [] })
})

test('every reason is named: said, thrown, or no answer', async () => {
	const health = createHealth({ limitMilliseconds: 10 })
	health.register('database', () => Promise.reject(new Error('connection refused')))
	health.register('feed', () => 'the first snapshot is not read yet')
	health.register('page', () => undefined)
	health.register('queue', () => new Promise(() => undefined))
	expect(await health.check()).toEqual({
		ready: false,
		reasons: ['database: connection refused', 'feed: the first snapshot is not read yet', 'queue: no answer within 0.01 s'],
	})
})
