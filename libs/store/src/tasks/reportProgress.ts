/** Progress of running steps between two checkpoints: unlogged, so that it costs no flush. */

import type { Queryable } from '../connection.ts'
import { numbers, plain, texts } from './arrays.ts'

export interface ProgressReport {
	readonly task: string
	readonly step: number
	readonly fraction: number
	/** JSON text `{ done, total?, unit? }`, or null for a bare fraction. */
	readonly detail: string | null
}

const statement = `
insert into task_progress (task_id, step, fraction, detail, at)
select task_id, step, fraction, detail::json, clock_timestamp() from unnest($1::uuid[], $2::int[], $3::real[], $4::text[]) as p(task_id, step, fraction, detail)
order by task_id, step
on conflict (task_id, step) do update set fraction = excluded.fraction, detail = excluded.detail, at = excluded.at`

export async function reportProgress(client: Queryable, reports: readonly ProgressReport[]): Promise<void> {
	await client.query({
		name: 'taskyard:reportProgress',
		text: statement,
		values: [
			plain(reports.map((report) => report.task)),
			numbers(reports.map((report) => report.step)),
			numbers(reports.map((report) => report.fraction)),
			texts(reports.map((report) => report.detail)),
		],
	})
}
