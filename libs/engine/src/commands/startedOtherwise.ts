import { bulkLabel } from '../platform/bulk/input.ts'
import { refuse } from './refuse.ts'
import type { Refused } from './types.ts'

/** Tasks that are more than their input: whoever starts or repeats one by its label would leave the rest out. Null for all others. */
export function startedOtherwise(label: string): Refused | null {
	if (label !== bulkLabel) return null
	return refuse(
		'started_otherwise',
		'A bulk is started with the tasks that it is to act on, by startBulk, and done again by bulkAgain; not by its type and input alone.',
	)
}
