import { Failure } from '@taskyard/sdk/failure'
import { suspend } from '@taskyard/sdk/suspend'
import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import { type Keyring, openKeyringInMemory, SealFault } from '@taskyard/store/sensitive/keyring'
import { openCommands } from '../commands/commands.ts'
import type { Commands } from '../commands/types.ts'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'

const secret = z.string().meta({ sensitive: true })
const database = useDatabase()
const [first, other] = [openKeyringInMemory('first'), openKeyringInMemory('other')]
const keyrings = [first]
let noKey = false
let current = first
const keyring: Keyring = {
	places: 'the keys of this test',
	current() {
		if (noKey) throw new SealFault('There is no encryption key.')
		return current.current()
	},
	find: (id) => keyrings.map((keys) => keys.find(id)).find((key) => key !== null) ?? null,
}
let engine: EngineUnderTest
/** What author code was given. */
const given: unknown[] = []

const connect = defineAction({
	label: 'Sensitive/connect',
	input: z.object({
		url: z.string(),
		login: z.object({ user: z.string(), password: secret }).optional(),
		tokens: z.array(secret).default([]),
	}),
	output: z.object({ session: secret, host: z.string(), grant: z.object({ key: z.string(), days: z.number() }).meta({ sensitive: true }) }),
	async run(input, context) {
		given.push(input)
		await context.log(`connects to ${input.url}\nwith ${input.login?.password} ${input.tokens.join()}`)
		context.progress({ done: 1, total: 2, unit: input.url })
		if (input.url.includes('fail')) {
			throw new Failure(`${input.url} refuses ${input.login?.password}`, { code: 'no', retryable: false, details: { tried: [input.url] } })
		}
		return { session: 'session-5f3a', host: 'h', grant: { key: 'grant-77', days: 4711 } }
	},
	revert: (input, output) => void given.push({ reverted: output.session, input }),
})
const use = defineAction({
	label: 'Sensitive/use',
	input: z.object({ session: z.string(), key: z.string(), host: z.string(), days: z.number() }),
	async run(input, context) {
		given.push(input)
		await context.log(`uses ${input.session} and ${input.key} on ${input.host}`)
		return `${input.session} was used`
	},
})

const deploy = defineTask({
	label: 'Sensitive::Deploy',
	name: 'Deploy {host} as {login.user}/{login.password}',
	input: z.object({
		host: z.string(),
		login: z.object({ user: z.string(), password: secret }),
		pin: z.number().meta({ sensitive: true }).optional(),
		extra: z.union([secret, z.object({ token: secret })]).optional(),
		environment: z.record(z.string(), secret).optional(),
		list: z.array(secret).optional(),
	}),
	output: z.object({ message: z.string(), session: secret, host: z.string() }),
	actions: [connect, use],
	plan(plan, input) {
		const { user, password } = input.login
		if (input.host === 'none') throw new Error(`no host for ${password}`)
		plan.name(`Deploy ${input.host} with ${password}`)
		plan.lock({ type: 'Host', id: `${input.host}/${password}`, title: `title ${password}` }, { name: `op ${password}` })
		plan.link({ type: 'Login', id: `of ${password}` })
		const one = plan.step(
			connect,
			{ url: `https://${user}:${password}@${input.host}`, login: input.login, tokens: Object.values(input.environment ?? {}) },
			{ name: `connect with ${password}` },
		)
		const { session, grant, host } = one.output
		const two = plan.step(use, { session, key: grant.key, days: grant.days, host })
		return { message: two.output as never, session, host }
	},
})

const back = defineTask({
	label: 'Sensitive::Back',
	input: z.object({ password: secret }),
	actions: [connect],
	plan(plan, { password }) {
		plan.step(connect, { url: 'ok', login: { user: 'u', password } })
		plan.step(connect, { url: `fail ${password}`, login: { user: 'u', password } }, { rescue: 'revert' })
	},
})

