/** Runs a stopped task again: a new task of the same type and input, and in the history of the old one that it was asked for. */

import { decide } from '@taskyard/model/decide'
import type { Pool, PoolClient } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'
import { decided, writeDecisions } from '../decisions/writeDecisions.ts'
import { isTaskId, noSuchTask, refuse } from './refuse.ts'
import type { Start } from './startTask.ts'
import type { RerunTask, StartAnswer } from './types.ts'

interface OldTask {
	readonly label: string
	readonly input: string
	readonly queue: string
	readonly priority: number
	readonly stopped: boolean
	readonly recorded: boolean
}

export async function rerunTask(options: { pool: Pool; clock: IdSource; start: Start }, order: RerunTask): Promise<StartAnswer> {
	const { id, who, why, correlationId, newId } = order
	if (!isTaskId(id)) return noSuchTask(id)
	const { rows } = await options.pool.query<OldTask>(
		`select t.label, p.input::text as input, t.queue, t.priority, t.state = 6 as stopped, t.recorded from task t join task_payload p on p.task_id = t.id where t.id = $1`,
		[id],
	)
	const [old] = rows
	if (!old) return noSuchTask(id)
	if (old.recorded) return refuse('not_recorded', 'Another program carried out this task. Start it again there.')
	if (!old.stopped) return refuse('not_stopped', 'The task has not stopped. Only a task that has stopped can be run again.')
	const note = async (client: PoolClient): Promise<void> => {
		const loaded = (await loadTasks(client, [id], true)).get(id.toLowerCase())
		const decision = loaded && decide(loaded.task, { kind: 'rerun_asked', who, why, at: options.clock.now() })
		// Resumed or deleted meanwhile: the new task stands all the same, it says itself what it repeats.
		if (loaded && decision?.kind === 'changed') await writeDecisions(client, [decided(loaded, decision)])
	}
	return options.start(
		{
			label: old.label,
			input: old.input,
			sealed: true,
			queue: old.queue,
			priority: old.priority,
			who,
			correlationId,
			rerunOf: id,
			...(newId !== undefined && { id: newId }),
		},
		note,
	)
}
