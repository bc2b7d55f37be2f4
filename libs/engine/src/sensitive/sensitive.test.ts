import { waitFor } from '@taskyard/testkit/waitFor'
import { describe, expect, it, test } from 'vitest'
import { given, input, made, password, planted } from '../testing/secretTypes.ts'
import { useSecrets } from '../testing/secretsUnderTest.ts'

const secrets = useSecrets()
const { expectNothingOf, stored, everything } = secrets

test('what is planted in an input is given to its steps, and is found in no table', async () => {
	const id = await secrets.engine.start('Sensitive::Deploy', input)
	const { result } = await secrets.engine.reached(id, 'stopped')
	expect(result).toBe('success')
	const url = `https://root:${password}@db-1`
	expect(given).toEqual([
		{ url, login: input.login, tokens: ['value-of-A', 'value-of-B'] },
		{ session: 'session-5f3a', key: 'grant-77', host: 'h', days: 4711 },
	])
	await expectNothingOf(...planted, ...made)
	// What is not sensitive is found where the others were looked for.
	expect(await everything()).toContain('""host"":""db-1""')
	const task = await stored(id)
	expect(task.name).toBe('Deploy db-1 with •••')
	expect(task.input).toContain('"user":"root"')
	expect(task.plan).toContain('"connect with •••"')
	const { rows } = await secrets.engine.pool.query(`select type, key, title from resource where type in ('Host', 'Login') order by type`)
	expect(rows).toEqual([
		{ type: 'Host', key: 'db-1/•••', title: 'title •••' },
		{ type: 'Login', key: 'of •••', title: null },
	])
	const log = await secrets.engine.pool.query(`select text from log_chunk where task_id = $1 order by step, first_line`, [id])
	expect(log.rows.map(({ text }) => text).join('\n')).toBe('connects to •••\nwith ••• •••,•••\nuses ••• and ••• on h')
	const answer = await secrets.engine.commands.awaitTask({ id, limit: 10_000 })
	expect(answer).toMatchObject({ output: '{"message":"•••","session":"•••","host":"h"}' })
})

test('a failure says ••• in message, trace and details; its attempt too', async () => {
	const id = await secrets.engine.start('Sensitive::Deploy', { ...input, host: 'fail' })
	const { steps } = await secrets.engine.reached(id, 'paused')
	expect(steps[0]?.error).toMatchObject({ code: 'no', message: '••• refuses •••', details: { tried: ['•••'] } })
	await expectNothingOf(...planted)
	expect(await secrets.engine.commands.awaitTask({ id, limit: 10_000 })).toMatchObject({
		failure: { message: expect.stringContaining('••• refuses •••') },
	})
})

test('what is reverted is given what it made', async () => {
	const id = await secrets.engine.start('Sensitive::Back', { password })
	expect((await secrets.engine.reached(id, 'stopped')).reason).toBe('reverted')
	expect(given.at(-1)).toMatchObject({ reverted: 'session-5f3a', input: { login: { password } } })
	await expectNothingOf(...planted, ...made)
})

test('planning that fails says •••', async () => {
	const id = await secrets.engine.start('Sensitive::Deploy', { ...input, host: 'none' })
	expect((await secrets.engine.reached(id, 'paused')).error?.message).toBe('no host for •••')
	await expectNothingOf(...planted)
})

test('sub-tasks are given it, and it is sealed wherever it stands in their input', async () => {
	const id = await secrets.engine.start('Sensitive::Parent', { secret: 'sub-secret' })
	expect((await secrets.engine.reached(id, 'stopped')).result).toBe('success')
	expect(given).toEqual(['sub-secret', { twice: 'sub-secretsub-secret', plain: 'x1' }, ['x', 'in sub-secret']])
	await expectNothingOf('sub-secret')
	const { rows } = await secrets.engine.pool.query('select name from task where parent_id = $1 order by id', [id])
	expect(rows).toEqual([{ name: 'Sensitive::Single' }, { name: 'Echo ["x","•••"]' }])
})

test('a fan-out seals it in each of its sub-tasks', async () => {
	const id = await secrets.engine.start('Sensitive::Fan', { secret: 'fan-secret' })
	await waitFor('both sub-tasks to have run', () => given.length === 2)
	expect(given).toEqual([['fan fan-secret'], ['fan fan-secret']])
	await expectNothingOf('fan-secret')
	await secrets.engine.commands.cancelTask({ id, who: secrets.engine.owner, why: null })
})

