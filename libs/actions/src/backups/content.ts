/** Reading the files of a source, and knowing when one is no longer what it was. */

import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isGone, sourceFailure } from './failures.ts'

const chunkSize = 256 * 1024

/**
 * Opens a regular file; null when there is none under this path any more. A symlink in its place is not followed, and
 * a named pipe does not hang.
 */
export async function openFile(path: string): Promise<{ handle: FileHandle; stats: Stats } | null> {
	let handle: FileHandle | null = null
	try {
		handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
		const stats = await handle.stat()
		if (stats.isFile()) return { handle, stats }
		await handle.close()
		return null
	} catch (error) {
		await handle?.close()
		if (isGone(error)) return null
		throw sourceFailure(error, path)
	}
}

/** The first `size` bytes of a file, fewer where it ends before, in chunks that the reader may keep. */
export async function* contentOf(handle: FileHandle, path: string, size: number): AsyncGenerator<Buffer> {
	let left = size
	while (left > 0) {
		const buffer = Buffer.allocUnsafe(Math.min(chunkSize, left))
		const { bytesRead } = await handle.read(buffer, 0, buffer.length, null).catch((error: unknown) => {
			throw sourceFailure(error, path)
		})
		if (bytesRead === 0) return
		left -= bytesRead
		yield buffer.subarray(0, bytesRead)
	}
}
