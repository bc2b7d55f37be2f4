/**
 * Looks after the sub-tasks of a step, for the task that started them. What a sub-task means for its parent is a row that
 * counts it and a job; whoever takes that job looks here, at what is committed, and says it to the parent as a fact. And
 * what the parent's own change means for them is done from here: they are resumed, or cancelled, a page at a time. All of
 * it may be done twice, by several at once, and goes on where somebody died.
 */

import { enqueue } from '@taskyard/dispatch/jobs'
import { decide } from '@taskyard/model/decide'
import { failsNow, freeSlots } from '@taskyard/model/fanOut'
import type { Step } from '@taskyard/model/task'
import { inTransaction, type Pool, type PoolClient } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { type FanOut, type Family, readFanOut } from '@taskyard/store/tasks/fanOuts'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import { releaseHeld } from '@taskyard/store/tasks/releaseHeld'
import type { Door } from '../decisions/door.ts'
import { decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { atFailurePoint } from '../failurePoint.ts'
import { repeatWhile } from '../repetition.ts'
import type { KnownTypes } from '../taskTypes/knownTypes.ts'
import { cancelSubTasks } from './cancelSubTasks.ts'
import { readPaused, resumePaused } from './resumePaused.ts'

export interface FamilyOptions {
	readonly pool: Pool
	readonly door: Door
	readonly clock: IdSource
	readonly types: KnownTypes
	readonly worthRepeating: () => boolean
	/** Called when running attempts were asked to end. */
	readonly wakeWorkers: () => void
	/** Called after a commit that the door has not made. */
	readonly onCommit: () => void
}

/** What is left to do for the sub-tasks of a step, once what they mean for it is decided. */
type Left = 'cancel' | { readonly resume: { readonly who: number; readonly at: number } } | null

/** Looks after all that a task's steps have started, as far as it may need it. Cheap for a task without sub-tasks. */
export async function tendSubTasks(options: FamilyOptions, { task }: LoadedTask): Promise<void> {
	if (!task.plan) return
	if (task.cancel !== 'none') await cancelSubTasks(options, { task: task.id, step: null })
	for (const step of task.steps) if (mayNeedCare(step)) await tendFamily(options, { task: task.id, step: step.index })
}

function mayNeedCare({ state, suspension, cancelAsked }: Step): boolean {
	if (state === 'cancelled' && cancelAsked) return true
	return suspension?.kind === 'sub_tasks' && (state === 'suspended' || state === 'error' || state === 'cancelled')
}

/** Looks after the sub-tasks of one step. */
export async function tendFamily(options: FamilyOptions, family: Family): Promise<void> {
	if (atFailurePoint) await atFailurePoint('subTasks.told', family.task)
	const left = await repeatWhile(options.worthRepeating, () => inTransaction(options.pool, (client) => look(options, client, family)))
	options.onCommit()
	if (left === 'cancel') await cancelSubTasks(options, family)
	else if (left) await resumePaused(options, family, left.resume)
}

/** Decides what the counts mean for the task. Both are locked: nobody pauses, goes on or ends meanwhile. */
async function look({ clock }: FamilyOptions, client: PoolClient, family: Family): Promise<Left> {
	const loaded = (await loadTasks(client, [family.task], true)).get(family.task)
	const step = loaded?.task.steps[family.step]
	const fanOut = await readFanOut(client, family, true)
	if (!loaded || !step || !fanOut) return null
	await useRoom(client, fanOut)
	const { counts } = fanOut
	if (step.state !== 'suspended') return counts.open > 0 && hasLeft(loaded, step, fanOut) ? 'cancel' : null
	const { suspension } = step
	if (suspension?.kind !== 'sub_tasks') return null
	if (isEnding(loaded, step) && counts.open > 0) return 'cancel'
	// Those that were paused when the task was resumed go on first: that all are paused is no news of them.
	if (suspension.resumed && counts.paused > 0 && (await readPaused(client, family, suspension.resumed.at, '', 1)).length > 0) {
		return { resume: suspension.resumed }
	}
	const failed = failsNow(fanOut, counts)
	const decision = decide(loaded.task, { kind: 'sub_tasks_changed', step: family.step, counts, failed, at: clock.now() })
	if (decision.kind === 'changed') await writeDecisions(client, [decided(loaded, decision)])
	return failed && counts.open > 0 ? 'cancel' : null
}

function isEnding({ task }: LoadedTask, { cancelAsked, suspension }: Step): boolean {
	return task.cancel !== 'none' || cancelAsked || (suspension?.cancelBy ?? null) !== null
}

/** The step waits for them no longer, and has not left them running. */
function hasLeft({ task }: LoadedTask, { state, error }: Step, { leaveRunning }: FanOut): boolean {
	if (state === 'cancelled') return true
	if (state !== 'error') return false
	if (error?.code === 'sub_tasks_paused') return task.state === 'stopped' && !task.unlocked
	return error?.code === 'sub_tasks_failed' && !leaveRunning
}

/** Room that was made while one that could have taken it was locked by somebody else. */
async function useRoom(client: PoolClient, { task, step, limit, held, counts }: FanOut): Promise<void> {
	const free = freeSlots(limit, held, counts)
	const released = held > 0 && free > 0 ? await releaseHeld(client, [{ task, step, free }]) : []
	await enqueue(
		client,
		released.map((one) => ({ ...one, branch: 0 })),
	)
}
