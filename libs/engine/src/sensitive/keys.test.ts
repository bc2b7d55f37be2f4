import { waitFor } from '@taskyard/testkit/waitFor'
import { expect, test } from 'vitest'
import { given, input } from '../testing/secretTypes.ts'
import { useSecrets } from '../testing/secretsUnderTest.ts'

const secrets = useSecrets()
const { expectNothingOf, stored, withCommands, keyrings, first, other } = secrets

test('a task is run again with what was sealed, also by a process without the key', async () => {
	const id = await secrets.engine.start('Sensitive::Single', { secret: 'run-again' })
	await secrets.engine.reached(id, 'stopped')
	for (const keys of [first, null]) {
		await withCommands(keys, async (commands) => {
			given.length = 0
			const answer = await commands.rerunTask({ id, who: secrets.engine.owner, why: null, correlationId: 'test' })
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			expect((await secrets.engine.reached(answer.task.id, 'stopped')).result).toBe('success')
			expect(given).toEqual(['run-again'])
			expect((await stored(answer.task.id)).input).toBe((await stored(id)).input)
		})
	}
})

test('without a key nothing sensitive is accepted, and the answer says so', async () => {
	await withCommands(null, async (commands) => {
		const order = { label: 'Sensitive::Single', who: secrets.engine.owner, correlationId: 'test' }
		expect(await commands.startTask({ ...order, input: '{"secret":"refused"}' })).toMatchObject({ refusal: { code: 'no_encryption_key' } })
		expect(await commands.dryRunTask({ ...order, input: '{"secret":"refused"}', limit: 1 })).toMatchObject({
			refusal: { code: 'no_encryption_key' },
		})
		const plain = await commands.startTask({ ...order, label: 'Sensitive::Echo', input: '{"words":[],"n":1}' })
		if ('refusal' in plain) throw new Error(plain.refusal.message)
		await secrets.engine.reached(plain.task.id, 'stopped')
	})
})

test('a task whose key is missing is not planned, by name, and goes on once the key is there', async () => {
	await withCommands(other, async (commands) => {
		const answer = await commands.startTask({
			label: 'Sensitive::Single',
			input: '{"secret":"other"}',
			who: secrets.engine.owner,
			correlationId: 'test',
		})
		if ('refusal' in answer) throw new Error(answer.refusal.message)
		const { error } = await secrets.engine.reached(answer.task.id, 'paused')
		expect(error).toMatchObject({ code: 'encryption_key', reason: 'planning_failed' })
		expect(error?.message).toContain('the key "other", which this process does not have. It looks in the keys of this test')
		keyrings.push(other)
		await commands.resumeTask({ id: answer.task.id, who: secrets.engine.owner, why: null })
		expect((await secrets.engine.reached(answer.task.id, 'stopped')).result).toBe('warning')
	})
})

test('a step whose output could not be sealed does not run', async () => {
	keyrings.length = 0
	const id = await secrets.engine.start('Sensitive::Makes')
	const { steps } = await secrets.engine.reached(id, 'paused')
	expect(steps[0]?.error).toMatchObject({ code: 'encryption_key', message: 'There is no encryption key.' })
	expect(given).toEqual([])
	keyrings.push(first)
	await secrets.engine.commands.resumeTask({ id, who: secrets.engine.owner, why: null })
	await secrets.engine.reached(id, 'stopped')
	expect(given).toEqual(['made'])
	await expectNothingOf('token-made-here')
})

test('a step whose key has gone fails by name, and goes on once it is back', async () => {
	keyrings.unshift(other)
	const id = await secrets.engine.start('Sensitive::Deploy', { ...input, host: 'fail-again' })
	expect((await secrets.engine.reached(id, 'paused')).steps[0]?.error?.code).toBe('no')
	keyrings.shift()
	const resume = async () => secrets.engine.commands.resumeTask({ id, who: secrets.engine.owner, why: null })
	const failsWith = async (code: string) =>
		waitFor(`the step to fail with ${code}`, async () => {
			const { task } = await secrets.engine.load(id)
			return task.state === 'paused' && task.steps[0]?.error?.code === code ? task.steps[0].error : null
		})
	await resume()
	expect((await failsWith('encryption_key')).message).toContain('the key "other", which this process does not have')
	keyrings.push(other)
	await resume()
	await failsWith('no')
})
