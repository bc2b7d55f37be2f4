import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertUser, newId, newTask } from '@taskyard/testkit/rows'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Queryable } from '../connection.ts'
import { cancelWaiting } from '../tasks/cancelWaiting.ts'
import { eventKindCode, stepStateCode, taskResultCode, taskStateCode } from '../tasks/codes.ts'
import { startTasks } from '../tasks/startTasks.ts'
import { checks } from './checks.ts'
import { examine } from './examine.ts'

const database = useDatabase()
let owner = 0
let label = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
})

const state = taskStateCode.encode
const step = stepStateCode.encode

/** A waiting task, and a stopped one, as the engine leaves them. */
async function healthy(): Promise<{ waiting: string; stopped: string }> {
	const [waiting, stopped] = [newTask({ owner }), newTask({ owner })]
	await startTasks(database.pool, [waiting, stopped])
	await cancelWaiting(database.pool, [stopped.id], { who: owner, why: null })
	return { waiting: waiting.id, stopped: stopped.id }
}

/** Moves a task and writes it into its history. */
const enter = (id: string, to: Parameters<typeof state>[0]) => [
	`update task set state = ${state(to)}, revision = revision + 1 where id = '${id}'`,
	`insert into event (task_id, revision, n, at, kind, old, new) select id, revision, 0, clock_timestamp(), ${eventKindCode.encode('task')}, 1, state from task where id = '${id}'`,
]
const stepEvent = (id: string, revision: number, old: Parameters<typeof step>[0], next: Parameters<typeof step>[0]) =>
	`insert into event (task_id, revision, n, at, kind, step, old, new, attempt) values ('${id}', ${revision}, 5, clock_timestamp(), ${eventKindCode.encode('step')}, 0, ${step(old)}, ${step(next)}, 1)`
const stepRow = (id: string, is: Parameters<typeof step>[0], more = '', values = '') =>
	`insert into step (task_id, index, state, attempt${more}) values ('${id}', 0, ${step(is)}, 1${values})`
const claim = (id: string, { key = 'r', type = 'Host', granted = true } = {}) => [
	`insert into resource (type, key) values ('${type}', '${key}') on conflict do nothing`,
	`insert into lock (resource_id, task_id, name, mode, granted) select id, '${id}', '*', 0, ${granted} from resource where type = '${type}' and key = '${key}'`,
]
const plan = (id: string, locks: string) =>
	`insert into task_plan (task_id, plan) values ('${id}', '{"tree":{"kind":"sequence","nodes":[]},"steps":[],"locks":${locks}}')`

type Ill = (ids: { waiting: string; stopped: string }) => readonly string[]

