import { withoutJob } from '@taskyard/dispatch/jobs'
import { Failure } from '@taskyard/sdk/failure'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeChannel } from '../wakeUp.ts'
import { type EngineUnderTest, engineUnderTest, output, sequence, sketch, step } from '../testing/engineUnderTest.ts'
import { openCommands } from './commands.ts'
import type { Commands } from './types.ts'

const database = useDatabase()
let engine: EngineUnderTest
let gate = Promise.withResolvers<void>()
let planned = 0

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		concurrency: 100,
		definitions: [
			sketch({
				label: 'Adds',
				tree: () => sequence(step(0), step(1)),
				steps: ({ n }: { n: bigint }) => [{ run: () => n + 1n }, { run: (given: bigint) => ({ sum: given, 'ä"': [] }), input: output(0) }],
			}),
			sketch({ label: 'Nothing', tree: () => step(0), steps: () => [{ run: () => undefined }] }),
			sketch({
				label: 'Fails',
				tree: () => step(0),
				steps: ({ rescue }: { rescue: 'pause' | 'fail' }) => [
					{
						run: () => {
							throw new Failure('the disk is full', { code: 'no_space', retryable: false, details: { free: 0 } })
						},
						policies: { rescue },
					},
				],
			}),
			sketch({ label: 'Waits', tree: () => step(0), steps: () => [{ run: () => gate.promise }] }),
			sketch({ label: 'Light', tree: () => step(0), steps: () => [{ run: () => 'light' }], data: { light: true } }),
			{
				...sketch({ label: 'Plans', tree: () => step(0), steps: () => [{ run: () => 1 }] }),
				plan: async (input: unknown) => {
					planned += 1
					if ((input as { bad?: boolean }).bad) throw new Failure('no such host', { code: 'no_host' })
					const { plan } = await sketch({
						label: 'Plans',
						tree: () => sequence(step(0), step(1)),
						steps: () => [{ run: () => 1 }, { run: () => 2 }],
					}).plan(input)
					return {
						plan,
						name: 'a name of its own',
						locks: [{ resource: { type: 'Host', id: '9007199254740993' }, name: '*', mode: 'exclusive' }],
					}
				},
			},
			sketch({ label: 'Nobody', tree: () => step(0), steps: () => [{ run: () => 1 }], data: { queue: 'nobody takes it' } }),
		],
	})
})
afterAll(async () => {
	gate.resolve()
	await engine?.stop()
})

const order = (label: string, input: string, limit = 10_000) => ({ label, input, who: engine.owner, correlationId: 'test', limit })

describe('a task that is run', () => {
	it('answers its output as it is, byte for byte', async () => {
		const answer = await engine.commands.runTask(order('Adds', '{"n":12345678901234567890}'))
		expect(answer).toEqual({
			task: { id: expect.any(String) },
			discarded: false,
			result: 'success',
			output: '{"sum":12345678901234567891,"ä\\"":[]}',
		})
	})

	it('that leaves nothing answers null', async () => {
		expect(await engine.commands.runTask(order('Nothing', '{}'))).toMatchObject({ result: 'success', output: null })
	})

	it('that pauses is a failure with its error, and so is one that stops with one', async () => {
		for (const [rescue, state] of [
			['pause', 'paused'],
			['fail', 'stopped'],
		]) {
			expect(await engine.commands.runTask(order('Fails', JSON.stringify({ rescue })))).toMatchObject({
				failure: {
					task: { id: expect.any(String) },
					state,
					result: 'error',
					message: expect.stringContaining('the disk is full'),
					error: { message: 'the disk is full', code: 'no_space', details: { free: 0 } },
				},
			})
		}
	})

	it('that is cancelled is a failure', async () => {
		const id = await engine.start('Nobody')
		const waiting = engine.commands.awaitTask({ id, limit: 10_000 })
		await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		expect(await waiting).toMatchObject({ failure: { state: 'stopped', result: 'cancelled', error: null } })
	})

	it('that is unlocked is a failure although it can go on', async () => {
		const id = await engine.start('Fails', { rescue: 'pause' })
		await engine.reached(id, 'paused')
		await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
		await engine.commands.unlockTask({ id, who: engine.owner, why: null, confirmed: true })
		expect(await engine.commands.awaitTask({ id, limit: 10_000 })).toMatchObject({ failure: { state: 'stopped' } })
	})

	it('that takes longer goes on, and its id is in the answer', async () => {
		const answer = await engine.commands.runTask(order('Waits', '{}', 100))
		expect(answer).toMatchObject({
			timedOut: { task: { id: expect.any(String) }, limit: 100, message: expect.stringContaining('goes on') },
		})
		const { id } = (answer as { timedOut: { task: { id: string } } }).timedOut.task
		expect((await engine.load(id)).task.state).not.toBe('stopped')
		gate.resolve()
		expect(await engine.commands.awaitTask({ id, limit: 10_000 })).toMatchObject({ result: 'success' })
		gate = Promise.withResolvers()
	})

	it('that is refused or not there says so', async () => {
		expect(await engine.commands.runTask(order('None', '{}'))).toMatchObject({ refusal: { code: 'unknown_task_type' } })
		expect(await engine.commands.awaitTask({ id: '019aa000-0000-7000-8000-000000000000', limit: 1000 })).toMatchObject({
			refusal: { code: 'not_found' },
		})
		expect(await engine.commands.awaitTask({ id: 'x', limit: 1000 })).toMatchObject({ refusal: { code: 'not_found' } })
	})

	it('is looked at when a wake-up comes and with the second, for all who wait with one statement, and not when nobody waits', async () => {
		const asked = async (): Promise<number> => {
			const { rows } = await database.pool.query<{ n: number }>(
				`select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'taskyard waiter waiting' and query like 'listen%'`,
			)
			return rows[0]?.n ?? 0
		}
		const commands: Commands = await openCommands({ url: database.url, applicationName: 'taskyard waiter', log: () => undefined })
		try {
			expect(await asked()).toBe(0)
			const ids = await Promise.all(Array.from({ length: 20 }, () => engine.start('Waits')))
			const waiting = ids.map((id) => commands.awaitTask({ id, limit: 60_000 }))
			await waitFor('it to listen', async () => (await asked()) === 1)
			gate.resolve()
			// The engine under test sends no wake-ups: this one stands for those of a worker.
			await Promise.all(ids.map((id) => engine.reached(id, 'stopped')))
			await database.pool.query(`select pg_notify('${changeChannel}', '')`)
			expect((await Promise.all(waiting)).every((answer) => 'result' in answer)).toBe(true)
			gate = Promise.withResolvers()
		} finally {
			await commands.close()
		}
		await waitFor('nobody to listen', async () => (await asked()) === 0)
	})

	it('that nobody waits for any more, because the process ends, is answered as going on', async () => {
		const commands = await openCommands({ url: database.url, applicationName: 'taskyard waiter', log: () => undefined })
		const id = await engine.start('Nobody')
		const waiting = commands.awaitTask({ id, limit: 60_000 })
		await commands.close()
		expect(await waiting).toMatchObject({ timedOut: { task: { id } } })
		await engine.commands.cancelTask({ id, who: engine.owner, why: null })
	})
})

