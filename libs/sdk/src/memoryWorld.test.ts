import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { StepContext } from './definition.ts'
import { defineTask } from './defineTask.ts'
import { Failure } from './failure.ts'
import { ManualClock } from './memoryClock.ts'
import { runInMemory, startInMemory } from './runInMemory.ts'
import { task } from './task.ts'

const half = defineTask({
	label: 'Test::Half',
	name: 'Half of {n}',
	input: z.object({ n: z.number() }),
	output: z.object({ n: z.number() }),
	run({ n }) {
		if (n % 2 === 1) throw new Failure(`${n} is odd`)
		return { n: n / 2 }
	},
})

/** A task that does something with others. */
const parent = (act: (context: StepContext) => unknown) =>
	task(function parent(_, context) {
		return act(context)
	})

describe('context.tasks in memory', () => {
	test('runs a task by its type, typed from end to end', async () => {
		const run = await runInMemory(
			parent(async ({ tasks }) => {
				const { n } = await tasks.run(half, { n: 8 })
				return n + 1
			}),
			{},
		)
		expect(run).toMatchObject({ result: 'success', output: 5, tasks: [{ name: 'Half of 8', result: 'success', output: { n: 4 } }] })
	})

	test('starts one by its label, and does not wait for it', async () => {
		const type = parent(({ tasks }) => tasks.start('Test::Half', { n: 8 }))
		const run = await runInMemory(type, {}, { types: [half] })
		expect(run).toMatchObject({ result: 'success', output: { id: run.tasks[0]?.id, discarded: false }, tasks: [{ result: 'success' }] })
		expect(await runInMemory(type, {})).toMatchObject({
			state: 'paused',
			error: {
				code: 'unknown_task_type',
				message: 'There is no task type "Test::Half" here: start it by its type, or name it in the option types.',
			},
		})
	})

	test('answers one that pauses as a failure with its id', async () => {
		const run = await runInMemory(
			parent(({ tasks }) => tasks.run(half, { n: 3 })),
			{},
		)
		const [child] = run.tasks
		expect(run).toMatchObject({
			state: 'paused',
			error: {
				code: 'task_failed',
				message: expect.stringContaining('is paused and needs a person: 3 is odd'),
				details: { task: child?.id, state: 'paused', result: 'error' },
			},
		})
	})

	test('waits no longer than it is told to; the task goes on', async () => {
		const clock = new ManualClock()
		const later = task(function later() {
			return 'done'
		})
		const run = startInMemory(
			parent(({ tasks }) => tasks.run(later, {}, { startAt: new Date(clock.now + 10_000), timeout: 5_000 })),
			{},
			{ clock },
		)
		await clock.advance(5_000)
		expect(run.current).toMatchObject({ state: 'paused', error: { code: 'task_not_ended' }, tasks: [{ state: 'scheduled' }] })
		await clock.advance(5_000)
		expect((await run.settled()).tasks).toMatchObject([{ state: 'stopped', output: 'done' }])
	})

	test('stops waiting when the step is cancelled', async () => {
		const clock = new ManualClock()
		const never = task(function never() {})
		const run = startInMemory(
			parent(({ tasks }) => tasks.run(never, {}, { startAt: new Date(clock.now + 10_000) })),
			{},
			{ clock },
		)
		await clock.advance(0)
		expect(await run.cancel()).toMatchObject({ state: 'stopped', result: 'cancelled', tasks: [{ state: 'stopped', result: 'cancelled' }] })
	})

	test('with the same id starts one task', async () => {
		const id = '01890000-0000-7000-8000-000000000001'
		const run = await runInMemory(
			parent(async ({ tasks }) => [(await tasks.start(half, { n: 2 }, { id })).id, (await tasks.start(half, { n: 2 }, { id })).id]),
			{},
		)
		expect(run).toMatchObject({ output: [id, id], tasks: [{ id }] })
		expect(run.tasks).toHaveLength(1)
	})

	test('cancels and resumes, or throws why not', async () => {
		let broken = true
		const mended = task(function mended() {
			if (broken) throw new Failure('broken')
		})
		const run = await runInMemory(
			parent(async ({ tasks }) => {
				const id = await tasks.run(mended, {}).catch((failure: Failure) => (failure.details as { task: string }).task)
				broken = false
				await tasks.resume(id as string)
				const again = tasks.resume(id as string).catch((failure: Failure) => failure.code)
				const { id: cancelled } = await tasks.start(mended, {}, { startAt: new Date(Date.now() + 60_000) })
				await tasks.cancel(cancelled)
				return [await again, await tasks.cancel('nobody').catch((failure: Failure) => failure.message)]
			}),
			{},
		)
		expect(run.output).toEqual(['not_paused', 'There is no task nobody.'])
		expect(run.tasks.map(({ result }) => result)).toEqual(['warning', 'cancelled'])
	})
})

test('a wrong input or output of another task does not compile', () => {
	const act = async ({ tasks }: StepContext) => {
		// @ts-expect-error a text is no number
		await tasks.start(half, { n: 'x' })
		// @ts-expect-error a missing field
		await tasks.run(half, {})
		// @ts-expect-error the output has no such field
		return (await tasks.run(half, { n: 1 })).m
	}
	expect(act).toBeTypeOf('function')
})
