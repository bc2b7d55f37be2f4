/** Task types of the kill tests, one for each shape that a life can have. Loaded by workers; what they do is told in `effects.ts`. */

import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { z } from 'zod'
import { duplicates } from './duplicateShape.ts'
import { families } from './familyShape.ts'
import { begin, type Doing, effectsVariable, replace } from './effects.ts'
import { ledger } from './ledgerShape.ts'
import { answered, sleeping, waiting, waitingForEver } from './waitingShape.ts'

const soon = { attempts: 3, backoff: 'fixed', initial: 20, max: 20, jitter: 0 } as const

async function leave(context: StepContext, doing: Doing): Promise<void> {
	begin(context, doing)
	await context.log(`${doing} by attempt ${context.attempt}`)
	context.progress(0.5)
	await replace(context, doing)
}

/** Leaves its effects and hands on what it was given. */
const mark = defineAction({
	label: 'Shape::Any/mark',
	input: z.object({ from: z.unknown().optional() }),
	output: z.object({ step: z.number() }),
	async run(_, context) {
		await leave(context, 'run')
		return { step: context.step }
	},
})

const markTwice = defineAction({
	label: 'Shape::Any/markTwice',
	input: z.object({}),
	output: z.object({ step: z.number() }),
	async run(_, context) {
		await leave(context, 'run')
		return { step: context.step }
	},
	finalize: (_, __, context) => leave(context, 'finalize'),
})

/** Fails at its first try. */
const stumble = defineAction({
	label: 'Shape::Any/stumble',
	input: z.object({}),
	output: z.object({ step: z.number() }),
	retry: soon,
	async run(_, context) {
		begin(context, 'run')
		if (context.tries === 0) throw new Failure('the first try fails')
		await replace(context, 'run')
		return { step: context.step }
	},
})

const resource = z.object({ resource: z.string() })
const lock = { resource: { type: 'Yard', id: '{resource}' }, name: 'shape' }

/** A sequence with a concurrence in it, a lock, a retry, two finalizes. */
const whole = defineTask({
	label: 'Shape::Whole',
	input: resource,
	locks: [{ ...lock, onConflict: 'wait' }],
	actions: [mark, markTwice, stumble],
	plan(plan) {
		const first = plan.step(markTwice, {})
		const left = plan.step(mark, { from: first.output.step })
		const right = plan.step(stumble, {})
		const last = plan.step(markTwice, {})
		plan.sequence(first, plan.concurrence(left, right), last)
		return { steps: [first.output.step, left.output.step, right.output.step, last.output.step] }
	},
})

const undo = defineAction({
	label: 'Shape::Revert/undo',
	input: z.object({}),
	async run(_, context) {
		await leave(context, 'run')
	},
	revert: (_, __, context) => leave(context, 'revert'),
})

const fail = defineAction({
	label: 'Shape::Revert/fail',
	input: z.object({}),
	rescue: 'revert',
	run(_, context) {
		begin(context, 'run')
		throw new Failure('this cannot be done', { retryable: false })
	},
})

/** Does, fails, and takes back. */
const revert = defineTask({
	label: 'Shape::Revert',
	input: resource,
	locks: [{ ...lock, onConflict: 'wait' }],
	actions: [undo, fail],
	plan(plan) {
		plan.sequence(plan.step(undo, {}), plan.concurrence(plan.step(undo, {}), plan.step(undo, {})), plan.step(fail, {}))
	},
})

/** Ends with the signal, or never. */
const hold = defineAction({
	label: 'Shape::Hold/hold',
	input: z.object({ deaf: z.boolean() }),
	async run({ deaf }, context) {
		begin(context, 'run')
		await new Promise<never>((_, reject) => {
			if (!deaf) context.signal.addEventListener('abort', () => reject(context.signal.reason as Error))
			// Without a timer a child that has nothing else to do would end.
			setInterval(() => context.heartbeat(), 1_000)
		})
	},
})

