import { Failure } from '@taskyard/sdk/failure'
import type { StartedTask, StepContext } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
/** What the step of the next task does. */
let act: (context: StepContext) => Promise<unknown>
let gate: PromiseWithResolvers<void>
/** Keys of the jobs that there were while a light task ran. */
let jobs: string[] = []

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			sketch({ label: 'Asks', tree: () => step(0), steps: () => [{ run: (_: never, context: StepContext) => act(context) }] }),
			sketch({ label: 'Doubles', tree: () => step(0), steps: (input: { n: number }) => [{ run: () => ({ doubled: input.n * 2 }) }] }),
			sketch({
				label: 'Fails',
				tree: () => step(0),
				steps: () => [{ run: () => Promise.reject(new Failure('no disk', { code: 'no_disk' })) }],
			}),
			sketch({ label: 'Waits', tree: () => step(0), steps: () => [{ run: () => gate.promise }] }),
			sketch({
				label: 'Light',
				tree: () => step(0),
				data: { light: true },
				steps: () => [
					{
						run: async (_: never, { taskId }: StepContext) => {
							jobs = (await engine.pool.query('select key from graphile_worker._private_jobs where key = $1', [taskId])).rows
							return 'light'
						},
					},
				],
			}),
		],
	})
})
afterAll(() => engine?.stop())
beforeEach(() => {
	gate = Promise.withResolvers()
	jobs = []
})

async function ask<Result>(
	work: (context: StepContext) => Promise<Result>,
): Promise<{ id: string; answer: Result | undefined; error: unknown }> {
	let answer: Result | undefined
	let error: unknown
	act = async (context) => {
		try {
			answer = await work(context)
		} catch (thrown) {
			error = thrown
			throw thrown
		}
	}
	const id = await engine.start('Asks')
	await waitFor('the step to end', async () => ['stopped', 'paused'].includes((await engine.load(id)).task.state))
	return { id, answer, error }
}

describe('context.tasks', () => {
	it('starts a task for the owner, with the step as its parent', async () => {
		const { id, answer } = await ask(({ tasks }) => tasks.start('Doubles', { n: 2 }))
		const started = answer as StartedTask
		expect(started.discarded).toBe(false)
		await engine.reached(started.id, 'stopped')
		const { rows } = await engine.pool.query('select owner_id, parent_id, parent_step, correlation_id from task where id = $1', [
			started.id,
		])
		expect(rows).toEqual([{ owner_id: engine.owner, parent_id: id, parent_step: 0, correlation_id: 'test' }])
	})

	it('runs a task and answers its output', async () => {
		expect((await ask(({ tasks }) => tasks.run('Doubles', { n: 21 }))).answer).toEqual({ doubled: 42 })
	})

	it('makes a task that ends badly a failure with its id and code', async () => {
		const { error } = await ask(({ tasks }) => tasks.run('Fails', {}))
		expect(error).toMatchObject({
			code: 'task_failed',
			details: { state: 'paused', result: 'error', code: 'no_disk', task: expect.any(String) },
		})
	})

	it('waits no longer than it is told, and the task goes on', async () => {
		const { error } = await ask(({ tasks }) => tasks.run('Waits', {}, { timeout: 50 }))
		expect(error).toMatchObject({ code: 'task_not_ended' })
		const { task } = (error as { details: { task: string } }).details
		expect((await engine.load(task)).task.state).not.toBe('stopped')
		gate.resolve()
		expect((await engine.reached(task, 'stopped')).result).toBe('success')
	})

	it('refuses by name, and another try makes no sense', async () => {
		const { error } = await ask(({ tasks }) => tasks.start('Nothing', {}))
		expect(error).toMatchObject({
			code: 'unknown_task_type',
			retryable: false,
			message: expect.stringContaining('Task Nothing was not started'),
		})
	})

	it('cancels and resumes other tasks as the owner', async () => {
		const waits = await engine.start('Waits')
		await engine.reached(waits, 'running')
		await ask(({ tasks }) => tasks.cancel(waits, 'no longer needed'))
		await engine.executor.look()
		gate.resolve()
		await engine.reached(waits, 'stopped')
		const fails = await engine.start('Fails')
		const before = await engine.reached(fails, 'paused')
		await ask(({ tasks }) => tasks.resume(fails))
		await waitFor('another attempt', async () => (await engine.load(fails)).task.steps[0]?.attempt === (before.steps[0]?.attempt ?? 0) + 1)
		const { rows } = await engine.pool.query(
			'select kind, who, why from event where task_id = any($1::uuid[]) and who is not null order by at',
			[[waits, fails]],
		)
		expect(rows.map(({ who }) => who)).toEqual(rows.map(() => engine.owner))
		expect(rows.some(({ why }) => why === 'no longer needed')).toBe(true)
	})

	it('runs a light task in this process, without a job', async () => {
		expect((await ask(({ tasks }) => tasks.run('Light', {}))).answer).toBe('light')
		expect(jobs).toEqual([])
	})

	it('stops waiting when the step is told to end', async () => {
		let other = ''
		act = async ({ tasks }) => {
			other = (await tasks.start('Waits', {})).id
			await tasks.run('Waits', {})
		}
		const id = await engine.start('Asks')
		await waitFor('the step to wait', () => other !== '')
		await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		await waitFor('the cancel to be passed on', async () => {
			await engine.executor.look()
			return (await engine.load(id)).task.state === 'stopped'
		})
		expect((await engine.load(id)).task.result).toBe('cancelled')
		gate.resolve()
	})
})
