/** When two claims on one resource conflict. */

import type { LockClaim } from './plan.ts'
import type { LockMode } from './states.ts'
import type { StepError } from './task.ts'

export function namesMeet(one: string, other: string): boolean {
	return one === other || one === '*' || other === '*'
}

/** Same resource is assumed: the names meet, and not both are shared. */
export function conflicts(one: { name: string; mode: LockMode }, other: { name: string; mode: LockMode }): boolean {
	return namesMeet(one.name, other.name) && !(one.mode === 'shared' && other.mode === 'shared')
}

/** A claim that was refused, and the tasks that hold what it conflicts with. */
export interface RefusedClaim {
	readonly claim: LockClaim
	readonly holders: readonly { readonly task: string; readonly name: string }[]
}

/** The error of a task whose claims were refused, naming the holders; `details.claims` is what the page links. */
export function lockConflict(refused: readonly RefusedClaim[]): StepError {
	const sentences = refused.map(({ claim, holders }) => {
		const who = holders.map((holder) => `"${holder.name}" (${holder.task})`).join(', ')
		const operation = claim.name === '*' ? 'all operations' : `operation "${claim.name}"`
		return `${claim.resource.type} ${claim.resource.title ?? claim.resource.id} is locked for ${operation}, held by ${who}`
	})
	return {
		message: `${sentences.join('; ')}. Resume this task when the holder has stopped.`,
		type: 'LockConflict',
		code: 'lock_conflict',
		trace: null,
		details: {
			claims: refused.map(({ claim, holders }) => ({
				resource: { type: claim.resource.type, id: claim.resource.id },
				name: claim.name,
				mode: claim.mode,
				holders: holders.map((holder) => holder.task),
			})),
		},
		reason: 'lock_conflict',
	}
}
