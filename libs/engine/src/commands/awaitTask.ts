/** Waits for the end of tasks: of all that somebody in this process waits for, with one statement. */

import { maskSealed } from '@taskyard/model/sensitive/sealed'
import type { Task } from '@taskyard/model/task'
import type { Pool } from '@taskyard/store/connection'
import { taskResultCode } from '@taskyard/store/tasks/codes'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import type { ChangeListener } from './changeListener.ts'
import { noSuchTask } from './refuse.ts'
import type { RunAnswer, RunFailed } from './types.ts'
import { type Look, openWaiting } from './waiting.ts'

type Found = Exclude<RunAnswer, { timedOut: unknown }>

export interface TaskEnds {
	/**
	 * Answers at the latest after `limit` milliseconds; the task goes on then.
	 *
	 * @param sealed what is sensitive in the output stays sealed; else it is •••
	 */
	wait(id: string, limit: number, sealed?: boolean): Promise<RunAnswer>
	close(): void
}

export function openTaskEnds(pool: Pool, listener: ChangeListener): TaskEnds {
	const waiting = openWaiting(listener, lookAt(pool))
	return {
		async wait(id, limit, sealed = false) {
			const found = await waiting.until(id, limit)
			if (found) return 'output' in found && !sealed ? { ...found, output: maskSealed(found.output) } : found
			const message = `Task ${id} has not ended within ${limit / 1000} s. It goes on: look at it by its id, and do not start it again.`
			return { timedOut: { task: { id }, limit, message } }
		},
		close: () => waiting.close(),
	}
}

interface Row {
	id: string
	gone: boolean
	ended: boolean
	result: number
	output: string | null
}

// Of what is under way, which is the many, only the row is looked at.
const statement = `select i.id, t.id is null as gone, t.state = 6 and not t.unlocked and t.result in (1, 2) as ended, t.result, p.output::text as output
from unnest($1::uuid[]) as i(id) left join task t on t.id = i.id left join task_payload p on p.task_id = t.id and t.state = 6
where t.id is null or t.state in (5, 6)`

function lookAt(pool: Pool): Look<Found> {
	return async (ids) => {
		const { rows } = await pool.query<Row>({ name: 'taskyard:awaitTasks', text: statement, values: [ids] })
		const found = new Map<string, Found>()
		const failed: string[] = []
		for (const { id, gone, ended, result, output } of rows) {
			if (gone) found.set(id, noSuchTask(id))
			else if (ended) found.set(id, { task: { id }, result: taskResultCode.decode(result) as 'success' | 'warning', output })
			else failed.push(id)
		}
		if (failed.length === 0) return found
		for (const [id, { task }] of await loadTasks(pool, failed)) {
			// It may have been resumed in between.
			if (task.state === 'paused' || task.state === 'stopped') found.set(id, failureOf(task, task.state))
		}
		return found
	}
}

function failureOf(task: Task, state: 'paused' | 'stopped'): RunFailed {
	const { id, result } = task
	const error = task.error ?? task.steps.find((step) => step.error !== null && step.state !== 'pending')?.error ?? null
	return { failure: { task: { id }, state, result, message: messageOf(task, error?.message ?? null), error } }
}

function messageOf(task: Task, because: string | null): string {
	if (task.state === 'paused') return `Task ${task.id} is paused and needs a person: ${because ?? 'a pause was asked for.'}`
	if (task.unlocked) return `Task ${task.id} was unlocked before its end. It can be resumed.`
	if (task.result === 'cancelled') return `Task ${task.id} was cancelled.`
	return `Task ${task.id} failed: ${because ?? 'it did not end well.'}`
}
