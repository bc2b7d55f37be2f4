/**
 * What holds of every task at every moment, and what holds of those that have ended, whatever was killed. Read from the
 * tables alone: nothing here is computed by the rules that are tested.
 */

import type { Pool } from '@taskyard/store/connection'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import { waitFor } from '@taskyard/testkit/waitFor'

/** States of a step in which an attempt runs: running, finalizing, reverting. */
const busy = '(1, 7, 9)'
const stepEvent = 'kind = 2 and task_id = any($1::uuid[])'

/** Queries that answer a line for each thing that is wrong. */
const always = [
	// The start of an attempt is no event: the event of its end names the state that it left.
	`select format('step %s of %s goes from %s, and before it was %s', step, task_id, old, coalesce(before, 0)) as what from (
		select task_id, step, old, lag(new) over (partition by task_id, step order by revision, n) as before from event where ${stepEvent}) e
	where old <> coalesce(before, 0) and (coalesce(before, 0), old) not in ((0, 1), (2, 7), (2, 9), (8, 9), (3, 9), (11, 9))`,
	`select format('step %s of %s is in state %s, and its history ends with %s', s.index, s.task_id, s.state, e.new) as what from step s
	left join lateral (select new from event where task_id = s.task_id and step = s.index and kind = 2 order by revision desc, n desc limit 1) e on true
	where s.task_id = any($1::uuid[]) and s.state not in ${busy} and s.state <> coalesce(e.new, 0)`,
	`select format('attempt %s of step %s of %s has %s outcomes', attempt, step, task_id, count(*)) as what from event
	where ${stepEvent} and old in ${busy} group by task_id, step, attempt having count(*) > 1`,
	`select format('step %s of %s has attempt %s, and %s of them have ended', s.index, s.task_id, s.attempt, count(e)) as what from step s
	left join event e on e.task_id = s.task_id and e.step = s.index and e.kind = 2 and e.old in ${busy}
	where s.task_id = any($1::uuid[]) group by s.task_id, s.index, s.attempt, s.state
	having count(e) <> s.attempt - case when s.state in ${busy} then 1 else 0 end`,
	`select format('attempt %s of step %s of %s is kept as %s, and its event says %s', a.number, a.step, a.task_id, a.outcome, coalesce(e.new::text, 'nothing')) as what
	from attempt a left join event e on e.task_id = a.task_id and e.step = a.step and e.attempt = a.number and e.kind = 2 and e.old in ${busy}
	where a.task_id = any($1::uuid[]) and a.step >= 0 and (e.new is null or (e.old, e.new) not in ((1, 4), (1, 6)) and (a.outcome = 0) <> ((e.old, e.new) in ((1, 2), (7, 8), (9, 10))))`,
	`select format('%s goes from %s, and before it was %s', task_id, old, before) as what from (
		select task_id, old, kind, lag(new) over (partition by task_id order by revision, n) as before from event where task_id = any($1::uuid[]) and kind in (0, 1)) e
	where kind = 1 and old is distinct from before`,
	`select format('%s is in state %s, and its history ends with %s', t.id, t.state, e.new) as what from task t
	left join lateral (select new from event where task_id = t.id and kind in (0, 1) order by revision desc, n desc limit 1) e on true
	where t.id = any($1::uuid[]) and t.state is distinct from e.new`,
	// An event that came makes its step go on: none that waits was left with one that it was not given.
	`select format('step %s of %s counts %s events, was given %s, and %s are stored', s.index, s.task_id, s.events, s.events_seen, e.n) as what
	from step s cross join lateral (select coalesce(max(n), 0) as n from step_event where task_id = s.task_id and step = s.index) e
	where s.task_id = any($1::uuid[]) and (s.events > e.n or s.events_seen > s.events
		or s.state = 4 and s.suspension->>'kind' <> 'sub_tasks' and s.events_seen <> e.n)`,
	`select format('two tasks hold %s of resource %s: %s and %s', a.name, a.resource_id, a.task_id, b.task_id) as what from lock a
	join lock b on b.resource_id = a.resource_id and b.task_id > a.task_id and (a.name = b.name or '*' in (a.name, b.name)) and not (a.mode = 1 and b.mode = 1)
	where a.granted and b.granted and cardinality($1::uuid[]) > 0 and not (a.task_id = any(b.ancestors) or b.task_id = any(a.ancestors))`,
	`select format('%s holds or awaits a lock, and is in state %s', l.task_id, coalesce(t.state::text, 'gone')) as what from lock l left join task t on t.id = l.task_id
	where cardinality($1::uuid[]) > 0 and coalesce(t.state, 6) not in (3, 4, 5) and not (coalesce(t.state, 6) < 3 and t.duplicate)`,
	// What relatives claim besides does not count.
	`select format('%s tasks claim key %s, whose policy is %s', count(*), r.key, d.definition->'duplicates'->>'policy') as what from lock l
	join resource r on r.id = l.resource_id and r.type = 'duplicate' join task t on t.id = l.task_id join task_type d on d.label = t.label
	where cardinality($1::uuid[]) > 0 and l.ancestors = '{}' group by r.key, d.definition->'duplicates'->>'policy'
	having count(*) > case d.definition->'duplicates'->>'policy' when 'discard' then 1 when 'queue_one' then 2 else count(*) end`,
	// One that a cycle or an unlock has taken its claim from makes it again when it is resumed and planned.
	`select format('%s is in state %s and has no claim on its key', t.id, t.state) as what from task t
	where t.id = any($1::uuid[]) and t.duplicate and t.state <> 6 and not t.touched and t.error->>'code' is distinct from 'lock_conflict'
	and not exists (select from lock l join resource r on r.id = l.resource_id where l.task_id = t.id and r.type = 'duplicate')`,
	`select format('step %s of %s counts its sub-tasks as %s, and they are %s', f.step, f.task_id,
		row(f.created, f.open, f.paused, f.held, f.success, f.warning, f.error, f.cancelled), c) as what
	from fan_out f cross join lateral (
		select count(*)::int as created, count(*) filter (where state <> 6)::int as open, count(*) filter (where state = 5)::int as paused,
			count(*) filter (where held)::int as held, count(*) filter (where state = 6 and result = 1)::int as success,
			count(*) filter (where state = 6 and result = 2)::int as warning, count(*) filter (where state = 6 and result = 3)::int as error,
			count(*) filter (where state = 6 and result = 4)::int as cancelled
		from task where parent_id = f.task_id and parent_step = f.step and member) c
	where f.task_id = any($1::uuid[])
	and row(f.created, f.open, f.paused, f.held, f.success, f.warning, f.error, f.cancelled) is distinct from c`,
	`select format('step %s of %s has %s sub-tasks under way, and may have %s', step, task_id, open - paused - held, at_once) as what from fan_out
	where task_id = any($1::uuid[]) and open - paused - held > at_once`,
	`select format('%s is held by the limit of its fan-out, is in state %s and has %s jobs', t.id, t.state, j.n) as what
	from task t cross join lateral (select count(*) as n from graphile_worker._private_jobs where payload->>'task' = t.id::text) j
	where t.id = any($1::uuid[]) and t.held and (t.state <> 1 or t.cancel <> 0 or j.n > 0)`,
	`select format('a row of %s is left of task %s, which is gone', of, task_id) as what from (${[
		'step',
		'step_event',
		'callback',
		'external_id',
		'timer',
		'fan_out',
		'recorded_task',
		'task_payload',
		'task_plan',
	]
		.map((table) => `select '${table}' as of, task_id from ${table}`)
		.join(' union all ')}) r where cardinality($1::uuid[]) > 0 and not exists (select from task where id = task_id)`,
	`select format('the tables have %s tasks in state %s, the history has %s', rows, state, folded) as what from (
		select state, count(*) filter (where of = 'row') as rows, count(*) filter (where of = 'event') as folded from (
			select state, 'row' as of from task
			union all
			select (select new from event e where e.task_id = t.id and kind in (0, 1) order by revision desc, n desc limit 1), 'event' from task t) both_of group by state) c
	where rows <> folded and cardinality($1::uuid[]) > 0`,
]

