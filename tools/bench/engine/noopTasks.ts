/** What the engine bench runs: steps that do nothing. A worker loads it by WORKER_TASKS. */

import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { z } from 'zod'

const input = z.object({})
const nothing = defineAction({ label: 'Bench::Nothing/nothing', input, run: () => undefined })
/** When it began, in nanoseconds of the clock that all processes of the machine share. */
const clock = defineAction({ label: 'Bench::First/clock', input, output: z.string(), run: () => process.hrtime.bigint().toString() })
const waiting = defineAction({ label: 'Bench::Event/waiting', input, run: (_, context) => (context.wake ? undefined : suspend()) })

const single = defineTask({ label: 'Bench::Single', input, actions: [nothing], plan: (plan) => void plan.sequence(plan.step(nothing, {})) })

export const tasks = [
	defineTask({
		label: 'Bench::Nothing',
		input,
		actions: [nothing],
		plan(plan) {
			plan.sequence(...Array.from({ length: 10 }, (_, index) => plan.step(nothing, {}, { name: `nothing ${index + 1}` })))
		},
	}),
	single,
	defineTask({
		label: 'Bench::FanOut',
		input: z.object({ count: z.number(), limit: z.number().optional() }),
		run: ({ count, limit }, context) =>
			context.fanOut(
				single,
				Array.from({ length: count }, () => ({})),
				limit === undefined ? {} : { limit },
			),
	}),
	/** No worker takes them. */
	defineTask({ label: 'Bench::Waiting', input, queue: 'bench waits', run: () => undefined }),
	defineTask({
		label: 'Bench::Event',
		input,
		actions: [waiting, clock],
		plan: (plan) => void plan.sequence(plan.step(waiting, {}), plan.step(clock, {})),
	}),
	defineTask({ label: 'Bench::First', input, actions: [clock], plan: (plan) => void plan.sequence(plan.step(clock, {})) }),
]
