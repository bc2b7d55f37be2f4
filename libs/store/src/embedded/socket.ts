/** The directory of the server's socket: below the system's temporary folder, because its path may have 107 bytes at most. */

import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Account } from './account.ts'

const longestPath = 103 // macOS; Linux has 107

/** The socket directory of a data directory, by name alone: every process finds the same. */
export function socketDirectory(dataDirectory: string): string {
	const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)
	const usual = path.join(os.tmpdir(), `taskyard-${hash}`)
	const longest = path.join(usual, '.s.PGSQL.5432.lock')
	return Buffer.byteLength(longest) <= longestPath ? usual : path.join('/tmp', `taskyard-${hash}`)
}

/** Makes it, for us alone: who can open the socket is superuser of the database. */
export function makeSocketDirectory(directory: string, owner: Account['owner']): void {
	mkdirSync(directory, { recursive: true, mode: 0o700 })
	const found = lstatSync(directory)
	const mine = process.getuid?.()
	if (!found.isDirectory() || (mine !== undefined && found.uid !== mine && found.uid !== owner?.uid)) {
		throw new Error(
			`${directory} should be our directory for the database's socket, but belongs to somebody else. Remove it, or set TMPDIR.`,
		)
	}
	chmodSync(directory, 0o700)
	if (owner) chownSync(directory, owner.uid, owner.gid)
}
