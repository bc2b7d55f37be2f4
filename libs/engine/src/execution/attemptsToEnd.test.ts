import type { StepContext } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { concurrence, type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
let contexts: StepContext[] = []
let gates: PromiseWithResolvers<void>[] = []

const held = {
	run: async (_: never, context: StepContext) => {
		contexts[context.step] = context
		const gate = Promise.withResolvers<void>()
		gates[context.step] = gate
		await gate.promise
		context.signal.throwIfAborted()
		return context.step
	},
}

beforeEach(async () => {
	contexts = []
	gates = []
	engine = await engineUnderTest({
		url: database.url,
		cancelDeadline: 1_000,
		definitions: [sketch({ label: 'Ends::Branches', tree: () => concurrence(step(0), step(1)), steps: () => [held, held] })],
	})
})
afterEach(async () => {
	for (const gate of gates) gate.resolve()
	await engine.stop()
})

async function begin(): Promise<string> {
	const id = await engine.start('Ends::Branches')
	await waitFor('both branches to run', () => gates.length === 2 && gates[0] !== undefined)
	return id
}

const who = () => ({ who: engine.owner, why: null })

describe('cancel of one step', () => {
	it('signals that step alone, and the others go on', async () => {
		const id = await begin()
		expect(await engine.commands.cancelStep({ id, step: 0, ...who() })).toEqual({ task: { id } })
		await engine.executor.look()
		expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false])
		expect(contexts[0]?.signal.reason).toMatchObject({ code: 'cancelled' })
		for (const gate of gates) gate.resolve()
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.cancel, task.steps.map((one) => one.state)]).toEqual(['cancelled', 'none', ['cancelled', 'success']])
	})

	it('is ended at its deadline when the step does not listen', async () => {
		const id = await begin()
		await engine.commands.cancelStep({ id, step: 1, ...who() })
		await engine.executor.look()
		await waitFor('the step to be given up', async () => (await engine.load(id)).task.steps[1]?.state === 'cancelled')
		gates[0]?.resolve()
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.steps.map((one) => one.state)]).toEqual(['cancelled', ['success', 'cancelled']])
	})

	it('that comes with the last checkpoint under way: the success that commits first stays', async () => {
		const id = await begin()
		await engine.commands.cancelStep({ id, step: 0, ...who() })
		// Nobody has told it yet.
		gates[0]?.resolve()
		await waitFor('the step to end', async () => (await engine.load(id)).task.steps[0]?.state === 'success')
		await engine.executor.look()
		expect(contexts[1]?.signal.aborted).toBe(false)
		gates[1]?.resolve()
		expect((await engine.reached(id, 'stopped')).result).toBe('success')
	})
})

describe('an attempt that is no longer the current one', () => {
	it('is aborted with the next look, and what it ends with changes nothing', async () => {
		await database.pool.query(`insert into setting (key, value) values ('dangerous_actions', 'true') on conflict do nothing`)
		const id = await begin()
		await engine.commands.forceUnlockTask({ id, confirmed: true, ...who() })
		const { revision } = (await engine.load(id)).task
		await engine.executor.look()
		expect(contexts.map(({ signal }) => (signal.reason as { code: string }).code)).toEqual(['not_mine', 'not_mine'])
		for (const gate of gates) gate.resolve()
		await waitFor('the steps to end', () => engine.executor.busy === 0)
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', reason: 'force_unlocked', revision })
	})

	it('is found once: what runs on is left alone', async () => {
		const id = await begin()
		await engine.executor.look()
		expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, false])
		for (const gate of gates) gate.resolve()
		expect((await engine.reached(id, 'stopped')).result).toBe('success')
	})
})

describe('cancel of a task', () => {
	it('signals all its steps, goes through its phases, and ends at the deadline', async () => {
		const id = await begin()
		await engine.commands.cancelTask({ id, ...who() })
		await engine.executor.look()
		await waitFor('the phase', async () => (await engine.load(id)).task.cancel === 'signalled')
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.cancel, task.steps.map((one) => one.state)]).toEqual(['cancelled', 'killed', ['cancelled', 'cancelled']])
		expect(engine.executor.givenUp).toBe(2)
	})
})
