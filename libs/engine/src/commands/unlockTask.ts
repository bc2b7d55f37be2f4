/**
 * Unlock and force unlock: a task and its sub-tasks stop, and what they hold falls free. Asked without confirmation, the
 * same transaction is carried out as far as needed to say what it would mean, and undone.
 */

import { availableActions } from '@taskyard/model/available'
import { decide } from '@taskyard/model/decide'
import type { LockMode } from '@taskyard/model/states'
import { hasAttempt } from '@taskyard/model/startable'
import { inTransaction, type Pool, type PoolClient, type Queryable } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { lockModeCode } from '@taskyard/store/tasks/codes'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { releaseAndGrant } from '@taskyard/store/tasks/releaseLocks'
import { type Decided, decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { repeatWhile } from '../repetition.ts'
import { subjectOf } from './operate.ts'
import { isTaskId, noSuchTask, refuse } from './refuse.ts'
import { areDangerousActionsOn } from './settings.ts'
import { lockSubTree } from './subTree.ts'
import type { CommandRefusal, FreedLock, Refused, UnlockAnswer, UnlockConsequences, UnlockTask } from './types.ts'

export interface TransactionOptions {
	readonly pool: Pool
	readonly clock: IdSource
	readonly worthRepeating: () => boolean
}

export async function unlockTask(options: TransactionOptions, order: UnlockTask, force: boolean): Promise<UnlockAnswer> {
	if (!isTaskId(order.id)) return noSuchTask(order.id)
	return repeatWhile(options.worthRepeating, () =>
		inTransaction(options.pool, (client) => unlockInside(client, options.clock.now(), order, force)).catch((error: unknown) => {
			if (error instanceof Undone) return { consequences: error.consequences }
			throw error
		}),
	)
}

/** Ends the transaction in which it is thrown without a trace. */
class Undone extends Error {
	readonly consequences: UnlockConsequences

	constructor(consequences: UnlockConsequences) {
		super('asked for the consequences only')
		this.consequences = consequences
	}
}

/** The same in the caller's transaction, which has to be undone when the order is not confirmed. */
export async function unlockInside(client: PoolClient, at: number, order: UnlockTask, force: boolean): Promise<UnlockAnswer> {
	const dangerousActions = await areDangerousActionsOn(client)
	const tree = await lockSubTree(client, order.id)
	const asked = tree.get(order.id.toLowerCase())
	if (!asked) return noSuchTask(order.id)
	const { task } = asked
	const isDone = force ? task.reason === 'force_unlocked' : task.unlocked
	if (task.state === 'stopped' && isDone) return { task: { id: task.id } }
	const open = [...tree.values()].filter((one) => one.task.state !== 'stopped')
	const refusal = refusalOf(asked, open, force, dangerousActions)
	if (refusal) return refusal
	const { who, why } = order
	const kind = force ? 'force_unlock_asked' : 'unlock_asked'
	const orders: Decided[] = open.map((loaded) => {
		const decision = decide(loaded.task, { kind, who, why, at })
		if (decision.kind !== 'changed')
			throw new Error(`Task ${loaded.task.id} is ${loaded.task.state} and was not unlocked: ${whyOf(decision)}`)
		return decided(loaded, decision)
	})
	if (!order.confirmed) throw new Undone(await consequencesOf(client, order.id, open))
	await writeDecisions(client, orders)
	return { task: { id: task.id } }
}

const whyOf = (decision: { reason: string } | { because: string }): string => ('reason' in decision ? decision.reason : decision.because)

function refusalOf(asked: LoadedTask, open: readonly LoadedTask[], force: boolean, dangerousActions: boolean): Refused | null {
	const action = force ? 'force_unlock' : 'unlock'
	const found = availableActions(subjectOf(asked, true, dangerousActions)).find((one) => one.name === action)
	if (found && !found.allowed) return refuse(found.code as CommandRefusal, found.reason ?? '')
	const busy = force ? undefined : open.find((one) => one.task.state !== 'paused')
	if (!busy) return null
	return refuse(
		'descendants_unfinished',
		`Its sub-task "${busy.name}" (${busy.task.id}) is ${busy.task.state}. Pause or cancel it first, or unlock by force.`,
	)
}

interface HeldRow {
	resource_id: string
	type: string
	key: string
	title: string | null
	name: string
	mode: number
	task_id: string
	task_name: string
}

async function consequencesOf(client: Queryable, id: string, open: readonly LoadedTask[]): Promise<UnlockConsequences> {
	const ids = open.map((one) => one.task.id)
	const held = await readHeld(client, 'l.task_id = any($1::uuid[])', [ids])
	const granted = await releaseAndGrant(client, ids)
	const next = await readHeld(client, 'l.task_id = any($1::uuid[]) and l.resource_id = any($2::bigint[])', [
		granted.map((one) => one.task),
		held.map((row) => row.resource_id),
	])
	const locks = held.map((row): FreedLock => {
		const successors = next.filter((one) => one.resource_id === row.resource_id)
		return {
			resource: { type: row.type, id: row.key, ...(row.title !== null && { title: row.title }) },
			name: row.name,
			mode: lockModeCode.decode(row.mode) satisfies LockMode,
			task: row.task_id,
			next: [...new Map(successors.map((one) => [one.task_id, { id: one.task_id, name: one.task_name }])).values()],
		}
	})
	const subTasks = open.filter((one) => one.task.id !== id.toLowerCase()).length
	const runningAttempts = open.reduce((sum, { task }) => sum + attemptsOf(task), 0)
	return { locks, subTasks, runningAttempts, message: messageOf(locks, subTasks, runningAttempts) }
}

function attemptsOf(task: LoadedTask['task']): number {
	return task.steps.filter((step) => hasAttempt(step.state)).length + (task.state === 'planning' ? 1 : 0)
}

async function readHeld(client: Queryable, condition: string, values: unknown[]): Promise<HeldRow[]> {
	const { rows } = await client.query<HeldRow>(
		`select l.resource_id::text, r.type, r.key, r.title, l.name, l.mode, l.task_id, t.name as task_name
from lock l join resource r on r.id = l.resource_id join task t on t.id = l.task_id where l.granted and ${condition} order by r.type, r.key, l.place`,
		values,
	)
	return rows
}

function messageOf(locks: readonly FreedLock[], subTasks: number, runningAttempts: number): string {
	const sentences = locks.map(({ resource, name, next }) => {
		const what = `${resource.type} ${resource.title ?? resource.id}${name === '*' ? '' : ` (${name})`}`
		if (next.length === 0) return `${what} falls free; nobody waits for it.`
		return `${what} falls free and goes to ${next.map((one) => `"${one.name}" (${one.id})`).join(', ')}.`
	})
	if (locks.length === 0) sentences.push('No lock falls free.')
	if (subTasks > 0) sentences.push(`${subTasks} sub-task${subTasks === 1 ? ' is' : 's are'} unlocked with it.`)
	if (runningAttempts > 0) {
		sentences.push(
			`${runningAttempts} running attempt${runningAttempts === 1 ? '' : 's'} no longer count${runningAttempts === 1 ? 's' : ''}; what was done stays done.`,
		)
	}
	return sentences.join(' ')
}