describe('a task that is started inline', () => {
	it('has no job if its type is light, and is carried out by who asked', async () => {
		const answer = await engine.commands.startTask({ ...order('Light', '{}'), start: 'inline' })
		const { id } = (answer as { task: { id: string } }).task
		expect(await withoutJob(engine.pool, [id])).toEqual([id])
		expect((await engine.load(id)).task.state).toBe('pending')
		await engine.executor.activate(id)
		expect(await engine.commands.awaitTask({ id, limit: 10_000 })).toMatchObject({ output: '"light"' })
	})

	it('has one if it is not', async () => {
		const answer = await engine.commands.startTask({ ...order('Nothing', '{}'), start: 'inline' })
		expect((await engine.reached((answer as { task: { id: string } }).task.id, 'stopped')).result).toBe('success')
	})
})

describe('a dry run', () => {
	const tasks = async () => (await engine.pool.query('select from task')).rowCount

	it('answers name, steps and locks, and stores nothing', async () => {
		const before = await tasks()
		const answer = await engine.commands.dryRunTask(order('Plans', '{"big":9007199254740993}'))
		expect(answer).toMatchObject({
			planned: {
				name: 'a name of its own',
				plan: {
					tree: { kind: 'sequence' },
					steps: [{ name: 'step 0', input: { task: { big: 9007199254740993n } } }, { name: 'step 1' }],
				},
				locks: [{ resource: { type: 'Host', id: '9007199254740993' }, name: '*', mode: 'exclusive' }],
			},
		})
		expect([await tasks(), (await engine.pool.query('select from dry_run')).rowCount]).toEqual([before, 0])
		expect((await engine.pool.query('select from lock')).rowCount).toBe(0)
	})

	it('answers what planning threw', async () => {
		const before = planned
		expect(await engine.commands.dryRunTask(order('Plans', '{"bad":true}'))).toMatchObject({
			failure: { message: 'no such host', code: 'no_host', reason: 'planning_failed' },
		})
		expect(planned).toBe(before + 1)
	})

	it('that no worker answers in time says which queue it waited on', async () => {
		expect(await engine.commands.dryRunTask(order('Nobody', '{}', 100))).toMatchObject({
			timedOut: { limit: 100, message: expect.stringContaining('"nobody takes it"') },
		})
		expect((await engine.pool.query('select from dry_run')).rowCount).toBe(0)
	})

	it.each([
		['None', '{}', 'unknown_task_type'],
		['Plans', '[]', 'invalid_input'],
		['Plans', '{', 'invalid_input'],
	])('of %s with %s is refused', async (label, input, code) => {
		expect(await engine.commands.dryRunTask(order(label, input))).toMatchObject({ refusal: { code } })
	})
})
