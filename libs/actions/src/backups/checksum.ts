/** `Backup::Directory/checksum`: SHA-256 of every n-th file. */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'
import { contentOf, openFile } from './content.ts'
import { some } from './failures.ts'
import { checksumOutput } from './manifest.ts'

export const checksum = defineAction({
	label: 'Backup::Directory/checksum',
	input: z.object({ root: z.string(), paths: z.array(z.string()), sizes: z.array(z.int()), share: z.int(), shares: z.int() }),
	output: checksumOutput,
	async run({ root, paths, sizes, share, shares }, context) {
		const isMine = (_: unknown, index: number) => index % shares === share
		const mine = paths.filter(isMine)
		const total = sizes.filter(isMine).reduce((sum, size) => sum + size, 0)
		const sha256: (string | null)[] = []
		const vanished: string[] = []
		let bytes = 0
		for (const path of mine) {
			const sum = await checksumOf(join(root, path), context, (read) => {
				bytes += read
				context.progress({ done: bytes, total, unit: 'bytes' })
			})
			if (sum === null) vanished.push(path)
			sha256.push(sum)
		}
		// After a failure the source is taken as it is now; pack says what became of these.
		if (vanished.length > 0 && context.attempt === 1) {
			throw new Failure(`Vanished since the scan: ${some(vanished)}. Resume to back up what is there now.`, {
				code: 'changed',
				details: { vanished: vanished.slice(0, 1000) },
			})
		}
		return { sha256, bytes }
	},
})

async function checksumOf(file: string, context: StepContext, onRead: (bytes: number) => void): Promise<string | null> {
	context.signal.throwIfAborted()
	const opened = await openFile(file)
	if (!opened) return null
	try {
		const hash = createHash('sha256')
		for await (const chunk of contentOf(opened.handle, file, opened.stats.size)) {
			context.signal.throwIfAborted()
			hash.update(chunk)
			onRead(chunk.length)
		}
		return hash.digest('hex')
	} finally {
		await opened.handle.close()
	}
}
