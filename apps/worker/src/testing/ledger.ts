/** The table of the shape `Shape::Ledger`: a line for each step that has succeeded, and none for any other attempt. */

import type { Pool } from '@taskyard/store/connection'

export const ledgerTable = 'create table if not exists ledger (task uuid not null, step int not null, attempt int not null)'

/** Effects that are lost, doubled, or left by an attempt that did not end well. */
export async function faultsOfLedger(pool: Pool, ids: readonly string[]): Promise<string[]> {
	const { rows } = await pool.query<{ fault: string }>(
		`select coalesce(l.task, e.task_id) || ' ' || coalesce(l.step, e.step) || ': written by attempt ' || coalesce(l.attempt::text, 'none') ||
			', and the step succeeded with ' || coalesce(e.attempt::text, 'none') as fault
		from (select * from ledger where task = any($1::uuid[])) l
		full join (
			select * from event where task_id = any($1::uuid[]) and kind = 2 and old = 1 and new = 2
			and exists (select from task where id = task_id and label = 'Shape::Ledger')
		) e on e.task_id = l.task and e.step = l.step and e.attempt = l.attempt
		where l.task is null or e.task_id is null
		union all
		select task || ' ' || step || ': written ' || count(*) || ' times' from ledger where task = any($1::uuid[]) group by task, step having count(*) > 1`,
		[ids],
	)
	return rows.map(({ fault }) => fault)
}
