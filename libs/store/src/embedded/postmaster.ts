/** What `postmaster.pid` says about the server of a data directory, and whether it is true. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, statSync, unlinkSync } from 'node:fs'
import path from 'node:path'

export interface Postmaster {
	readonly pid: number
	readonly port: number
}

/** The server that runs on this data directory, or undefined. */
export function runningPostmaster(dataDirectory: string): Postmaster | undefined {
	const stated = statedPostmaster(dataDirectory)
	return stated && processIs(stated.pid, dataDirectory) === 'the server' ? stated : undefined
}

/**
 * Removes a `postmaster.pid` that PostgreSQL itself would trip over: one whose pid now belongs to another program (pids
 * start again in a new container), and an empty one, left by a full disk. Everything else PostgreSQL handles by itself.
 * Returns what was wrong, or undefined.
 */
export function removeStalePostmasterFile(dataDirectory: string, now = Date.now()): string | undefined {
	const file = fileOf(dataDirectory)
	const before = read(file)
	if (before === undefined) return undefined
	let fault: string | undefined
	if (before.trim() === '') {
		const age = now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now)
		if (age > 2_000) fault = 'it is empty'
	} else {
		const pid = statedPostmaster(dataDirectory)?.pid
		if (pid !== undefined && processIs(pid, dataDirectory) === 'another program') fault = `process ${pid} is another program`
	}
	// Another starter may have replaced it meanwhile: then it is not stale any more.
	if (fault === undefined || read(file) !== before) return undefined
	unlinkSync(file)
	return fault
}

export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM'
	}
}

const fileOf = (dataDirectory: string) => path.join(dataDirectory, 'postmaster.pid')

/** Line 1 is the pid, line 4 the port, which the name of the socket contains; without it the server has just begun. */
function statedPostmaster(dataDirectory: string): Postmaster | undefined {
	const lines = read(fileOf(dataDirectory))?.split('\n') ?? []
	const pid = Number(lines[0])
	return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3]) || 5432 } : undefined
}

/** In doubt it is the server: removing the file of a living one would let two write the same files. */
function processIs(pid: number, dataDirectory: string): 'the server' | 'another program' | 'gone' {
	if (!isAlive(pid)) return 'gone'
	if (!existsSync('/proc/self/cmdline')) {
		const { stdout } = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
		return stdout.includes('postgres') ? 'the server' : 'another program'
	}
	if (/\) Z /.test(read(`/proc/${pid}/stat`) ?? '')) return 'gone'
	const words = read(`/proc/${pid}/cmdline`)?.split('\0') ?? []
	if (!words.some((word) => path.basename(word) === 'postgres')) return 'another program'
	if (words.includes(dataDirectory)) return 'the server'
	try {
		return readlinkSync(`/proc/${pid}/cwd`) === dataDirectory ? 'the server' : 'another program'
	} catch {
		return 'the server'
	}
}

function read(file: string): string | undefined {
	try {
		return readFileSync(file, 'utf8')
	} catch {
		return undefined
	}
}
