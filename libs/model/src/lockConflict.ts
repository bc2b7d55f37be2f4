/** The error of a task that did not get its locks, in sentences that name the tasks in the way. */

import type { CycleLink } from './lockCycle.ts'
import type { LockClaim } from './plan.ts'
import type { StepError } from './task.ts'

interface Named {
	readonly task: string
	readonly name: string
}

/** A claim that was refused, and the tasks that it conflicts with. */
export interface RefusedClaim {
	readonly claim: LockClaim
	readonly holders: readonly Named[]
	/** Those that stand in line for it. */
	readonly line: readonly Named[]
	/** Whether more stand in the way than are named. */
	readonly others: boolean
}

/** The error of a task whose claims were refused, naming the holders; `details.claims` is what the page links. */
export function lockConflict(refused: readonly RefusedClaim[]): StepError {
	const count = new Set(refused.flatMap(({ holders, line }) => [...holders, ...line].map(({ task }) => task))).size
	const many = count > 1 || refused.some(({ others }) => others)
	return lockError(`${refused.map(sentence).join('; ')}. Resume this task when ${many ? 'they have' : 'the holder has'} stopped.`, {
		claims: refused.map(({ claim, holders, line }) => claimDetails(claim, [...holders, ...line])),
	})
}

function sentence({ claim, holders, line, others }: RefusedClaim): string {
	const held = holders.length > 0 ? `held by ${listed(holders)}` : null
	const before = line.length > 0 ? `claimed earlier by ${listed(line)}` : null
	const more = others ? 'and by others' : null
	return `${resourceText(claim)} is locked for ${operationText(claim)}, ${[held, before, more].filter((part) => part !== null).join(', ')}`
}

/**
 * The error of a task whose wait would never end.
 *
 * @param claim the one that waits for the first task of the cycle
 * @param cycle from the task back to itself
 * @param nameOf the name of a task of the cycle
 */
export function cycleConflict(claim: LockClaim, cycle: readonly CycleLink[], nameOf: (task: string) => string): StepError {
	const quoted = (task: string): string => `"${nameOf(task)}" (${task})`
	const links = cycle.map(({ task, on, kind }) => {
		if (kind === 'sub_task') return `${quoted(task)} waits for its sub-task ${quoted(on)}`
		if (kind === 'dependency') return `${quoted(task)} depends on ${quoted(on)}`
		return `${quoted(task)} waits for a lock after ${quoted(on)}`
	})
	const first = cycle[0]?.on
	return lockError(
		`To wait for ${resourceText(claim)}, for ${operationText(claim)}, would never end: ${links.join(', ')}. Cancel one of them, then resume this task.`,
		{
			claims: [claimDetails(claim, first === undefined ? [] : [{ task: first }])],
			cycle: cycle.map(({ task, on, kind }) => ({ task, name: nameOf(task), on, kind })),
		},
	)
}

function resourceText({ resource }: LockClaim): string {
	return `${resource.type} ${resource.title ?? resource.id}`
}

function operationText({ name }: LockClaim): string {
	return name === '*' ? 'all operations' : `operation "${name}"`
}

function listed(tasks: readonly Named[]): string {
	return tasks.map(({ task, name }) => `"${name}" (${task})`).join(', ')
}

function claimDetails({ resource, name, mode }: LockClaim, holders: readonly { readonly task: string }[]): object {
	return { resource: { type: resource.type, id: resource.id }, name, mode, holders: holders.map(({ task }) => task) }
}

function lockError(message: string, details: object): StepError {
	return { message, type: 'LockConflict', code: 'lock_conflict', trace: null, details, reason: 'lock_conflict' }
}
