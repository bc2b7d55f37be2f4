/**
 * Process groups on this machine: whether one still has living members, and how to end it. Used by steps that start
 * processes, and by whoever recovers such a step.
 */

import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** What /proc says of a process. */
interface ProcessStat {
	readonly state: string
	readonly group: number
	/** Clock ticks since the machine started: with the pid it names a process for ever. */
	readonly startTime: number
}

/** When a process started, in clock ticks since the machine did; null when there is none, or where /proc is missing. */
export async function processStartTime(pid: number): Promise<number | null> {
	return (await readStat(pid))?.startTime ?? null
}

/** Whether a group has a member that still runs. Zombies that nobody reaps do not count. */
export async function isGroupAlive(group: number): Promise<boolean> {
	if (!signalGroup(group, 0)) return false
	if (process.platform !== 'linux') return true
	for (const entry of await readdir('/proc')) {
		const pid = Number(entry)
		if (!Number.isInteger(pid)) continue
		const stat = await readStat(pid)
		if (stat?.group === group && stat.state !== 'Z' && stat.state !== 'X') return true
	}
	return false
}

/**
 * Ends a process group: SIGTERM, after the grace period SIGKILL. Resolves when no member runs any more, or when the
 * limit has passed: a process that the kernel does not let go, such as one that waits for a lost disk, outlives SIGKILL.
 *
 * @param grace milliseconds; 0 kills at once
 * @param limit milliseconds to wait after the first SIGKILL; default: as long as it takes
 * @returns whether the group has ended
 */
export async function endProcessGroup(group: number, grace: number, limit: number = Number.POSITIVE_INFINITY): Promise<boolean> {
	const deadline = performance.now() + grace
	if (grace > 0) {
		// A stopped process sees SIGTERM only when it goes on.
		signalGroup(group, 'SIGTERM')
		signalGroup(group, 'SIGCONT')
		while (performance.now() < deadline) {
			if (!(await isGroupAlive(group))) return true
			await sleep(Math.min(50, Math.max(1, deadline - performance.now())))
		}
	}
	const killed = performance.now()
	// Again and again: a member may have forked while it was being killed.
	while (await isGroupAlive(group)) {
		signalGroup(group, 'SIGKILL')
		if (performance.now() - killed >= limit) return false
		await sleep(10)
	}
	return true
}

/** Returns whether the group exists. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
	// kill(-1) and kill(0) would reach every process, or this one's own group.
	if (!Number.isInteger(group) || group <= 1)
		throw new RangeError(`${group} is not the id of a process group: expected a whole number above 1`)
	try {
		process.kill(-group, signal)
		return true
	} catch (error) {
		if (error instanceof Error && 'code' in error) {
			if (error.code === 'ESRCH') return false
			// It exists, but belongs to somebody else.
			if (error.code === 'EPERM') return true
		}
		throw error
	}
}

async function readStat(pid: number): Promise<ProcessStat | null> {
	try {
		const text = await readFile(`/proc/${pid}/stat`, 'utf8')
		// The name is in parentheses and may hold anything, parentheses and blanks too: the fields begin after the last one.
		const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
		return { state: fields[0] ?? '', group: Number(fields[2]), startTime: Number(fields[19]) }
	} catch {
		return null
	}
}
