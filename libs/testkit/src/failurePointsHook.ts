/**
 * Loaded before anything else of a process (`node --import`), with the folder of its barriers in the environment. When
 * the process comes to a point with a barrier, it says so in a file and goes on no further there; what else it does, goes
 * on: heartbeats too. The test kills it then.
 */

import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.TASKYARD_FAILURE_POINTS

/** Takes one of the barriers of a point away. Several processes may come to it at once: a rename succeeds for one of them. */
function take(place: string): 'pass' | 'stop' | null {
	let barriers: string[]
	try {
		barriers = readdirSync(place).sort()
	} catch {
		return null
	}
	for (const [index, barrier] of barriers.entries()) {
		try {
			renameSync(join(place, barrier), join(folder as string, 'taken', `${process.pid}-${performance.now()}`))
			return index === barriers.length - 1 ? 'stop' : 'pass'
		} catch {
			// Another process has taken this one.
		}
	}
	return null
}

if (folder) {
	const hook = async (name: string, subject?: string): Promise<void> => {
		if (take(join(folder, 'armed', name)) !== 'stop') return
		const said = join(folder, 'taken', `said-${process.pid}`)
		writeFileSync(said, JSON.stringify({ name, pid: process.pid, subject: subject ?? null }))
		renameSync(said, join(folder, 'reached', name))
		await new Promise<never>(() => undefined)
	}
	Object.defineProperty(globalThis, Symbol.for('taskyard.failurePoints'), { value: hook })
}
