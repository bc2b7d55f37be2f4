import type { StepError, WaitingFor } from '@taskyard/model/task'
import type { Queryable } from '@taskyard/store/connection'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { claimLocks } from './claimLocks.ts'

/** What became of the claims of an unlocked task that a person resumes. `refused`: nothing stands, the conflict names the holders. */
export type ClaimedAgain =
	| { readonly kind: 'granted' }
	| { readonly kind: 'queued'; readonly waitingFor: WaitingFor }
	| { readonly kind: 'refused'; readonly conflict: StepError }

/**
 * Takes the locks of a plan again after an unlock has released them, in the transaction that resumes the task and that
 * has locked its row. Call it once in a transaction, before others lock resources in it. A refused task stays as it is;
 * for the others follow `resume_asked`, for a queued one `claims_queued` with its `waitingFor`, and a job.
 */
export async function claimAgain(client: Queryable, { task }: LoadedTask): Promise<ClaimedAgain> {
	const { taken } = await claimLocks(client, task.id, task.plan?.locks ?? [])
	return taken
}
