import { defineAction } from '@taskyard/sdk/defineAction'
import { defineTask } from '@taskyard/sdk/defineTask'
import type { StepContext } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import type { StepSql } from '@taskyard/sdk/stepTransaction'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openClock } from '../clock.ts'
import { openTimers } from '../sweep/timers.ts'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { openTransactionConnections, type TransactionConnections } from './transactionConnections.ts'

/** What the step of a test does, by the name that its task gives. */
type Act = (sql: StepSql, context: StepContext) => unknown
const acts = new Map<string, Act>()
let named = 0

const policies = { retry: { attempts: 3, initial: 1, max: 1, jitter: 0 } }
const act = defineAction({
	label: 'Test::Ledger/act',
	input: z.object({ act: z.string() }),
	...policies,
	transaction: async (sql, input, context) => (await acts.get(input.act)?.(sql, context)) ?? 'done',
	policiesFor: ({ act: name }) => (name?.startsWith('once') ? { retry: { attempts: 1 }, onLost: 'rescue' } : {}),
})
const follow = defineAction({ label: 'Test::Ledger/follow', input: z.object({ from: z.unknown() }), run: ({ from }) => ({ from }) })
const ledger = defineTask({
	label: 'Test::Ledger',
	input: z.object({ acts: z.array(z.string()) }),
	actions: [act, follow],
	plan(plan, input) {
		const branches = input.acts.map((name) => plan.step(act, { act: name }))
		const last = plan.step(follow, { from: branches[0]?.output })
		plan.sequence(plan.concurrence(...branches), last)
	},
})

const secretive = defineTask({
	label: 'Test::Secretive',
	input: z.object({ token: z.string().meta({ sensitive: true }) }),
	output: z.object({ token: z.string().meta({ sensitive: true }) }),
	async transaction(sql, { token }) {
		const { rows } = await sql.query<{ token: string }>('select $1::text as token', [token])
		if (token.startsWith('bad')) await sql.query('select $1::int', [token])
		return { token: rows[0]?.token ?? '' }
	},
})

const database = useDatabase()
let connections: TransactionConnections
let engine: EngineUnderTest
/** Makes something of a statement that a transaction sends. */
let around: ((text: string, send: () => Promise<unknown>) => Promise<unknown>) | null = null
let opened = 0
/** For the back-off of tries. */
let looking: NodeJS.Timeout

beforeAll(async () => {
	await database.pool.query('create table ledger (task uuid, step int, attempt int, note text unique deferrable initially deferred)')
	const real = openTransactionConnections({ url: database.url, most: 2, applicationName: 'taskyard steps under test', limit: 1_000 })
	connections = {
		...real,
		async take(signal) {
			opened += 1
			const client = await real.take(signal)
			const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
			const watched = (...given: unknown[]): Promise<unknown> => {
				const [statement] = given
				const text = typeof statement === 'string' ? statement : (statement as { text: string }).text
				return around ? around(text, () => query(...given)) : query(...given)
			}
			client.query = watched as typeof client.query
			return client
		},
		giveBack(client, broken) {
			delete (client as { query?: unknown }).query
			real.giveBack(client, broken)
		},
	}
	engine = await engineUnderTest({ url: database.url, definitions: [ledger, secretive], transactions: connections })
	const timers = openTimers({ pool: engine.pool, door: engine.door, clock: await openClock(engine.pool) })
	looking = setInterval(() => void timers.look(), 20)
})
afterAll(async () => {
	clearInterval(looking)
	await engine?.stop()
})
beforeEach(() => {
	around = null
	opened = 0
})

/** Starts a task of steps that do this, side by side. */
async function start(...does: readonly Act[]): Promise<string> {
	return startNamed('act', ...does)
}

async function startNamed(prefix: string, ...does: readonly Act[]): Promise<string> {
	const names = does.map((one) => {
		const name = `${prefix} ${++named}`
		acts.set(name, one)
		return name
	})
	return engine.start('Test::Ledger', { acts: names })
}

const note: Act = async (sql, { taskId, step, attempt }) => {
	await sql.query('insert into ledger values ($1, $2, $3)', [taskId, step, attempt])
	return { attempt }
}