const ofTheEnded = [
	`select format('step %s of %s is still in state %s', index, task_id, state) as what from step where task_id = any($1::uuid[]) and state in (0, 1, 4, 7, 9)`,
	`select format('%s still holds or awaits a lock', task_id) as what from lock where task_id = any($1::uuid[])`,
	`select format('%s still has a timer', task_id) as what from timer where task_id = any($1::uuid[])`,
	`select format('%s still has a process group', task_id) as what from process_group where task_id = any($1::uuid[])`,
	`select format('%s still waits for %s', task_id, on_task_id) as what from dependency where on_task_id = any($1::uuid[]) and settled_at is null`,
	// Resumed after an unlock, one goes on by itself.
	`select format('%s is in state %s, nobody has asked to cancel it, and its parent has stopped', c.id, c.state) as what
	from task p join task c on c.parent_id = p.id join fan_out f on f.task_id = p.id and f.step = c.parent_step
	where p.id = any($1::uuid[]) and p.state = 6 and p.cancel = 0 and c.state <> 6 and c.cancel = 0 and not c.touched and not f.leave_running`,
	`select format('%s has not stopped, and its parent was cancelled', c.id) as what from task p join task c on c.parent_id = p.id
	where p.id = any($1::uuid[]) and p.cancel <> 0 and c.state <> 6`,
	`select format('%s has %s ends', task_id, count(*)) as what from event where task_id = any($1::uuid[]) and kind = 1 and new = 6
	group by task_id having count(*) > 1 + (select count(*) from event u where u.task_id = event.task_id and u.kind = 7)`,
]

