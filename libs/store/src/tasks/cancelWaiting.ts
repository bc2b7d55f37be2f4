/**
 * The statement that cancels tasks which have not begun, a group at a time: what the door decides of each of them
 * (`stopAtOnce`), without loading or deciding one. Measured with 1,000 tasks, with other work beside it: 50 ms.
 *
 * Left alone is whatever has more to its end than its own rows: a task that is planned or runs, one that another waits
 * for, one that holds a claim. Those are cancelled by the door.
 */

import type { Queryable } from '../connection.ts'
import { storableText } from './applyDecisions.ts'
import { plain } from './arrays.ts'
import { cancelPhaseCode, changeKinds, eventKindCode, reasonCode, taskResultCode, taskStateCode } from './codes.ts'

/** A task that was cancelled, with what its end may mean to the step that started it. */
export interface CancelledTask {
	readonly id: string
	/** Counted by the fan-out of its parent's step. */
	readonly member: boolean
	/** Waited for the limit of its fan-out, and so takes no place in it. */
	readonly held: boolean
	readonly parent: { readonly task: string; readonly step: number } | null
}

const stopped = taskStateCode.encode('stopped')

// The rows are looked at again once they are locked: what has begun meanwhile is not among them.
const statement = `/* taskyard:cancelWaiting */
with waiting as materialized (
  select id, state, held from task
  where id = any($1::uuid[]) and state in (${taskStateCode.encode('scheduled')}, ${taskStateCode.encode('pending')})
    and cancel = ${cancelPhaseCode.encode('none')} and not awaited and not duplicate and not recorded
  order by id for update
), moved as (
  update task t set revision = t.revision + 1, state = ${stopped}, result = ${taskResultCode.encode('cancelled')},
    reason = ${reasonCode.encode('cancelled')}, cancel = ${cancelPhaseCode.encode('requested')}, waiting_for = null, held = false,
    ended_at = clock_timestamp(), state_updated_at = clock_timestamp()
  from waiting w where t.id = w.id
  returning t.id, t.revision, w.state as before, t.member, w.held, t.parent_id, t.parent_step
), events as (
  insert into event (task_id, revision, n, at, kind, old, new, who, why)
  select id, revision, n, clock_timestamp(), kind, case when n = 1 then before end, case when n = 1 then ${stopped} end, $2::int, $3::text
  from moved, (values (0::smallint, ${eventKindCode.encode('cancel')}::smallint), (1::smallint, ${eventKindCode.encode('task')}::smallint)) as e(n, kind)
), timers_gone as (
  delete from timer where task_id in (select id from moved)
), fed as (
  insert into change (task_id, revision, kinds) select id, revision, ${changeKinds.task} from moved
)
select id, member, held, parent_id, parent_step from moved`

interface Row {
	readonly id: string
	readonly member: boolean
	readonly held: boolean
	readonly parent_id: string | null
	readonly parent_step: number | null
}

/** Most tasks of one statement. */
export const largestCancel = 1000

/**
 * Cancels those of these tasks that have not begun and whose end concerns nobody but the fan-out they belong to, which
 * the caller counts in the same transaction. Answers them; of the others nothing has changed.
 *
 * @param ids at most `largestCancel`
 */
export async function cancelWaiting(
	client: Queryable,
	ids: readonly string[],
	{ who, why }: { readonly who: number | null; readonly why: string | null },
): Promise<CancelledTask[]> {
	if (ids.length === 0) return []
	const { rows } = await client.query<Row>({
		name: 'taskyard:cancelWaiting',
		text: statement,
		values: [plain(ids), who, why && storableText(why)],
	})
	return rows.map(({ id, member, held, parent_id: task, parent_step: step }) => ({
		id,
		member,
		held,
		parent: task === null ? null : { task, step: step ?? 0 },
	}))
}
