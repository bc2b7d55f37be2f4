/** Which starts of a transaction make a task, for types with a duplicate key. */

import type { PoolClient } from '@taskyard/store/connection'
import { admitDuplicates, type AdmittedDuplicate, type DuplicateStart } from '@taskyard/store/tasks/claimDuplicates'
import type { PreparedStart } from './prepareStart.ts'

/** @param created the rows of the tasks were made in this transaction */
export async function admitStarts(client: PoolClient, starts: readonly PreparedStart[], created = false): Promise<AdmittedDuplicate[]> {
	const keyed = starts.flatMap(({ task, duplicate }): DuplicateStart[] =>
		duplicate ? [{ task: task.id, parent: task.parent?.task ?? null, claim: duplicate, ...(created && { created }) }] : [],
	)
	return keyed.length === 0 ? [] : admitDuplicates(client, keyed)
}

/** The discarded ones, with the tasks that count in their place. */
export function countingOf(admitted: readonly AdmittedDuplicate[]): ReadonlyMap<string, string> {
	return new Map(admitted.flatMap(({ task, admission }) => (admission.kind === 'discarded' ? [[task, admission.task] as const] : [])))
}
