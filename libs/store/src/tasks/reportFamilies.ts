/**
 * Stores how far the steps are that wait for sub-tasks, for those whose last change was too soon after the one before to
 * be stored with its count. A page of the running tasks at a time, by the index of their state.
 */

import type { Queryable } from '../connection.ts'
import { attemptStates, changeKinds, stepStateCode, taskStateCode } from './codes.ts'

const statement = `/* taskyard:reportFamilies */
with page as materialized (
  select id from task where state = ${taskStateCode.encode('running')} and id > $1 order by id limit $2
), reported as (
  insert into task_progress as known (task_id, step, attempt, fraction, detail, at)
  select f.task_id, f.step, s.attempt, (f.total - f.open)::real / f.total,
    json_build_object('done', f.total - f.open, 'total', f.total, 'unit', 'sub-tasks'), clock_timestamp()
  from page p join fan_out f on f.task_id = p.id join step s on s.task_id = f.task_id and s.index = f.step
  where f.open > 0 and f.total > 0 and s.state in (${attemptStates}, ${stepStateCode.encode('suspended')})
  order by f.task_id, f.step
  on conflict (task_id, step) do update set attempt = excluded.attempt, fraction = excluded.fraction, detail = excluded.detail, at = excluded.at
  where known.attempt < excluded.attempt or known.attempt = excluded.attempt and known.fraction <> excluded.fraction
  returning task_id
)
insert into change (task_id, revision, kinds)
select id, revision, ${changeKinds.step} from task where id in (select task_id from reported)`

export async function reportFamilies(client: Queryable, after: string, most: number): Promise<void> {
	await client.query({ name: 'taskyard:reportFamilies', text: statement, values: [after, most] })
}
