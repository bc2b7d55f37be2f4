import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { readAttempts } from '@taskyard/store/tasks/readAttempts'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { openWaitingTasks, type WaitingTasks } from '../testing/waitingTasks.ts'

const database = useDatabase()
let engine: WaitingTasks
let runs = 0
let gate = Promise.withResolvers<void>()
let held = false

const options = {
	input: z.object({}),
	output: z.object({ bytes: z.number(), files: z.array(z.string()).default([]) }),
	retry: { attempts: 3, initial: 1 },
	async run() {
		runs += 1
		if (held) await gate.promise
		return suspend({ externalId: 'upload 7', externalUrl: 'https://store.example.org/uploads/7' })
	},
}
const definitions = [
	defineTask({ ...options, label: 'Outcome::Wait' }),
	defineTask({
		...options,
		label: 'Outcome::Poll',
		run: () => suspend({ poll: { initial: 5 } }),
		async poll() {
			runs += 1
			await gate.promise
			return suspend()
		},
	}),
]

beforeAll(async () => {
	engine = await openWaitingTasks(database.url, definitions)
})
afterAll(async () => {
	gate.resolve()
	await engine?.stop()
})
beforeEach(() => {
	runs = 0
	held = false
	gate = Promise.withResolvers()
})

const bytes = { bytes: 3, files: ['a'] }

it('ends a suspended step with an output, without its code', async () => {
	const id = await engine.start('Outcome::Wait')
	await engine.stepIs(id, 'suspended')
	expect(await engine.end(id, { output: bytes })).toEqual({ task: { id }, repeated: false })
	expect(await engine.reached(id, 'stopped')).toMatchObject({
		result: 'success',
		steps: [{ state: 'success', attempt: 1, output: JSON.stringify(bytes), progress: 1, suspension: null }],
	})
	expect(runs).toBe(1)
})

it('refuses an output that the step cannot have, with each fault by its path, and goes on waiting', async () => {
	const id = await engine.start('Outcome::Wait')
	await engine.stepIs(id, 'suspended')
	expect(await engine.end(id, { output: { bytes: 'three', files: ['a', 2] } })).toMatchObject({
		refusal: {
			code: 'invalid_input',
			faults: [
				{ path: '/bytes', message: 'must be number' },
				{ path: '/files/1', message: 'must be string' },
			],
		},
	})
	expect((await engine.load(id)).task.steps[0]).toMatchObject({ state: 'suspended', events: 0 })
	expect((await engine.pool.query('select from step_event where task_id = $1', [id])).rowCount).toBe(0)
	await engine.end(id, { output: bytes })
	await engine.reached(id, 'stopped')
})

it('ends a suspended step with an error that no automatic try follows, and a resume runs it again', async () => {
	const id = await engine.start('Outcome::Wait')
	await engine.stepIs(id, 'suspended')
	await engine.end(id, { error: { message: 'the disk is full', code: 'no_space' } })
	expect(await engine.reached(id, 'paused')).toMatchObject({
		result: 'error',
		reason: 'failed',
		steps: [{ state: 'error', tries: 0, error: { message: 'the disk is full', code: 'no_space' } }],
	})
	await engine.commands.resumeTask({ id, who: engine.owner, why: null })
	await engine.stepIs(id, 'suspended')
	expect(runs).toBe(2)
	await engine.end(id, { output: bytes })
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'warning' })
})

it('ends a step that suspends later with what came before', async () => {
	held = true
	const id = await engine.start('Outcome::Wait')
	await engine.stepIs(id, 'running')
	await engine.end(id, { output: bytes })
	gate.resolve()
	expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 2, output: JSON.stringify(bytes) }] })
	expect(runs).toBe(1)
})

it('ends a step that suspends later in error, where what came before is no output of it; a resume runs it again', async () => {
	held = true
	const id = await engine.start('Outcome::Wait')
	await engine.stepIs(id, 'running')
	await engine.end(id, { output: { bytes: null, files: [] } })
	gate.resolve()
	expect(await engine.reached(id, 'paused')).toMatchObject({
		steps: [{ attempt: 2, tries: 1, error: { code: 'invalid_output', details: { faults: [{ path: '/bytes' }] } } }],
	})
	await engine.commands.resumeTask({ id, who: engine.owner, why: null })
	await engine.stepIs(id, 'suspended')
	expect(runs).toBe(2)
	await engine.end(id, { output: bytes })
	await engine.reached(id, 'stopped')
})

it('ends a step whose poll is under way, once that has found nothing', async () => {
	const id = await engine.start('Outcome::Poll')
	await waitFor('the poll to be under way', async () => {
		await engine.fireTimers()
		const [step] = (await engine.load(id)).task.steps
		return step?.state === 'running' && step.suspension?.wake === 'poll'
	})
	await engine.end(id, { output: bytes })
	gate.resolve()
	await engine.stepIs(id, 'success')
	expect(runs).toBe(1)
	const attempts = (await readAttempts(engine.pool, [id])).get(id)
	expect(attempts?.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(['poll success', 'run success'])
})

it('can be found by what the work is called elsewhere', async () => {
	const first = await engine.start('Outcome::Wait')
	const second = await engine.start('Outcome::Wait')
	await Promise.all([engine.stepIs(first, 'suspended'), engine.stepIs(second, 'suspended')])
	const found = await engine.commands.findByExternalId('upload 7')
	expect(found.slice(0, 2)).toEqual(
		[second, first].map((task) => ({ task, step: 0, value: 'upload 7', url: 'https://store.example.org/uploads/7' })),
	)
	expect(await engine.commands.findByExternalId('upload')).toEqual([])
	for (const id of [first, second]) {
		await engine.end(id, { output: bytes })
		await engine.reached(id, 'stopped')
	}
})
