import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { Failure } from '@taskyard/sdk/failure'
import { runInMemory } from '@taskyard/sdk/runInMemory'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { useTaskyard } from './taskyard.ts'

const empty = z.object({})
let broken = 0
const done: string[] = []

const weigh = defineAction({
	label: 'Test::Parcel/weigh',
	input: z.object({ name: z.string() }),
	output: z.object({ grams: z.number() }),
	retry: { attempts: 2, initial: 5, max: 5, jitter: 0 },
	async run({ name }, { log, attempt }) {
		await log(`weighing ${name}`)
		if (name === 'wobbly' && attempt === 1) throw new Failure('the scales wobble')
		return { grams: name.length }
	},
	finalize: ({ name }, { grams }) => void done.push(`finalize ${name} ${grams}`),
	revert: ({ name }, { grams }) => void done.push(`revert ${name} ${grams}`),
})
const send = defineAction({
	label: 'Test::Parcel/send',
	input: z.object({ grams: z.array(z.number()) }),
	output: z.object({ total: z.number() }),
	run({ grams }) {
		if (broken-- > 0) throw new Failure('the post is closed: open it, then resume', { code: 'closed' })
		return { total: grams.reduce((sum, one) => sum + one, 0) }
	},
})

const parcel = defineTask({
	label: 'Test::Parcel',
	input: z.object({ names: z.array(z.string()), revert: z.boolean().default(false) }),
	output: z.object({ total: z.number() }),
	locks: [{ resource: { type: 'Post', id: 'here' }, mode: 'shared' }],
	actions: [weigh, send],
	plan(plan, { names, revert }) {
		const weighed = plan.map(names, (name) => plan.step(weigh, { name }), { order: 'concurrence' })
		const sent = plan.step(send, { grams: weighed.made.map(({ output }) => output.grams) })
		plan.sequence(weighed, sent, revert ? { rescue: 'revert' } : {})
		return { total: sent.output.total }
	},
})
const asks = defineTask({
	label: 'Test::Asks',
	input: empty,
	run: async (_, { tasks }) => (await tasks.run(parcel, { names: ['tea'] })).total,
})
const waits = defineTask({
	label: 'Test::Waits',
	input: empty,
	run: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
})

const taskyard = useTaskyard({ tasks: [parcel, asks, waits] })

describe('a Taskyard of a test', () => {
	test('runs a task until it stops', async () => {
		const run = await taskyard.run(parcel, { names: ['books', 'tea'] })
		expect(run).toMatchObject({ state: 'stopped', result: 'success', output: { total: 8 } })
		expect(run.log.map(({ line }) => line)).toEqual(['weighing books', 'weighing tea'])
		expectTypeOf(run.output).toEqualTypeOf<{ total: number } | undefined>()
	})

	test('answers one that paused, and resumes it', async () => {
		broken = 1
		const paused = await taskyard.run(parcel, { names: ['tea'] })
		expect(paused).toMatchObject({ state: 'paused', reason: 'failed', steps: [{ state: 'success' }, { error: { code: 'closed' } }] })
		expect(await taskyard.resume(paused.id)).toMatchObject({ state: 'stopped', result: 'warning', output: { total: 3 } })
	})

	test('cancels a task that runs', async () => {
		const id = await taskyard.start(waits, {})
		await taskyard.reached(id, 'running')
		expect(await taskyard.cancel(id)).toMatchObject({ result: 'cancelled', steps: [{ state: 'cancelled' }] })
	})

	test('refuses what the engine refuses', async () => {
		await expect(taskyard.run(parcel, { names: 'tea' as never })).rejects.toThrow('The input does not fit Test::Parcel: /names')
	})
})

describe('the harness in memory ends as the engine does', () => {
	test.each<[string, { names: string[]; revert?: boolean }, number]>([
		['a success', { names: ['tea', 'books'] }, 0],
		['a back-off', { names: ['wobbly'] }, 0],
		['a failure', { names: ['tea'] }, 1],
		['a revert', { names: ['tea', 'books'], revert: true }, 1],
	])('%s', async (_, input, failures) => {
		const seen = (run: { steps: readonly { state: string; attempt: number }[] } & Record<'state' | 'result' | 'reason', unknown>) => ({
			state: run.state,
			result: run.result,
			reason: run.reason,
			steps: run.steps.map(({ state, attempt }) => ({ state, attempt })),
			done: done.splice(0),
		})
		done.length = 0
		broken = failures
		const real = seen(await taskyard.run(parcel, input))
		broken = failures
		expect(seen(await runInMemory(parcel, input))).toEqual(real)
	})

	test('another task', async () => {
		broken = 0
		const real = await taskyard.run(asks, {})
		const run = await runInMemory(asks, {})
		expect([run.result, run.output]).toEqual([real.result, real.output])
		expect(run.output).toBe(3)
	})
})

test('the example of the README is a test that passes', async () => {
	const [readme, example] = await Promise.all(
		['../README.md', 'example.test.ts'].map((file) => readFile(join(import.meta.dirname, file), 'utf8')),
	)
	expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``)
})
