import { open } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { ArchiveWriter } from './archiveWriter.ts'
import { targetFailure } from './failures.ts'

test('a full device ends the writer, whoever waits for it', async () => {
	const file = await open('/dev/full', 'w')
	const writer = new ArchiveWriter(file, new AbortController().signal)
	async function* random() {
		for (let count = 0; count < 64; count++) yield crypto.getRandomValues(Buffer.alloc(65_536))
	}
	const writing = (async () => {
		await writer.addFile({ name: 'random', size: 64 * 65_536, type: 'file' }, random())
		await writer.finish()
	})()
	await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' })
	await writer.abandon(new Error('full'))
	await file.close()
})

test.each([
	['ENOSPC', 'no_space'],
	['EDQUOT', 'no_space'],
	['ENOENT', 'no_such_directory'],
	['EACCES', 'not_writable'],
	['EROFS', 'not_writable'],
	['EIO', 'not_writable'],
])('%s is a failure of the code %s, which names the directory', (code, expected) => {
	const failure = targetFailure(Object.assign(new Error(code), { code }), '/backups/home.tar.gz', 5)
	expect(failure.code).toBe(expected)
	expect(failure.message).toContain('/backups')
	expect(failure.message).toMatch(/resume/)
})