/** What is wrong with these tasks, and with the locks of all, at any moment at which nothing of these changes. */
export async function faultsNow(pool: Pool, ids: readonly string[]): Promise<string[]> {
	const faults = await ask(pool, always, ids)
	for (const { task } of (await loadTasks(pool, ids)).values()) {
		if (!task.plan || (task.state !== 'running' && (task.state !== 'paused' || task.reason === 'lock_conflict'))) continue
		const { rows } = await pool.query<{ held: number }>('select count(*)::int as held from lock where task_id = $1 and granted', [task.id])
		const claimed = new Set(task.plan.locks.map(({ resource, name }) => JSON.stringify([resource.type, resource.id, name]))).size
		if (rows[0]?.held !== claimed) faults.push(`${task.id} is ${task.state} with ${rows[0]?.held} of ${claimed} locks`)
	}
	return faults
}

/** What is wrong with tasks that have stopped: all of the above, and whatever is left of them anywhere. */
export async function faultsOfEnded(pool: Pool, ids: readonly string[]): Promise<string[]> {
	const faults = [...(await faultsNow(pool, ids)), ...(await ask(pool, ofTheEnded, ids))]
	const { rows } = await pool.query<Finding>(
		`select format('%s has not stopped but is in state %s', id, coalesce(state::text, 'gone')) as what
		from unnest($1::uuid[]) as wanted(id) left join task using (id) where state is distinct from 6`,
		[ids],
	)
	faults.push(...rows.map(({ what }) => what))
	// The last job of a task ends a moment after the task.
	await noJobs(pool, ids).catch((error: Error) => faults.push(error.message))
	return faults
}

/** Waits until no job stands for these tasks, nor one whose key has passed on to another. */
export async function noJobs(pool: Pool, ids: readonly string[]): Promise<void> {
	let left: readonly Finding[] = []
	await waitFor(
		'the queue to hold no job of these tasks',
		async () => {
			const { rows } = await pool.query<Finding>(
				`select format('job %s of %s, held by %s', j.id, j.payload->>'task', coalesce(c.id::text, locked_by, 'nobody')) as what
				from graphile_worker._private_jobs j left join child c on c.pool_id = j.locked_by
				where j.payload->>'task' = any($1::text[])`,
				[ids],
			)
			left = rows
			return rows.length === 0
		},
		{ timeout: 30_000 },
	).catch((cause: Error) => {
		throw new Error(`${cause.message} It holds ${left.map(({ what }) => what).join('; ')}.`, { cause })
	})
}

interface Finding {
	readonly what: string
}

async function ask(pool: Pool, queries: readonly string[], ids: readonly string[]): Promise<string[]> {
	const found: string[] = []
	for (const query of queries) found.push(...(await pool.query<Finding>(query, [ids])).rows.map(({ what }) => what))
	return found
}
