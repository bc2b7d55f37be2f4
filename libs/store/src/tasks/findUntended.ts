/**
 * Steps that wait for sub-tasks and would go on, were their task told of the counts: the job that tells it was lost, or
 * whoever had it died. A page of the running tasks at a time, by the index of their state.
 */

import type { Queryable } from '../connection.ts'
import { stepStateCode, taskStateCode } from './codes.ts'
import { type Family, tooManyFailedOf } from './fanOuts.ts'

const statement = `/* taskyard:findUntended */
with page as materialized (
  select id, cancel from task where state = ${taskStateCode.encode('running')} and id > $1 order by id limit $2
)
select p.id as task, u.step, (select count(*)::int from page) as looked from page p left join lateral (
  select f.step from fan_out f join step s on s.task_id = f.task_id and s.index = f.step
  where f.task_id = p.id and s.state = ${stepStateCode.encode('suspended')} and s.suspension->>'kind' = 'sub_tasks' and (
    f.open = 0 or f.paused = f.open or (f.paused > 0) is distinct from (s.suspension->>'somePaused')::boolean
    or f.held > 0 and (f.at_once is null or f.at_once > f.open - f.paused - f.held)
    or p.cancel <> 0 or s.cancel_asked or s.suspension->>'cancelBy' is not null
    or (f.open = 0 or not f.leave_running) and ${tooManyFailedOf('f')}
    or s.suspension->>'resumed' is not null and f.paused > 0)
) u on true
where u.step is not null or p.id = (select max(id::text)::uuid from page)
order by p.id, u.step`

/** Answers where the next page begins, or null at the end. */
export async function findUntended(
	client: Queryable,
	after: string,
	most: number,
): Promise<{ readonly untended: readonly Family[]; readonly next: string | null }> {
	const { rows } = await client.query<{ task: string; step: number | null; looked: number }>({
		name: 'taskyard:findUntended',
		text: statement,
		values: [after, most],
	})
	return {
		untended: rows.flatMap(({ task, step }) => (step === null ? [] : [{ task, step }])),
		next: (rows[0]?.looked ?? 0) < most ? null : (rows.at(-1)?.task ?? null),
	}
}