async function noted(id: string): Promise<{ step: number; attempt: number }[]> {
	const { rows } = await database.pool.query<{ step: number; attempt: number }>(
		'select step, attempt from ledger where task = $1 order by step, attempt',
		[id],
	)
	return rows
}

async function attempts(id: string): Promise<string[]> {
	const { rows } = await database.pool.query<{ text: string }>(
		`select number || ' ' || outcome as text from attempt where task_id = $1 and step = 0 order by number`,
		[id],
	)
	return rows.map(({ text }) => text)
}

describe('the SQL of a step and its outcome', () => {
	it('are one transaction, and the next step begins after it in the same process', async () => {
		const id = await start(note)
		const { steps, result } = await engine.reached(id, 'stopped')
		expect(result).toBe('success')
		expect(steps.map(({ output }) => output)).toEqual(['{"attempt":1}', '{"from":{"attempt":1}}'])
		expect(steps.map(({ child }) => child)).toEqual([engine.child, engine.child])
		const { rows } = await database.pool.query(
			`select (select xmin from ledger where task = $1) = (select xmin from step where task_id = $1 and index = 0) as together,
				(select xmin from step where task_id = $1 and index = 0) = (select xmin from step where task_id = $1 and index = 1) as grouped`,
			[id],
		)
		expect(rows).toEqual([{ together: true, grouped: false }])
	})

	it('are there for those who wait for the task at once', async () => {
		const name = `act ${++named}`
		acts.set(name, note)
		const input = JSON.stringify({ acts: [name] })
		const answer = await engine.commands.runTask({ label: 'Test::Ledger', input, who: engine.owner, correlationId: 'test', limit: 10_000 })
		expect(answer).toMatchObject({ result: 'success' })
	})

	it('wait for nobody: each of two branches is decided on what the other has left', async () => {
		const both = Promise.withResolvers<void>()
		let inside = 0
		const meet: Act = async (sql, context) => {
			const left = await note(sql, context)
			inside += 1
			if (inside === 2) both.resolve()
			await both.promise
			return left
		}
		const id = await start(meet, meet)
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success' })
		expect(await noted(id)).toEqual([
			{ step: 0, attempt: 1 },
			{ step: 1, attempt: 1 },
		])
	})

	it('of a step without SQL take no connection', async () => {
		const id = await start(() => 'nothing')
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ output: '"nothing"' }, {}] })
		expect(opened).toBe(0)
	})

	it('wait for their turn when all connections are taken', async () => {
		const id = await start(note, note, note, note, note)
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success' })
		expect(await noted(id)).toHaveLength(5)
	})

	it('read values as what they are', async () => {
		const id = await start(async (sql) => {
			const { rows, rowCount } = await sql.query<{ at: Date }>(
				`select 9007199254740993::bigint as big, 7::bigint as small, '{"n":9007199254740993}'::jsonb as json, $1::int + 1 as sum,
					timestamptz '2026-11-21T18:00:00Z' as at, $2::text as text`,
				[41, 'ä'],
			)
			return { rowCount, rows: rows.map((row) => ({ ...row, at: row.at.toISOString() })) }
		})
		expect((await engine.reached(id, 'stopped')).steps[0]?.output).toBe(
			'{"rowCount":1,"rows":[{"big":9007199254740993,"small":7,"json":{"n":9007199254740993},"sum":42,"at":"2026-11-21T18:00:00.000Z","text":"ä"}]}',
		)
	})

	it('reach the SQL as they are, and the tables sealed, where they are sensitive', async () => {
		const good = await engine.start('Test::Secretive', { token: 'good hunter2' })
		const done = await engine.reached(good, 'stopped')
		expect(done).toMatchObject({ result: 'success', steps: [{ output: expect.stringContaining('$sensitive') }] })
		const bad = await engine.reached(await engine.start('Test::Secretive', { token: 'bad hunter2' }), 'paused')
		expect(bad.steps[0]?.error?.message).toBe('invalid input syntax for type integer: "•••"')
		expect(JSON.stringify([done, bad])).not.toContain('hunter2')
	})

	it('leave nothing that was set to the statements of the engine, nor to the next step', async () => {
		const first = await start(async (sql, context) => {
			await sql.query('create schema if not exists hidden')
			await sql.query('create table if not exists hidden.task (id uuid)')
			await sql.query(`set search_path to hidden`)
			await sql.query(`set application_name to 'renamed'`)
			await sql.query('insert into public.ledger values ($1, 0, 1)', [context.taskId])
		})
		expect(await engine.reached(first, 'stopped')).toMatchObject({ result: 'success' })
		const second = await start(
			async (sql) =>
				(await sql.query(`select current_setting('search_path') as path, current_setting('application_name') as name`)).rows[0],
		)
		expect((await engine.reached(second, 'stopped')).steps[0]?.output).toBe(
			'{"path":"\\"$user\\", public","name":"taskyard steps under test"}',
		)
	})
})

