/** The history of a task, oldest entry first, a page at a time; of a deleted one what people did to it. */

import type { StepState, TaskState } from '@taskyard/model/states'
import type { EventKind } from '@taskyard/model/task'
import type { Queryable } from '../connection.ts'
import { eventKindCode, stepStateCode, taskStateCode } from './codes.ts'
import { processName } from './readContent.ts'

/** Where an entry stands in the history of its task. */
export interface HistoryPlace {
	readonly revision: number
	readonly n: number
}

/** Times are milliseconds since 1970. */
export interface HistoryEntry extends HistoryPlace {
	readonly at: number
	readonly kind: EventKind
	/** Null for what concerns the task. `name` is null when the plan is gone. */
	readonly step: { readonly index: number; readonly name: string | null } | null
	/** States of the step for a `step`, else of the task. */
	readonly old: TaskState | StepState | null
	readonly new: TaskState | StepState | null
	readonly attempt: number | null
	/** Node and process of the attempt. */
	readonly worker: string | null
	/** When the attempt started. */
	readonly startedAt: number | null
	/** Null: the engine. */
	readonly who: { readonly id: number; readonly login: string; readonly name: string } | null
	readonly why: string | null
}

export interface HistoryPage {
	readonly entries: readonly HistoryEntry[]
	/** What to ask for next; null at the end. */
	readonly next: HistoryPlace | null
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

const statement = `
select e.revision, e.n, e.at, e.kind, e.step, p.plan->'steps'->e.step->>'name' as step_name, e.old, e.new, e.attempt, k.node, c.pid,
  e.started_at, e.who, u.login, u.name, e.why
from (
  select * from event where task_id = $1 and (revision, n) > ($2, $3) order by revision, n limit $4
) e
left join task_plan p on p.task_id = $1 and e.step is not null
left join child c on c.id = e.child_id
left join worker k on k.id = c.worker_id
left join "user" u on u.id = e.who
order by e.revision, e.n`

const beginning: HistoryPlace = { revision: -1, n: -1 }

/** @param after the place behind which to begin; null for the beginning */
export async function readHistory(client: Queryable, task: string, after: HistoryPlace | null, limit: number): Promise<HistoryPage> {
	const { revision, n } = after ?? beginning
	const { rows } = await client.query<Row>({ name: 'taskyard:readHistory', text: statement, values: [task, revision, n, limit + 1] })
	const entries = rows.slice(0, limit).map(toEntry)
	const last = entries.at(-1)
	return { entries, next: rows.length > limit && last ? { revision: last.revision, n: last.n } : null }
}

function toEntry(row: Row): HistoryEntry {
	const kind = eventKindCode.decode(row.kind)
	const states = kind === 'step' ? stepStateCode : taskStateCode
	return {
		revision: row.revision,
		n: row.n,
		at: row.at,
		kind,
		step: row.step === null ? null : { index: row.step, name: row.step_name },
		old: row.old === null ? null : states.decode(row.old),
		new: row.new === null ? null : states.decode(row.new),
		attempt: row.attempt,
		worker: processName(row.node, row.pid),
		startedAt: row.started_at,
		who: row.who === null ? null : { id: row.who, login: row.login ?? `user ${row.who}`, name: row.name ?? `user ${row.who}` },
		why: row.why,
	}
}
