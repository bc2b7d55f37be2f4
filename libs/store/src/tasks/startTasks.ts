/** The statement that creates tasks, a group at a time: rows, payloads, first events, timers and the feed. */

import type { Admission } from '@taskyard/model/gates'
import type { Queryable } from '../connection.ts'
import { booleans, numbers, plain, texts } from './arrays.ts'
import { changeKinds, eventKindCode, planningStep, taskStateCode, timerKindCode } from './codes.ts'

/** How it begins, and what has to be looked at again when, is what `admission` says of its gates. Times are milliseconds since 1970. */
export interface NewTask extends Admission {
	readonly id: string
	readonly label: string
	readonly typeVersion: number
	readonly name: string
	readonly queue: string
	/** From -10 to 10; higher ones overtake in their queue. */
	readonly priority: number
	/** It claims its duplicate key in this transaction. */
	readonly duplicate: boolean
	/** Counted by the fan-out of the step that starts it, and held until that has room for it. */
	readonly member?: boolean
	readonly held?: boolean
	/** Id of the user it belongs to. */
	readonly owner: number
	readonly correlationId: string
	/** JSON text. */
	readonly input: string
	readonly startAt: number | null
	readonly startBefore: number | null
	readonly confirmBefore: number | null
	/** The step that starts it. */
	readonly parent: { readonly task: string; readonly step: number } | null
	/** The task that this one repeats. */
	readonly rerunOf: string | null
}

const userResource = 'User'

const statement = `/* taskyard:startTasks */
with i as materialized (
  select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::int[], $9::text[], $10::text[],
    $11::float8[], $12::float8[], $13::float8[], $14::uuid[], $15::int[], $16::uuid[], $17::smallint[], $18::boolean[],
    $22::boolean[], $23::boolean[])
  as i(id, label, version, name, state, waiting_for, queue, owner, correlation_id, input, start_at, start_before, confirm_before, parent,
    parent_step, rerun_of, priority, duplicate, member, held)
), created as (
  insert into task (id, label, type_version, name, state, result, queue, owner_id, correlation_id, waiting_for, start_at, start_before,
    confirm_before, parent_id, parent_step, rerun_of, priority, duplicate, member, held, created_at,
    state_updated_at)
  select id, label, version, name, state, 0, queue, owner, correlation_id, waiting_for::json, to_timestamp(start_at / 1000),
    to_timestamp(start_before / 1000), to_timestamp(confirm_before / 1000), parent, parent_step, rerun_of, priority, duplicate, member, held,
    clock_timestamp(), clock_timestamp()
  from i order by id
  on conflict (id) do nothing
  returning id, state, owner_id
), payloads as (
  insert into task_payload (task_id, input) select i.id, i.input::json from i
  where case when i.id in (select id from created) then true end
), events as (
  insert into event (task_id, revision, n, at, kind, new, who)
  select id, 0, 0, clock_timestamp(), ${eventKindCode.encode('created')}, state, owner_id from created
), links as (
  insert into link (task_id, resource_id)
  select c.id, r.id from created c join resource r on r.type = '${userResource}' and r.key = c.owner_id::text
), timers as (
  insert into timer (task_id, step, kind, due_at) select task_id, ${planningStep}, kind, to_timestamp(due / 1000)
  from unnest($19::uuid[], $20::smallint[], $21::float8[]) as d(task_id, kind, due)
  where case when d.task_id in (select id from created) then true end
), fed as (
  insert into change (task_id, revision, kinds) select id, 0, ${changeKinds.task} from created
)
select id from created`

/** Makes the resource that stands for a user, to which every task of his links. Harmless when it is there. */
export async function ensureUserResource(client: Queryable, user: number): Promise<void> {
	await client.query(
		`insert into resource (type, key, title) select '${userResource}', id::text, name from "user" where id = $1 on conflict (type, key) do nothing`,
		[user],
	)
}

/** Creates the tasks that do not exist yet, each linked to its owner, whose resource must be there, and answers their ids. */
export async function startTasks(client: Queryable, tasks: readonly NewTask[]): Promise<Set<string>> {
	const timers = tasks.flatMap((task) => task.timers.map((timer) => ({ task: task.id, timer })))
	const values = [
		plain(tasks.map((task) => task.id)),
		texts(tasks.map((task) => task.label)),
		numbers(tasks.map((task) => task.typeVersion)),
		texts(tasks.map((task) => task.name)),
		numbers(tasks.map((task) => taskStateCode.encode(task.state))),
		texts(tasks.map((task) => task.waitingFor && JSON.stringify(task.waitingFor))),
		texts(tasks.map((task) => task.queue)),
		numbers(tasks.map((task) => task.owner)),
		texts(tasks.map((task) => task.correlationId)),
		texts(tasks.map((task) => task.input)),
		numbers(tasks.map((task) => task.startAt)),
		numbers(tasks.map((task) => task.startBefore)),
		numbers(tasks.map((task) => task.confirmBefore)),
		plain(tasks.map((task) => task.parent?.task ?? null)),
		numbers(tasks.map((task) => task.parent?.step ?? null)),
		plain(tasks.map((task) => task.rerunOf)),
		numbers(tasks.map((task) => task.priority)),
		booleans(tasks.map((task) => task.duplicate)),
		plain(timers.map(({ task }) => task)),
		numbers(timers.map(({ timer }) => timerKindCode.encode(timer.kind))),
		numbers(timers.map(({ timer }) => timer.dueAt)),
		booleans(tasks.map((task) => task.member ?? false)),
		booleans(tasks.map((task) => task.held ?? false)),
	]
	const { rows } = await client.query<{ id: string }>({ name: 'taskyard:startTasks', text: statement, values })
	return new Set(rows.map((row) => row.id))
}
