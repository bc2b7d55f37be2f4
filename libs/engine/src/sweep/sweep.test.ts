import { withoutJob } from '@taskyard/dispatch/jobs'
import type { Task } from '@taskyard/model/task'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClock } from '../clock.ts'
import { concurrence, type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'
import { openSweep, type Sweep } from './sweep.ts'
import { canGoOn, openStranded } from './stranded.ts'
import { openTimers } from './timers.ts'

const database = useDatabase()
let engine: EngineUnderTest
let gate = Promise.withResolvers<void>()
const lock = { resource: { type: 'Directory', id: '{path}' }, name: '*', mode: 'exclusive', onConflict: 'wait' } as const
const steps = ({ hold }: { hold?: boolean }) => [{ run: () => (hold ? gate.promise : undefined) }, { run: () => 1 }, { run: () => 2 }]

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		// Jobs are looked at, and carried out by hand.
		run: false,
		definitions: [
			sketch({ label: 'Chain', tree: () => sequence(step(0), step(1), step(2)), steps }),
			sketch({ label: 'Branches', tree: () => concurrence(step(0), sequence(step(1), step(2))), steps }),
			sketch({ label: 'Locked', tree: () => step(0), steps: (input: { hold?: boolean }) => steps(input).slice(0, 1), locks: [lock] }),
			sketch({ label: 'Elsewhere', tree: () => step(0), steps: () => [{ run: () => 1 }], data: { queue: 'elsewhere' } }),
		],
	})
})
afterAll(async () => {
	gate.resolve()
	await engine?.stop()
})

async function newSweep(): Promise<Sweep> {
	return openSweep({
		pool: engine.pool,
		door: engine.door,
		clock: await openClock(engine.pool),
		bootId: 'test',
		log: () => undefined,
		lease: 60_000,
		mayDeclareDead: () => false,
	})
}

/** The hint is lost, and nobody noticed for a while. */
async function forget(...ids: string[]): Promise<void> {
	await engine.pool.query('delete from graphile_worker._private_jobs where key = any($1) or key like any($2)', [
		ids,
		ids.map((id) => `${id}/%`),
	])
	await asEngine(engine.pool, (client) =>
		client.query(`update task set state_updated_at = clock_timestamp() - interval '1 minute' where id = any($1)`, [ids]),
	)
}

const hasJob = async (id: string): Promise<boolean> => (await withoutJob(engine.pool, [id])).length === 0

async function isTold(id: string): Promise<boolean> {
	await forget(id)
	await (await newSweep()).run()
	return hasJob(id)
}

