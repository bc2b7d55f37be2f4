/**
 * Process groups of commands under way. A command outlives the child that started it, so whoever recovers its attempt
 * on the same node ends the group first: at no time do two commands of one step run.
 */

import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Queryable } from '@taskyard/store/connection'

export interface ProcessGroup {
	readonly task: string
	readonly step: number
	readonly attempt: number
	readonly child: number
	/** Names the running system and its process numbers: after a reboot, or in another container, a number means nothing. */
	readonly bootId: string
	readonly pid: number
}

/** Name of the running system together with its space of process numbers. */
export async function readBootId(): Promise<string> {
	const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')
	const space = await readlink('/proc/self/ns/pid').catch(() => '')
	return `${boot.trim()} ${space}`.trim()
}

/** When a process started, in ticks since the boot: with it, a number that was given out again is told apart. Null: no such process. */
export async function processStartTime(pid: number): Promise<number | null> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
	if (stat === null) return null
	// The name, in parentheses, may hold blanks and parentheses itself; the state follows the last one.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
	return fields[0] === 'Z' ? null : Number(fields[19])
}

/** Stores the group before its work begins. Refused, by throwing, when the attempt is no longer the step's. */
export async function storeProcessGroup(client: Queryable, group: ProcessGroup): Promise<void> {
	const startTime = await processStartTime(group.pid)
	if (startTime === null) throw new Error(`Process ${group.pid} had ended before its group was stored.`)
	const { rows } = await client.query(
		`with current as (select task_id from step where task_id = $1 and index = $2 and attempt = $3 and state = 1 for share)
insert into process_group (task_id, step, attempt, child_id, boot_id, pid, start_time)
select task_id, $2, $3, $4, $5, $6, $7 from current
on conflict (task_id, step, attempt) do update set pid = excluded.pid, start_time = excluded.start_time returning task_id`,
		[group.task, group.step, group.attempt, group.child, group.bootId, group.pid, startTime],
	)
	if (rows.length === 0) throw new Error('This attempt is no longer the current one of its step, so no process may start for it.')
}

/** Forgets the groups of an attempt that has ended with them. */
export async function forgetProcessGroups(client: Queryable, task: string, step: number, attempt: number): Promise<void> {
	await client.query('delete from process_group where task_id = $1 and step = $2 and attempt <= $3', [task, step, attempt])
}

export interface StoredGroup {
	readonly boot_id: string
	readonly pid: number
	readonly start_time: number
	readonly attempt: number
}

export async function findProcessGroups(client: Queryable, task: string, step: number): Promise<StoredGroup[]> {
	const { rows } = await client.query<StoredGroup>(
		'select boot_id, pid, start_time::float8 as start_time, attempt from process_group where task_id = $1 and step = $2',
		[task, step],
	)
	return rows
}

const checkEvery = 20
const longestWait = 10_000

/**
 * Kills a process group and waits until no process of it lives. The number of a leader that has ended is given to
 * nobody while a member lives, so a process of that number which started at another time means that the group is gone.
 */
export async function endProcessGroup(group: Pick<StoredGroup, 'pid' | 'start_time'>): Promise<void> {
	const since = performance.now()
	for (;;) {
		const started = await processStartTime(group.pid)
		if (started !== null && started !== group.start_time) return
		try {
			process.kill(-group.pid, 'SIGKILL')
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
			throw error
		}
		// What nobody has reaped still answers to the signal.
		if (!(await hasLivingMember(group.pid))) return
		if (performance.now() - since > longestWait) throw new Error(`Process group ${group.pid} does not end although it was killed.`)
		await new Promise((resolve) => setTimeout(resolve, checkEvery))
	}
}

async function hasLivingMember(group: number): Promise<boolean> {
	for (const entry of await readdir('/proc')) {
		if (!/^\d+$/.test(entry)) continue
		const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
		const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
		if (Number(processGroup) === group && state !== 'Z' && state !== 'X') return true
	}
	return false
}
