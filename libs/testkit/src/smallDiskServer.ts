/**
 * A PostgreSQL on a small file system of its own, in a mount namespace that ends with this process:
 * `unshare -rm node smallDiskServer.ts MOUNTPOINT MEGABYTES`, with a channel. Started by `serverOnSmallDisk`.
 */

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbedded } from '@taskyard/store/embedded/embedded'
import type { FromSmallDisk, ToSmallDisk } from './smallDisk.ts'

const [mountPoint = '', megabytes = ''] = process.argv.slice(2)
const filler = join(mountPoint, 'filler')
const say = (message: FromSmallDisk): void => void process.send?.(message)

/** Takes all that is free, to the last byte. */
function fill(): void {
	const file = openSync(filler, 'a')
	try {
		for (const size of [1_048_576, 4_096]) {
			const piece = Buffer.alloc(size)
			for (let written = size; written === size; ) written = write(file, piece)
		}
	} finally {
		closeSync(file)
	}
}

function write(file: number, piece: Buffer): number {
	try {
		return writeSync(file, piece)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return 0
		throw error
	}
}

execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'none', mountPoint])
const server = await startEmbedded({
	dataDirectory: join(mountPoint, 'data'),
	durability: 'production',
	maxConnections: 100,
	settings: { max_wal_size: '64MB', min_wal_size: '32MB', checkpoint_timeout: '30s' },
	log: (line) => say({ type: 'line', line }),
})

process.on('message', (message: ToSmallDisk) => {
	switch (message.type) {
		case 'fill':
			fill()
			say({ type: 'done' })
			return
		case 'free':
			rmSync(filler, { force: true })
			say({ type: 'done' })
			return
		case 'stop':
			void server.stop().then(() => process.disconnect())
	}
})
process.on('disconnect', () => process.exit())
say({ type: 'ready', url: server.url, pid: server.pid })
