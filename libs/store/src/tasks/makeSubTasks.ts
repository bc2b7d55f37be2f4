/**
 * Makes the sub-tasks of a step, a part of them in the caller's transaction. Making them is a decision of the parent: its
 * row is locked and its revision raised, so that who decides beside it, to cancel it say, decides again and sees them.
 * The row that counts them is written last, for every sub-task that ends waits for it.
 */

import { type FanOutPolicy, freeSlots } from '@taskyard/model/fanOut'
import type { Queryable } from '../connection.ts'
import { changeKinds, stepStateCode, taskResultCode, taskStateCode } from './codes.ts'
import { plain } from './arrays.ts'
import { failWhenCode, type Family, type FanOutRow, fanOutColumns, fromRow } from './fanOuts.ts'
import { type ReleasedTask, releaseHeld } from './releaseHeld.ts'
import { type NewTask, startTasks } from './startTasks.ts'

/** What is made for an attempt, by the rules that its step gave. */
export interface MakingFamily extends Family, FanOutPolicy {
	readonly attempt: number
	readonly total: number
}

/** Why a step makes no sub-tasks: its attempt no longer counts, or its task is to end. */
export type MakingRefused = 'not_mine' | 'cancelled'

/** Locks the parent and answers how many of the sub-tasks are there, or why no more may be. */
export async function openFanOut(client: Queryable, { task, step, attempt }: MakingFamily): Promise<number | MakingRefused> {
	const { rows: parents } = await client.query<{ state: number; cancel: number }>({
		name: 'taskyard:lockParent',
		text: 'update task set revision = revision + 1 where id = $1 returning state, cancel',
		values: [task],
	})
	const [parent] = parents
	if (parent?.state !== taskStateCode.encode('running')) return 'not_mine'
	if (parent.cancel !== 0) return 'cancelled'
	// In a new statement: the one that waited for the row has read all else before.
	const { rows } = await client.query<{ state: number; attempt: number; cancel_asked: boolean; created: number | null }>({
		name: 'taskyard:openFanOut',
		text: `select s.state, s.attempt, s.cancel_asked, f.created from step s left join fan_out f on f.task_id = s.task_id and f.step = s.index
where s.task_id = $1 and s.index = $2`,
		values: [task, step],
	})
	const [row] = rows
	if (row?.state !== stepStateCode.encode('running') || row.attempt !== attempt) return 'not_mine'
	return row.cancel_asked ? 'cancelled' : (row.created ?? 0)
}

const count = `/* taskyard:countMade */
with counted as (
  insert into fan_out as f (task_id, step, total, created, open, held, at_once, fail_when, share, leave_running)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (task_id, step) do update set total = greatest(f.created + excluded.created, excluded.total), created = f.created + excluded.created,
    open = f.open + excluded.open, held = f.held + excluded.held, error = f.error - $11, cancelled = f.cancelled - $12,
    at_once = excluded.at_once, fail_when = excluded.fail_when, share = excluded.share, leave_running = excluded.leave_running
  returning *
), fed as (
  insert into change (task_id, revision, kinds) select id, revision, ${changeKinds.task | changeKinds.step} from task where id = $1
)
select ${fanOutColumns} from counted`

interface Made {
	readonly created: number
	readonly open: number
	readonly held: number
	/** Failed ones that these take the place of. */
	readonly error?: number
	readonly cancelled?: number
}

async function countMade(client: Queryable, family: MakingFamily, made: Made): Promise<ReleasedTask[]> {
	const [code, share] = failWhenCode(family.failWhen)
	const { rows } = await client.query<FanOutRow>({
		name: 'taskyard:countMade',
		text: count,
		values: [
			...[family.task, family.step, family.total, made.created, made.open, made.held],
			...[family.limit, code, share, family.leaveRunning, made.error ?? 0, made.cancelled ?? 0],
		],
	})
	const [row] = rows
	if (!row) return []
	// Those that began before may have ended meanwhile, when none was held that could take their place.
	const { limit, held, counts } = fromRow(row)
	return releaseHeld(client, [{ ...family, free: freeSlots(limit, held, counts) }])
}

