import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { StepContext } from './definition.ts'
import { defineTask, type DuplicateOptions } from './defineTask.ts'
import { ManualClock } from './memoryClock.ts'
import type { MemoryRun } from './memoryRun.ts'
import { runInMemory } from './runInMemory.ts'
import { task } from './task.ts'

/** Notes when it begins and ends, and in between waits until it is let go. */
function noted(onDuplicate: DuplicateOptions) {
	const notes: string[] = []
	const gates = new Map<string, PromiseWithResolvers<void>>()
	const gateOf = (name: string) => {
		const gate = gates.get(name) ?? Promise.withResolvers<void>()
		gates.set(name, gate)
		return gate
	}
	const type = defineTask({
		label: 'Test::Noted',
		input: z.object({ key: z.string().default('a'), name: z.string() }),
		output: z.string(),
		onDuplicate,
		async run({ name }) {
			notes.push(`${name} begins`)
			await gateOf(name).promise
			notes.push(`${name} ends`)
			return name
		},
	})
	return { type, notes, letGo: (name: string) => gateOf(name).resolve() }
}

const parent = (act: (context: StepContext) => unknown) =>
	task(function parent(_, context) {
		return act(context)
	})
const of = (run: MemoryRun, index: number) => run.tasks[index] as MemoryRun

describe('duplicates in memory', () => {
	test.each([
		['parallel', [false, false, false]],
		['serial', [false, false, false]],
		['queue_one', [false, false, 1]],
		['discard', [false, 0, 0]],
	] as const)('%s: three starts of one key', async (policy, expected) => {
		const { type, letGo } = noted({ key: '{key}', policy })
		let answers: readonly { id: string; discarded: boolean }[] = []
		const run = await runInMemory(
			parent(async ({ tasks }) => {
				answers = [
					await tasks.start(type, { name: 'one' }),
					await tasks.start(type, { key: 'a', name: 'two' }),
					await tasks.start(type, { name: 'three' }),
				]
				for (const name of ['one', 'two', 'three']) letGo(name)
			}),
			{},
		)
		expect(answers.map(({ discarded, id }) => (discarded ? answers.findIndex((one) => one.id === id) : false))).toEqual(expected)
		expect(run.tasks.map(({ output }) => output)).toEqual(['one', 'two', 'three'].filter((_, index) => expected[index] === false))
	})

	test('serial runs one after the other, and shows what one waits for', async () => {
		const { type, notes, letGo } = noted({ policy: 'serial' })
		let seen: unknown
		const run = await runInMemory(
			parent(async ({ tasks }) => {
				const second = tasks.start(type, { name: 'one' }).then(() => tasks.run(type, { name: 'two' }))
				letGo('two')
				await expect.poll(() => notes).toEqual(['one begins'])
				seen = [...notes]
				letGo('one')
				return second
			}),
			{},
		)
		expect(seen).toEqual(['one begins'])
		expect(notes).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
		expect(run.output).toBe('two')
		expect(of(run, 1).locks).toMatchObject([{ resource: { type: 'duplicate', id: 'Test::Noted:' } }])
	})

	test('the end of one in any way lets the next go on; a scheduled one keeps its place', async () => {
		const { type, notes, letGo } = noted({ policy: 'serial' })
		const clock = new ManualClock()
		letGo('two')
		const run = await runInMemory(
			parent(async ({ tasks }) => {
				const first = await tasks.start(type, { name: 'one' }, { startAt: new Date(Date.now() + 60_000) })
				const second = tasks.run(type, { name: 'two' })
				await Promise.resolve()
				expect(notes).toEqual([])
				await tasks.cancel(first.id)
				return second
			}),
			{},
			{ clock },
		)
		expect(run.output).toBe('two')
		expect(run.tasks.map(({ result }) => result)).toEqual(['cancelled', 'success'])
	})

	test('run answers the output of the one that counts', async () => {
		const { type, letGo } = noted({ policy: 'discard' })
		const run = await runInMemory(
			parent(async ({ tasks }) => {
				await tasks.start(type, { name: 'one' })
				const output = tasks.run(type, { name: 'two' })
				letGo('one')
				return output
			}),
			{},
		)
		expect(run.output).toBe('one')
		expect(run.tasks).toHaveLength(1)
	})

	test('a task is no duplicate of its own parent', async () => {
		const nested = defineTask({
			label: 'Test::Nested',
			input: z.object({ depth: z.number() }),
			output: z.number(),
			onDuplicate: { policy: 'serial' },
			run: async ({ depth }, { tasks }): Promise<number> =>
				depth === 0 ? 0 : 1 + Number(await tasks.run('Test::Nested', { depth: depth - 1 })),
		})
		expect((await runInMemory(nested, { depth: 3 }, { types: [nested] })).output).toBe(3)
	})
})
