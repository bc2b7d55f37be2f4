/**
 * The sweep finds what got lost: children whose lease is over, timers that are due, tasks that can go on and that no job
 * stands for. Any living worker sweeps, several at once do no harm: each finding is a fact for the one door, or a hint.
 */

import { enqueue, releaseJobs, withoutJob } from '@taskyard/dispatch/jobs'
import { inTransaction } from '@taskyard/store/connection'
import { dropOldChangePartitions, ensurePartitions } from '@taskyard/store/partitions'
import { type RecoveryOptions, recoverChildren, recoverOrphans } from '../recovery/recoverChildren.ts'
import { declareDead } from '../workers/presence.ts'

export interface SweepOptions extends RecoveryOptions {
	/** Milliseconds. */
	readonly lease: number
	/** Whether this worker's own heartbeats have come through for a full lease: after an outage nobody is declared dead at once. */
	readonly mayDeclareDead: () => boolean
}

export interface Sweep {
	/** Looks once at everything. */
	run(): Promise<void>
}

/** Rows looked at in one statement. */
const page = 500
/** How long a task may be without a job before it is given another one. */
const grace = `interval '2 seconds'`
const partitionsEvery = 20_000
/** How often the attempts of all ended children are looked for, and not only of those that ended since, in milliseconds. */
const orphansEvery = 5_000
/** How long a job may be held under an id that no living child has named. */
const unnamed = `interval '10 seconds'`

export function openSweep(options: SweepOptions): Sweep {
	let partitionsLookedAt = -partitionsEvery
	let orphansLookedAt = -orphansEvery
	let after = '00000000-0000-0000-0000-000000000000'

	async function keepPartitions(): Promise<void> {
		if (performance.now() - partitionsLookedAt < partitionsEvery) return
		partitionsLookedAt = performance.now()
		await ensurePartitions(options.pool)
		await dropOldChangePartitions(options.pool)
	}

	/** Tasks that could go on: ready ones, and running ones in which nothing runs and nothing is timed. A page at a time, round and round. */
	async function findStranded(): Promise<void> {
		const { rows } = await options.pool.query<{ id: string; queue: string }>(
			`select id, queue from task t where id > $1 and state_updated_at < clock_timestamp() - ${grace} and (
  state in (1, 3)
  or state = 4 and not exists (select from step s where s.task_id = t.id and s.state = 1) and not exists (select from timer d where d.task_id = t.id)
) and state in (1, 3, 4) order by id limit ${page}`,
			[after],
		)
		after = rows.length < page ? '00000000-0000-0000-0000-000000000000' : (rows.at(-1)?.id ?? after)
		const stranded = new Set(
			await withoutJob(
				options.pool,
				rows.map((row) => row.id),
			),
		)
		if (stranded.size === 0) return
		options.log('info', `${stranded.size} tasks can go on and have no job; they are enqueued again.`)
		const activations = rows.filter((row) => stranded.has(row.id)).map((row) => ({ task: row.id, queue: row.queue, branch: 0 }))
		await inTransaction(options.pool, (client) => enqueue(client, activations))
	}

	return {
		async run() {
			await keepPartitions()
			if (options.mayDeclareDead()) {
				const dead = await declareDead(options.pool, options.lease)
				if (dead.length > 0) options.log('warning', `The lease of ${dead.length} worker processes is over; what they ran is recovered.`)
			}
			await recoverChildren(options)
			if (performance.now() - orphansLookedAt >= orphansEvery) {
				orphansLookedAt = performance.now()
				await recoverOrphans(options)
			}
			await releaseForgottenJobs(options)
			await fireTimers(options)
			await findStranded()
		},
	}
}

async function fireTimers({ pool, door, clock }: SweepOptions): Promise<void> {
	const { rows } = await pool.query<{ task_id: string; step: number; kind: number }>(
		`select task_id, step, kind from timer where due_at <= clock_timestamp() order by due_at limit ${page}`,
	)
	if (rows.length === 0) return
	const tasks = [...new Set(rows.map((row) => row.task_id))]
	await Promise.all(tasks.map((task) => door.submit(task, () => [{ fact: { kind: 'due', at: clock.now() } }])))
	// After the commit: a timer that fires twice is harmless, one that never fires is not.
	await pool.query(
		`delete from timer d using unnest($1::uuid[], $2::int[], $3::smallint[]) as f(task_id, step, kind)
where d.task_id = f.task_id and d.step = f.step and d.kind = f.kind and d.due_at <= clock_timestamp()`,
		[rows.map((row) => row.task_id), rows.map((row) => row.step), rows.map((row) => row.kind)],
	)
}

/** Jobs held under an id that no living child has named: its process died before, or its queue was opened anew. */
async function releaseForgottenJobs({ pool }: SweepOptions): Promise<void> {
	const { rows } = await pool.query<{ locked_by: string }>(
		`select distinct j.locked_by from graphile_worker._private_jobs j where j.locked_at < clock_timestamp() - ${unnamed}
and not exists (select from child c where c.pool_id = j.locked_by and c.ended_at is null)`,
	)
	await releaseJobs(
		pool,
		rows.map((row) => row.locked_by),
	)
}
