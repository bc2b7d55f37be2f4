import type { ClientBase } from 'pg'

/**
 * Takes back the hints of tasks that have ended before anybody took them. What somebody else holds right now stays: it
 * is a hint that finds nothing to do, and to wait for it could end in a circle.
 */
export async function removeJobs(client: Pick<ClientBase, 'query'>, tasks: readonly string[]): Promise<void> {
	if (tasks.length === 0) return
	await client.query({
		name: 'taskyard:removeJobs',
		text: `delete from graphile_worker._private_jobs where id = any(array(
select id from graphile_worker._private_jobs where key = any($1::text[]) and locked_at is null order by id for update skip locked))`,
		values: [tasks],
	})
}