const single = defineTask({
	label: 'Sensitive::Single',
	input: z.object({ secret }),
	output: z.object({ twice: z.string().meta({ sensitive: true }), plain: z.string() }),
	run: ({ secret: value }, context) => {
		given.push(value)
		return { twice: `${value}${value}`, plain: `x${context.attempt}` }
	},
})

const parent = defineTask({
	label: 'Sensitive::Parent',
	input: z.object({ secret }),
	async run({ secret: value }, { tasks }) {
		const answer = await tasks.run(single, { secret: value })
		given.push(answer)
		await tasks.run(echo, { words: ['x', `in ${value}`], n: 1 })
	},
})
const echo = defineTask({
	label: 'Sensitive::Echo',
	name: 'Echo {words}',
	input: z.object({ words: z.array(z.string()), n: z.number() }),
	run: ({ words }, context) => {
		given.push(words)
		return context.log(words.join())
	},
})
const makes = defineTask({
	label: 'Sensitive::Makes',
	input: z.object({}),
	output: z.object({ token: secret }),
	run() {
		given.push('made')
		return { token: 'token-made-here' }
	},
})
const forged = defineTask({
	label: 'Sensitive::Forged',
	input: z.object({}),
	run: () => ({ a: [{ $sensitive: { key: 'first', text: 'QQ==' } }] }),
})

const fan = defineTask({
	label: 'Sensitive::Fan',
	input: z.object({ secret }),
	run: ({ secret: value }, context) =>
		context.fanOut(
			echo,
			[1, 2].map((n) => ({ words: [`fan ${value}`], n })),
		),
})
const waits = defineTask({
	label: 'Sensitive::Waits',
	input: z.object({ secret }),
	output: z.object({ token: secret, plain: z.string() }),
	run({ secret: value }, { wake, attempt }) {
		given.push(wake)
		return suspend({
			state: { kept: `state of ${value}`, attempt },
			externalId: `job-${value}`,
			externalUrl: `https://${value}@elsewhere/`,
		})
	},
})
const polls = defineTask({
	label: 'Sensitive::Polls',
	input: z.object({ secret }),
	run: ({ secret: value }) => suspend({ state: { at: value }, poll: { initial: 1, max: 4 } }),
	poll({ secret: value }, state, context) {
		given.push(state)
		return context.attempt < 5 ? suspend({ state: { at: value } }) : 'done'
	},
})

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [deploy, back, single, parent, echo, makes, forged, fan, waits, polls],
		keyring,
	})
})
afterAll(() => engine.stop())

const password = 'hunter2-ß"\\'
const input = {
	host: 'db-1',
	login: { user: 'root', password },
	pin: 924711,
	extra: { token: 'extra-token' },
	environment: { A: 'value-of-A', B: 'value-of-B' },
	list: ['item-one', 'item-two'],
}
const planted = [password, 'hunter2', '924711', 'extra-token', 'value-of-A', 'value-of-B', 'item-one', 'item-two']
const made = ['session-5f3a', 'grant-77', '4711']

