import type { Queryable } from '@taskyard/store/connection'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { claimLocks, type ClaimedLocks } from './claimLocks.ts'

/**
 * Takes the locks of a plan again after an unlock has released them, in the transaction that resumes the task and that
 * has locked its row. Call it once in a transaction, before others lock resources in it. A refused task stays as it is;
 * for the others follow `resume_asked`, for a queued one `claims_queued` with its `waitingFor`, and a job. Tasks that
 * were granted theirs on the way need a job too.
 */
export function claimAgain(client: Queryable, { task }: LoadedTask): Promise<ClaimedLocks> {
	return claimLocks(client, task.id, task.plan?.locks ?? [])
}
