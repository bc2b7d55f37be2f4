/**
 * Backs a directory up onto a small file system of its own, in a mount namespace that ends with this process:
 * `unshare -rm node onSmallDisk.ts SOURCE MOUNTPOINT MOUNT_OPTIONS`. Prints what came of it as JSON.
 */

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runInMemory } from '@taskyard/sdk/runInMemory'
import { backupDirectory } from '../backups/backupDirectory.ts'

const [source = '', mountPoint = '', mountOptions = ''] = process.argv.slice(2)
execFileSync('mount', ['-t', 'tmpfs', '-o', mountOptions, 'none', mountPoint])
const paused = await runInMemory(backupDirectory, { source, target: join(mountPoint, 'backup.tar.gz') })
const left = readdirSync(mountPoint)
execFileSync('mount', ['-o', 'remount,rw,size=64m', mountPoint])
const resumed = await paused.resume()
process.stdout.write(
	JSON.stringify({
		state: paused.state,
		error: paused.error,
		failed: paused.steps.find(({ state }) => state === 'error')?.name,
		left,
		resumed: resumed.result,
		after: readdirSync(mountPoint),
	}),
)
