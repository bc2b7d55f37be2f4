/** `Backup::Directory`: scan, checksum in shares, pack, verify. */

import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { defineTask } from '@taskyard/sdk/defineTask'
import { z } from 'zod'
import { checksum } from './checksum.ts'
import { manifest } from './manifest.ts'
import { pack } from './pack.ts'
import { scan } from './scan.ts'
import { verify } from './verify.ts'

const absolute = z
	.string()
	.startsWith('/')
	.refine((path) => !path.includes('\u0000'), 'a path cannot hold a NUL character')

const input = z.strictObject({
	source: absolute.meta({ title: 'Source', description: 'The directory to back up: an absolute path on the worker’s node.' }),
	target: absolute.meta({
		title: 'Target',
		description: 'The archive to write, a file such as /backups/home.tar.gz. An older one is replaced.',
	}),
	exclude: z.array(z.string().min(1)).default([]).meta({
		title: 'Exclude',
		description: 'Patterns of what is left out: *.log and node_modules at any depth, /build in the source itself.',
	}),
	shares: z.int().min(1).max(64).default(4).meta({ title: 'Shares', description: 'How many checksum steps run at once.' }),
})

/** What a caller gives. */
export type BackupInput = z.input<typeof input>

export const backupDirectory = defineTask({
	label: 'Backup::Directory',
	description: 'Packs a directory into a tar.gz, and reads it back to compare every checksum.',
	name: 'Backup of {source}',
	locks: [{ resource: { type: 'Directory', id: '{source}' }, name: 'backup' }],
	input,
	output: manifest,
	actions: [scan, checksum, pack, verify],
	async plan(plan, { source, target, exclude, shares }) {
		// One directory has many names, and is locked by one of them. One that is not there is reported by the scan.
		const directory = await realpath(source).catch(() => resolve(source))
		plan.lock({ type: 'Directory', id: directory }, { name: 'backup' })

		const scanned = plan.step(scan, { source: directory, target: resolve(target), exclude })
		const { root, paths, sizes } = scanned.output
		const sums = Array.from({ length: shares }, (_, share) =>
			plan.step(checksum, { root, paths, sizes, share, shares }, { name: `checksum ${share + 1} of ${shares}`, weight: 4 / shares }),
		)
		const packed = plan.step(
			pack,
			{ target: resolve(target), scan: scanned.output, checksums: sums.map(({ output }) => output) },
			{ weight: 6 },
		)
		const verified = plan.step(verify, { manifest: packed.output }, { weight: 3 })
		plan.sequence(scanned, plan.concurrence(...sums), packed, verified)
		return packed.output
	},
})