/** Every row of every table that holds texts, as text. */
async function everything(): Promise<string> {
	const { rows } = await engine.pool.query<{ name: string }>(
		`select distinct format('%I.%I', table_schema, table_name) as name from information_schema.columns join information_schema.tables using (table_schema, table_name)
		where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
	)
	let text = ''
	for (const { name } of rows) {
		const found = await engine.pool.query<{ row: string }>(`select x::text as row from ${name} x`)
		text += found.rows.map(({ row }) => `${name}: ${row}\n`).join('')
	}
	return text
}

async function expectNothingOf(...secrets: readonly string[]): Promise<void> {
	const rows = (await everything()).split('\n')
	// A row doubles quotes and backslashes once more.
	const forms = secrets.flatMap((one) => [
		one,
		JSON.stringify(one).slice(1, -1),
		JSON.stringify(one).slice(1, -1).replaceAll('"', '""').replaceAll('\\', '\\\\'),
	])
	expect(rows.filter((row) => forms.some((form) => row.includes(form)))).toEqual([])
}

const row = async (id: string): Promise<Record<string, string>> =>
	(
		await engine.pool.query(
			`select t.name, p.input::text as input, p.output::text as output, l.plan::text as plan from task t join task_payload p on p.task_id = t.id left join task_plan l on l.task_id = t.id where t.id = $1`,
			[id],
		)
	).rows[0]

test('what is planted in an input is given to its steps, and is found in no table', async () => {
	given.length = 0
	const id = await engine.start('Sensitive::Deploy', input)
	const { result } = await engine.reached(id, 'stopped')
	expect(result).toBe('success')
	const url = `https://root:${password}@db-1`
	expect(given).toEqual([
		{ url, login: input.login, tokens: ['value-of-A', 'value-of-B'] },
		{ session: 'session-5f3a', key: 'grant-77', host: 'h', days: 4711 },
	])
	await expectNothingOf(...planted, ...made)
	// What is not sensitive is found where the others were looked for.
	expect(await everything()).toContain('""host"":""db-1""')
	const stored = await row(id)
	expect(stored['name']).toBe('Deploy db-1 with •••')
	expect(stored['input']).toContain('"user":"root"')
	expect(stored['plan']).toContain('"connect with •••"')
	const { rows } = await engine.pool.query(`select type, key, title from resource where type in ('Host', 'Login') order by type`)
	expect(rows).toEqual([
		{ type: 'Host', key: 'db-1/•••', title: 'title •••' },
		{ type: 'Login', key: 'of •••', title: null },
	])
	const log = await engine.pool.query(`select text from log_chunk where task_id = $1 order by step, first_line`, [id])
	expect(log.rows.map(({ text }) => text).join('\n')).toBe('connects to •••\nwith ••• •••,•••\nuses ••• and ••• on h')
	const answer = await engine.commands.awaitTask({ id, limit: 10_000 })
	expect(answer).toMatchObject({ output: '{"message":"•••","session":"•••","host":"h"}' })
})

test('a failure says ••• in message, trace and details; its attempt too', async () => {
	const id = await engine.start('Sensitive::Deploy', { ...input, host: 'fail' })
	const { steps } = await engine.reached(id, 'paused')
	expect(steps[0]?.error).toMatchObject({ code: 'no', message: '••• refuses •••', details: { tried: ['•••'] } })
	await expectNothingOf(...planted)
	given.length = 0
	expect(await engine.commands.awaitTask({ id, limit: 10_000 })).toMatchObject({
		failure: { message: expect.stringContaining('••• refuses •••') },
	})
})

test('what is reverted is given what it made', async () => {
	given.length = 0
	const id = await engine.start('Sensitive::Back', { password })
	expect((await engine.reached(id, 'stopped')).reason).toBe('reverted')
	expect(given.at(-1)).toMatchObject({ reverted: 'session-5f3a', input: { login: { password } } })
	await expectNothingOf(...planted, ...made)
})

test('planning that fails says •••', async () => {
	const id = await engine.start('Sensitive::Deploy', { ...input, host: 'none' })
	expect((await engine.reached(id, 'paused')).error?.message).toBe('no host for •••')
	await expectNothingOf(...planted)
})

test('sub-tasks are given it, and it is sealed wherever it stands in their input', async () => {
	given.length = 0
	const id = await engine.start('Sensitive::Parent', { secret: 'sub-secret' })
	expect((await engine.reached(id, 'stopped')).result).toBe('success')
	expect(given).toEqual(['sub-secret', { twice: 'sub-secretsub-secret', plain: 'x1' }, ['x', 'in sub-secret']])
	await expectNothingOf('sub-secret')
	const { rows } = await engine.pool.query('select name from task where parent_id = $1 order by id', [id])
	expect(rows).toEqual([{ name: 'Sensitive::Single' }, { name: 'Echo ["x","•••"]' }])
})