describe('is taken back, and the step tried again as any other,', () => {
	const failures: Record<string, Act> = {
		'what threw': () => {
			throw new Failure('on purpose')
		},
		'what the database refused': (sql) => sql.query('insert into ledger values (1)'),
		'what the database refused while nobody listened': async (sql) => {
			await sql.query('select 1 / 0').catch(() => undefined)
		},
		'what the database refuses at the end': async (sql) => {
			await sql.query(`insert into ledger (note) values ('twice'), ('twice')`)
		},
		'what nobody awaited': (sql) => void sql.query('select 1 / 0').catch(() => undefined),
	}
	it.each(Object.entries(failures))('%s', async (_, fails) => {
		const id = await start(async (sql, context) => {
			await note(sql, context)
			if (context.attempt < 3) await fails(sql, context)
			return 'done'
		})
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 3, tries: 2 }, {}] })
		expect(await noted(id)).toEqual([{ step: 0, attempt: 3 }])
	})

	it('a part by a savepoint, and the rest is kept', async () => {
		const id = await start(async (sql, context) => {
			await note(sql, context)
			await sql.query('savepoint here')
			await sql.query('select 1 / 0').catch(() => undefined)
			await sql.query('rollback to savepoint here')
			return 'done'
		})
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 1 }, {}] })
		expect(await noted(id)).toEqual([{ step: 0, attempt: 1 }])
	})

	it('what took too long, by the name of the limit', async () => {
		const waits: Act[] = [(sql) => sql.query('select pg_sleep(60)'), () => new Promise(() => undefined)]
		const ids = await Promise.all(
			waits.map((wait) =>
				startNamed('once', async (sql, context) => {
					await note(sql, context)
					await wait(sql, context)
				}),
			),
		)
		for (const id of ids) {
			const { steps } = await engine.reached(id, 'paused')
			expect(steps[0]?.error).toMatchObject({
				code: 'transaction_timeout',
				message: expect.stringContaining('longer than 1 s (transaction_timeout)'),
			})
			expect(await noted(id)).toEqual([])
		}
	})

	it('what could not be committed with its output', async () => {
		const id = await startNamed('once', async (sql, context) => {
			await note(sql, context)
			return { text: 'a\u0000b' }
		})
		const { steps } = await engine.reached(id, 'paused')
		expect(steps[0]?.error?.message).toContain('NUL')
		expect(await noted(id)).toEqual([])
	})
})

describe('is refused by name:', () => {
	it.each(['commit', 'rollback', 'begin', '/* first */ END;'])('%s', async (text) => {
		const id = await startNamed('once', async (sql, context) => {
			await note(sql, context)
			await sql.query(text)
		})
		const { steps } = await engine.reached(id, 'paused')
		expect(steps[0]?.error).toMatchObject({ code: 'transaction_control', message: expect.stringContaining('savepoint') })
		expect(await noted(id)).toEqual([])
	})

	it('several statements in one', async () => {
		const id = await startNamed('once', (sql) => sql.query('select 1; commit'))
		expect((await engine.reached(id, 'paused')).steps[0]?.error).toMatchObject({ code: '42601' })
	})

	it('a query after the step has ended', async () => {
		let late: Promise<unknown> | null = null
		const id = await start(async (sql, context) => {
			await note(sql, context)
			late = (async () => {
				await waitFor('the end of the step', async () => (await engine.load(id)).task.state === 'stopped')
				return sql.query('select 1')
			})()
			late.catch(() => undefined)
		})
		await engine.reached(id, 'stopped')
		await expect(late).rejects.toMatchObject({ code: 'transaction_over' })
	})
})

