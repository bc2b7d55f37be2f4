import type { SubTaskCountsFragment, SubTaskFilter } from '../graphql/generated/graphql.ts'

export type SubTaskCounts = SubTaskCountsFragment

/** Sub-tasks with something in common, and what it is called. */
export interface CountedAs {
	readonly filter: SubTaskFilter
	readonly name: string
}

/** What needs a person stands first, what went well last. */
export const countedAs: readonly CountedAs[] = [
	{ filter: 'paused', name: 'Paused' },
	{ filter: 'error', name: 'Failed' },
	{ filter: 'warning', name: 'Warning' },
	{ filter: 'cancelled', name: 'Cancelled' },
	{ filter: 'open', name: 'Not ended' },
	{ filter: 'held', name: 'Held by the limit' },
	{ filter: 'success', name: 'Succeeded' },
]

/** Those of which there are some. */
export function presentCounts(counts: SubTaskCounts): readonly (CountedAs & { readonly count: number })[] {
	return countedAs.map((counted) => ({ ...counted, count: counts[counted.filter] })).filter(({ count }) => count > 0)
}

/** The filter that an address names; null for all. */
export function filterFrom(word: string | null): CountedAs | null {
	return countedAs.find(({ filter }) => filter === word) ?? null
}

/** Where the sub-tasks of a task are shown, all or some of them. */
export function subTasksAddress(task: string, { step, filter }: { step?: number | null; filter?: SubTaskFilter | null } = {}): string {
	const parameters = new URLSearchParams()
	if (step != null) parameters.set('step', String(step))
	if (filter) parameters.set('filter', filter)
	const search = parameters.toString()
	return `/tasks/${task}/subtasks${search && `?${search}`}`
}
