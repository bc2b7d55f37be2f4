/** Shapes that fan out: to sub-tasks that end, that stand until they are let go on, and that wait for their cancel. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'
import { begin, effectsVariable, replace } from './effects.ts'

/** While it is missing in the folder of the effects, sub-tasks that are to stand do. */
export const openFile = (family: string): string => `${family}.open`

const isOpen = (family: string): boolean => existsSync(join(process.env[effectsVariable] as string, openFile(family)))

const does = z.enum(['end', 'stand', 'wait', 'fail'])
export type Does = z.infer<typeof does>

const act = defineAction({
	label: 'Shape::Member/act',
	input: z.object({ family: z.string(), does }),
	async run({ family, does }, context) {
		begin(context, 'run')
		if (does === 'stand' && !isOpen(family)) throw new Failure('it stands until somebody looks at it', { retryable: false })
		if (does === 'fail') throw new Failure('it fails', { retryable: false })
		if (does === 'wait') {
			const { signal } = context
			await new Promise((_, reject) => {
				if (signal.aborted) reject(signal.reason as Error)
				signal.addEventListener('abort', () => reject(signal.reason as Error))
			})
		}
		await replace(context, 'run')
	},
})

const member = defineTask({
	label: 'Shape::Member',
	input: z.object({ family: z.string(), does }),
	actions: [act],
	plan(plan, input) {
		plan.sequence(plan.step(act, input, { rescue: input.does === 'fail' ? 'fail' : 'pause' }))
	},
})

const family = defineTask({
	label: 'Shape::Family',
	input: z.object({ family: z.string(), members: z.array(does), leaveRunning: z.boolean(), limit: z.number().default(3) }),
	output: z.object({ success: z.number(), warning: z.number() }),
	rescue: 'pause',
	run({ family, members, leaveRunning, limit }, context) {
		begin(context, 'run')
		return context.fanOut(
			member,
			members.map((does) => ({ family, does })),
			{ limit, leaveRunning },
		)
	},
	async joined(_, { success, warning }, context) {
		begin(context, 'run')
		await replace(context, 'run')
		return { success, warning }
	},
})

export const families = [member, family]
