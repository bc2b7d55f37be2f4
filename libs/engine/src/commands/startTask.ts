/**
 * Starts tasks. The input is checked against the schema of the type; then row, first event, feed row, timers and job are
 * one transaction, and one for all who ask at the same time.
 */

import { type Activation, enqueue } from '@taskyard/dispatch/jobs'
import { inTransaction, type Pool, type PoolClient } from '@taskyard/store/connection'
import { ensurePartitions } from '@taskyard/store/partitions'
import { isDataFault, isMissingPartition, isRetryable } from '@taskyard/store/sqlState'
import { findWaitersInCycle } from '@taskyard/store/tasks/findLockCycle'
import { makeDependencies } from '@taskyard/store/tasks/makeDependencies'
import { claimDuplicates, countDiscarded } from '@taskyard/store/tasks/claimDuplicates'
import { ensureUserResource, startTasks } from '@taskyard/store/tasks/startTasks'
import type { Door } from '../decisions/door.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { grouped } from '../grouped.ts'
import { admitStarts, countingOf } from './admitStarts.ts'
import { type PreparedStart, type PrepareOptions, prepareStart } from './prepareStart.ts'
import { refuse } from './refuse.ts'
import type { Refusal, Refused, StartAnswer, StartTask } from './types.ts'

export interface StartOptions extends PrepareOptions {
	readonly door: Door
	readonly onCommit: () => void
	/** False ends the repetition of starts that the database refuses to take. */
	readonly worthRepeating: () => boolean
}

/** @param inside what else belongs to the transaction that creates the task */
export type Start = (order: StartTask, inside?: (client: PoolClient) => Promise<void>) => Promise<StartAnswer>

/** Tasks of one transaction at most. */
const largestGroup = 500

export function openStarts(options: StartOptions): Start {
	const createGrouped = grouped<PreparedStart, Created>(largestGroup, async (starts) => {
		try {
			return await createRepeatedly(options, () => createAll(options, starts))
		} catch (error) {
			if (!isDataFault(error) || starts.length === 1) throw error
			// One of them cannot be stored: alone, each gets its own answer.
			return Promise.all(
				starts.map((start) =>
					createAll(options, [start]).then(
						([answer]) => answer as Created,
						(reason: Error) => reason,
					),
				),
			)
		}
	})

	const linkable = new Set<number>()

	return async (order, inside) => {
		if (!linkable.has(order.who)) {
			await ensureUserResource(options.pool, order.who)
			linkable.add(order.who)
		}
		const prepared = await prepareStart(options, order)
		if ('refusal' in prepared) return prepared
		const { id } = prepared.task
		let outcome: Created
		try {
			if (prepared.dependsOn.length === 0 && !prepared.task.parent && !inside) outcome = await createGrouped(prepared)
			else [outcome] = (await createRepeatedly(options, () => createAlone(options, prepared, inside))) as [Created]
		} catch (error) {
			if (error instanceof RefusedStart) return { refusal: error.refusal }
			if (isDataFault(error) && (await isDeleted(options.pool, id))) {
				return refuse('id_taken', `Task ${id} was deleted, and its history stays. Choose a new id, or leave it out.`)
			}
			throw error
		}
		if (typeof outcome === 'object') return { task: { id: outcome.counts }, discarded: true }
		if (outcome === 'exists' && !(await isSame(options, prepared))) {
			return refuse('id_taken', `Task ${id} exists already and is another one. Choose a new id, or leave it out.`)
		}
		// What it waits for may have stopped already; what stops from now on tells it.
		if (prepared.dependsOn.length > 0) {
			await options.door.submit(id, () => [{ fact: { kind: 'due', at: options.clock.now() } }])
		}
		return { task: { id }, discarded: false }
	}
}

/** `counts`: none was made, for that task has the same duplicate key. */
type Created = 'created' | 'exists' | { readonly counts: string }

/** Undoes the transaction in which it is thrown. */
class RefusedStart extends Error {
	readonly refusal: Refusal

	constructor({ refusal }: Refused) {
		super(refusal.message)
		this.refusal = refusal
	}
}

/** How long a start is repeated that a broken connection or a restarting database kept from coming through, in milliseconds. */
const patience = 10_000
const repetitionPause = 100

/** A start may be repeated: its ids make it the same one. */
async function createRepeatedly(options: StartOptions, create: () => Promise<Created[]>): Promise<Created[]> {
	const since = performance.now()
	for (let repeated = false; ; repeated = true) {
		try {
			const answers = await create()
			// What exists after an answer got lost is, as far as anybody can tell, what the lost one made: the caller compares.
			return repeated ? answers.map((answer) => (answer === 'created' ? 'exists' : answer)) : answers
		} catch (error) {
			if (!isRetryable(error) || !options.worthRepeating() || performance.now() - since > patience) throw error
			if (isMissingPartition(error)) await ensurePartitions(options.pool).catch(() => undefined)
			await new Promise((resolve) => setTimeout(resolve, repetitionPause))
		}
	}
}

