/**
 * Finds steps whose sub-tasks mean something to them that they were not told, and sub-tasks that the end of their parent
 * has left behind; and it stores how far those are that wait. A page at a time, round and round; the finding is looked after as it would have been by its job.
 */

import type { Pool } from '@taskyard/store/connection'
import { findUntended } from '@taskyard/store/tasks/findUntended'
import { reportFamilies } from '@taskyard/store/tasks/reportFamilies'
import { findOrphaned } from '@taskyard/store/tasks/subTasksToEnd'
import { cancelSubTasks } from '../subTasks/cancelSubTasks.ts'
import { type FamilyOptions, tendFamily } from '../subTasks/families.ts'

/** Tasks of one statement at most. */
const page = 500
/** How often they are looked for, in milliseconds: what was not lost comes by a job. */
const every = 2_000

const beginning = '00000000-0000-0000-0000-000000000000'

export interface SweepFamiliesOptions extends FamilyOptions {
	readonly pool: Pool
}

/** Answers a function that looks at one page, now and then. */
export function openFamilySweep(options: SweepFamiliesOptions, spacing = every): () => Promise<void> {
	let parents = beginning
	let children = beginning
	let lookedAt = -spacing

	return async () => {
		if (performance.now() - lookedAt < spacing) return
		lookedAt = performance.now()
		await reportFamilies(options.pool, parents, page)
		const { untended, next } = await findUntended(options.pool, parents, page)
		parents = next ?? beginning
		for (const family of untended) await tendFamily(options, family)
		const { orphaned, next: nextChild } = await findOrphaned(options.pool, children, page)
		children = nextChild ?? beginning
		for (const ending of orphaned) await cancelSubTasks(options, ending)
	}
}
