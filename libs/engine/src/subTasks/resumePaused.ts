/** Resumes the paused sub-tasks of a step whose task was resumed. One that pauses again after that has paused anew. */

import type { Queryable } from '@taskyard/store/connection'
import { taskStateCode } from '@taskyard/store/tasks/codes'
import type { Family } from '@taskyard/store/tasks/fanOuts'
import { atFailurePoint } from '../failurePoint.ts'
import type { FamilyOptions } from './families.ts'

const page = 500

const statement = `
select id from task where parent_id = $1 and parent_step = $2 and member and state = ${taskStateCode.encode('paused')}
  and state_updated_at < to_timestamp($3::float8 / 1000) and id > $4
order by id limit $5`

const beginning = '00000000-0000-0000-0000-000000000000'

/** Those that have been paused since before a time, in milliseconds, in ascending order after one of them. */
export async function readPaused(
	client: Queryable,
	{ task, step }: Family,
	before: number,
	after: string,
	most: number,
): Promise<string[]> {
	const { rows } = await client.query<{ id: string }>({
		name: 'taskyard:pausedSubTasks',
		text: statement,
		values: [task, step, before, after || beginning, most],
	})
	return rows.map(({ id }) => id)
}

export async function resumePaused(
	{ pool, door, clock }: Pick<FamilyOptions, 'pool' | 'door' | 'clock'>,
	family: Family,
	{ who, at }: { readonly who: number; readonly at: number },
): Promise<void> {
	for (let after = beginning; ; ) {
		const paused = await readPaused(pool, family, at, after, page)
		const [first, ...others] = paused
		if (!first) return
		const resume = (id: string) =>
			door.submit(id, ({ task }) =>
				task.state === 'paused' ? [{ fact: { kind: 'resume_asked', who, why: 'its parent was resumed', at: clock.now() } }] : null,
			)
		await resume(first)
		if (atFailurePoint) await atFailurePoint('subTasks.resumed', first)
		await Promise.all(others.map(resume))
		after = paused.at(-1) ?? first
	}
}
