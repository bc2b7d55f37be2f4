/** Workers and the incarnations of their children, as rows: who is there, and until when its work counts. */

import type { Queryable } from '@taskyard/store/connection'

export interface WorkerPresence {
	readonly node: string
	readonly bootId: string
	readonly pid: number
	readonly version: string
	readonly queues: readonly string[]
	readonly capacity: number
}

export async function registerWorker(client: Queryable, worker: WorkerPresence): Promise<number> {
	const { rows } = await client.query<{ id: number }>(
		'insert into worker (node, boot_id, pid, version, queues, capacity) values ($1, $2, $3, $4, $5, $6) returning id',
		[worker.node, worker.bootId, worker.pid, worker.version, worker.queues, worker.capacity],
	)
	return rows[0]?.id as number
}

/** A new incarnation; its lease begins now, so that it is not taken for dead before its first heartbeat. */
export async function registerChild(client: Queryable, worker: number, lease: number): Promise<number> {
	const { rows } = await client.query<{ id: number }>(
		`insert into child (worker_id, pid, lease_until) values ($1, 0, clock_timestamp() + $2 * interval '1 millisecond') returning id`,
		[worker, lease],
	)
	return rows[0]?.id as number
}

export async function nameProcess(client: Queryable, child: number, pid: number, startTime: number): Promise<void> {
	await client.query('update child set pid = $2, start_time = $3 where id = $1', [child, pid, startTime])
}

/** Under which id a child holds its jobs. */
export async function namePool(client: Queryable, child: number, poolId: string): Promise<void> {
	await client.query('update child set pool_id = $2 where id = $1', [child, poolId])
}

export interface Beat {
	/** Children that count; one that is missing has been declared dead and must end. */
	readonly living: ReadonlySet<number>
	readonly now: number
}

/**
 * The heartbeat of a worker: one statement for itself and all its children, which renews the leases of those that
 * answered. A worker that was taken for dead and beats again is alive; its children that were declared dead are not.
 */
export async function heartbeat(
	client: Queryable,
	worker: number,
	children: readonly number[],
	answered: readonly number[],
	lease: number,
): Promise<Beat> {
	const { rows } = await client.query<{ id: number | null; now: number }>(
		`with beaten as (update worker set heartbeat_at = clock_timestamp(), ended_at = null where id = $1 returning id),
living as (
  update child set lease_until = case when id = any($3::int[]) then clock_timestamp() + $4 * interval '1 millisecond' else lease_until end
  where id = any($2::int[]) and ended_at is null returning id
)
select l.id, extract(epoch from clock_timestamp())::float8 * 1000 as now from (select 1) one left join living l on true left join beaten b on true`,
		[worker, children, answered, lease],
	)
	return { living: new Set(rows.flatMap((row) => (row.id === null ? [] : [row.id]))), now: rows[0]?.now ?? 0 }
}

/** A child that has ended, seen by its own supervisor: what it left can be recovered at once. */
export async function endChild(client: Queryable, child: number): Promise<void> {
	await client.query('update child set ended_at = clock_timestamp() where id = $1 and ended_at is null', [child])
}

export async function endWorker(client: Queryable, worker: number): Promise<void> {
	await client.query('update child set ended_at = clock_timestamp() where worker_id = $1 and ended_at is null', [worker])
	await client.query('update worker set ended_at = clock_timestamp() where id = $1', [worker])
}

/**
 * Declares dead whose lease is over, by the database's clock. Nobody is, before a full lease has passed since the
 * database started: it may have been away, and the living could not renew theirs.
 *
 * @returns ids of the children that were declared dead
 */
export async function declareDead(client: Queryable, lease: number): Promise<number[]> {
	const { rows } = await client.query<{ id: number }>(
		`update child set ended_at = clock_timestamp() where ended_at is null and recovered_at is null and lease_until < clock_timestamp()
and pg_postmaster_start_time() + $1 * interval '1 millisecond' < clock_timestamp() returning id`,
		[lease],
	)
	await client.query(
		`update worker set ended_at = clock_timestamp() where ended_at is null and heartbeat_at < clock_timestamp() - $1 * interval '2 milliseconds'
and pg_postmaster_start_time() + $1 * interval '2 milliseconds' < clock_timestamp()
and not exists (select from child c where c.worker_id = worker.id and c.ended_at is null)`,
		[lease],
	)
	return rows.map((row) => row.id)
}

export interface LocalChild {
	readonly id: number
	readonly pid: number
	readonly start_time: number | null
}

/** Children of this node that count as living. */
export async function livingChildren(client: Queryable, bootId: string): Promise<LocalChild[]> {
	const { rows } = await client.query<LocalChild>(
		`select c.id, c.pid, c.start_time::float8 as start_time from child c join worker w on w.id = c.worker_id
where w.boot_id = $1 and c.ended_at is null and c.pid <> 0`,
		[bootId],
	)
	return rows
}
