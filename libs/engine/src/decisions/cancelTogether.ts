/** Cancels tasks that have not begun, by one statement, with all that follows for others. */

import { enqueue } from '@taskyard/dispatch/jobs'
import { removeJobs } from '@taskyard/dispatch/removeJobs'
import type { Queryable } from '@taskyard/store/connection'
import { cancelWaiting } from '@taskyard/store/tasks/cancelWaiting'
import { countChanges } from '../subTasks/consequences.ts'

/**
 * Answers the ids of those that are cancelled by this, in the caller's transaction. The others have begun, have
 * stopped, or mean something to others: they are cancelled one by one.
 *
 * @param ids at most `largestCancel`
 */
export async function cancelTogether(
	client: Queryable,
	ids: readonly string[],
	by: { readonly who: number | null; readonly why: string | null },
): Promise<ReadonlySet<string>> {
	const cancelled = await cancelWaiting(client, ids, by)
	const gone = cancelled.map((one) => one.id)
	// One that was held took no place in the limit of its fan-out.
	const changes = cancelled.flatMap(({ member, held, parent }) =>
		member && parent ? [{ ...parent, open: -1, cancelled: 1, ...(held && { held: -1 }) }] : [],
	)
	if (changes.length > 0) await enqueue(client, await countChanges(client, changes, gone[0]))
	await removeJobs(client, gone)
	return new Set(gone)
}