describe('the sweep tells', () => {
	it('a pending task', async () => {
		expect(await isTold(await engine.start('Chain'))).toBe(true)
	})

	it('a planned task whose locks were granted', async () => {
		const holder = await engine.start('Locked', { path: '/granted', hold: true })
		const carried = engine.executor.activate(holder)
		await engine.reached(holder, 'running')
		const id = await engine.start('Locked', { path: '/granted' })
		await engine.executor.activate(id)
		expect((await engine.load(id)).task.waitingFor?.kind).toBe('lock')
		// It stands in line: whoever leaves the line before it tells it.
		expect(await isTold(id)).toBe(false)
		gate.resolve()
		await carried
		await waitFor('its locks to be granted', async () => {
			const { rows } = await engine.pool.query('select granted from lock where task_id = $1', [id])
			return rows[0]?.granted === true
		})
		expect(await isTold(id)).toBe(true)
		await engine.executor.activate(id)
		expect((await engine.load(id)).task.result).toBe('success')
		gate = Promise.withResolvers()
	})

	it('a running task with a branch that can begin while another step runs', async () => {
		const id = await engine.start('Branches', { hold: true })
		const carried = engine.executor.activate(id)
		await waitFor('one branch to run', async () => (await engine.load(id)).task.steps[0]?.state === 'running')
		expect((await engine.load(id)).task.steps[1]?.state).toBe('pending')
		expect(await isTold(id)).toBe(true)
		await engine.executor.activate(id)
		expect((await engine.load(id)).task.steps.map((one) => one.state)).toEqual(['running', 'success', 'success'])
		// Now nothing is left to begin.
		expect(await isTold(id)).toBe(false)
		gate.resolve()
		await carried
		gate = Promise.withResolvers()
	})

	it('a running task whose only job is busy with another step', async () => {
		const id = await engine.start('Branches', { hold: true })
		await engine.pool.query(`update graphile_worker._private_jobs set locked_at = clock_timestamp(), locked_by = 'busy' where key = $1`, [
			id,
		])
		const carried = engine.executor.activate(id)
		await waitFor('one branch to run', async () => (await engine.load(id)).task.steps[0]?.state === 'running')
		await engine.pool.query('delete from graphile_worker._private_jobs where key = $1 and locked_at is null', [id])
		await asEngine(engine.pool, (client) =>
			client.query(`update task set state_updated_at = clock_timestamp() - interval '1 minute' where id = $1`, [id]),
		)
		await (await newSweep()).run()
		expect(await hasJob(id)).toBe(true)
		gate.resolve()
		await carried
		gate = Promise.withResolvers()
	})

	it('a scheduled task whose edges are settled', async () => {
		const awaited = await engine.start('Chain')
		const order = { label: 'Chain', input: '{}', who: engine.owner, correlationId: 'c' }
		const answer = await engine.commands.startTask({ ...order, dependsOn: [{ task: awaited, policy: 'success' }] })
		const { id } = (answer as { task: { id: string } }).task
		await forget(id)
		await (await newSweep()).run()
		expect((await engine.load(id)).task.state).toBe('scheduled')
		// Settled by a process that died before it could tell anybody.
		await engine.pool.query('update dependency set settled_at = clock_timestamp(), met = true where task_id = $1', [id])
		await (await newSweep()).run()
		expect([(await engine.load(id)).task.state, await hasJob(id)]).toEqual(['pending', true])
	})

	it('a scheduled task with an edge that was not met', async () => {
		const [first, second] = [await engine.start('Chain'), await engine.start('Chain')]
		const order = { label: 'Chain', input: '{}', who: engine.owner, correlationId: 'c' }
		const dependsOn = [first, second].map((task) => ({ task, policy: 'success' as const }))
		const answer = await engine.commands.startTask({ ...order, dependsOn })
		const { id } = (answer as { task: { id: string } }).task
		await engine.pool.query('update dependency set settled_at = clock_timestamp(), met = false where task_id = $1 and on_task_id = $2', [
			id,
			second,
		])
		await forget(id)
		await (await newSweep()).run()
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', reason: 'dependency_failed' })
	})
})

