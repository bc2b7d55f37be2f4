/** Builders: rows as the engine leaves them, for tests of those who read. Each change of a task stands in the feed too. */

import { defaultPolicies, type Plan } from '@taskyard/model/plan'
import type { LockMode, LogStream, Reason, StepState, TaskResult, TaskState } from '@taskyard/model/states'
import type { StepError, WaitingFor } from '@taskyard/model/task'
import { inTransaction, type Pool, type PoolClient } from '@taskyard/store/connection'
import { createIdSource } from '@taskyard/store/ids'
import {
	cancelPhaseCode,
	changeKinds,
	lockModeCode,
	logStreamCode,
	reasonCode,
	stepStateCode,
	taskResultCode,
	taskStateCode,
} from '@taskyard/store/tasks/codes'
import type { NewTask } from '@taskyard/store/tasks/startTasks'

const ids = createIdSource()

/** An id of now; later ones are greater. */
export function newId(): string {
	if (!ids.calibrated) ids.calibrate(Date.now())
	return ids.next()
}

/** A transaction in which the triggers of test databases are silent, as they are for the engine. */
export function asEngine<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
	return inTransaction(pool, async (client) => {
		await client.query('set local session_replication_role = replica')
		return work(client)
	})
}

/** The account of tests. */
export async function insertUser(pool: Pool, login = 'ann', name = 'Ann'): Promise<number> {
	const { rows } = await pool.query<{ id: number }>(
		'insert into "user" (login, name) values ($1, $2) on conflict (login) do update set name = excluded.name returning id',
		[login, name],
	)
	return rows[0]?.id ?? 0
}

export interface TaskSample {
	readonly id?: string
	readonly label?: string
	readonly name?: string
	readonly state?: TaskState
	readonly result?: TaskResult
	readonly reason?: Reason
	readonly owner: number
	readonly waitingFor?: WaitingFor
	readonly error?: StepError
	readonly progress?: number
	/** JSON text. */
	readonly input?: string
	readonly output?: string
	/** Names of the steps, one after the other, or the plan itself. */
	readonly plan?: readonly string[] | Plan
}

/** A task as it is handed to `startTasks`: one that can begin at once, unless its gates say otherwise. */
export function newTask(sample: Partial<NewTask> & Pick<NewTask, 'owner'>): NewTask {
	return {
		id: newId(),
		label: 'Sample::Task',
		typeVersion: 1,
		name: 'a sample',
		queue: 'default',
		priority: 0,
		duplicate: false,
		correlationId: 'sample',
		input: '{}',
		state: 'pending',
		waitingFor: null,
		timers: [],
		startAt: null,
		startBefore: null,
		confirmBefore: null,
		parent: null,
		rerunOf: null,
		...sample,
	}
}

/** A plan of steps one after the other. */
export function samplePlan(names: readonly string[]): Plan {
	return {
		tree: { kind: 'sequence', nodes: names.map((_, index) => ({ kind: 'step', index })) },
		steps: names.map((name) => ({ action: `Sample/${name}`, name, input: { name }, weight: 1, policies: defaultPolicies })),
		locks: [],
	}
}

/** A task with payload, plan and its row in the feed; in the caller's transaction when given a client of `asEngine`. */
export async function insertTask(client: PoolClient, sample: TaskSample): Promise<string> {
	const id = sample.id ?? newId()
	const state = sample.state ?? 'pending'
	const started = ['running', 'paused', 'stopped'].includes(state)
	await client.query(
		`insert into task (id, label, type_version, name, state, result, reason, cancel, queue, owner_id, correlation_id, waiting_for, error, progress,
			created_at, state_updated_at, started_at, ended_at)
		values ($1, $2, 1, $3, $4, $5, $6, $7, 'default', $8, 'sample', $9, $10, $11, clock_timestamp(), clock_timestamp(),
			case when $12 then clock_timestamp() end, case when $13 then clock_timestamp() end)`,
		[
			id,
			sample.label ?? 'Sample::Task',
			sample.name ?? 'a sample',
			taskStateCode.encode(state),
			taskResultCode.encode(sample.result ?? 'pending'),
			sample.reason ? reasonCode.encode(sample.reason) : null,
			cancelPhaseCode.encode('none'),
			sample.owner,
			sample.waitingFor ? JSON.stringify(sample.waitingFor) : null,
			sample.error ? JSON.stringify(sample.error) : null,
			sample.progress ?? 0,
			started,
			state === 'stopped',
		],
	)
	await client.query('insert into task_payload (task_id, input, output) values ($1, $2, $3)', [
		id,
		sample.input ?? '{}',
		sample.output ?? null,
	])
	if (sample.plan) {
		const plan = 'steps' in sample.plan ? sample.plan : samplePlan(sample.plan)
		await client.query('insert into task_plan (task_id, plan) values ($1, $2)', [id, JSON.stringify(plan)])
	}
	await feed(client, id, 0, changeKinds.task)
	return id
}

