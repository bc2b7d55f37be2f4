/**
 * Counts sub-tasks that have ended, paused, or gone on, inside the transaction that wrote their change and in a statement
 * after it: one row for all of a step, locked in ascending order, tasks before counters. The parent's row is not touched:
 * what the counts mean for it is a fact that it decides on its own. Its progress is stored twice a second at most.
 */

import { failsNow, freeSlots } from '@taskyard/model/fanOut'
import type { Task } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { numbers, plain } from './arrays.ts'
import { attemptStates, changeKinds, stepStateCode, taskStateCode } from './codes.ts'
import { type Family, type FanOut, type FanOutRow, fanOutColumns, fromRow } from './fanOuts.ts'

const counted = ['open', 'paused', 'held', 'success', 'warning', 'error', 'cancelled'] as const
type Counted = (typeof counted)[number]

/** By how much the counts of a step's sub-tasks change. */
export interface CountChange extends Family, Partial<Readonly<Record<Counted, number>>> {}

/** A step whose sub-tasks have changed in a way that its task is to hear of, or of which more may begin. */
export interface FamilyNews extends Family {
	readonly queue: string
	readonly priority: number
	/** All have ended, too many have failed, all that are left are paused, or the first is paused or none is any more. */
	readonly tell: boolean
	/** How many of those that are held may begin. */
	readonly free: number
	/** How many are under way. */
	readonly busy: number
}

/** What a change of a sub-task means for the counts of the step that started it; null for nothing. */
export function countChange(
	{ task: { id, state, result }, parent, member, held }: { task: Task; parent: Family | null; member: boolean; held: boolean },
	after: Pick<Task, 'state' | 'result'>,
): CountChange | null {
	if (!member || !parent || (state === after.state && result === after.result)) return null
	const stopped = state === 'stopped'
	const stops = after.state === 'stopped'
	const change: Partial<Record<Counted, number>> = {}
	const add = (name: Counted, n: number): void => {
		change[name] = (change[name] ?? 0) + n
	}
	if (stopped) add(resultCount(result, id), -1)
	else add('open', -1)
	if (stops) add(resultCount(after.result, id), 1)
	else add('open', 1)
	if (state === 'paused') add('paused', -1)
	if (after.state === 'paused') add('paused', 1)
	if (held && stops) add('held', -1)
	const rest = Object.entries(change).filter(([, n]) => n !== 0)
	return rest.length === 0 ? null : { task: parent.task, step: parent.step, ...Object.fromEntries(rest) }
}

function resultCount(result: Task['result'], id: string): Counted {
	if (result === 'pending') throw new Error(`Task ${id} has stopped without a result: no count of its parent can hold it.`)
	return result
}

/** One change for each step, ascending. */
export function sumChanges(changes: readonly CountChange[]): CountChange[] {
	const sums = new Map<string, CountChange>()
	for (const change of changes) {
		const key = `${change.task}/${change.step}`
		const known = sums.get(key)
		const sum = { ...change }
		if (known) for (const name of counted) sum[name] = (known[name] ?? 0) + (change[name] ?? 0)
		sums.set(key, sum)
	}
	return [...sums.values()].sort((a, b) => (a.task === b.task ? a.step - b.step : a.task < b.task ? -1 : 1))
}

const statement = `/* taskyard:countSubTasks */
with d as materialized (
  select * from unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[])
  as d(task_id, step, ${counted.map((name) => `d_${name}`).join(', ')})
), locked as materialized (
  select f.task_id from fan_out f join d on d.task_id = f.task_id and d.step = f.step order by f.task_id, f.step for update of f
), counted as (
  update fan_out f set ${counted.map((name) => `${name} = f.${name} + d.d_${name}`).join(', ')}
  from d where f.task_id = d.task_id and f.step = d.step and (select count(*) from locked) > 0
  returning f.*
), reported as (
  insert into task_progress as known (task_id, step, attempt, fraction, detail, at)
  select c.task_id, c.step, s.attempt, (c.total - c.open)::real / c.total, json_build_object('done', c.total - c.open, 'total', c.total, 'unit', 'sub-tasks'),
    clock_timestamp()
  from counted c join step s on s.task_id = c.task_id and s.index = c.step
  where c.open > 0 and c.total > 0 and s.state in (${attemptStates}, ${stepStateCode.encode('suspended')})
  on conflict (task_id, step) do update set attempt = excluded.attempt, fraction = excluded.fraction, detail = excluded.detail, at = excluded.at
  where known.attempt < excluded.attempt or known.at < excluded.at - interval '500 milliseconds'
  returning task_id
), fed as (
  insert into change (task_id, revision, kinds)
  select t.id, t.revision, ${changeKinds.step} from task t where t.id in (select task_id from reported)
)
select ${fanOutColumns.replaceAll(/\b(task_id|step|total|created|open|paused|held|success|warning|error|cancelled|at_once|fail_when|share|leave_running)\b/g, 'c.$1')},
  t.queue, t.priority, t.state = ${taskStateCode.encode('stopped')} or t.cancel <> 0 as ends
from counted c join task t on t.id = c.task_id order by c.task_id, c.step`

interface Row extends FanOutRow {
	queue: string
	priority: number
	/** Its task has stopped, or is asked to: nothing more begins. */
	ends: boolean
}

/** Answers what there is to tell of the steps, and where more may begin. Each step at most once among the changes. */
export async function countSubTasks(client: Queryable, changes: readonly CountChange[]): Promise<FamilyNews[]> {
	const sorted = sumChanges(changes)
	if (sorted.length === 0) return []
	const { rows } = await client.query<Row>({
		name: 'taskyard:countSubTasks',
		text: statement,
		values: [
			plain(sorted.map(({ task }) => task)),
			numbers(sorted.map(({ step }) => step)),
			...counted.map((name) => numbers(sorted.map((change) => change[name] ?? 0))),
		],
	})
	const changed = new Map(sorted.map((change) => [`${change.task}/${change.step}`, change]))
	return rows.map((row) => newsOf(fromRow(row), row, changed.get(`${row.task_id}/${row.step}`)))
}

function newsOf(fanOut: FanOut, { queue, priority, ends }: Row, change: CountChange | undefined): FamilyNews {
	const { task, step, counts, limit, held } = fanOut
	const failed = failsNow(fanOut, counts)
	const pausedBefore = counts.paused - (change?.paused ?? 0)
	const tell = counts.open === 0 || failed || counts.paused === counts.open || counts.paused > 0 !== pausedBefore > 0
	const busy = counts.open - counts.paused - held
	return { task, step, queue, priority, tell, free: ends || failed ? 0 : freeSlots(limit, held, counts), busy }
}