describe('the sweep leaves alone', () => {
	it('what was told a moment ago', async () => {
		const id = await engine.start('Chain')
		const sweep = await newSweep()
		await forget(id)
		await sweep.run()
		expect(await hasJob(id)).toBe(true)
		await forget(id)
		await sweep.run()
		expect(await hasJob(id)).toBe(false)
	})

	it('what ends while it looks', async () => {
		const id = await engine.start('Chain')
		await forget(id)
		let cancelled = false
		const pool = new Proxy(engine.pool, {
			get(target, key) {
				if (key !== 'query') return Reflect.get(target, key) as unknown
				return async (query: { name?: string }) => {
					const answer = await (target.query(query as never) as unknown as Promise<unknown>)
					if (query.name === 'taskyard:withoutJob') {
						await engine.commands.cancelTask({ id, who: engine.owner, why: null })
						cancelled = true
					}
					return answer
				}
			},
		})
		await openStranded({ pool, door: engine.door, clock: await openClock(engine.pool), log: () => undefined })()
		expect([cancelled, await hasJob(id)]).toEqual([true, false])
	})

	it('what has a job', async () => {
		const id = await engine.start('Chain')
		await asEngine(engine.pool, (client) =>
			client.query(`update task set state_updated_at = clock_timestamp() - interval '1 minute' where id = $1`, [id]),
		)
		const jobs = async () => (await engine.pool.query('select id, revision from graphile_worker._private_jobs where key = $1', [id])).rows
		const before = await jobs()
		await (await newSweep()).run()
		expect(await jobs()).toEqual(before)
	})

	it('what waits for a worker that nobody offers, until somebody does', async () => {
		const id = await engine.start('Elsewhere')
		const waitingFor = { kind: 'worker', keys: { label: 'Elsewhere', queue: 'elsewhere' } } as const
		await engine.door.submit(id, () => [{ fact: { kind: 'declined', waitingFor, at: Date.now() } }])
		expect(await isTold(id)).toBe(false)
		await engine.pool.query(`update worker set queues = queues || '{elsewhere}'::text[]`)
		expect(await isTold(id)).toBe(true)
		await engine.pool.query(`update worker set queues = '{default}'`)
	})

	it('what waits for an action that no worker knows', async () => {
		const id = await engine.start('Chain')
		const keys = { label: 'Chain', queue: 'default', action: 'Chain/gone' }
		await engine.door.submit(id, () => [{ fact: { kind: 'declined', waitingFor: { kind: 'worker', keys }, at: Date.now() } }])
		expect(await isTold(id)).toBe(false)
	})

	it('what waits for a version that no worker has', async () => {
		const id = await engine.start('Chain')
		const wait = async (version: number) => {
			const keys = { label: 'Chain', queue: 'default', version }
			await engine.door.submit(id, () => [{ fact: { kind: 'declined', waitingFor: { kind: 'worker', keys }, at: Date.now() } }])
		}
		await wait(2)
		expect(await isTold(id)).toBe(false)
		await wait(1)
		expect(await isTold(id)).toBe(true)
	})

	it('what is paused, stopped, or waits for a person', async () => {
		const id = await engine.start('Chain')
		await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		expect(await isTold(id)).toBe(false)
	})
})

describe('jobs that are held', () => {
	const recovered = `insert into child (worker_id, pid, pool_id, lease_until, ended_at, recovered_at)
		select id, 0, 'recovered', clock_timestamp(), clock_timestamp(), clock_timestamp() from worker limit 1`
	const living = `insert into child (worker_id, pid, pool_id, lease_until) select id, 0, 'living', clock_timestamp() from worker limit 1`

	it.each([
		['by a child that was recovered before it took them are given back', 'recovered', '0 seconds', recovered, true],
		['for long, by a child that lives, stay', 'living', '1 hour', living, false],
		['by somebody unknown stay for a moment', 'unknown', '0 seconds', null, false],
		['by somebody unknown are given back in the end', 'unknown', '1 minute', null, true],
	])('%s', async (_, holder, since, holds, expected) => {
		const id = await engine.start('Chain')
		if (holds) await engine.pool.query(holds)
		await engine.pool.query(
			`update graphile_worker._private_jobs set locked_by = $2, locked_at = clock_timestamp() - $3::interval, attempts = 1 where key = $1`,
			[id, holder, since],
		)
		await (await newSweep()).run()
		const { rows } = await engine.pool.query('select locked_by is null as free from graphile_worker._private_jobs where key = $1', [id])
		expect(rows).toEqual([{ free: expected }])
	})
})