/** For each rule what breaks it, and that alone. */
const ills: Readonly<Record<string, Ill>> = {
	'A task is in the state that its history ends with.': ({ waiting }) => [
		`update task set state = ${state('planning')} where id = '${waiting}'`,
	],
	'A step is in the state that its history ends with.': ({ waiting }) => [
		...enter(waiting, 'running'),
		stepRow(waiting, 'success'),
		stepEvent(waiting, 2, 'running', 'error'),
	],
	'An attempt has one outcome.': ({ waiting }) => [
		...enter(waiting, 'running'),
		stepRow(waiting, 'success'),
		stepEvent(waiting, 2, 'running', 'error'),
		stepEvent(waiting, 3, 'running', 'success'),
	],
	'A stopped task has no step under way.': ({ stopped }) => [stepRow(stopped, 'running')],
	'Locks are held and awaited by live tasks alone.': ({ stopped }) => claim(stopped),
	'A running task holds what its plan claims.': ({ waiting }) => [
		...enter(waiting, 'running'),
		plan(waiting, '[{"resource":{"type":"Host","id":"r"},"name":"*","mode":"exclusive"}]'),
	],
	'Of two conflicting claims one waits.': ({ waiting }) => {
		const other = newId()
		return [
			`insert into task select (jsonb_populate_record(t, jsonb_build_object('id', '${other}'))).* from task t where id = '${waiting}'`,
			`insert into event select '${other}', revision, n, at, kind, step, old, new, attempt, child_id, started_at, who, why from event where task_id = '${waiting}'`,
			...enter(waiting, 'paused'),
			...enter(other, 'paused'),
			...claim(waiting),
			...claim(other),
		]
	},
	'Of one duplicate key there are no more tasks than its policy lets through.': ({ waiting }) => {
		const [other, type] = [newId(), `Single::${++label}`]
		return [
			`insert into task_type (label, version, definition) values ('${type}', 1, '{"duplicates":{"policy":"discard","key":""}}')`,
			`update task set label = '${type}', duplicate = true where id = '${waiting}'`,
			`insert into task select (jsonb_populate_record(t, jsonb_build_object('id', '${other}'))).* from task t where id = '${waiting}'`,
			`insert into event select '${other}', revision, n, at, kind, step, old, new, attempt, child_id, started_at, who, why from event where task_id = '${waiting}'`,
			...claim(waiting, { type: 'duplicate', key: type }),
			...claim(other, { type: 'duplicate', key: type, granted: false }),
		]
	},
	'A fan-out counts the sub-tasks that there are.': ({ waiting }) => [
		`insert into fan_out (task_id, step, total, created, open, fail_when, leave_running) values ('${waiting}', 0, 3, 3, 3, 0, true)`,
	],
	'A stopped task has no timer.': ({ stopped }) => [
		`insert into timer (task_id, step, kind, due_at) values ('${stopped}', -1, 0, clock_timestamp())`,
	],
	'A stopped task has no job.': ({ stopped }) => [
		`select graphile_worker.add_job('taskyard:default', json_build_object('task', '${stopped}'))`,
	],
	'Nobody waits for a task that has stopped.': ({ waiting, stopped }) => [
		`insert into dependency (task_id, on_task_id, policy) values ('${waiting}', '${stopped}', 0)`,
	],
	'A step was given no more events than were sent to it.': ({ waiting }) => [
		...enter(waiting, 'running'),
		stepRow(waiting, 'running', ', events, events_seen', ', 2, 1'),
	],
	'A suspended step was woken by each event.': ({ waiting }) => [
		...enter(waiting, 'running'),
		stepRow(waiting, 'suspended', ', suspension, events, events_seen', `, '{"kind":"event"}', 1, 0`),
		stepEvent(waiting, 2, 'running', 'suspended'),
		`insert into step_event (task_id, step, n, id, name, payload, at) values ('${waiting}', 0, 1, 'e', 'e', 'null', clock_timestamp())`,
	],
	'A bulk that has ended well says of each item what became of it.': ({ stopped }) => [
		`update task set result = ${taskResultCode.encode('success')} where id = '${stopped}'`,
		`insert into bulk_item (task_id, place, item) values ('${stopped}', 0, '${newId()}')`,
	],
	'What a bulk has made is there, or was.': ({ stopped }) => [
		`insert into bulk_item (task_id, place, item, outcome, made) values ('${stopped}', 0, '${newId()}', 0, '${newId()}')`,
	],
}

afterEach(async () => {
	await asEngine(database.pool, async (client) => {
		const { rows } = await client.query<{ name: string }>(
			`select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
and relname not in ('user', 'setting') and relname not like 'mikro%'`,
		)
		await client.query(`truncate ${rows.map(({ name }) => name).join(', ')}`)
		await client.query('delete from graphile_worker._private_jobs')
	})
})

describe('an examination', () => {
	it('finds nothing wrong with what the engine leaves', async () => {
		await healthy()
		expect(await examine(database.pool, 0)).toEqual({ rules: checks.map((check) => check.holds), findings: [] })
	})

	it('knows what breaks each rule', () => {
		expect(Object.keys(ills)).toEqual(checks.map((check) => check.holds))
	})

	it.each(Object.keys(ills))('says where it does not hold: %s', async (rule) => {
		const ids = await healthy()
		await healthy()
		await asEngine(database.pool, async (client) => {
			for (const statement of ills[rule]?.(ids) ?? []) await client.query(statement)
		})
		const { findings } = await examine(database.pool, 0)
		expect(findings.map((finding) => finding.holds)).toEqual([rule])
		expect(findings[0]?.count).toBe(1)
		const told = findings[0]?.faults[0] ?? ''
		expect(told.includes(ids.waiting) || told.includes(ids.stopped), told).toBe(true)
	})

	it('tells the first of many, and how many there are', async () => {
		const { stopped } = await healthy()
		await database.pool.query(
			`insert into timer (task_id, step, kind, due_at) select $1, n, 0, clock_timestamp() from generate_series(1, 50) n`,
			[stopped],
		)
		const { findings } = await examine(database.pool, 0)
		expect(findings).toMatchObject([{ holds: 'A stopped task has no timer.', count: 50 }])
		expect(findings[0]?.faults).toHaveLength(20)
	})

	it('does not mind what is gone at the second look', async () => {
		const { stopped } = await healthy()
		await database.pool.query(`select graphile_worker.add_job('taskyard:default', json_build_object('task', $1::text))`, [stopped])
		let found = 0
		const query = async (text: string) => {
			const answer = await database.pool.query(text)
			found += answer.rows.length
			if (answer.rows.length > 0) await database.pool.query('delete from graphile_worker._private_jobs')
			return answer
		}
		const { findings } = await examine({ query } as unknown as Queryable, 0)
		expect([found, findings]).toEqual([1, []])
	})
})
