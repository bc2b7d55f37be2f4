/**
 * The queue: who works next. The only room that knows graphile-worker.
 *
 * A job is a hint that a task can go on; it may be lost, late or doubled, for the tables of the engine hold the truth.
 * It carries the task's id and nothing else, one job for each activation. A queue of ours is a task identifier of
 * graphile-worker, whose named queues would run their jobs one after the other.
 */

import type { ClientBase } from 'pg'

export interface Activation {
	readonly task: string
	readonly queue: string
	/** From -10 to 10, of its task: a higher one overtakes. */
	readonly priority: number
	/** Tells jobs of one task that are to run beside each other: 0 is the task's own, 1 and up are further branches. */
	readonly branch: number
}

/** The least of all priorities. */
const least = -10
/**
 * By how much a job of a priority goes before one of the next lower, in seconds. Jobs are taken in the order of the time
 * from which they may run, and these times lie in the past: a job of the highest priority goes before all lower ones of
 * the last ten minutes, and nobody waits more than these ten minutes longer than first come first served.
 */
const advance = 30

/** Taken by every worker, and before all other queues, however long those wait: what people ask for in order to tidy up behind them. */
export const urgentQueue = 'taskyard'

const prefix = 'taskyard:'

export const identifierOf = (queue: string): string => prefix + queue

export const keyOf = (task: string, branch: number): string => (branch === 0 ? task : `${task}/${branch}`)

/**
 * Enqueues on the caller's transaction: visible with its commit, gone with its rollback. Sends one NOTIFY.
 *
 * `add_jobs` takes the key from a job that runs already, and only then inserts; a job that is taken between these two of
 * its statements keeps its key and swallows the new one, whose news it may not have seen. So what did not come back is
 * enqueued again: measured with two ends at once that one task waited for, once in 200.
 */
export async function enqueue(client: Pick<ClientBase, 'query'>, activations: readonly Activation[]): Promise<void> {
	if (activations.length === 0) return
	const values = [
		activations.map((activation) => identifierOf(activation.queue)),
		activations.map((activation) => activation.task),
		activations.map((activation) => keyOf(activation.task, activation.branch)),
		activations.map((activation) => (activation.priority - least) * advance),
	]
	for (let time = 0; time < mostTimes; time++) {
		const { rows } = await client.query<{ count: number | string }>({
			name: 'taskyard:enqueue',
			text: `select count(*) from graphile_worker.add_jobs(array(
select (identifier, json_build_object('task', task), null, now() - advance * interval '1 second', null, key,
  case when identifier = '${identifierOf(urgentQueue)}' then -1 end, null)::graphile_worker.job_spec
from unnest($1::text[], $2::text[], $3::text[], $4::int[]) as j(identifier, task, key, advance)))`,
			values,
		})
		if (Number(rows[0]?.count) >= activations.length) return
	}
}

/** It would have to be taken as often, each time within the same microseconds. */
const mostTimes = 5

/** Of these tasks, those that no job of their own waits for. One that has been taken may be busy with another step, for hours. */
export async function withoutJob(client: Pick<ClientBase, 'query'>, tasks: readonly string[]): Promise<string[]> {
	const { rows } = await client.query<{ task: string }>({
		name: 'taskyard:withoutJob',
		text: `select task from unnest($1::text[]) as t(task)
where not exists (select from graphile_worker._private_jobs j where j.key = t.task and j.locked_at is null)`,
		values: [tasks],
	})
	return rows.map((row) => row.task)
}

/**
 * Gives back the jobs that pools hold whose process is dead. Never those of a live pool. A job whose key passed on to a
 * newer one while it ran has nothing left to say and goes.
 */
export async function releaseJobs(client: Pick<ClientBase, 'query'>, pools: readonly string[]): Promise<void> {
	if (pools.length === 0) return
	await client.query('delete from graphile_worker._private_jobs where locked_by = any($1::text[]) and attempts >= max_attempts', [pools])
	await client.query(
		`update graphile_worker._private_jobs set locked_at = null, locked_by = null, run_at = least(run_at, clock_timestamp()), attempts = greatest(0, attempts - 1)
where locked_by = any($1::text[])`,
		[pools],
	)
	await client.query(`select pg_notify('jobs:insert', '{"r":0,"count":1}')`)
}

/** Jobs that wait or run, of all queues. */
export async function countJobs(client: Pick<ClientBase, 'query'>): Promise<number> {
	const { rows } = await client.query<{ count: string }>('select count(*)::text as count from graphile_worker._private_jobs')
	return Number(rows[0]?.count ?? 0)
}
