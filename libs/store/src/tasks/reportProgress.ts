/** Progress of running steps between two checkpoints: unlogged, so that it costs no flush. */

import type { Queryable } from '../connection.ts'
import { numbers, plain, texts } from './arrays.ts'

export interface ProgressReport {
	readonly task: string
	readonly step: number
	/** Number of the attempt that reports: what an earlier one said counts no longer. */
	readonly attempt: number
	readonly fraction: number
	/** JSON text `{ done, total?, unit? }`, or null for a bare fraction. */
	readonly detail: string | null
}

const statement = `
insert into task_progress as known (task_id, step, attempt, fraction, detail, at)
select task_id, step, attempt, fraction, detail::json, clock_timestamp()
from unnest($1::uuid[], $2::int[], $3::int[], $4::real[], $5::text[]) as p(task_id, step, attempt, fraction, detail)
order by task_id, step
on conflict (task_id, step) do update
set attempt = excluded.attempt, fraction = excluded.fraction, detail = excluded.detail, at = excluded.at where known.attempt <= excluded.attempt`

export async function reportProgress(client: Queryable, reports: readonly ProgressReport[]): Promise<void> {
	await client.query({
		name: 'taskyard:reportProgress',
		text: statement,
		values: [
			plain(reports.map((report) => report.task)),
			numbers(reports.map((report) => report.step)),
			numbers(reports.map((report) => report.attempt)),
			numbers(reports.map((report) => report.fraction)),
			texts(reports.map((report) => report.detail)),
		],
	})
}
