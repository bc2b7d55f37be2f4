/** Task types for tests of the doors to the engine: one that ends well, one that a person has to help, one that waits for its gate,
 * one that asks, one that is not made twice, one with sub-tasks, one that waits for an event. */

import type { Callback } from '@taskyard/sdk/definition'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { suspend } from '@taskyard/sdk/suspend'
import { z } from 'zod'

/** Gates that are open, by name. */
const opened = new Map<string, PromiseWithResolvers<void>>()

function gate(name: string): PromiseWithResolvers<void> {
	const known = opened.get(name) ?? Promise.withResolvers<void>()
	opened.set(name, known)
	return known
}

/** Lets the tasks go on that wait at this gate, and those that come to it later. */
export const openGate = (name: string): void => gate(name).resolve()

const echo = defineTask({
	label: 'Sample::Echo',
	name: 'Echo {text}',
	description: 'Answers its input.',
	input: z.object({ text: z.string(), number: z.unknown().optional() }),
	output: z.object({ text: z.string(), number: z.unknown().optional() }),
	run: (input) => input,
})

const wait = defineTask({
	label: 'Sample::Wait',
	name: 'Wait at {gate}',
	input: z.object({ gate: z.string() }),
	async run(input, { signal }) {
		const aborted = Promise.withResolvers<never>()
		signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
		await Promise.race([gate(input.gate).promise, aborted.promise])
		return { passed: input.gate }
	},
})

let closed = true

/** Whether `Sample::Post` fails. */
export const closePost = (is: boolean): void => void (closed = is)

const post = defineTask({
	label: 'Sample::Post',
	name: 'Post {parcel}',
	input: z.object({ parcel: z.string() }),
	locks: [{ resource: { type: 'Parcel', id: '{parcel}' } }],
	run({ parcel }) {
		if (closed) throw new Failure('the post is closed: open it, then resume', { code: 'closed', details: { parcel } })
		return { sent: parcel }
	},
})

const ask = defineTask({
	label: 'Sample::Ask',
	input: z.object({}),
	confirmation: true,
	run: () => ({ done: true }),
})

const once = defineTask({
	label: 'Sample::Once',
	name: 'Only one at {gate}',
	input: z.object({ gate: z.string() }),
	onDuplicate: { key: '{gate}', policy: 'discard' },
	run: async (input) => {
		await gate(input.gate).promise
		return { passed: input.gate }
	},
})

const family = defineTask({
	label: 'Sample::Family',
	name: 'Several',
	input: z.object({ texts: z.array(z.string()) }),
	run: ({ texts }, context) =>
		context.fanOut(
			echo,
			texts.map((text) => ({ text })),
		),
})

/** What the steps of `Sample::Elsewhere` gave to the work elsewhere, by the id of their task. */
export const callbacks = new Map<string, Callback>()

const elsewhere = defineTask({
	label: 'Sample::Elsewhere',
	name: 'Work elsewhere',
	input: z.object({ expires: z.number().optional(), externalId: z.string().optional() }),
	output: z.object({ event: z.string(), payload: z.unknown() }),
	async run({ expires, externalId }, { taskId, wake, callback }) {
		const [event] = wake?.events ?? []
		if (event) return { event: event.name, payload: event.payload }
		callbacks.set(taskId, await callback({ ...(expires !== undefined && { expires }) }))
		return suspend({ ...(externalId !== undefined && { externalId, externalUrl: `http://elsewhere.example/${externalId}` }) })
	},
})

export const sampleTasks = [echo, wait, post, ask, once, family, elsewhere]
