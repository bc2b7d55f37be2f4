/** What the engine bench runs: steps that do nothing. A worker loads it by WORKER_TASKS. */

import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { z } from 'zod'

const input = z.object({})
const nothing = defineAction({ label: 'Bench::Nothing/nothing', input, run: () => undefined })
/** When it began, in nanoseconds of the clock that all processes of the machine share. */
const clock = defineAction({ label: 'Bench::First/clock', input, output: z.string(), run: () => process.hrtime.bigint().toString() })

export const tasks = [
	defineTask({
		label: 'Bench::Nothing',
		input,
		actions: [nothing],
		plan(plan) {
			plan.sequence(...Array.from({ length: 10 }, (_, index) => plan.step(nothing, {}, { name: `nothing ${index + 1}` })))
		},
	}),
	defineTask({ label: 'Bench::Single', input, actions: [nothing], plan: (plan) => void plan.sequence(plan.step(nothing, {})) }),
	defineTask({ label: 'Bench::First', input, actions: [clock], plan: (plan) => void plan.sequence(plan.step(clock, {})) }),
]
