/**
 * The history of a task: what changed, when, by whom and why; first things first, keyset-paged. Of a deleted task it is
 * what people did, with the tombstone.
 */

import type { StepState, TaskResult, TaskState } from '@taskyard/model/states'
import type { EventKind } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { eventKindCode, stepStateCode, taskResultCode, taskStateCode } from './codes.ts'
import { processName } from './readContent.ts'

export interface Person {
	readonly id: number
	readonly login: string
	readonly name: string
}

/** Times are milliseconds since 1970. */
export interface HistoryEntry {
	readonly revision: number
	/** Place within the revision. */
	readonly n: number
	readonly at: number
	readonly kind: EventKind
	/** Index and name of the step that it concerns; null: the task. */
	readonly step: { readonly index: number; readonly name: string } | null
	readonly old: TaskState | StepState | null
	readonly new: TaskState | StepState | null
	readonly attempt: number | null
	/** Node and process where it happened. */
	readonly worker: string | null
	/** When the attempt that ended had started. */
	readonly startedAt: number | null
	/** Null: the engine. */
	readonly who: Person | null
	readonly why: string | null
}

/** What stays of a deleted task. */
export interface Tombstone {
	readonly id: string
	readonly label: string
	readonly name: string
	readonly owner: Person
	readonly result: TaskResult
	readonly endedAt: number
	readonly deletedAt: number
	/** Null when a rule of retention deleted it. */
	readonly deletedBy: Person | null
	readonly rule: string | null
}

export interface HistoryPlace {
	readonly revision: number
	readonly n: number
}

interface Row {
	revision: number
	n: number
	at: number
	kind: number
	step: number | null
	step_name: string | null
	old: number | null
	new: number | null
	attempt: number | null
	node: string | null
	pid: number | null
	started_at: number | null
	who: number | null
	login: string | null
	name: string | null
	why: string | null
}

const events = `
select e.revision, e.n, e.at, e.kind, e.step, p.plan->'steps'->e.step->>'name' as step_name, e.old, e.new, e.attempt, w.node, c.pid, e.started_at,
  e.who, u.login, u.name, e.why
from (select * from event where task_id = $1::uuid and (revision, n) > ($2, $3) order by revision, n limit $4) e
left join task_plan p on p.task_id = $1::uuid and e.step is not null
left join child c on c.id = e.child_id
left join worker w on w.id = c.worker_id
left join "user" u on u.id = e.who
order by e.revision, e.n`

/** @param after the last entry that is known; null from the beginning */
export async function readHistory(client: Queryable, task: string, first: number, after: HistoryPlace | null): Promise<HistoryEntry[]> {
	const { rows } = await client.query<Row>({
		name: 'taskyard:readHistory',
		text: events,
		values: [task, after?.revision ?? -1, after?.n ?? -1, first],
	})
	return rows.map(toEntry)
}

function toEntry(row: Row): HistoryEntry {
	const kind = eventKindCode.decode(row.kind)
	const state = (code: number | null) => (code === null ? null : kind === 'step' ? stepStateCode.decode(code) : taskStateCode.decode(code))
	return {
		revision: row.revision,
		n: row.n,
		at: row.at,
		kind,
		step: row.step === null ? null : { index: row.step, name: row.step_name ?? `step ${row.step + 1}` },
		old: state(row.old),
		new: state(row.new),
		attempt: row.attempt,
		worker: processName(row.node, row.pid),
		startedAt: row.started_at,
		who: row.who === null ? null : personOf(row.who, row.login, row.name),
		why: row.why,
	}
}

function personOf(id: number, login: string | null, name: string | null): Person {
	return { id, login: login ?? `user ${id}`, name: name ?? login ?? `user ${id}` }
}

interface TombstoneRow {
	id: string
	label: string
	name: string
	owner_id: number
	owner_login: string | null
	owner_name: string | null
	result: number
	ended_at: number
	deleted_at: number
	deleted_by: number | null
	deleter_login: string | null
	deleter_name: string | null
	rule: string | null
}

const tombstone = `
select t.id, t.label, t.name, t.owner_id, o.login as owner_login, o.name as owner_name, t.result, t.ended_at, t.deleted_at, t.deleted_by,
  d.login as deleter_login, d.name as deleter_name, t.rule
from tombstone t left join "user" o on o.id = t.owner_id left join "user" d on d.id = t.deleted_by
where t.id = $1::uuid`

/** Null for a task that was not deleted, or never existed. */
export async function readTombstone(client: Queryable, task: string): Promise<Tombstone | null> {
	const { rows } = await client.query<TombstoneRow>({ name: 'taskyard:readTombstone', text: tombstone, values: [task] })
	const [row] = rows
	if (!row) return null
	return {
		id: row.id,
		label: row.label,
		name: row.name,
		owner: personOf(row.owner_id, row.owner_login, row.owner_name),
		result: taskResultCode.decode(row.result),
		endedAt: row.ended_at,
		deletedAt: row.deleted_at,
		deletedBy: row.deleted_by === null ? null : personOf(row.deleted_by, row.deleter_login, row.deleter_name),
		rule: row.rule,
	}
}