describe('an attempt that no longer counts', () => {
	/** Starts a step that has written and waits. */
	async function startWaiting(wait: Act): Promise<string> {
		const inside = Promise.withResolvers<void>()
		const id = await start(async (sql, context) => {
			await note(sql, context)
			inside.resolve()
			await wait(sql, context)
		})
		await inside.promise
		return id
	}

	it.each<[string, Act]>([
		['in a statement', (sql) => sql.query('select pg_sleep(60)')],
		[
			'between two',
			(_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
		],
		[
			'and is deaf to it',
			async (sql, { signal }) => {
				await new Promise((resolve) => signal.addEventListener('abort', resolve))
				await sql.query('select 1').catch(() => undefined)
			},
		],
	])('because it was cancelled %s, leaves nothing', async (_, wait) => {
		const id = await startWaiting(wait)
		await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		await engine.executor.look()
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'cancelled', steps: [{ state: 'cancelled' }, {}] })
		expect(await noted(id)).toEqual([])
	})

	it('because another one took over while it wrote, leaves nothing, and its author’s code ends', async () => {
		const gate = Promise.withResolvers<void>()
		const id = await startWaiting(() => gate.promise)
		await engine.door.submit(id, ({ task }) => {
			const error = { message: 'gone', type: 'Lost', code: null, trace: null, details: null, reason: 'lost' } as const
			return [{ fact: { kind: 'attempt_lost', step: 0, attempt: task.steps[0]?.attempt ?? 0, error, at: Date.now() } }]
		})
		await waitFor('the other one to write', async () => (await engine.load(id)).task.steps[0]?.attempt === 2)
		gate.resolve()
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 2 }, {}] })
		expect(await noted(id)).toEqual([{ step: 0, attempt: 2 }])
	})
})

describe('a database that goes away', () => {
	const lost = Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' })

	it('after the commit, before its answer: the SQL counts once, and the next step begins', async () => {
		around = async (text, send) => {
			const answer = await send()
			if (text !== 'commit') return answer
			around = null
			throw lost
		}
		const id = await start(note)
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 1 }, { state: 'success' }] })
		expect(await noted(id)).toEqual([{ step: 0, attempt: 1 }])
	})

	it.each([
		['before the commit', (text: string) => text === 'commit'],
		['within the SQL', (text: string) => text.startsWith('insert')],
	])('%s: nothing is kept, it runs again, and that is no try', async (_, isPlace) => {
		around = async (text, send) => {
			if (!isPlace(text)) return send()
			around = null
			await database.pool.query(
				`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'taskyard steps under test'`,
			)
			return send()
		}
		const id = await start(note)
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 2, tries: 0 }, {}] })
		expect(await noted(id)).toEqual([{ step: 0, attempt: 2 }])
		expect(await attempts(id)).toHaveLength(2)
	})

	it('before the SQL begins: the step waits for it', async () => {
		around = async (text, send) => {
			if (text !== 'begin') return send()
			around = null
			await database.pool.query(
				`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'taskyard steps under test'`,
			)
			return send()
		}
		const id = await start(note)
		expect(await engine.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ attempt: 1 }, {}] })
		expect(await noted(id)).toEqual([{ step: 0, attempt: 1 }])
		expect(opened).toBe(2)
	})

	it('within a step that must not be repeated by itself: a person decides', async () => {
		around = async (text, send) => {
			if (text !== 'commit') return send()
			around = null
			throw lost
		}
		const id = await startNamed('once', note)
		const { steps } = await engine.reached(id, 'paused')
		expect(steps[0]?.error).toMatchObject({ code: 'transaction_lost', reason: 'lost' })
		expect(await noted(id)).toEqual([])
	})
})
