/**
 * Writes decisions, and what follows from them for others, in a transaction: what an ended task held is granted to those
 * next in line, what waited for it is told, and whoever can go on gets a job.
 */

import { type Activation, enqueue } from '@taskyard/dispatch/jobs'
import type { Changed } from '@taskyard/model/decision'
import type { Queryable } from '@taskyard/store/connection'
import { writeExternalIds } from '@taskyard/store/externalIds/externalIds'
import { applyDecisions, type Write } from '@taskyard/store/tasks/applyDecisions'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { releaseAndGrant } from '@taskyard/store/tasks/releaseLocks'
import { settleDependencies } from '@taskyard/store/tasks/settleDependencies'
import { externalIdsOf } from '../events/externalIdsOf.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { lockWatcher } from '../locks/lockWatcher.ts'
import { concernsSubTasks, countAndRelease, countsOf, type Following } from '../subTasks/consequences.ts'
import { taskOutput } from './taskOutput.ts'

/** A decision on a task as it was loaded. */
export interface Decided {
	readonly loaded: LoadedTask
	readonly write: Write
}

/** A decision that stores no plan. */
export function decided(loaded: LoadedTask, changed: Changed): Decided {
	const output = changed.ended ? taskOutput(changed.task) : null
	return { loaded, write: { before: loaded.task, changed, plan: null, name: null, output } }
}

/**
 * Whether a decision means something to another task: its end to a successor of its locks or to one that waits for it,
 * a change of a sub-task to the step that started it, and one of that to them. Or whether it names work elsewhere.
 */
export function hasConsequences(one: Decided): boolean {
	return endsForOthers(one) || countsOf(one) !== null || concernsSubTasks(one.write) || externalIdsOf(one.write).length > 0
}

function endsForOthers(one: Decided): boolean {
	return one.write.changed.ended && (holdsLocks(one) || one.loaded.awaited)
}

/** A duplicate key is held from the start on, when there is no plan yet. */
function holdsLocks({ loaded, write: { before, changed } }: Decided): boolean {
	return loaded.duplicate || ((changed.task.plan ?? before.plan)?.locks.length ?? 0) > 0
}

/**
 * Answers the ids of the tasks whose decisions count. Rows are locked in the order of all transactions: tasks in
 * ascending id, then resources, then edges, then the counts of sub-tasks.
 */
export async function writeDecisions(
	client: Queryable,
	orders: readonly Decided[],
	following: Following | null = null,
): Promise<Set<string>> {
	const moved = await applyDecisions(
		client,
		orders.map((order) => order.write),
	)
	const first = orders[0]?.write.before.id
	const storesPlan = orders.some(({ write }) => write.plan !== null)
	if (atFailurePoint) await atFailurePoint(storesPlan ? 'plan.written' : 'checkpoint.longWritten', first)
	const written = orders.filter(({ write }) => moved.has(write.before.id))
	const activations = written.flatMap(({ loaded, write }) =>
		Array.from({ length: write.changed.dispatch }, (_, branch) => ({
			task: write.before.id,
			queue: loaded.queue,
			priority: loaded.priority,
			branch,
		})),
	)
	await writeExternalIds(
		client,
		written.flatMap(({ write }) => externalIdsOf(write)),
	)
	activations.push(...(await consequences(client, written, following)))
	await enqueue(client, distinct(activations))
	if (atFailurePoint) await atFailurePoint(storesPlan ? 'plan.enqueued' : 'checkpoint.enqueued', first)
	return moved
}

async function consequences(client: Queryable, written: readonly Decided[], following: Following | null): Promise<Activation[]> {
	const ended = written.filter(endsForOthers)
	const idsOf = (some: readonly Decided[]) => some.map(({ write }) => write.before.id)
	const granting = idsOf(ended.filter(holdsLocks))
	const awaited = idsOf(ended.filter(({ loaded }) => loaded.awaited))
	if (atFailurePoint && ended.length > 0) await atFailurePoint('end.written', granting[0] ?? awaited[0])
	const granted = granting.length > 0 ? await releaseAndGrant(client, granting, lockWatcher(granting[0])) : []
	if (atFailurePoint && ended.length > 0) await atFailurePoint('end.released', granting[0] ?? awaited[0])
	const waiting = awaited.length > 0 ? await settleDependencies(client, awaited) : []
	if (atFailurePoint && ended.length > 0) await atFailurePoint('end.settled', granting[0] ?? awaited[0])
	const others = [...granted, ...waiting].map((one) => ({ ...one, branch: 0 }))
	return [...others, ...(await countAndRelease(client, written, following))]
}

/** Of two jobs with one key the queue would take neither. */
function distinct(activations: readonly Activation[]): Activation[] {
	return [...new Map(activations.map((one) => [`${one.task}/${one.branch}`, one])).values()]
}
