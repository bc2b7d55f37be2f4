/** What the engine bench runs: ten steps, one after the other, that do nothing. A worker loads it by WORKER_TASKS. */

import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { z } from 'zod'

const nothing = defineAction({ label: 'Bench::Nothing/nothing', input: z.object({}), run: () => undefined })

export const tasks = [
	defineTask({
		label: 'Bench::Nothing',
		input: z.object({}),
		actions: [nothing],
		plan(plan) {
			plan.sequence(...Array.from({ length: 10 }, (_, index) => plan.step(nothing, {}, { name: `nothing ${index + 1}` })))
		},
	}),
]