describe('timers', () => {
	it('that are set anew while they fire stay, also when they are due again at once', async () => {
		const id = await engine.start('Chain')
		await engine.pool.query(
			`insert into timer (task_id, step, kind, due_at) values ($1, 0, 0, clock_timestamp() - interval '1 second'), ($1, 1, 0, clock_timestamp())`,
			[id],
		)
		const setAnew = `update timer set due_at = clock_timestamp() where task_id = $1 and step = 0`
		const { look } = openTimers({
			pool: engine.pool,
			clock: await openClock(engine.pool),
			// As when the step has begun and failed again before the look has ended.
			door: {
				...engine.door,
				async submit(...parameters) {
					const answer = await engine.door.submit(...parameters)
					await engine.pool.query(setAnew, [id])
					return answer
				},
			},
		})
		await look()
		const { rows } = await engine.pool.query('select step from timer where task_id = $1', [id])
		expect(rows).toEqual([{ step: 0 }])
		await engine.pool.query('delete from timer where task_id = $1', [id])
	})

	it('are due for a task too where the clock of this process is behind, to the last digit', async () => {
		const id = await engine.start('Chain')
		// A time that is a little less once its seconds are a floating number.
		let due = Math.floor(Date.now() * 1000) - 1_000_000
		while ((due / 1_000_000) * 1000 >= due / 1000) due -= 1
		await engine.pool.query(
			`insert into timer (task_id, step, kind, due_at) values ($1, 0, 0, to_timestamp(0) + $2::bigint * interval '1 microsecond')`,
			[id, due],
		)
		const told: number[] = []
		const { look } = openTimers({
			pool: engine.pool,
			clock: { ...(await openClock(engine.pool)), now: () => 0 },
			door: {
				...engine.door,
				submit: (task, choose) =>
					engine.door.submit(task, (loaded) => {
						for (const { fact } of choose(loaded) ?? []) told.push(fact.at)
						return null
					}),
			},
		})
		await look()
		expect(told).toHaveLength(1)
		expect(told[0]).toBeGreaterThanOrEqual(due / 1000)
	})

	it('that come due before the next sweep are waited for', async () => {
		const id = await engine.start('Chain')
		await engine.pool.query(
			`insert into timer (task_id, step, kind, due_at) values ($1, -1, 0, clock_timestamp() + interval '200 milliseconds')`,
			[id],
		)
		await (await newSweep()).run()
		const left = async () => (await engine.pool.query('select from timer where task_id = $1', [id])).rowCount
		expect(await left()).toBe(1)
		await waitFor('it to be fired without another sweep', async () => (await left()) === 0)
	})

	it('of many tasks are fired a page at a time, and all of them', async () => {
		const ids = await Promise.all(Array.from({ length: 3 }, () => engine.start('Chain')))
		await engine.pool.query(
			`insert into timer (task_id, step, kind, due_at) select id, n, 0, clock_timestamp() from unnest($1::uuid[]) as t(id), generate_series(0, 299) as n`,
			[ids],
		)
		await (await newSweep()).run()
		await waitFor(
			'all to be fired',
			async () => (await engine.pool.query('select from timer where task_id = any($1)', [ids])).rowCount === 0,
		)
	})
})

it('questions that nobody waits for any more are forgotten', async () => {
	await engine.pool.query(
		`insert into dry_run (id, label, input, asked_by, asked_at) values (gen_random_uuid(), 'Chain', '{}', 1, clock_timestamp() - interval '2 hours'),
		(gen_random_uuid(), 'Chain', '{}', 1, clock_timestamp())`,
	)
	await (await newSweep()).run()
	expect((await engine.pool.query('select from dry_run')).rowCount).toBe(1)
})

describe('a running task', () => {
	it.each<[string, Partial<Task>, string[], boolean]>([
		['with a step that can begin', {}, ['pending', 'pending', 'pending'], true],
		['in the middle of a sequence', {}, ['running', 'pending', 'pending'], false],
		['whose cancel was asked, with nothing that runs', { cancel: 'requested' }, ['success', 'pending', 'pending'], true],
		['whose cancel was asked, with a step that runs', { cancel: 'requested' }, ['running', 'pending', 'pending'], false],
		['that is suspended', {}, ['suspended', 'pending', 'pending'], false],
		['that is paused', { state: 'paused' }, ['pending', 'pending', 'pending'], false],
	])('%s', async (_, changes, states, expected) => {
		const id = await engine.start('Chain')
		await engine.executor.activate(id)
		const { task } = await engine.load(id)
		const shaped = task.steps.map((one, index) => ({ ...one, state: states[index] as never }))
		expect(canGoOn({ ...task, state: 'running', ...changes, steps: shaped }, Date.now())).toBe(expected)
	})

	it('in back-off waits for its timer', async () => {
		const id = await engine.start('Chain')
		await engine.executor.activate(id)
		const { task } = await engine.load(id)
		const steps = task.steps.map((one) => ({ ...one, state: 'pending' as const, notBefore: 1000 }))
		expect(canGoOn({ ...task, state: 'running', steps }, 999)).toBe(false)
		expect(canGoOn({ ...task, state: 'running', steps }, 1000)).toBe(true)
	})
})
