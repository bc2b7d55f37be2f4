/** The counts of a task's sub-tasks for people: what there is of each, in words. */

import type { SubTasksFragment } from '../graphql/generated/graphql.ts'

/** E.g. `7 of 10 sub-tasks ended: 6 success, 1 error; 1 paused`; null for a task that has none. */
export function subTasksText({ subTasks }: SubTasksFragment): string | null {
	if (!subTasks) return null
	const { total, open, paused, held, success, warning, error, cancelled } = subTasks
	const parts = (counts: Readonly<Record<string, number>>): string =>
		Object.entries(counts)
			.filter(([, count]) => count > 0)
			.map(([name, count]) => `${count} ${name}`)
			.join(', ')
	const ended = parts({ success, warning, error, cancelled })
	const others = parts({ paused, held })
	return `${total - open} of ${total} sub-tasks ended${ended === '' ? '' : `: ${ended}`}${others === '' ? '' : `; ${others}`}`
}
