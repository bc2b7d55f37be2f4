/** What the task of a bulk is given: small, for its items stand in a table of their own. */

import { z } from 'zod'
import { bulkActions } from '../../commands/types.ts'

export const bulkLabel = 'Taskyard::Bulk'

export const bulkInput = z.object({
	action: z.enum(bulkActions),
	/** How many tasks it acts on. */
	count: z.int().min(1),
	why: z.string().nullable(),
	confirmed: z.boolean().optional(),
	/** Id of the bulk that it does again, in part. */
	again: z.string().optional(),
})
export type BulkInput = z.output<typeof bulkInput>

export const bulkOutput = z.object({ done: z.int(), refused: z.int(), failed: z.int() })
export type BulkOutput = z.output<typeof bulkOutput>