test('a step that waits finds its state again, and what ends it is sealed by the schema of its output', async () => {
	const id = await secrets.engine.start('Sensitive::Waits', { secret: 'wait-secret' })
	const suspended = async (times: number) =>
		waitFor(`the step to be suspended, ${times}`, async () => {
			const { task } = await secrets.engine.load(id)
			return task.steps[0]?.state === 'suspended' && task.steps[0].attempt === times ? task.steps[0] : null
		})
	expect((await suspended(1)).suspension).toMatchObject({ externalId: 'job-•••', externalUrl: 'https://•••@elsewhere/' })
	const event = { task: id, step: 0, who: secrets.engine.owner }
	await secrets.engine.commands.sendEvent({ ...event, id: 'e1', name: 'go', payload: '1' })
	await suspended(2)
	expect(given).toMatchObject([null, { state: { kept: 'state of wait-secret', attempt: 1 } }])
	await secrets.engine.commands.sendEvent({
		...event,
		id: 'e2',
		name: 'end',
		outcome: { output: '{"token":"token-from-elsewhere","plain":"p"}' },
	})
	expect((await secrets.engine.reached(id, 'stopped')).result).toBe('success')
	expect((await stored(id)).output).toMatch(/^\{"token":\{"\$sensitive".*"plain":"p"\}$/)
	await expectNothingOf('wait-secret', 'token-from-elsewhere')
})

test('a poll that finds the same state leaves the same text', async () => {
	const id = await secrets.engine.start('Sensitive::Polls', { secret: 'poll-secret' })
	const states = new Set<string | null>()
	await waitFor('the task to stop', async () => {
		const { task } = await secrets.engine.load(id)
		if (task.steps[0]?.suspension) states.add(task.steps[0].suspension.state)
		await new Promise((resolve) => setTimeout(resolve, 5))
		await secrets.engine.door.submit(id, () => [{ fact: { kind: 'due', at: Date.now() + 60_000 } }])
		return task.state === 'stopped'
	})
	expect(states.size).toBe(1)
	expect(given).toEqual([{ at: 'poll-secret' }, { at: 'poll-secret' }, { at: 'poll-secret' }, { at: 'poll-secret' }])
	await expectNothingOf('poll-secret')
})

test('a dry run shows ••• and stores nothing', async () => {
	const answer = await secrets.engine.commands.dryRunTask({
		label: 'Sensitive::Deploy',
		input: JSON.stringify(input),
		who: secrets.engine.owner,
		limit: 30_000,
	})
	expect(answer).toMatchObject({
		planned: {
			name: 'Deploy db-1 with •••',
			plan: {
				steps: [{ name: 'connect with •••', input: { url: '•••', login: { user: 'root', password: '•••' }, tokens: ['•••', '•••'] } }, {}],
			},
			locks: [{ resource: { id: 'db-1/•••' } }],
		},
	})
	await expectNothingOf(...planted)
})

describe('nobody can pretend that something is sealed', () => {
	it.each([
		['{"secret":{"$sensitive":{"key":"first","text":"QQ=="}}}', '/secret/$sensitive'],
		['{"secret":"x","more":[{"\\u0024sensitive":1}]}', '/more/0/$sensitive'],
	])('the input %s is refused', async (text, path) => {
		const answer = await secrets.engine.commands.startTask({
			label: 'Sensitive::Single',
			input: text,
			who: secrets.engine.owner,
			correlationId: 'test',
		})
		expect(answer).toMatchObject({ refusal: { code: 'invalid_input', faults: [{ path }] } })
	})

	it('nor with an output', async () => {
		const id = await secrets.engine.start('Sensitive::Forged', {})
		const { steps } = await secrets.engine.reached(id, 'paused')
		expect(steps[0]?.error).toMatchObject({ code: 'reserved_name' })
	})
})

test('an input that is no JSON is not repeated', async () => {
	const answer = await secrets.engine.commands.startTask({
		label: 'Sensitive::Single',
		input: '{"secret": hunter2}',
		who: secrets.engine.owner,
		correlationId: 'test',
	})
	expect(JSON.stringify(answer)).not.toContain('hunter2')
	expect(answer).toMatchObject({ refusal: { code: 'invalid_input' } })
})

test('values that are too short to be looked for are sealed where they are marked', async () => {
	const id = await secrets.engine.start('Sensitive::Single', { secret: 'abc' })
	await secrets.engine.reached(id, 'stopped')
	const { input: kept, plan, output } = await stored(id)
	for (const text of [kept, plan, output]) expect(text).not.toContain('abc')
})
