/** What dead children leave behind: their attempts are lost, and their tasks go on elsewhere or pause. */

import { releaseJobs } from '@taskyard/dispatch/jobs'
import type { StepError } from '@taskyard/model/task'
import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import type { Door } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { overdueFact } from '../execution/outcome.ts'
import type { AttemptKey, Overdue } from '../execution/supervisorLine.ts'
import { endStoredGroup, findProcessGroups, forgetProcessGroup } from './processGroups.ts'

export interface RecoveryOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	readonly bootId: string
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
}

/** An attempt whose process has ended, or is about to. */
interface Orphan {
	task: string
	/** Null for a planning attempt. */
	step: number | null
	attempt: number
	child: number
	pid: number
	node: string
}

/**
 * Recovers every child that has ended and was not recovered yet: gives back its jobs and ends its attempts. Harmless
 * when several do it at once.
 */
export async function recoverChildren(options: RecoveryOptions): Promise<void> {
	const { pool } = options
	const { rows: dead } = await pool.query<{ id: number; pool_id: string | null }>(
		'select id, pool_id from child where recovered_at is null and ended_at is not null order by id',
	)
	if (dead.length === 0) return
	await releaseJobs(
		pool,
		dead.flatMap((child) => child.pool_id ?? []),
	)
	if (atFailurePoint) await atFailurePoint('recovery.jobsReleased')
	const left = await recoverOrphans(options)
	const done = dead.map((child) => child.id).filter((id) => !left.has(id))
	await pool.query('update child set recovered_at = clock_timestamp() where id = any($1::int[]) and recovered_at is null', [done])
}

/**
 * Ends the attempts of every child that has ended, recovered or not: what a child had sent when it was killed may be
 * committed after it was recovered, and one that was stopped for long may write when it goes on.
 *
 * @returns children with an attempt that has to wait for a worker of its node
 */
export async function recoverOrphans(options: RecoveryOptions): Promise<ReadonlySet<number>> {
	const orphans = await findOrphans(options.pool, null)
	const left = new Set<number>()
	for (const orphan of orphans) if (!(await recover(options, orphan))) left.add(orphan.child)
	if (orphans.length > 0) options.log('info', `Recovered the attempts of worker processes that have ended: ${orphans.length}.`)
	return left
}

/**
 * Ends what a child of this node ran that was ended for one of its attempts: those that are named ended as is said, and
 * their neighbours are handed back, for it was not their doing. The child's process has ended, and it counts as living
 * still, so that nobody takes its attempts for lost.
 *
 * @param overdue why an attempt was to end, by task, step and attempt
 */
export async function endAttemptsOf(
	options: RecoveryOptions,
	child: number,
	overdue: readonly (AttemptKey & { readonly why: Overdue })[],
): Promise<void> {
	const { door, clock } = options
	for (const orphan of await findOrphans(options.pool, child)) {
		const { task, step, attempt } = orphan
		if (!(await endGroupsOf(options, orphan))) continue
		const guilty = overdue.find((one) => one.task === task && one.step === step && one.attempt === attempt)
		await door.submit(task, (now) => {
			const at = clock.now()
			const fact = guilty ? overdueFact(now, guilty, guilty.why, at) : { kind: 'attempt_handed_back' as const, step, attempt, at }
			return fact && [{ fact }]
		})
	}
}

/**
 * Attempts of one child, or of all that have ended. Through the index on the task's state: no index knows the child of a
 * step, for it would change with every step.
 */
async function findOrphans(pool: Pool, child: number | null): Promise<Orphan[]> {
	const { rows } = await pool.query<Orphan>(
		`select a.*, c.pid, w.node from (
  select t.id as task, s.index as step, s.attempt, s.child_id as child from task t join step s on s.task_id = t.id where t.state = 4 and s.state in (1, 7, 9)
  union all
  select id, null, plan_attempt, plan_child from task where state = 2
) a join child c on c.id = a.child join worker w on w.id = c.worker_id where case when $1::int is null then c.ended_at is not null else c.id = $1 end order by a.task, a.step`,
		[child],
	)
	return rows
}

/** Answers false when it has to wait for the end of the attempt's command, or for a worker of the node where that runs. */
async function recover(options: RecoveryOptions, orphan: Orphan): Promise<boolean> {
	const { pool, door, clock } = options
	const { task, step, attempt } = orphan
	if (!(await endGroupsOf(options, orphan))) return false
	const error = await lostError(pool, orphan)
	if (atFailurePoint) await atFailurePoint('recovery.beforeLost', task)
	await door.submit(task, () => [{ fact: { kind: 'attempt_lost', step, attempt, error, at: clock.now() } }])
	if (atFailurePoint) await atFailurePoint('recovery.afterLost', task)
	return true
}

/** At no time do two commands of one step run. */
async function endGroupsOf({ pool, bootId, log }: RecoveryOptions, { task, step, attempt }: Orphan): Promise<boolean> {
	if (step === null) return true
	for (const group of await findProcessGroups(pool, task, step, attempt)) {
		if (group.bootId === bootId) {
			if (!(await endStoredGroup(group, log))) return false
			if (atFailurePoint) await atFailurePoint('recovery.groupEnded', task)
			await forgetProcessGroup(pool, group)
		} else if (await someoneLivesAt(pool, group.bootId)) return false
	}
	return true
}

async function someoneLivesAt(pool: Pool, bootId: string): Promise<boolean> {
	const { rows } = await pool.query(
		`select 1 from worker where boot_id = $1 and ended_at is null and heartbeat_at > clock_timestamp() - interval '30 seconds' limit 1`,
		[bootId],
	)
	return rows.length > 0
}

async function lostError(pool: Pool, { task, step, attempt, pid, node }: Orphan): Promise<StepError> {
	let message = `Worker process ${pid} on ${node} ended while it ${step === null ? 'planned this task' : 'ran this step'}.`
	if (step !== null) {
		const { rows } = await pool.query<{ line: string }>(
			`select (string_to_array(text, E'\\n'))[count] as line from log_chunk where task_id = $1 and step = $2 and attempt = $3 order by first_line desc limit 1`,
			[task, step, attempt],
		)
		if (rows[0]) message += ` The last line it logged: ${rows[0].line}`
	}
	return { message, type: 'Lost', code: 'lost', trace: null, details: { node, process: pid }, reason: 'lost' }
}
