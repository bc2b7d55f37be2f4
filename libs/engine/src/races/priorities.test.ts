import { openPool, type Pool } from '@taskyard/store/connection'
import { openRunner } from '@taskyard/dispatch/runner'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StartTask } from '../commands/types.ts'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
let pool: Pool

beforeAll(async () => {
	const simple = (label: string, data = {}) => sketch({ label, tree: () => step(0), steps: () => [{ run: () => null }], data })
	engine = await engineUnderTest({
		url: database.url,
		run: false,
		definitions: [
			simple('Plain'),
			simple('Low', { priority: -4 }),
			simple('Night', { queue: 'night', priority: 2 }),
			sketch({
				label: 'Asks',
				tree: () => step(0),
				steps: () => [
					{
						run: async (_: unknown, { tasks }) => [
							(await tasks.start('Plain', {})).id,
							(await tasks.start('Low', {})).id,
							(await tasks.start('Night', {})).id,
							(await tasks.start('Plain', {}, { queue: 'own', priority: -1 })).id,
						],
					},
				],
			}),
		],
	})
	pool = openPool(database.url, { max: 4, applicationName: 'priorities' })
})
afterAll(async () => {
	await pool?.end()
	await engine?.stop()
})

async function start(label: string, more: Partial<StartTask> = {}): Promise<string> {
	const answer = await engine.commands.startTask({ label, input: '{}', who: engine.owner, correlationId: 'test', ...more })
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

const placesOf = async (ids: readonly string[]) => {
	const { rows } = await pool.query<{ id: string; queue: string; priority: number; job: string; ahead: number }>(
		`select t.id, t.queue, t.priority, k.identifier as job, round(extract(epoch from t.created_at - j.run_at))::int as ahead from task t
		left join graphile_worker._private_jobs j on j.key = t.id::text left join graphile_worker._private_tasks k on k.id = j.task_id where t.id = any($1)`,
		[ids],
	)
	return ids.map((id) => rows.find((row) => row.id === id))
}

describe('queue and priority of a task', () => {
	it.each([
		['Plain', {}, 'default', 0],
		['Plain', { queue: 'other', priority: 10 }, 'other', 10],
		['Low', {}, 'default', -4],
		['Low', { priority: 0 }, 'default', 0],
		['Night', {}, 'night', 2],
		['Night', { queue: 'default', priority: -10 }, 'default', -10],
	] as const)('%s with %j: %s, %i', async (label, more, queue, priority) => {
		const [place] = await placesOf([await start(label, more)])
		expect(place).toMatchObject({ queue, priority, job: `taskyard:${queue}`, ahead: (priority + 10) * 30 })
	})

	it.each([
		[{ priority: 11 }, 'invalid_priority', 'The priority is 11; expected a whole number from -10 to 10'],
		[{ priority: 0.5 }, 'invalid_priority', 'The priority is 0.5'],
		[{ priority: Number.NaN }, 'invalid_priority', 'The priority is NaN'],
		[{ queue: '' }, 'invalid_queue', '"" cannot be the name of a queue'],
		[{ queue: ' night' }, 'invalid_queue', '" night" cannot be the name of a queue'],
		[{ queue: 'x'.repeat(101) }, 'invalid_queue', 'expected 1 to 100 characters'],
		[{ queue: 'a\u0000b' }, 'invalid_queue', 'cannot be the name of a queue'],
	])('%j is refused', async (more, code, message) => {
		const answer = await engine.commands.startTask({ label: 'Plain', input: '{}', who: engine.owner, correlationId: 'test', ...more })
		expect(answer).toMatchObject({ refusal: { code, message: expect.stringContaining(message) } })
	})

	it('is inherited by sub-tasks whose start and type say nothing, and kept by a rerun', async () => {
		const parent = await start('Asks', { queue: 'far', priority: 7 })
		await engine.executor.activate(parent)
		const { rows } = await pool.query<{ output: string }>('select output::text from task_payload where task_id = $1', [parent])
		const ids = JSON.parse(rows[0]?.output ?? '[]') as string[]
		expect(await placesOf(ids)).toMatchObject([
			{ queue: 'far', priority: 7 },
			{ queue: 'far', priority: -4 },
			{ queue: 'night', priority: 2 },
			{ queue: 'own', priority: -1 },
		])
		const again = await engine.commands.rerunTask({ id: parent, who: engine.owner, why: null, correlationId: 'test' })
		expect(await placesOf(['task' in again ? again.task.id : ''])).toMatchObject([{ queue: 'far', priority: 7 }])
	})
})

it('high ones overtake 200 low ones, none of which waits for what came more than ten minutes after it', async () => {
	/** Seconds between the coming of a task and the beginning of the test, by its id: of the stream below less than none. */
	const age = new Map<string, number>()
	const isLow = new Map<string, boolean>()
	const add = async (priority: number, seconds: number): Promise<void> => {
		const id = await start('Plain', { queue: 'busy', priority })
		age.set(id, seconds)
		isLow.set(id, priority < 0)
	}
	// They came within 20 minutes, one low and one high every six seconds.
	for (let n = 0; n < 200; n++) await Promise.all([add(-10, n * 6), add(10, n * 6)])
	// How long it took to start them does not count.
	await pool.query(
		`update graphile_worker._private_jobs j set run_at = j.run_at + (now() - t.created_at) - a.seconds * interval '1 second'
		from unnest($1::uuid[], $2::float8[]) as a(id, seconds) join task t on t.id = a.id where j.key = a.id::text`,
		[[...age.keys()], [...age.values()]],
	)
	const order: string[] = []
	let stream = 200
	const runner = openRunner({
		pool,
		queues: ['busy'],
		concurrency: 1,
		async handle(task) {
			order.push(task)
			// High ones come as fast as any are taken.
			if (stream > 0) {
				stream -= 1
				await add(10, 0)
			}
		},
		onPool: async () => undefined,
		log: () => undefined,
	})
	try {
		await waitFor('all to have begun', () => order.length === 600, { timeout: 60_000 })
	} finally {
		await runner.stop()
	}
	const low = order.filter((id) => isLow.get(id))
	const ageOf = (id: string): number => age.get(id) as number
	let latest = Number.POSITIVE_INFINITY
	let longest = 0
	for (const id of order) {
		if (isLow.get(id)) longest = Math.max(longest, ageOf(id) - latest)
		else latest = Math.min(latest, ageOf(id))
	}
	console.log(
		`Low ones waited for high ones that came at most ${longest} seconds after them; ${order.findIndex((id) => isLow.get(id))} high ones went before the first.`,
	)
	// High goes first: all that came within ten minutes of the first low one.
	expect(order.findIndex((id) => isLow.get(id))).toBeGreaterThanOrEqual(99)
	expect(longest).toBeGreaterThan(500)
	expect(longest).toBeLessThanOrEqual(600)
	// Among equals it is first come first served.
	expect(low.map(ageOf)).toEqual(low.map(ageOf).toSorted((one, other) => other - one))
}, 120_000)
