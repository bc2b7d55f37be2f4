/** Shapes whose steps wait without a worker: for events, for work elsewhere that they look after, or to be told of a cancel. */

import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { z } from 'zod'
import { begin, effectsVariable, replace } from './effects.ts'

/** Under this name in the folder of the effects a step leaves the token that it gave away. */
export const tokenFile = (task: string): string => `${task}.token`

function leaveToken(task: string, token: string): void {
	const file = join(process.env[effectsVariable] as string, tokenFile(task))
	writeFileSync(`${file}.made`, token)
	renameSync(`${file}.made`, file)
}

interface Collected {
	readonly events: readonly string[]
}

/** Waits until two events have come, and answers their ids as often as it was given them. */
const collect = defineAction({
	label: 'Shape::Wait/collect',
	input: z.object({}),
	output: z.object({ events: z.array(z.string()) }),
	async run(_, context) {
		begin(context, 'run')
		const { wake } = context
		if (!wake) {
			leaveToken(context.taskId, (await context.callback()).token)
			return suspend({ state: { events: [] } satisfies Collected, externalId: context.taskId })
		}
		const events = [...(wake.state as Collected).events, ...wake.events.map(({ id }) => id)]
		if (events.length < 2) return suspend({ state: { events } satisfies Collected })
		await replace(context, 'run')
		return { events }
	},
})

/** Looks three times; the first time it cannot. */
const look = defineAction({
	label: 'Shape::Wait/look',
	input: z.object({}),
	output: z.object({ looks: z.number() }),
	run(_, context) {
		begin(context, 'run')
		return suspend({ state: { looks: 0 }, poll: { initial: 30, max: 60, failures: 100 } })
	},
	async poll(_, { looks }: { looks: number }, context) {
		begin(context, 'run')
		if (context.attempt % 4 === 2) throw new Error('the service does not answer')
		if (looks < 2) return suspend({ state: { looks: looks + 1 } })
		await replace(context, 'run')
		return { looks: looks + 1 }
	},
})

/** Gives a token away, and ends with what comes by it. */
const ask = defineAction({
	label: 'Shape::Answered/ask',
	input: z.object({}),
	output: z.object({ answer: z.number() }),
	async run(_, context) {
		begin(context, 'run')
		leaveToken(context.taskId, (await context.callback()).token)
		return suspend()
	},
})

const pass = defineAction({
	label: 'Shape::Answered/pass',
	input: z.object({ answer: z.number() }),
	output: z.object({ answer: z.number() }),
	async run({ answer }, context) {
		begin(context, 'run')
		await replace(context, 'run')
		return { answer }
	},
})

/** Waits for nothing but its cancel. */
const forEver = defineAction({
	label: 'Shape::Wait/forEver',
	input: z.object({}),
	run(_, context) {
		begin(context, 'run')
		return suspend({ state: { job: context.taskId } })
	},
	cancel(_, { job }: { job: string }, context) {
		begin(context, 'run')
		writeFileSync(join(process.env[effectsVariable] as string, `${job}.cancelled`), '')
	},
})

/** Waits for an event, or until a time in milliseconds since 1970. */
export const sleeping = defineTask({
	label: 'Shape::Sleep',
	input: z.object({ until: z.number().optional() }),
	run: ({ until }, { wake }) =>
		wake?.reason ?? suspend({ state: { until: until ?? null }, ...(until !== undefined && { until: new Date(until) }) }),
})

const resource = z.object({ resource: z.string() })
const locks = [{ resource: { type: 'Yard', id: '{resource}' }, name: 'shape', onConflict: 'wait' }] as const

export const answered = defineTask({
	label: 'Shape::Answered',
	input: resource,
	locks,
	actions: [ask, pass],
	plan(plan) {
		const asked = plan.step(ask, {})
		const passed = plan.step(pass, { answer: asked.output.answer })
		plan.sequence(asked, passed)
		return { answer: passed.output.answer }
	},
})

export const waiting = defineTask({
	label: 'Shape::Wait',
	input: resource,
	locks,
	actions: [collect, look],
	plan(plan) {
		const collected = plan.step(collect, {})
		plan.concurrence(collected, plan.step(look, {}))
		return { events: collected.output.events }
	},
})

export const waitingForEver = defineTask({
	label: 'Shape::WaitForEver',
	input: resource,
	locks,
	actions: [forEver],
	// One of them in a child of its own.
	plan: (plan) => void plan.concurrence(plan.step(forEver, {}), plan.step(forEver, {}, { isolation: 'own' })),
})
