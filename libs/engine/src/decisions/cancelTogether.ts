/** Cancels tasks that have not begun, by one statement, with all that follows for others. */

import { removeJobs } from '@taskyard/dispatch/removeJobs'
import type { Queryable } from '@taskyard/store/connection'
import { cancelWaiting } from '@taskyard/store/tasks/cancelWaiting'

/**
 * Answers the ids of those that are cancelled by this, in the caller's transaction. The others have begun, have
 * stopped, or mean something to others: they are cancelled one by one.
 *
 * @param ids at most `largestCancel`
 */
export async function cancelTogether(
	client: Queryable,
	ids: readonly string[],
	order: { readonly who: number; readonly why: string | null },
): Promise<ReadonlySet<string>> {
	const cancelled = await cancelWaiting(client, ids, order)
	const gone = cancelled.map((one) => one.id)
	await removeJobs(client, gone)
	return new Set(gone)
}
