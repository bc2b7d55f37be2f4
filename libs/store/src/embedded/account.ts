/**
 * Under which account PostgreSQL runs. It refuses to run as root, so root first maps itself to nobody in a user
 * namespace of its own (`unshare`): files stay root's, and nothing has to be reachable for anybody else. Where
 * namespaces are forbidden it becomes the owner of the data directory, or `nobody`.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'

export interface Account {
	/** Words to put before a program that ends by itself. */
	readonly prefix: readonly string[]
	/** Words to put before the server: it also ends when its parent is gone. */
	readonly serverPrefix: readonly string[]
	/** Whom directories must be given to; undefined when the files stay ours. */
	readonly owner: { readonly uid: number; readonly gid: number } | undefined
	/** Whether the server is told to stop when this process dies, even by kill -9. */
	readonly diesWithParent: boolean
}

const nobody = 65_534
const unshare = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`]
const untilParentEnds = ['setpriv', '--pdeathsig', 'INT']

export interface Surroundings {
	readonly uid: number
	readonly works: (command: readonly string[]) => boolean
}

const here = (): Surroundings => ({
	uid: process.getuid?.() ?? -1,
	works: ([program = '', ...rest]) => spawnSync(program, [...rest, 'true'], { stdio: 'ignore' }).status === 0,
})

/** Chooses the account for a data directory and the programs that will work in it. */
export function chooseAccount(dataDirectory: string, programs: readonly string[], surroundings = here()): Account {
	const { uid, works } = surroundings
	const diesWithParent = works(untilParentEnds)
	const ending = diesWithParent ? untilParentEnds : []
	if (uid !== 0) return { prefix: [], serverPrefix: ending, owner: undefined, diesWithParent }

	const owner = ownerOf(dataDirectory)
	if (owner.uid === 0 && works(unshare)) {
		return { prefix: unshare, serverPrefix: [...unshare, ...ending], owner: undefined, diesWithParent }
	}
	const target = owner.uid === 0 ? { uid: nobody, gid: nobody } : owner
	const become = ['--reuid', String(target.uid), '--regid', String(target.gid), '--clear-groups']
	if (!works(['setpriv', ...become])) {
		throw new Error(
			'PostgreSQL does not run as root, and neither `unshare --user` nor `setpriv` (package util-linux) works here. Start Taskyard as another user, or set DATABASE_URL to a server of PostgreSQL 17 or newer.',
		)
	}
	if (owner.uid === 0 && existsSync(path.join(dataDirectory, 'PG_VERSION'))) {
		throw new Error(
			`PostgreSQL does not run as root and the data directory ${dataDirectory} belongs to root, but user namespaces are forbidden here. Give it to another user (chown -R nobody ${dataDirectory}), or allow \`unshare --user\`.`,
		)
	}
	for (const place of [dataDirectory, ...programs]) {
		const closed = unreachableParent(place, target)
		if (closed === undefined) continue
		throw new Error(
			`PostgreSQL does not run as root; user namespaces are forbidden here, so it would run as user ${target.uid}, who cannot enter ${closed} on the way to ${place}. Allow it (chmod o+x ${closed}), move the data directory, start Taskyard as another user, or set DATABASE_URL.`,
		)
	}
	return {
		prefix: ['setpriv', ...become],
		serverPrefix: ['setpriv', ...(diesWithParent ? ['--pdeathsig', 'INT'] : []), ...become],
		owner: target,
		diesWithParent,
	}
}

/** The first directory above `place` that this user may not enter, from the root on. */
export function unreachableParent(place: string, user: { uid: number; gid: number }): string | undefined {
	const parents: string[] = []
	for (let parent = path.dirname(path.resolve(place)); ; parent = path.dirname(parent)) {
		parents.unshift(parent)
		if (parent === path.dirname(parent)) break
	}
	return parents
		.filter((parent) => existsSync(parent))
		.find((parent) => {
			const { mode, uid, gid } = statSync(parent)
			const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
			return ((mode >> shift) & 1) === 0
		})
}

/** Owner of the directory, or of the nearest one above it that exists. */
function ownerOf(directory: string): { uid: number; gid: number } {
	let at = path.resolve(directory)
	while (!existsSync(at)) at = path.dirname(at)
	const { uid, gid } = statSync(at)
	return { uid, gid }
}
