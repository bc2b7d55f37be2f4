/** Task types for a worker that is started by `WORKER_TASKS`: one with sub-tasks, of which a person may have to help some. */

import { existsSync } from 'node:fs'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'

const memberInput = z.object({ name: z.string(), needs: z.string().optional() })

const member = defineTask({
	label: 'Crew::Member',
	name: '{name}',
	input: memberInput,
	run({ needs }) {
		if (needs !== undefined && !existsSync(needs)) throw new Failure(`${needs} is missing: make it, then resume`, { code: 'missing' })
	},
})

const crew = defineTask({
	label: 'Crew::Muster',
	name: 'Crew {name}',
	input: z.object({ name: z.string(), members: z.array(memberInput) }),
	run: ({ members }, context) => context.fanOut(member, members),
})

/** What a worker offers of this module. @public */
export const tasks = [member, crew]
