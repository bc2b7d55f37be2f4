/** Stops processes at the named points of the engine, so that a test can kill them exactly there. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from './waitFor.ts'

export interface ReachedPoint {
	readonly name: string
	/** The process that stands there. */
	readonly pid: number
	/** The task that it has come to this point with, where it said one. */
	readonly subject: string | null
}

export interface FailurePoints {
	/** For each process that may be stopped; its children inherit it. */
	readonly environment: Readonly<Record<string, string>>
	/** The next process that comes to this point stops there, after it was passed so many times by any. */
	arm(name: string, options?: { readonly passOver?: number }): void
	/** Waits until a process stands at the point. It goes on no further there until it is killed. */
	reached(name: string, options?: { readonly timeout?: number }): Promise<ReachedPoint>
	/** Whether a process stands at the point, without waiting. */
	found(name: string): ReachedPoint | null
	/** Nobody stops at any point any more. Who stands at one remains there. */
	disarm(): void
	remove(): void
}

const hook = fileURLToPath(new URL('./failurePointsHook.ts', import.meta.url))

/**
 * @example
 * points.arm('execute.codeEnded')
 * const { pid } = await points.reached('execute.codeEnded')
 * process.kill(pid, 'SIGKILL')
 */
export function openFailurePoints(): FailurePoints {
	const folder = mkdtempSync(join(tmpdir(), 'taskyard-points-'))
	for (const name of ['armed', 'reached', 'taken']) mkdirSync(join(folder, name))

	function found(name: string): ReachedPoint | null {
		try {
			return JSON.parse(readFileSync(join(folder, 'reached', name), 'utf8')) as ReachedPoint
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
			throw error
		}
	}

	return {
		environment: {
			TASKYARD_FAILURE_POINTS: folder,
			NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${hook}`].filter(Boolean).join(' '),
		},
		arm(name, { passOver = 0 } = {}) {
			rmSync(join(folder, 'reached', name), { force: true })
			rmSync(join(folder, 'armed', name), { recursive: true, force: true })
			// Made beside and moved there, so that nobody finds the last barrier before the others stand.
			const made = mkdtempSync(join(folder, 'made-'))
			for (let barrier = 0; barrier <= passOver; barrier++) writeFileSync(join(made, String(barrier).padStart(6, '0')), '')
			renameSync(made, join(folder, 'armed', name))
		},
		reached: (name, options) => waitFor(`a process to come to ${name}`, () => found(name), options),
		found,
		disarm() {
			for (const name of readdirSync(join(folder, 'armed'))) rmSync(join(folder, 'armed', name), { recursive: true, force: true })
		},
		remove() {
			rmSync(folder, { recursive: true, force: true })
		},
	}
}
