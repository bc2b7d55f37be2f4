/**
 * Process groups of commands under way. A command outlives the child that started it, so whoever recovers its attempt
 * on the same node ends the group first: at no time do two commands of one step run.
 */

import { readFile, readlink } from 'node:fs/promises'
import { endProcessGroup, processStartTime } from '@taskyard/sdk/processGroup'
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

/** Stores the group before its work begins. Refused, by throwing, when the attempt is no longer the step's. */
export async function storeProcessGroup(client: Queryable, group: ProcessGroup): Promise<void> {
	const startTime = await processStartTime(group.pid)
	if (startTime === null) throw new Error(`Process ${group.pid} had ended before its group was stored.`)
	const { rows } = await client.query(
		`with current as (select task_id from step where task_id = $1 and index = $2 and attempt = $3 and state in (1, 7, 9) for share)
insert into process_group (task_id, step, attempt, child_id, boot_id, pid, start_time)
select task_id, $2, $3, $4, $5, $6, $7 from current
on conflict (task_id, step, attempt) do update set pid = excluded.pid, start_time = excluded.start_time returning task_id`,
		[group.task, group.step, group.attempt, group.child, group.bootId, group.pid, startTime],
	)
	if (rows.length === 0) throw new Error('This attempt is no longer the current one of its step, so no process may start for it.')
}

/** Forgets a group of this system that has ended. What runs elsewhere is for a worker there to end, and to forget. */
export async function forgetProcessGroup(
	client: Queryable,
	group: Pick<ProcessGroup, 'task' | 'step' | 'attempt' | 'bootId'>,
): Promise<void> {
	await client.query('delete from process_group where task_id = $1 and step = $2 and attempt = $3 and boot_id = $4', [
		group.task,
		group.step,
		group.attempt,
		group.bootId,
	])
}

export interface StoredGroup {
	readonly task: string
	readonly step: number
	readonly attempt: number
	readonly bootId: string
	readonly pid: number
	readonly start_time: number
}

const columns = 'g.task_id as task, g.step, g.attempt, g.boot_id as "bootId", g.pid, g.start_time::float8 as start_time'

/** Groups of a step's attempts up to this one. A later attempt is somebody else's, and may well be running. */
export async function findProcessGroups(client: Queryable, task: string, step: number, attempt: number): Promise<StoredGroup[]> {
	const { rows } = await client.query<StoredGroup>(
		`select ${columns} from process_group g where task_id = $1 and step = $2 and attempt <= $3 order by attempt`,
		[task, step, attempt],
	)
	return rows
}

type Log = (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void

/**
 * Ends the groups of this system whose child has ended: while no worker ran here, others may have recovered what those
 * belonged to without being able to end them.
 */
export async function endAbandonedGroups(client: Queryable, bootId: string, log: Log): Promise<number> {
	const { rows } = await client.query<StoredGroup>(
		`select ${columns} from process_group g join child c on c.id = g.child_id where g.boot_id = $1 and c.ended_at is not null`,
		[bootId],
	)
	let ended = 0
	for (const group of rows) {
		if (!(await endStoredGroup(group, log))) continue
		await forgetProcessGroup(client, group)
		ended += 1
	}
	return ended
}

/** How long one look waits for a killed group to end, in milliseconds: a sweep has more to do, and looks again. */
const patience = 2_000
/** How often a group that does not end is named in the log, in milliseconds. */
const namedEvery = 60_000
const named = new Map<number, number>()

/**
 * Kills a stored group and waits until no process of it runs. The number of a leader that has ended is given to nobody
 * while a member lives, so a process of that number which started at another time means that the group is gone.
 *
 * @returns false when a member still runs, although it was killed
 */
export async function endStoredGroup(group: StoredGroup, log: Log): Promise<boolean> {
	const started = await processStartTime(group.pid)
	if (started !== null && started !== group.start_time) return true
	if (await endProcessGroup(group.pid, 0, patience)) {
		named.delete(group.pid)
		return true
	}
	if (performance.now() - (named.get(group.pid) ?? Number.NEGATIVE_INFINITY) > namedEvery) {
		named.set(group.pid, performance.now())
		log(
			'error',
			`Process group ${group.pid} of step ${group.step} of task ${group.task} was killed and does not end: the kernel does not let it go, ` +
				'as when it waits for a disk or a network file system that is gone. The step runs again, or its task pauses, once it has ended.',
		)
	}
	return false
}
