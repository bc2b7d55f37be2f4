import { expect, test } from 'vitest'
import { answersReady } from './answersReady.ts'

test('a port that browsers refuse is named at once', async () => {
	const { signal } = new AbortController()
	await expect(answersReady('http://127.0.0.1:4190/readyz', { signal, progress: () => undefined })).rejects.toThrow(
		'browsers refuse to open port 4190, which belongs to another service: choose another by PORT',
	)
})
