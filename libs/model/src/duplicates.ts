/**
 * Duplicates: tasks of one type with the same key, and whether a new one runs beside them, waits, or is not made.
 *
 * A task with a key claims the resource (`duplicate`, label and key) from its start to its end, like a lock that waits in
 * line. What is discarded is decided when it is started, by what stands there then.
 */

import type { LockClaim } from './plan.ts'
import { renderTemplate } from './template.ts'

/**
 * What becomes of a task while another one of its key has not stopped: `serial` runs after those before it, `queue_one`
 * too, but only one waits and a third is not made; `discard` makes no second one.
 */
export const duplicatePolicies = ['serial', 'queue_one', 'discard'] as const
export type DuplicatePolicy = (typeof duplicatePolicies)[number]

export interface Duplicates {
	/** Template over the input; without any field all tasks of the type have one key. */
	readonly key: string
	readonly policy: DuplicatePolicy
}

/** Type of the resources that stand for keys. No author locks one. */
export const duplicateType = 'duplicate'

/** How many tasks of one key may stand there, the running one included. */
const most = { serial: null, queue_one: 2, discard: 1 } as const

/** The claim that a task makes when it is started. @param input with its defaults filled in */
export function duplicateClaim(label: string, { key, policy }: Duplicates, input: unknown): LockClaim {
	const rendered = renderTemplate(key, input)
	const limit = most[policy]
	return {
		resource: { type: duplicateType, id: `${label}:${rendered}`, title: rendered === '' ? `of ${label}` : `of ${label} ${rendered}` },
		name: '*',
		mode: 'exclusive',
		onConflict: policy === 'discard' ? 'fail' : 'wait',
		...(limit !== null && { most: limit }),
	}
}

export function isDuplicateClaim({ resource }: Pick<LockClaim, 'resource'>): boolean {
	return resource.type === duplicateType
}

/** What a start comes to. `discarded` names the task that counts in place of a new one. */
export type DuplicateAdmission =
	| { readonly kind: 'granted' }
	| { readonly kind: 'in_line' }
	| { readonly kind: 'discarded'; readonly task: string }

/** @param before the tasks whose claims stand before this one, in the order of the line; as many as the policy has to know of */
export function admitDuplicate(claim: LockClaim, before: readonly string[]): DuplicateAdmission {
	const last = claim.most === undefined ? undefined : before[claim.most - 1]
	if (last !== undefined) return { kind: 'discarded', task: last }
	return { kind: before.length === 0 ? 'granted' : 'in_line' }
}
