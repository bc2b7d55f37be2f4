import { defaultPolicies } from '@taskyard/model/plan'
import { Failure } from '@taskyard/sdk/failure'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
let thrown: Error[] = []

const retry = { ...defaultPolicies.retry, attempts: 3, initial: 1, max: 1, jitter: 0 }

function failing(label: string, data: object): TaskDefinition {
	const definition = sketch({ label, tree: () => step(0), steps: () => [{ run: () => 'done' }], data })
	return {
		...definition,
		async plan(input) {
			const error = thrown.shift()
			if (error) throw error
			return definition.plan(input)
		},
	}
}

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			failing('Planning::Patient', { retry }),
			failing('Planning::Once', {}),
			failing('Planning::Fails', { retry, rescue: 'fail' }),
		],
	})
})
afterAll(() => engine?.stop())

/** Fires the timer of the back-off: no sweep runs here. */
async function goOn(id: string, tries: number): Promise<void> {
	await expect.poll(async () => (await engine.load(id)).task.planTries).toBe(tries)
	await engine.door.submit(id, () => [{ fact: { kind: 'due', at: Date.now() + 1000 } }])
}

it('plans again after a failure, as often as the type says', async () => {
	thrown = [new Error('no list'), new Error('no list yet')]
	const id = await engine.start('Planning::Patient')
	await goOn(id, 1)
	await goOn(id, 2)
	const task = await engine.reached(id, 'stopped')
	expect([task.result, task.planAttempt]).toEqual(['success', 3])
	const { rows } = await engine.pool.query('select number, kind, outcome from attempt where task_id = $1 order by number', [id])
	expect(rows).toEqual([
		{ number: 1, kind: 0, outcome: 1 },
		{ number: 2, kind: 0, outcome: 1 },
	])
})

it('pauses with the error when the tries are used up', async () => {
	thrown = [new Error('no list')]
	const task = await engine.reached(await engine.start('Planning::Once'), 'paused')
	expect([task.reason, task.error?.message, task.planTries]).toEqual(['planning_failed', 'no list', 1])
})

it('pauses at once when another try makes no sense', async () => {
	thrown = [new Failure('there is no such repository', { retryable: false })]
	const task = await engine.reached(await engine.start('Planning::Patient'), 'paused')
	expect([task.reason, task.planAttempt]).toEqual(['planning_failed', 1])
})

it('stops by the rescue strategy of the type', async () => {
	thrown = [new Failure('no', { retryable: false })]
	const task = await engine.reached(await engine.start('Planning::Fails'), 'stopped')
	expect([task.result, task.reason]).toEqual(['error', 'planning_failed'])
})
