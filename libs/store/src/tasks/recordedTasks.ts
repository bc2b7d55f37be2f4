/** Rows of tasks that another program carries out: how it opens one, what it reports, and what it is told. */

import type { ResourceKey } from '@taskyard/model/plan'
import type { Queryable } from '../connection.ts'
import { chunksOf } from '../logs/chunksOf.ts'
import { changeKinds, eventKindCode, logStreamCode, planningStep, taskStateCode, timerKindCode } from './codes.ts'
import { linkResources, makeResources } from './resources.ts'

/** Times are milliseconds since 1970, durations milliseconds. */
export interface OpenedTask {
	readonly id: string
	readonly label: string
	readonly name: string
	readonly owner: number
	readonly correlationId: string
	/** JSON text. */
	readonly input: string
	/** The program's own name for the task, of which there is one for each owner. */
	readonly key: string | null
	readonly silence: number | null
	readonly silentUntil: number | null
	readonly callbackUrl: string | null
	readonly links: readonly ResourceKey[]
}

const running = taskStateCode.encode('running')

const open = `/* taskyard:openRecorded */
with kept as (
  insert into recorded_task (task_id, owner_id, key, silence_ms, callback_url) values ($1, $4, $7, $8, $10)
  on conflict do nothing returning task_id
), created as (
  insert into task (id, label, type_version, name, state, result, queue, owner_id, correlation_id, recorded, silent_until, started_at,
    running_since, created_at, state_updated_at)
  select task_id, $2, 0, $3, ${running}, 0, '', $4, $5, true, to_timestamp($9::float8 / 1000), clock_timestamp(), clock_timestamp(), clock_timestamp(),
    clock_timestamp() from kept returning id
), payload as (
  insert into task_payload (task_id, input) select id, $6::json from created
), event as (
  insert into event (task_id, revision, n, at, kind, new, who)
  select id, 0, 0, clock_timestamp(), ${eventKindCode.encode('created')}, ${running}, $4 from created
), timer as (
  insert into timer (task_id, step, kind, due_at)
  select id, ${planningStep}, ${timerKindCode.encode('silence')}, to_timestamp($9::float8 / 1000) from created where $9::float8 is not null
), fed as (
  insert into change (task_id, revision, kinds) select id, 0, ${changeKinds.task} from created
)
select id from created`

/** Answers false when there is one of that id, or of that owner and key, already. Inside the caller's transaction. */
export async function openRecorded(client: Queryable, task: OpenedTask): Promise<boolean> {
	const { rowCount } = await client.query({
		name: 'taskyard:openRecorded',
		text: open,
		values: [
			task.id,
			task.label,
			task.name,
			task.owner,
			task.correlationId,
			task.input,
			task.key,
			task.silence,
			task.silentUntil,
			task.callbackUrl,
		],
	})
	if (!rowCount) return false
	const links = [{ type: 'User', id: String(task.owner) }, ...task.links]
	await linkResources(client, task.id, await makeResources(client, links))
	return true
}

export interface RecordedRow {
	readonly id: string
	readonly label: string
	readonly owner: number
	readonly silence: number | null
	readonly callbackUrl: string | null
	/** Number of the last report that counted. */
	readonly lastNumber: number
	readonly failures: number
}

const columns = `r.task_id as id, t.label, r.owner_id as owner, r.silence_ms as silence, r.callback_url as "callbackUrl",
  r.last_number::float8 as "lastNumber", r.failures`

/** By its id, or by its owner and the program's own name for it. */
export async function findRecorded(client: Queryable, by: { id: string } | { owner: number; key: string }): Promise<RecordedRow | null> {
	const from = `select ${columns} from recorded_task r join task t on t.id = r.task_id`
	// Two statements, each through its own index.
	const { rows } =
		'id' in by
			? await client.query<RecordedRow>(`${from} where r.task_id = $1`, [by.id])
			: await client.query<RecordedRow>(`${from} where r.owner_id = $1 and r.key = $2`, [by.owner, by.key])
	return rows[0] ?? null
}

/** Raises the number of the last report; the task's row is locked by the caller. */
export async function noteReportNumber(client: Queryable, id: string, number: number): Promise<void> {
	await client.query('update recorded_task set last_number = $2 where task_id = $1', [id, number])
}

/** Numbers the lines after those that are there. The task's row is locked by the caller, so that no two number alike. */
export async function appendRecordedLog(client: Queryable, id: string, lines: readonly string[], at: number): Promise<void> {
	if (lines.length === 0) return
	for (const part of chunksOf(lines)) await appendChunk(client, id, part, at)
	await client.query('insert into change (task_id, revision, kinds) values ($1, 0, $2)', [id, changeKinds.log])
}

async function appendChunk(client: Queryable, id: string, lines: readonly string[], at: number): Promise<void> {
	await client.query(
		`insert into log_chunk (task_id, step, first_line, attempt, count, at, stream, text)
select $1, 0, 1 + coalesce((select first_line + count - 1 from log_chunk where task_id = $1 and step = 0 order by first_line desc limit 1), 0), 1,
  $2, to_timestamp($3::float8 / 1000), $4, $5`,
		[id, lines.length, at, logStreamCode.encode('log'), lines.join('\n')],
	)
}

/** The program is to be told that its task was cancelled. */
export async function tellOfCancel(client: Queryable, id: string): Promise<void> {
	await client.query('update recorded_task set tell_at = clock_timestamp(), failures = 0 where task_id = $1', [id])
}

/**
 * Programs that are to be told of a cancel now, each put off by the time that a telling may take, so that nobody else
 * tells it meanwhile. What has stopped needs no telling.
 */
export async function takeTellings(client: Queryable, most: number, putOff: number): Promise<RecordedRow[]> {
	const { rows } = await client.query<RecordedRow>(
		`with due as (
  select task_id from recorded_task where tell_at <= clock_timestamp() order by tell_at limit $1 for update skip locked
), r as (
  update recorded_task set tell_at = case when (select state from task where id = recorded_task.task_id) <> 6
    then clock_timestamp() + $2 * interval '1 millisecond' end
  from due where recorded_task.task_id = due.task_id
  returning recorded_task.*
)
select ${columns} from r join task t on t.id = r.task_id where r.tell_at is not null`,
		[most, putOff],
	)
	return rows
}

/** It was told, or is to be told again after some milliseconds. */
export async function noteTelling(client: Queryable, id: string, again: number | null): Promise<void> {
	await client.query(
		`update recorded_task set tell_at = clock_timestamp() + $2::float8 * interval '1 millisecond', failures = failures + 1 where task_id = $1`,
		[id, again],
	)
}