/** Runs until it is cancelled. */
const holding = defineTask({
	label: 'Shape::Hold',
	input: resource.extend({ deaf: z.boolean().default(false) }),
	locks: [{ ...lock, onConflict: 'wait' }],
	actions: [mark, hold],
	plan(plan, { deaf }) {
		plan.sequence(plan.step(mark, {}), plan.step(hold, { deaf }), plan.step(mark, {}))
	},
})

/** A step that fails until its file is there. */
const wish = defineAction({
	label: 'Shape::Stuck/wish',
	input: z.object({ file: z.string() }),
	async run({ file }, context) {
		begin(context, 'run')
		if (!existsSync(file)) throw new Failure('somebody has to do something first')
		await replace(context, 'run')
	},
})

/** Pauses until somebody has done something. */
const stuck = defineTask({
	label: 'Shape::Stuck',
	input: resource.extend({ file: z.string() }),
	locks: [{ ...lock, onConflict: 'wait' }],
	actions: [mark, wish],
	plan(plan, { file }) {
		plan.sequence(plan.step(mark, {}), plan.step(wish, { file }), plan.step(mark, {}))
	},
})

const large = defineAction({
	label: 'Shape::Large/large',
	input: z.object({ characters: z.number() }),
	output: z.object({ text: z.string() }),
	async run({ characters }, context) {
		await leave(context, 'run')
		return { text: 'ü'.repeat(characters) }
	},
})

/** Outputs that make a group of their own. */
const largeOutputs = defineTask({
	label: 'Shape::Large',
	input: z.object({ characters: z.number() }),
	actions: [large],
	plan(plan, { characters }) {
		const all = plan.map([1, 2, 3], () => plan.step(large, { characters }), { order: 'concurrence' })
		const last = plan.step(large, { characters: 1 })
		plan.sequence(all, last)
		return { texts: all.made.map(({ output }) => output.text) }
	},
})

let gate: Promise<void> | null = null

/** Opens for all plans of this process in one turn, so that their outcomes are one group. */
function opened(): Promise<void> {
	if (gate) return gate
	const folder = process.env[effectsVariable] as string
	const isOpen = (): boolean => existsSync(join(folder, 'gate'))
	if (isOpen()) return Promise.resolve()
	gate = new Promise((resolve) => {
		const watcher = watch(folder, () => {
			if (!isOpen()) return
			watcher.close()
			gate = null
			resolve()
		})
	})
	return gate
}

/** Many of these are planned at once, and the name of one of them cannot be stored. */
const poisoned = defineTask({
	label: 'Shape::Together',
	input: z.object({ poisoned: z.boolean() }),
	actions: [mark],
	async plan(plan, input) {
		await opened()
		plan.name(input.poisoned ? 'a\0b' : 'a and b')
		plan.step(mark, {})
	},
})

const slow = defineAction({
	label: 'Shape::Slow/slow',
	input: z.object({ file: z.string() }),
	output: z.object({ attempt: z.number() }),
	async run({ file }, context) {
		begin(context, 'run')
		// At once, so that nothing comes between its last look and its outcome.
		const cell = new Int32Array(new SharedArrayBuffer(4))
		while (context.attempt === 1 && !existsSync(file)) Atomics.wait(cell, 0, 0, 5)
		if (context.attempt > 1) await replace(context, 'run')
		return { attempt: context.attempt }
	},
})

/** Its first attempt blocks its whole child until the file is there; another one ends at once. */
const blocking = defineTask({
	label: 'Shape::Slow',
	input: resource.extend({ file: z.string() }),
	locks: [{ ...lock, onConflict: 'wait' }],
	actions: [slow, mark],
	plan(plan, { file }) {
		plan.sequence(plan.step(slow, { file }), plan.step(mark, {}))
	},
})

export const tasks = [
	whole,
	revert,
	holding,
	stuck,
	largeOutputs,
	poisoned,
	blocking,
	ledger,
	waiting,
	waitingForEver,
	sleeping,
	answered,
	...duplicates,
	...families,
]