async function createAll(options: StartOptions, starts: readonly PreparedStart[]): Promise<Created[]> {
	// The same id twice in one group is one task: the second asks for what the first has just made.
	const distinct = [...new Map(starts.map((start) => [start.task.id, start])).values()]
	const { created, discarded } = await inTransaction(options.pool, async (client) => {
		if (atFailurePoint) await atFailurePoint('start.begun', distinct[0]?.task.id)
		const admitted = await admitStarts(client, distinct)
		const counting = countingOf(admitted)
		const wanted = distinct.filter((start) => !counting.has(start.task.id))
		const ids = await startTasks(
			client,
			wanted.map((start) => start.task),
		)
		await claimDuplicates(
			client,
			admitted.filter(({ task }) => ids.has(task)),
		)
		if (atFailurePoint) await atFailurePoint('start.written', distinct[0]?.task.id)
		await enqueue(client, activationsOf(wanted.filter((start) => ids.has(start.task.id))))
		await countDiscarded(
			client,
			distinct.filter((start) => counting.has(start.task.id)).map((start) => start.task.label),
		)
		if (atFailurePoint) await atFailurePoint('start.enqueued', distinct[0]?.task.id)
		return { created: ids, discarded: counting }
	})
	if (atFailurePoint) await atFailurePoint('start.committed', distinct[0]?.task.id)
	options.onCommit()
	const answered = new Set<string>()
	return starts.map(({ task }) => {
		const counts = discarded.get(task.id)
		if (counts !== undefined) return { counts }
		const first = created.has(task.id) && !answered.has(task.id)
		answered.add(task.id)
		return first ? 'created' : 'exists'
	})
}

/** A start that other tasks have a say in: its parent, those it waits for, or the one that it repeats. */
async function createAlone(
	options: StartOptions,
	start: PreparedStart,
	inside: ((client: PoolClient) => Promise<void>) | undefined,
): Promise<Created[]> {
	const { task, dependsOn } = start
	const outcome = await inTransaction(options.pool, async (client): Promise<Created> => {
		if (atFailurePoint) await atFailurePoint('start.begun', task.id)
		if (start.duplicate) await client.query('savepoint before_start')
		const ids = await startTasks(client, [task])
		if (!ids.has(task.id)) return 'exists'
		if (atFailurePoint) await atFailurePoint('start.written', task.id)
		if (task.parent) await askParent(client, task.parent.task)
		if (dependsOn.length > 0) await makeEdges(client, start)
		await inside?.(client)
		// The rows of other tasks are locked by now, and those of resources come after them.
		const admitted = await admitStarts(client, [start], true)
		const counts = countingOf(admitted).get(task.id)
		if (counts !== undefined) {
			await client.query('rollback to savepoint before_start')
			await countDiscarded(client, [task.label])
			return { counts }
		}
		await claimDuplicates(client, admitted)
		if (task.parent && dependsOn.length > 0) await tellWaiters(client, task.id)
		if (atFailurePoint) await atFailurePoint('start.edged', task.id)
		await enqueue(client, activationsOf([start]))
		if (atFailurePoint) await atFailurePoint('start.enqueued', task.id)
		return 'created'
	})
	if (atFailurePoint) await atFailurePoint('start.committed', task.id)
	options.onCommit()
	return [outcome]
}

function activationsOf(starts: readonly PreparedStart[]): Activation[] {
	return starts
		.filter(({ task, inline }) => task.state === 'pending' && !inline)
		.map(({ task }) => ({ task: task.id, queue: task.queue, priority: task.priority, branch: 0 }))
}

/** A task that ends, or is to end, gets no more sub-tasks. Its row is locked, so that whoever ends it sees this one. */
async function askParent(client: PoolClient, id: string): Promise<void> {
	const { rows } = await client.query<{ stopped: boolean; cancelled: boolean }>({
		name: 'taskyard:askParent',
		text: 'select state = 6 as stopped, cancel > 0 as cancelled from task where id = $1 for share',
		values: [id],
	})
	const [parent] = rows
	if (!parent) throw new RefusedStart(refuse('not_found', `The parent ${id} does not exist.`))
	if (parent.stopped) throw new RefusedStart(refuse('not_running', `The parent ${id} has stopped; it starts no sub-tasks any more.`))
	if (parent.cancelled) throw new RefusedStart(refuse('not_running', `The parent ${id} is being cancelled; it starts no more sub-tasks.`))
}

/** The rows of the awaited tasks are locked, so that none ends or goes unseen between the look at it and the edge. */
async function makeEdges(client: PoolClient, { task, dependsOn }: PreparedStart): Promise<void> {
	const { missing } = await makeDependencies(client, task.id, dependsOn)
	if (missing.length === 0) return
	const which = missing.length === 1 ? `There is no task ${missing[0]}` : `There are no tasks ${missing.join(', ')}`
	throw new RefusedStart(refuse('invalid_dependency', `${which} to wait for; it may have been deleted. Nothing was started.`))
}

/** What the parent holds, a task may wait for on which this one depends now: a wait that would never end, which gives way. */
async function tellWaiters(client: PoolClient, id: string): Promise<void> {
	const waiters = await findWaitersInCycle(client, id)
	await enqueue(
		client,
		waiters.map((one) => ({ ...one, branch: 0 })),
	)
}

async function isDeleted(pool: Pool, id: string): Promise<boolean> {
	return ((await pool.query('select from tombstone where id = $1', [id])).rowCount ?? 0) > 0
}

/** Whether the task of that id is what this order asks for. */
async function isSame({ pool }: StartOptions, { task }: PreparedStart): Promise<boolean> {
	const { rows } = await pool.query<{ same: boolean }>(
		`select t.label = $2 and t.owner_id = $3 and p.input::text = $4 and t.start_at is not distinct from to_timestamp($5::float8 / 1000)
and t.start_before is not distinct from to_timestamp($6::float8 / 1000) as same from task t join task_payload p on p.task_id = t.id where t.id = $1`,
		[task.id, task.label, task.owner, task.input, task.startAt, task.startBefore],
	)
	return rows[0]?.same ?? false
}