/**
 * Makes these sub-tasks, which come after `from` others, and answers those that begin now.
 *
 * @param tasks may be empty, for a fan-out of nothing
 */
export async function makeSubTasks(
	client: Queryable,
	family: MakingFamily,
	tasks: readonly NewTask[],
	from: number,
): Promise<ReleasedTask[]> {
	const placed = tasks.map((task, index) => place(task, family, from + index))
	if (placed.length > 0) await startTasks(client, placed)
	const held = placed.filter((task) => task.held)
	const released = await countMade(client, family, { created: placed.length, open: placed.length, held: held.length })
	return [...beginning(placed), ...released]
}

function beginning(placed: readonly NewTask[]): ReleasedTask[] {
	return placed.filter((task) => !task.held).map(({ id, queue, priority }) => ({ task: id, queue, priority }))
}

function place(task: NewTask, { task: parent, step, limit }: MakingFamily, index: number): NewTask {
	const held = limit !== null && index >= limit
	return {
		...task,
		parent: { task: parent, step },
		member: true,
		...(held && { held, waitingFor: { kind: 'limit', keys: { parent } } }),
	}
}

interface FailedRow {
	id: string
	label: string
	type_version: number
	name: string
	queue: string
	priority: number
	owner_id: number
	correlation_id: string
	input: string
	result: number
}

const failed = `/* taskyard:failedSubTasks */
select t.id, t.label, t.type_version, t.name, t.queue, t.priority, t.owner_id, t.correlation_id, p.input::text as input, t.result
from task t join task_payload p on p.task_id = t.id
where t.parent_id = $1 and t.parent_step = $2 and t.member and t.state = ${taskStateCode.encode('stopped')}
  and t.result in (${taskResultCode.encode('error')}, ${taskResultCode.encode('cancelled')})
order by t.id limit $3 for update of t`

/**
 * Makes each sub-task that has failed once more, in the place of the failed one, which is counted no longer. At most so
 * many; answers those that begin now, and how many were made.
 */
export async function repeatFailed(
	client: Queryable,
	family: MakingFamily,
	most: number,
	nextId: () => string,
): Promise<{ readonly made: number; readonly begin: readonly ReleasedTask[] }> {
	const { rows } = await client.query<FailedRow>({
		name: 'taskyard:failedSubTasks',
		text: failed,
		values: [family.task, family.step, most],
	})
	if (rows.length === 0) return { made: 0, begin: [] }
	const old = plain(rows.map((row) => row.id))
	await client.query({ name: 'taskyard:noLongerMembers', text: 'update task set member = false where id = any($1::uuid[])', values: [old] })
	// All are held at first: how many may begin the counts say.
	const tasks = rows.map((row) => place(taskOf(row, nextId()), { ...family, limit: family.limit === null ? null : 0 }, 0))
	await startTasks(client, tasks)
	const errors = rows.filter((row) => row.result === taskResultCode.encode('error')).length
	const counts = { created: 0, open: tasks.length, held: family.limit === null ? 0 : tasks.length }
	const released = await countMade(client, family, { ...counts, error: errors, cancelled: rows.length - errors })
	return { made: rows.length, begin: [...beginning(tasks), ...released] }
}

function taskOf(row: FailedRow, id: string): NewTask {
	return {
		id,
		label: row.label,
		typeVersion: row.type_version,
		name: row.name,
		queue: row.queue,
		priority: row.priority,
		duplicate: false,
		owner: row.owner_id,
		correlationId: row.correlation_id,
		input: row.input,
		startAt: null,
		startBefore: null,
		confirmBefore: null,
		parent: null,
		rerunOf: row.id,
		state: 'pending',
		waitingFor: null,
		timers: [],
	}
}
