/**
 * The rules of `model/locks` as conditions in SQL, on two rows of `lock`, or of what is about to become one, by their
 * aliases. A property test compares both on random lines.
 */

import { lockModeCode } from './codes.ts'

const shared = lockModeCode.encode('shared')
const exclusive = lockModeCode.encode('exclusive')

/** On one resource: the names meet and not both are shared, and neither task is an ancestor of the other. */
export function conflicting(mine: string, other: string): string {
	return `${other}.resource_id = ${mine}.resource_id and (${other}.name = ${mine}.name or ${other}.name = '*' or ${mine}.name = '*')
  and not (${other}.mode = ${shared} and ${mine}.mode = ${shared})
  and ${other}.task_id <> ${mine}.task_id and ${other}.task_id <> all(${mine}.ancestors) and ${mine}.task_id <> all(${other}.ancestors)`
}

/** A lock of an ancestor counts as its own. */
export function covered(mine: string): string {
	return `(${mine}.ancestors <> '{}' and exists (
    select from lock held where held.resource_id = ${mine}.resource_id and held.granted and held.task_id = any(${mine}.ancestors)
      and held.name in (${mine}.name, '*') and (held.mode = ${exclusive} or ${mine}.mode = ${shared})))`
}

/** The claim `other` must go before `mine`, which stands in line and is not covered, can be granted. */
export function standingBefore(mine: string, other: string): string {
	return `${conflicting(mine, other)} and (${other}.granted or ${other}.place < ${mine}.place)`
}

/** Descendants of the task of a claim stand in the line of its resource: the claim, once granted, is their own too. */
export function hasDescendantsInLine(held: string): string {
	return `exists (select from lock line where line.resource_id = ${held}.resource_id and not line.granted and line.ancestors <> '{}'
    and ${held}.task_id = any(line.ancestors))`
}