/** A change of the task's columns: its revision grows, and the feed hears of it. */
export async function changeTask(
	client: PoolClient,
	id: string,
	changes: { readonly state?: TaskState; readonly result?: TaskResult; readonly progress?: number; readonly name?: string } = {},
): Promise<number> {
	const { rows } = await client.query<{ revision: number }>(
		`update task set revision = revision + 1, state = coalesce($2, state), result = coalesce($3, result), progress = coalesce($4, progress),
			name = coalesce($5, name), state_updated_at = clock_timestamp(),
			started_at = case when $2 = ${taskStateCode.encode('running')} then coalesce(started_at, clock_timestamp()) else started_at end
		where id = $1 returning revision`,
		[
			id,
			changes.state ? taskStateCode.encode(changes.state) : null,
			changes.result ? taskResultCode.encode(changes.result) : null,
			changes.progress ?? null,
			changes.name ?? null,
		],
	)
	const revision = rows[0]?.revision ?? 0
	await feed(client, id, revision, changeKinds.task)
	return revision
}

export interface StepSample {
	readonly state?: StepState
	readonly attempt?: number
	readonly progress?: number
	readonly output?: string
	readonly error?: StepError
	readonly child?: number
}

export async function insertStep(client: PoolClient, taskId: string, index: number, sample: StepSample = {}): Promise<void> {
	await client.query(
		`insert into step (task_id, index, state, attempt, progress, output, error, child_id, started_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())`,
		[
			taskId,
			index,
			stepStateCode.encode(sample.state ?? 'running'),
			sample.attempt ?? 1,
			sample.progress ?? 0,
			sample.output ?? null,
			sample.error ? JSON.stringify(sample.error) : null,
			sample.child ?? null,
		],
	)
}

/** What a running step reports between two checkpoints. */
export async function report(
	client: Pool | PoolClient,
	taskId: string,
	step: number,
	fraction: number,
	detail: object | null = null,
): Promise<void> {
	await client.query(
		`insert into task_progress (task_id, step, attempt, fraction, detail, at)
		values ($1, $2, coalesce((select attempt from step where task_id = $1 and index = $2), 1), $3, $4, clock_timestamp())
		on conflict (task_id, step) do update set attempt = excluded.attempt, fraction = excluded.fraction, detail = excluded.detail, at = excluded.at`,
		[taskId, step, fraction, detail === null ? null : JSON.stringify(detail)],
	)
}

export async function insertLog(
	client: PoolClient,
	taskId: string,
	step: number,
	firstLine: number,
	lines: readonly string[],
	stream: LogStream = 'stdout',
): Promise<void> {
	await client.query(
		`insert into log_chunk (task_id, step, first_line, attempt, count, at, stream, text) values ($1, $2, $3, 1, $4, clock_timestamp(), $5, $6)`,
		[taskId, step, firstLine, lines.length, logStreamCode.encode(stream), lines.join('\n')],
	)
	await feed(client, taskId, 0, changeKinds.log)
}

export async function insertLock(
	client: PoolClient,
	taskId: string,
	resource: { readonly type: string; readonly id: string; readonly title?: string },
	lock: { readonly name?: string; readonly mode?: LockMode; readonly granted?: boolean } = {},
): Promise<void> {
	const { rows } = await client.query<{ id: number }>(
		'insert into resource (type, key, title) values ($1, $2, $3) on conflict (type, key) do update set title = excluded.title returning id',
		[resource.type, resource.id, resource.title ?? null],
	)
	await client.query('insert into lock (resource_id, task_id, name, mode, granted) values ($1, $2, $3, $4, $5)', [
		rows[0]?.id,
		taskId,
		lock.name ?? '*',
		lockModeCode.encode(lock.mode ?? 'exclusive'),
		lock.granted ?? true,
	])
}

async function feed(client: PoolClient, id: string, revision: number, kinds: number): Promise<void> {
	await client.query('insert into change (task_id, revision, kinds) values ($1, $2, $3)', [id, revision, kinds])
}
