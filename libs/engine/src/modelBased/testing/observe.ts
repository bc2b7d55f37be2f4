/** What the engine's tables say of the tasks of a sequence, for comparison with the reference. */

import type { Pool } from '@taskyard/store/connection'
import { attemptOutcomeCode, planningStep } from '@taskyard/store/tasks/codes'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'

export interface SeenTask {
	/** Null for one that was deleted. */
	readonly task: LoadedTask['task'] | null
	readonly tombstone: boolean
	/** Granted or not, one entry for each claim. */
	readonly locks: readonly boolean[]
	/** Attempts that ended otherwise than with success. */
	readonly ended: readonly { readonly step: number | null; readonly number: number; readonly outcome: string }[]
}

export interface Seen {
	readonly tasks: readonly SeenTask[]
	/** Jobs that somebody should have taken by now. */
	readonly jobs: number
}

/** @param ids of the tasks, in the order in which the reference numbers them */
export async function observe(pool: Pool, ids: readonly string[]): Promise<Seen> {
	const [loaded, { rows }] = await Promise.all([loadTasks(pool, ids), pool.query<Row>(statement, [ids])])
	const [row] = rows
	const tombstones = JSON.parse(row?.tombstones ?? '[]') as string[]
	const locks = JSON.parse(row?.locks ?? '[]') as [task: string, granted: boolean][]
	const attempts = JSON.parse(row?.attempts ?? '[]') as [task: string, step: number, number: number, outcome: number][]
	return {
		tasks: ids.map((id) => ({
			task: loaded.get(id)?.task ?? null,
			tombstone: tombstones.includes(id),
			locks: locks.flatMap(([task, granted]) => (task === id ? [granted] : [])),
			ended: attempts.flatMap(([task, step, number, outcome]) => {
				const word = attemptOutcomeCode.decode(outcome)
				return task === id && word !== 'success' ? [{ step: step === planningStep ? null : step, number, outcome: word }] : []
			}),
		})),
		jobs: Number(row?.jobs),
	}
}

/** The pool keeps JSON as text. */
interface Row {
	readonly tombstones: string
	readonly locks: string
	readonly attempts: string
	readonly jobs: string
}

const statement = `
select coalesce((select json_agg(id)::text from tombstone where id = any($1::uuid[])), '[]') as tombstones,
  coalesce((select json_agg(json_build_array(task_id, granted))::text from lock where task_id = any($1::uuid[])), '[]') as locks,
  coalesce((select json_agg(json_build_array(task_id, step, number, outcome))::text from attempt where task_id = any($1::uuid[])), '[]') as attempts,
  (select count(*) from graphile_worker._private_jobs where run_at <= clock_timestamp() and locked_at is null) as jobs`

/** What must be gone once all tasks of a sequence have stopped, in words; empty when nothing is left. */
export async function leftovers(pool: Pool, ids: readonly string[]): Promise<string[]> {
	const { rows } = await pool.query<{ left: string }>(
		`select format('a lock of task %s', task_id) as left from lock where task_id = any($1::uuid[])
		union all select format('a timer of task %s', task_id) from timer where task_id = any($1::uuid[])
		union all select format('an open edge from %s to %s', task_id, on_task_id) from dependency
			where settled_at is null and (task_id = any($1::uuid[]) or on_task_id = any($1::uuid[]))
		union all select format('job %s for task %s', id, payload->>'task') from graphile_worker._private_jobs
			where (payload->>'task')::uuid = any($1::uuid[])
		union all select format('event %s of a task that is gone, %s', n, task_id) from step_event e
			where task_id = any($1::uuid[]) and not exists (select from task where id = e.task_id)`,
		[ids],
	)
	return rows.map((row) => row.left)
}
