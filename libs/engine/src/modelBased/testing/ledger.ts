/** What steps with a transaction leave: a line for each attempt whose run ended well, and for no other. */

import type { Pool } from '@taskyard/store/connection'
import { eventKindCode, stepStateCode } from '@taskyard/store/tasks/codes'
import { loadTasks } from '@taskyard/store/tasks/loadTasks'

export const ledgerTable = 'create table ledger (task uuid not null, step int not null, attempt int not null)'
export const bookLine = 'insert into ledger values ($1, $2, $3)'

/** End of the labels of actions whose steps write a line. */
export const booking = '/book'

/** Effects that were lost, doubled, or left by an attempt that did not end well; tasks that were deleted say nothing any more. */
export async function ledgerFaults(pool: Pool, ids: readonly string[]): Promise<string[]> {
	const lines = (
		await pool.query<{ line: string }>(`select task || ' ' || step || ' ' || attempt as line from ledger where task = any($1::uuid[])`, [
			ids,
		])
	).rows.map(({ line }) => line)
	const { rows } = await pool.query<{ task: string; step: number; attempt: number }>(
		`select task_id as task, step, attempt from event where task_id = any($1::uuid[]) and kind = ${eventKindCode.encode('step')}
			and old = ${stepStateCode.encode('running')} and new = ${stepStateCode.encode('success')}`,
		[ids],
	)
	const loaded = await loadTasks(pool, ids)
	const booked = rows.filter(({ task, step }) => loaded.get(task)?.task.plan?.steps[step]?.action.endsWith(booking))
	const wanted = new Set(booked.map(({ task, step, attempt }) => `${task} ${step} ${attempt}`))
	return [
		...lines.filter((line, index) => lines.indexOf(line) !== index).map((line) => `the effect of ${line} is there twice`),
		...lines
			.filter((line) => loaded.has(line.slice(0, line.indexOf(' '))) && !wanted.has(line))
			.map((line) => `the effect of ${line} is there, and its attempt did not end well`),
		...[...wanted].filter((line) => !lines.includes(line)).map((line) => `the effect of ${line} is lost`),
	]
}
