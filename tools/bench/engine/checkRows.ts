/** What our side must have stored after it has run so much. */

import type { Pool } from '@taskyard/store/connection'
import { eventKindCode, stepStateCode, taskResultCode, taskStateCode } from '@taskyard/store/tasks/codes'
import { waitFor } from '@taskyard/testkit/waitFor'

/** What was run so far. */
export interface Ran {
	tasks: number
	steps: number
	/** That steps were woken by. */
	events: number
	/** By bulks, before they had begun. */
	cancelled: number
}

const stopped = taskStateCode.encode('stopped')

/** Counts what must be there after so many tasks, and throws when it is not. Answers in words what was counted. */
export async function checkRows(pool: Pool, { tasks, steps, events, cancelled }: Ran): Promise<string> {
	await waitFor('the queue to be empty', async () => (await countOf(pool, 'select from graphile_worker._private_jobs')) === 0)
	const stepKind = eventKindCode.encode('step')
	const success = stepStateCode.encode('success')
	const expectations: [what: string, expected: number, query: string][] = [
		['tasks stopped with success', tasks, `select from task where state = ${stopped} and result = ${taskResultCode.encode('success')}`],
		['steps in success', steps, `select from step where state = ${success}`],
		['events of their success', steps, `select from event where kind = ${stepKind} and new = ${success}`],
		['tasks cancelled', cancelled, `select from task where state = ${stopped} and result = ${taskResultCode.encode('cancelled')}`],
		['events of the tasks', tasks * eventsOfTask + events + cancelled * eventsOfCancelled, `select from event where kind <> ${stepKind}`],
		['jobs in the queue', 0, 'select from graphile_worker._private_jobs'],
		['locks', 0, 'select from lock'],
	]
	const said: string[] = []
	for (const [what, expected, query] of expectations) {
		const found = await countOf(pool, query)
		if (found !== expected)
			throw new Error(`After ${tasks} tasks there should be ${expected} ${what}, but there are ${found}: the engine lost or doubled work.`)
		said.push(`${found} ${what}`)
	}
	return said.join(', ')
}

/** Created, planning, planned, running, stopped. */
const eventsOfTask = 5
/** Created, cancel, stopped. */
const eventsOfCancelled = 3

async function countOf(pool: Pool, query: string): Promise<number> {
	const { rows } = await pool.query<{ count: number }>(`select count(*) as count from (${query}) found`)
	return rows[0]?.count ?? 0
}