test('a fan-out seals it in each of its sub-tasks', async () => {
	given.length = 0
	const id = await engine.start('Sensitive::Fan', { secret: 'fan-secret' })
	await waitFor('both sub-tasks to have run', () => given.length === 2)
	expect(given).toEqual([['fan fan-secret'], ['fan fan-secret']])
	await expectNothingOf('fan-secret')
	await engine.commands.cancelTask({ id, who: engine.owner, why: null })
})

test('a step that waits finds its state again, and what ends it is sealed by the schema of its output', async () => {
	given.length = 0
	const id = await engine.start('Sensitive::Waits', { secret: 'wait-secret' })
	const suspended = async (times: number) =>
		waitFor(`the step to be suspended, ${times}`, async () => {
			const { task } = await engine.load(id)
			return task.steps[0]?.state === 'suspended' && task.steps[0].attempt === times ? task.steps[0] : null
		})
	expect((await suspended(1)).suspension).toMatchObject({ externalId: 'job-•••', externalUrl: 'https://•••@elsewhere/' })
	const event = { task: id, step: 0, who: engine.owner }
	await engine.commands.sendEvent({ ...event, id: 'e1', name: 'go', payload: '1' })
	await suspended(2)
	expect(given).toMatchObject([null, { state: { kept: 'state of wait-secret', attempt: 1 } }])
	await engine.commands.sendEvent({ ...event, id: 'e2', name: 'end', outcome: { output: '{"token":"token-from-elsewhere","plain":"p"}' } })
	expect((await engine.reached(id, 'stopped')).result).toBe('success')
	expect((await row(id))['output']).toMatch(/^\{"token":\{"\$sensitive".*"plain":"p"\}$/)
	await expectNothingOf('wait-secret', 'token-from-elsewhere')
})

test('a poll that finds the same state leaves the same text', async () => {
	given.length = 0
	const id = await engine.start('Sensitive::Polls', { secret: 'poll-secret' })
	const states = new Set<string | null>()
	await waitFor('the task to stop', async () => {
		const { task } = await engine.load(id)
		if (task.steps[0]?.suspension) states.add(task.steps[0].suspension.state)
		await new Promise((resolve) => setTimeout(resolve, 5))
		await engine.door.submit(id, () => [{ fact: { kind: 'due', at: Date.now() + 60_000 } }])
		return task.state === 'stopped'
	})
	expect(states.size).toBe(1)
	expect(given).toEqual([{ at: 'poll-secret' }, { at: 'poll-secret' }, { at: 'poll-secret' }, { at: 'poll-secret' }])
	await expectNothingOf('poll-secret')
})

test('a task is run again with what was sealed, also by a process without the key', async () => {
	const id = await engine.start('Sensitive::Single', { secret: 'run-again' })
	await engine.reached(id, 'stopped')
	for (const keys of [keyring, undefined]) {
		await withCommands(keys, async (commands) => {
			given.length = 0
			const answer = await commands.rerunTask({ id, who: engine.owner, why: null, correlationId: 'test' })
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			expect((await engine.reached(answer.task.id, 'stopped')).result).toBe('success')
			expect(given).toEqual(['run-again'])
			expect((await row(answer.task.id))['input']).toBe((await row(id))['input'])
		})
	}
})

async function withCommands(keys: typeof keyring | undefined, work: (commands: Commands) => Promise<void>): Promise<void> {
	const commands = await openCommands({
		url: database.url,
		applicationName: 'taskyard keyless',
		log: () => undefined,
		...(keys && { keyring: keys }),
	})
	try {
		await work(commands)
	} finally {
		await commands.close()
	}
}

test('without a key nothing sensitive is accepted, and the answer says so', async () => {
	await withCommands(undefined, async (commands) => {
		const order = { label: 'Sensitive::Single', who: engine.owner, correlationId: 'test' }
		expect(await commands.startTask({ ...order, input: '{"secret":"refused"}' })).toMatchObject({ refusal: { code: 'no_encryption_key' } })
		expect(await commands.dryRunTask({ ...order, input: '{"secret":"refused"}', limit: 1 })).toMatchObject({
			refusal: { code: 'no_encryption_key' },
		})
		expect(await commands.startTask({ ...order, label: 'Sensitive::Echo', input: '{"words":[],"n":1}' })).toMatchObject({ task: {} })
	})
})

test('a step whose key is missing fails by name, and goes on once it is there', async () => {
	await withCommands(other, async (commands) => {
		const answer = await commands.startTask({
			label: 'Sensitive::Single',
			input: '{"secret":"other"}',
			who: engine.owner,
			correlationId: 'test',
		})
		if ('refusal' in answer) throw new Error(answer.refusal.message)
		const { error } = await engine.reached(answer.task.id, 'paused')
		expect(error).toMatchObject({ code: 'encryption_key', reason: 'planning_failed' })
		expect(error?.message).toContain('the key "other", which this process does not have. It looks in the keys of this test')
		keyrings.push(other)
		await commands.resumeTask({ id: answer.task.id, who: engine.owner, why: null })
		expect((await engine.reached(answer.task.id, 'stopped')).result).toBe('warning')
	})
})

test('a step whose output could not be sealed does not run', async () => {
	given.length = 0
	noKey = true
	const id = await engine.start('Sensitive::Makes')
	const { steps } = await engine.reached(id, 'paused')
	expect(steps[0]?.error).toMatchObject({ code: 'encryption_key', message: 'There is no encryption key.' })
	expect(given).toEqual([])
	noKey = false
	await engine.commands.resumeTask({ id, who: engine.owner, why: null })
	await engine.reached(id, 'stopped')
	expect(given).toEqual(['made'])
	await expectNothingOf('token-made-here')
})

test('a step whose key has gone fails by name, and goes on once it is back', async () => {
	keyrings.splice(0, keyrings.length, first, other)
	current = other
	const id = await engine.start('Sensitive::Deploy', { ...input, host: 'fail-again' })
	expect((await engine.reached(id, 'paused')).steps[0]?.error?.code).toBe('no')
	current = first
	keyrings.splice(0, keyrings.length, first)
	const resume = async () => engine.commands.resumeTask({ id, who: engine.owner, why: null })
	const failsWith = async (code: string) =>
		waitFor(`the step to fail with ${code}`, async () => {
			const { task } = await engine.load(id)
			return task.state === 'paused' && task.steps[0]?.error?.code === code ? task.steps[0].error : null
		})
	await resume()
	expect((await failsWith('encryption_key')).message).toContain('the key "other", which this process does not have')
	keyrings.push(other)
	await resume()
	await failsWith('no')
})

test('a dry run shows ••• and stores nothing', async () => {
	const answer = await engine.commands.dryRunTask({
		label: 'Sensitive::Deploy',
		input: JSON.stringify(input),
		who: engine.owner,
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
		const answer = await engine.commands.startTask({ label: 'Sensitive::Single', input: text, who: engine.owner, correlationId: 'test' })
		expect(answer).toMatchObject({ refusal: { code: 'invalid_input', faults: [{ path }] } })
	})

	it('nor with an output', async () => {
		const id = await engine.start('Sensitive::Forged', {})
		const { steps } = await engine.reached(id, 'paused')
		expect(steps[0]?.error).toMatchObject({ code: 'reserved_name' })
	})
})

test('an input that is no JSON is not repeated', async () => {
	const answer = await engine.commands.startTask({
		label: 'Sensitive::Single',
		input: '{"secret": hunter2}',
		who: engine.owner,
		correlationId: 'test',
	})
	expect(JSON.stringify(answer)).not.toContain('hunter2')
	expect(answer).toMatchObject({ refusal: { code: 'invalid_input' } })
})

test('values that are too short to be looked for are sealed where they are marked', async () => {
	const id = await engine.start('Sensitive::Single', { secret: 'abc' })
	await engine.reached(id, 'stopped')
	const { input: kept, plan, output } = await row(id)
	for (const text of [kept, plan, output]) expect(text).not.toContain('abc')
})
