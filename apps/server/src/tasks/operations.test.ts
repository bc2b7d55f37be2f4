import type { StepError } from '@taskyard/model/task'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertLock, insertStep, insertTask, insertUser, newId, samplePlan } from '@taskyard/testkit/rows'
import { beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../testing/openTestServer.ts'

const database = useDatabase()
let owner: number

const policies = { attempts: 1, backoff: 'fixed', initial: 0, max: 0, jitter: 0 }

async function registerType(label: string, more: object): Promise<void> {
	const inputSchema = { type: 'object', properties: { text: { type: 'string' } } }
	const definition = {
		label,
		version: 1,
		name: label,
		inputSchema,
		locks: [],
		queue: 'default',
		cancellable: true,
		retry: policies,
		...more,
	}
	await database.pool.query('insert into task_type (label, version, definition) values ($1, 1, $2)', [label, JSON.stringify(definition)])
}

beforeAll(async () => {
	owner = await insertUser(database.pool)
	await registerType('Sample::Task', { rescue: 'pause', timeout: null, confirmation: false, light: false, actions: [] })
	await registerType('Sample::Asks', { rescue: 'pause', timeout: null, confirmation: true, light: false, actions: [] })
})

const failure: StepError = { message: 'no room', type: 'Failure', code: null, trace: null, details: null, reason: 'failed' }

/** A task that is paused on its second of three steps, and holds a lock. */
async function pausedTask(name: string): Promise<string> {
	return asEngine(database.pool, async (client) => {
		const resource = { type: 'Repository', id: name }
		const plan = { ...samplePlan(['one', 'two', 'three']), locks: [{ resource, name: '*', mode: 'exclusive' as const }] }
		const id = await insertTask(client, { owner, name, state: 'paused', result: 'error', reason: 'failed', plan })
		await insertStep(client, id, 0, { state: 'success' })
		await insertStep(client, id, 1, { state: 'error', error: failure })
		await insertLock(client, id, resource)
		return id
	})
}

const answer = 'task { id name state result reason unlocked rerunOf steps { state actions { name allowed } } } refusal { code message }'

async function ask(server: TestServer, operation: string): Promise<Record<string, unknown>> {
	const { data, errors } = await server.ask(operation)
	expect(errors).toBeUndefined()
	return Object.values(data ?? {})[0] as Record<string, unknown>
}

describe('a failed step', () => {
	test('is skipped, and the history says who did it and why', async () => {
		const server = await openTestServer(database.url)
		const id = await pausedTask('skipped')
		expect(await ask(server, `mutation { skipStep(id: "${id}", step: 1, why: "not needed") { ${answer} } }`)).toMatchObject({
			task: { state: 'running', result: 'warning', steps: [{ state: 'success' }, { state: 'skipped' }, { state: 'pending' }] },
			refusal: null,
		})
		const history = await ask(
			server,
			`{ taskHistory(id: "${id}") { entries { id kind step stepName oldState newState who { login } why } endCursor tombstone { id } } }`,
		)
		expect(history).toMatchObject({
			entries: expect.arrayContaining([
				expect.objectContaining({ kind: 'skip', step: 1, stepName: 'two', who: { login: 'ann' }, why: 'not needed' }),
				expect.objectContaining({ kind: 'task', oldState: 'paused', newState: 'running' }),
				expect.objectContaining({ kind: 'step', step: 1, oldState: 'error', newState: 'skipped' }),
			]),
			endCursor: null,
			tombstone: null,
		})
		const first = (await ask(server, `{ taskHistory(id: "${id}", first: 1) { entries { id } endCursor } }`)) as { endCursor: string }
		const rest = await ask(server, `{ taskHistory(id: "${id}", after: "${first.endCursor}") { entries { id } } }`)
		expect((rest as { entries: unknown[] }).entries).toHaveLength((history as { entries: unknown[] }).entries.length - 1)
	})

	test('is retried alone; what is not in error is refused by name', async () => {
		const server = await openTestServer(database.url)
		const id = await pausedTask('retried')
		expect(await ask(server, `mutation { retryStep(id: "${id}", step: 0) { ${answer} } }`)).toMatchObject({
			task: null,
			refusal: { code: 'not_in_error', message: expect.stringContaining('Only a step in error can be retried') },
		})
		expect(await ask(server, `mutation { retryStep(id: "${id}", step: 9) { ${answer} } }`)).toMatchObject({
			refusal: { code: 'no_such_step' },
		})
		expect(await ask(server, `{ task(id: "${id}") { steps { actions { name allowed } } } }`)).toMatchObject({
			steps: [
				{ actions: expect.arrayContaining([{ name: 'retry', allowed: false }]) },
				{
					actions: expect.arrayContaining([
						{ name: 'retry', allowed: true },
						{ name: 'skip', allowed: true },
					]),
				},
				{},
			],
		})
		expect(await ask(server, `mutation { retryStep(id: "${id}", step: 1) { ${answer} } }`)).toMatchObject({
			task: { state: 'running', steps: [{ state: 'success' }, { state: 'pending' }, { state: 'pending' }] },
		})
		expect(await ask(server, `mutation { cancelStep(id: "${id}", step: 0) { ${answer} } }`)).toMatchObject({
			refusal: { code: 'already_ended' },
		})
	})
})

describe('unlock', () => {
	test('is off until it is switched on, states its consequences, and frees the locks', async () => {
		const server = await openTestServer(database.url)
		const id = await pausedTask('unlocked')
		const unlock = (more: string) =>
			`mutation { unlockTask(id: "${id}"${more}) { ${answer} consequences { message runningAttempts subTasks locks { resource { type id } name mode task next { id } } } } }`
		await ask(server, 'mutation { changeSetting(key: "dangerous_actions", value: false) { setting { value } } }')
		expect(await ask(server, unlock(''))).toMatchObject({ refusal: { code: 'dangerous_actions_off' }, consequences: null })
		expect(
			await ask(
				server,
				'mutation { changeSetting(key: "dangerous_actions", value: true) { setting { key value changedBy } refusal { code } } }',
			),
		).toEqual({
			setting: { key: 'dangerous_actions', value: true, changedBy: owner },
			refusal: null,
		})
		expect(await ask(server, '{ settings { key value } }')).toEqual([{ key: 'dangerous_actions', value: true }])
		expect(await ask(server, 'mutation { changeSetting(key: "no_such", value: true) { refusal { code } } }')).toMatchObject({
			refusal: { code: 'unknown_setting' },
		})
		expect(await ask(server, unlock(''))).toMatchObject({
			task: null,
			consequences: {
				message: expect.stringMatching(/lock/),
				runningAttempts: 0,
				subTasks: 0,
				locks: [{ resource: { type: 'Repository', id: 'unlocked' }, name: '*', mode: 'exclusive', task: id, next: [] }],
			},
		})
		expect(
			await ask(
				server,
				`{ resourceLocks(type: "Repository", id: "unlocked") { holders { task { id } since } line { place } lineLength } }`,
			),
		).toMatchObject({
			holders: [{ task: { id } }],
			line: [],
			lineLength: 0,
		})
		expect(await ask(server, unlock(', confirmed: true, why: "it is stuck"'))).toMatchObject({
			task: { state: 'stopped', result: 'error', unlocked: true },
			consequences: null,
			refusal: null,
		})
		expect(await ask(server, `{ resourceLocks(type: "Repository", id: "unlocked") { holders { task { id } } } }`)).toEqual({ holders: [] })
		expect(await ask(server, `mutation { resumeTask(id: "${id}") { ${answer} } }`)).toMatchObject({
			task: { state: 'planned', unlocked: false },
		})
		expect(await ask(server, `{ taskLocks(id: "${id}") { resource { id } granted place beforeCount before { name } } }`)).toEqual([
			{ resource: { id: 'unlocked' }, granted: true, place: null, beforeCount: 0, before: [] },
		])
		expect(await ask(server, `mutation { forceUnlockTask(id: "${id}", confirmed: true) { ${answer} } }`)).toMatchObject({
			task: { state: 'stopped', result: 'error', reason: 'force_unlocked', unlocked: false },
		})
	})
})

test('a rerun is a new task that says which one it repeats; a delete leaves a tombstone', async () => {
	const server = await openTestServer(database.url)
	const { task: first } = (await ask(
		server,
		`mutation { startTask(label: "Sample::Task", input: "{\\"text\\":\\"a\\"}") { ${answer} } }`,
	)) as { task: { id: string } }
	expect(await ask(server, `mutation { rerunTask(id: "${first.id}") { ${answer} } }`)).toMatchObject({ refusal: { code: 'not_stopped' } })
	expect(await ask(server, `mutation { deleteTask(id: "${first.id}") { id refusal { code } } }`)).toMatchObject({
		id: null,
		refusal: { code: 'not_stopped' },
	})
	await ask(server, `mutation { cancelTask(id: "${first.id}") { ${answer} } }`)
	const newTask = newId()
	expect(await ask(server, `mutation { rerunTask(id: "${first.id}", newId: "${newTask}") { ${answer} } }`)).toMatchObject({
		task: { id: newTask, state: 'pending', rerunOf: first.id },
	})
	expect(await ask(server, `mutation { deleteTask(id: "${first.id}", why: "tidy") { id refusal { code } } }`)).toEqual({
		id: first.id,
		refusal: null,
	})
	expect(await ask(server, `{ task(id: "${first.id}") { id } }`)).toBe(null)
	expect(
		await ask(
			server,
			`{ taskHistory(id: "${first.id}") { entries { kind why } tombstone { label name result deletedBy { login } owner { login } } } }`,
		),
	).toMatchObject({
		entries: expect.arrayContaining([
			{ kind: 'cancel', why: null },
			{ kind: 'delete', why: 'tidy' },
		]),
		tombstone: { label: 'Sample::Task', result: 'cancelled', deletedBy: { login: 'ann' }, owner: { login: 'ann' } },
	})
	expect(await ask(server, `{ taskHistory(id: "${newId()}") { entries { kind } } }`)).toBe(null)
})

test('a task may wait for a time, for another task, and for a person', async () => {
	const server = await openTestServer(database.url)
	const start = (label: string, when: string) =>
		ask(
			server,
			`mutation { startTask(label: "${label}", input: "{}"${when}) { task { id state startAt confirmBefore waitingFor { kind text tasks { id } } } refusal { code message } } }`,
		)
	const later = await start('Sample::Task', ', when: { startAt: "2999-01-01T00:00:00Z" }')
	expect(later).toMatchObject({ task: { state: 'scheduled', startAt: '2999-01-01T00:00:00.000Z', waitingFor: { kind: 'start_time' } } })
	const { id } = (later as { task: { id: string } }).task
	expect(await start('Sample::Task', `, when: { dependsOn: [{ task: "${id}", policy: any }] }`)).toMatchObject({
		task: {
			state: 'scheduled',
			waitingFor: { kind: 'dependency', text: expect.stringMatching(`^Waits for task ".+" .${id}. to stop$`), tasks: [{ id }] },
		},
	})
	expect(await start('Sample::Task', `, when: { dependsOn: [{ task: "${newId()}" }] }`)).toMatchObject({
		refusal: { code: 'invalid_dependency' },
	})
	expect(await start('Sample::Task', ', when: { startAt: "2999-01-01T00:00:00Z", startBefore: "2998-01-01T00:00:00Z" }')).toMatchObject({
		refusal: { code: 'invalid_start_time' },
	})
	const asks = (await start('Sample::Asks', '')) as { task: { id: string } }
	expect(asks).toMatchObject({ task: { state: 'scheduled', waitingFor: { kind: 'confirmation' }, confirmBefore: expect.any(String) } })
	const confirm = (yes: boolean) => ask(server, `mutation { confirmTask(id: "${asks.task.id}", yes: ${yes}) { ${answer} } }`)
	expect(await confirm(true)).toMatchObject({ task: { state: 'pending' } })
	expect(await confirm(false)).toMatchObject({ refusal: { code: 'not_awaiting_confirmation' } })
})

test('what waits for a worker that is not there goes on when the time to wait is over', async () => {
	const server = await openTestServer(database.url)
	expect(
		await ask(
			server,
			`mutation { runTask(label: "Sample::Task", input: "{}", limit: 0.2) { task { state } output message timedOut refusal { code } } }`,
		),
	).toMatchObject({ task: { state: 'pending' }, output: null, timedOut: true, message: expect.stringMatching(/goes on/), refusal: null })
	expect(
		await ask(server, `mutation { runTask(label: "Sample::None", input: "{}") { task { id } timedOut refusal { code } } }`),
	).toMatchObject({
		task: null,
		timedOut: false,
		refusal: { code: 'unknown_task_type' },
	})
	expect(
		await ask(
			server,
			`mutation { dryRunTask(label: "Sample::Task", input: "{}", limit: 0.2) { name message error { message } refusal { code } } }`,
		),
	).toMatchObject({ name: null, message: expect.stringMatching(/worker/), error: null, refusal: null })
})

test('a pause is for running tasks', async () => {
	const server = await openTestServer(database.url)
	const id = await asEngine(database.pool, async (client) => {
		const running = await insertTask(client, { owner, state: 'running', plan: ['one', 'two'] })
		await insertStep(client, running, 0)
		return running
	})
	expect(await ask(server, `mutation { pauseTask(id: "${id}") { task { state pauseAsked } refusal { code } } }`)).toEqual({
		task: { state: 'running', pauseAsked: true },
		refusal: null,
	})
	expect(
		await ask(server, `mutation { pauseTask(id: "${await pausedTask('paused')}") { task { state } refusal { code } } }`),
	).toMatchObject({
		task: { state: 'paused' },
	})
	expect(await ask(server, `mutation { pauseTask(id: "${newId()}") { task { state } refusal { code } } }`)).toMatchObject({
		refusal: { code: 'not_found' },
	})
})
