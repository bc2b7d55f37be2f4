/** What dead children leave behind: their attempts are lost, and their tasks go on elsewhere or pause. */

import { releaseJobs } from '@taskyard/dispatch/jobs'
import type { StepError } from '@taskyard/model/task'
import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Door } from '../decisions/door.ts'
import { endStoredGroup, findProcessGroups, forgetProcessGroups } from './processGroups.ts'

export interface RecoveryOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	readonly bootId: string
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

interface DeadChild {
	id: number
	pid: number
	pool_id: string | null
	node: string
}

interface Orphan {
	task_id: string
	/** Null for a planning attempt. */
	step: number | null
	attempt: number
	child_id: number
}

/** Recovers every child that has ended and was not recovered yet. Harmless when several do it at once. */
export async function recoverChildren(options: RecoveryOptions): Promise<number> {
	const { pool } = options
	const { rows: dead } = await pool.query<DeadChild>(
		`select c.id, c.pid, c.pool_id, w.node from child c join worker w on w.id = c.worker_id
where c.recovered_at is null and c.ended_at is not null order by c.id`,
	)
	if (dead.length === 0) return 0
	const children = new Map(dead.map((child) => [child.id, child]))
	await releaseJobs(
		pool,
		dead.map((child) => child.pool_id).filter((id) => id !== null),
	)
	const orphans = await findOrphans(pool, [...children.keys()])
	const left = new Set<number>()
	for (const orphan of orphans) {
		const child = children.get(orphan.child_id)
		if (child && !(await recover(options, orphan, child))) left.add(child.id)
	}
	const done = [...children.keys()].filter((id) => !left.has(id))
	await pool.query('update child set recovered_at = clock_timestamp() where id = any($1::int[]) and recovered_at is null', [done])
	if (orphans.length > 0) options.log('info', `Recovered ${orphans.length} attempts of ${dead.length} worker processes that have ended.`)
	return orphans.length
}

/** Through the index on the task's state: no index knows the child of a step, for it would change with every step. */
async function findOrphans(pool: Pool, children: readonly number[]): Promise<Orphan[]> {
	const { rows } = await pool.query<Orphan>(
		`select t.id as task_id, s.index as step, s.attempt, s.child_id from task t join step s on s.task_id = t.id
where t.state = 4 and s.state = 1 and s.child_id = any($1::int[])
union all
select id, null, plan_attempt, plan_child from task where state = 2 and plan_child = any($1::int[])`,
		[children],
	)
	return rows
}

/** Answers false when it has to wait for a worker of the node where the attempt's command runs. */
async function recover(options: RecoveryOptions, orphan: Orphan, child: DeadChild): Promise<boolean> {
	const { pool, door, clock } = options
	if (orphan.step !== null) {
		for (const group of await findProcessGroups(pool, orphan.task_id, orphan.step)) {
			if (group.boot_id === options.bootId) await endStoredGroup(group)
			else if (await someoneLivesAt(pool, group.boot_id)) return false
		}
	}
	const error = await lostError(pool, orphan, child)
	await door.submit(orphan.task_id, () => [
		{ fact: { kind: 'attempt_lost', step: orphan.step, attempt: orphan.attempt, error, at: clock.now() } },
	])
	if (orphan.step !== null) await forgetProcessGroups(pool, orphan.task_id, orphan.step, orphan.attempt)
	return true
}

async function someoneLivesAt(pool: Pool, bootId: string): Promise<boolean> {
	const { rows } = await pool.query(
		`select 1 from worker where boot_id = $1 and ended_at is null and heartbeat_at > clock_timestamp() - interval '30 seconds' limit 1`,
		[bootId],
	)
	return rows.length > 0
}

async function lostError(pool: Pool, orphan: Orphan, child: DeadChild): Promise<StepError> {
	const what = orphan.step === null ? 'planned this task' : 'ran this step'
	let message = `Worker process ${child.pid} on ${child.node} ended while it ${what}.`
	if (orphan.step !== null) {
		const { rows } = await pool.query<{ line: string }>(
			`select (string_to_array(text, E'\\n'))[count] as line from log_chunk where task_id = $1 and step = $2 and attempt = $3 order by first_line desc limit 1`,
			[orphan.task_id, orphan.step, orphan.attempt],
		)
		if (rows[0]) message += ` The last line it logged: ${rows[0].line}`
	}
	return { message, type: 'Lost', code: 'lost', trace: null, details: { node: child.node, process: child.pid }, reason: 'lost' }
}
