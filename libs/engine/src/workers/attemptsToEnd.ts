/** Which running attempts of a child are to end: cancelled ones, and those that are no longer its own. */

import type { Queryable } from '@taskyard/store/connection'
import { numbers, plain } from '@taskyard/store/tasks/arrays'

export interface AttemptToEnd {
	readonly task: string
	readonly step: number
	readonly attempt: number
	/** Somebody asked to cancel the step or its task; else another took over, or the task was unlocked by force. */
	readonly cancelled: boolean
}

// An attempt that passes a cancel on to work elsewhere is not ended by it.
// One statement for all that a child runs, with each heartbeat and each wake-up of a cancel; most answer with no row.
const statement = `
select r.task, r.step, r.attempt, c.current is true as cancelled
from unnest($2::uuid[], $3::int[], $4::int[]) as r(task, step, attempt)
left join task t on t.id = r.task
left join step s on s.task_id = r.task and s.index = r.step
cross join lateral (select t.state = 4 and s.state in (1, 7, 9) and s.attempt = r.attempt and s.child_id = $1 as current) c
where c.current is not true or (t.cancel > 0 or s.cancel_asked) and s.suspension->>'wake' is distinct from 'cancel'`

export async function attemptsToEnd(
	client: Queryable,
	child: number,
	running: readonly { readonly task: string; readonly step: number; readonly attempt: number }[],
): Promise<AttemptToEnd[]> {
	const { rows } = await client.query<AttemptToEnd>({
		name: 'taskyard:attemptsToEnd',
		text: statement,
		values: [
			child,
			plain(running.map((one) => one.task)),
			numbers(running.map((one) => one.step)),
			numbers(running.map((one) => one.attempt)),
		],
	})
	return rows
}
