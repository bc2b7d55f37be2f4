/** The claim of a task on its duplicate key, for its plan: with that, a resume after an unlock claims it again. */

import { duplicateClaim, type DuplicatePolicy } from '@taskyard/model/duplicates'
import { withInputDefaults } from '@taskyard/model/inputDefaults'
import { parseJson } from '@taskyard/model/json'
import type { LockClaim } from '@taskyard/model/plan'
import type { TaskTypeData } from '@taskyard/sdk/definition'
import type { Queryable } from '@taskyard/store/connection'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { readDuplicateClaim } from '@taskyard/store/tasks/standingClaims'

/** A policy whose type has none any more goes on as the one that drops nothing. */
const remaining: DuplicatePolicy = 'serial'

/** What an input asks for as a task of this type; null for a type without a key. */
export function duplicateClaimFor({ label, duplicates, inputSchema }: TaskTypeData, input: unknown): LockClaim | null {
	return duplicates ? duplicateClaim(label, duplicates, withInputDefaults(inputSchema, input)) : null
}

/**
 * The claim of a task that was started with one. The key is that of the start, also when the type has another template
 * by now; a claim that an unlock has released is made of the input once more.
 */
export async function duplicateClaimOf(client: Queryable, { task, input }: LoadedTask, data: TaskTypeData): Promise<LockClaim | null> {
	const standing = await readDuplicateClaim(client, task.id)
	if (!standing) return duplicateClaimFor(data, parseJson(input ?? 'null'))
	const policy = data.duplicates?.policy ?? remaining
	return { ...duplicateClaim(task.label, { key: '', policy }, null), resource: standing.resource }
}
