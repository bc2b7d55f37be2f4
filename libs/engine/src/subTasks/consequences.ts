/** What changes of sub-tasks mean for the steps that started them, and of these for their sub-tasks: counts, and jobs for who is to look. */

import type { Activation } from '@taskyard/dispatch/jobs'
import type { Step, Task } from '@taskyard/model/task'
import type { Queryable } from '@taskyard/store/connection'
import type { Write } from '@taskyard/store/tasks/applyDecisions'
import { type CountChange, countChange, countSubTasks, type FamilyNews } from '@taskyard/store/tasks/countSubTasks'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { forgetHeld, type ReleasedTask, releaseHeld } from '@taskyard/store/tasks/releaseHeld'
import { atFailurePoint } from '../failurePoint.ts'

/** A decision on a task as it was loaded. */
interface Decided {
	readonly loaded: LoadedTask
	readonly write: Write
}

/** What a decision changes of the counts of the step that started the task; null for nothing. */
export function countsOf({ loaded, write }: Decided): CountChange | null {
	if (!loaded.member) return null
	const { parent, member, held } = loaded
	return countChange({ task: write.before, parent, member, held }, write.changed.task)
}

/**
 * Whether somebody is to look at the sub-tasks of this task: it has made them all and waits, it was resumed and so are
 * they, or they are to end with it.
 */
export function concernsSubTasks({ before, changed: { task, steps, ended } }: Write): boolean {
	if (!task.plan || !task.steps.some(({ attempt }) => attempt > 0)) return false
	if (task.cancel !== 'none' && before.cancel === 'none') return true
	if (ended && !task.unlocked && task.steps.some(leavesPaused)) return true
	return steps.some((index) => {
		const step = task.steps[index]
		return step !== undefined && hasChanged(before.steps[index], step)
	})
}

/** Its paused sub-tasks have ended the task, by its rescue strategy. */
function leavesPaused({ state, error }: Step): boolean {
	return state === 'error' && error?.code === 'sub_tasks_paused'
}

function hasChanged(before: Step | undefined, { state, suspension, cancelAsked }: Step): boolean {
	if (state === 'cancelled') return before?.state !== 'cancelled' && (cancelAsked || suspension?.kind === 'sub_tasks')
	if (state !== 'suspended' || suspension?.kind !== 'sub_tasks') return false
	return (
		before?.state !== 'suspended' ||
		before.suspension?.cancelBy !== suspension.cancelBy ||
		before.suspension?.resumed?.at !== suspension.resumed?.at
	)
}

/** Who goes on, once all is committed, with sub-tasks that begin in the place of those that have ended in this process. */
export interface Following {
	mayFollow(ended: string): boolean
	/** Those for which no job is made. */
	readonly here: ReleasedTask[]
}

/** Counts what was written, lets others begin in the place of those that have ended or paused, and answers the jobs that follow. */
export async function countAndRelease(
	client: Queryable,
	written: readonly Decided[],
	following: Following | null = null,
): Promise<Activation[]> {
	const jobs = written.filter(({ write }) => concernsSubTasks(write)).map(({ loaded }) => jobOf(loaded))
	const counted = written.flatMap((one) => {
		const change = countsOf(one)
		return change ? [{ change, one }] : []
	})
	if (counted.length === 0) return jobs
	const held = counted.filter(({ one: { loaded, write } }) => loaded.held && write.changed.ended)
	await forgetHeld(
		client,
		held.map(({ one }) => one.loaded.task.id),
	)
	const changes = counted.map(({ change }) => change)
	const places = following
		? counted.flatMap(({ one: { loaded, write } }) => (write.changed.ended && following.mayFollow(loaded.task.id) ? [loaded.queue] : []))
		: []
	return [...jobs, ...(await countChanges(client, changes, counted[0]?.one.loaded.task.id, { places, here: following?.here ?? [] }))]
}

/** The queues of those that have ended where they can be followed, and who follows. */
interface Places {
	readonly places: string[]
	readonly here: ReleasedTask[]
}

/** @param subject one of the sub-tasks */
export async function countChanges(
	client: Queryable,
	changes: readonly CountChange[],
	subject?: string,
	{ places, here }: Places = { places: [], here: [] },
): Promise<Activation[]> {
	const news = await countSubTasks(client, changes)
	const released = await releaseHeld(client, news)
	if (atFailurePoint) await atFailurePoint('subTasks.counted', subject)
	const told = news.filter(({ tell }) => tell).map(({ task, queue, priority }) => ({ task, queue, priority, branch: 0 }))
	const staying = here.length + mostHere(news)
	const travelling = released.filter((one) => {
		const place = here.length < staying ? places.indexOf(one.queue) : -1
		if (place < 0) return true
		places.splice(place, 1)
		here.push(one)
		return false
	})
	return [...told, ...travelling.map((one) => ({ ...one, branch: 0 }))]
}

/**
 * How many of those that begin now may do so in this process. Where nearly all that a limit lets begin have ended in one
 * group they would go on in step with each other, and process and database would wait for each other in turns: a fan-out
 * with 50 at a time took up to twice as long as one without a limit. Half of them make the trip through the queue instead,
 * to another process or to a group of their own here.
 */
export function mostHere(news: readonly Pick<FamilyNews, 'free' | 'busy'>[]): number {
	const free = news.reduce((sum, one) => sum + one.free, 0)
	const busy = news.reduce((sum, one) => sum + one.busy, 0)
	return free >= smallestConvoy && free > 2 * busy ? Math.ceil(free / 2) : free
}

/** Fewer are not worth a trip. */
const smallestConvoy = 8

function jobOf({ task, queue, priority }: { task: Task; queue: string; priority: number }): Activation {
	return { task: task.id, queue, priority, branch: 0 }
}
