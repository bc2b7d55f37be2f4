import type { ClaimWatcher } from '@taskyard/store/tasks/takeLocks'
import type { ReleaseWatcher } from '@taskyard/store/tasks/releaseLocks'
import { atFailurePoint } from '../failurePoint.ts'

/** Stops at the failure points between the statements that claim or release locks; null where there is none to stop at. */
export function lockWatcher(task: string | undefined): (ClaimWatcher & ReleaseWatcher) | null {
	const hook = atFailurePoint
	return hook && ((done) => hook(`lock.${done}`, task))
}
