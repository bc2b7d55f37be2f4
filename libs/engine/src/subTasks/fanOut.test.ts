import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'
import { openWatchedPool } from '../testing/watchedPool.ts'
import { childrenOf, childType, countsAndRows, type Fate, openGate, parentType } from '../testing/families.ts'

const database = useDatabase()
let engine: EngineUnderTest | undefined

afterEach(async () => {
	await engine?.stop()
	engine = undefined
})

const all = (count: number, fate: Fate): Fate[] => Array.from({ length: count }, () => fate)

async function begin(definitions = [childType(), parentType()], options: { concurrency?: number } = {}): Promise<EngineUnderTest> {
	engine = await engineUnderTest({ url: database.url, definitions, ...options })
	return engine
}

describe('a step that fans out', () => {
	it('has the counts as its output once all have stopped, and the rows say the same', async () => {
		const { start, reached, pool } = await begin()
		const id = await start('Family::Parent', { fates: all(25, 'success') })
		const { result, steps } = await reached(id, 'stopped')
		expect(result).toBe('success')
		expect(JSON.parse(steps[0]?.output ?? 'null')).toEqual({ total: 25, success: 25, warning: 0, error: 0, cancelled: 0 })
		const { counted, rows } = await countsAndRows(pool, id)
		expect(counted).toEqual(rows)
		expect(counted).toMatchObject({ total: 25, open: 0, success: 25 })
	})

	it('of nothing joins at once', async () => {
		const { start, reached } = await begin()
		const { result, steps } = await reached(await start('Family::Parent', { fates: [] }), 'stopped')
		expect([result, steps[0]?.output]).toEqual(['success', '{"total":0,"success":0,"warning":0,"error":0,"cancelled":0}'])
	})

	it('gives the counts to its `joined`, whose answer is the output that the next step gets', async () => {
		const parent = sketch({
			label: 'Family::Joining',
			tree: () => sequence(step(0), step(1)),
			steps: () => [
				{
					run: (_: never, context) => context.fanOut('Family::Child', [{ fate: 'success' }, { fate: 'success' }]),
					joined: (_: never, { total, success }) => ({ share: success / total }),
				},
				{ input: { $output: { step: 0, path: ['share'] } }, run: (share: never) => share },
			],
		})
		const { start, reached } = await begin([childType(), parent])
		const { steps } = await reached(await start('Family::Joining'), 'stopped')
		expect(steps.map(({ output, attempt }) => [output, attempt])).toEqual([
			['{"share":1}', 2],
			['1', 1],
		])
	})

	it('stores nothing for an input that is wrong, and says which of them', async () => {
		const child = childType(openGate(), {
			data: { inputSchema: { type: 'object', properties: { fate: { enum: ['success'] } }, additionalProperties: false } },
		})
		const { start, reached, pool } = await begin([child, parentType()])
		const id = await start('Family::Parent', { fates: ['success', 'fail', 'success'] })
		const { steps } = await reached(id, 'paused')
		expect(steps[0]?.error).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('Sub-task 2 of 3') })
		expect(await childrenOf({ pool }, id)).toEqual([])
		expect((await pool.query('select from fan_out where task_id = $1', [id])).rowCount).toBe(0)
	})

	it.each([
		[{ limit: 0 }, 'fanOut, limit'],
		[{ limit: 1.5 }, 'fanOut, limit'],
		[{ failWhen: { share: 2 } }, 'fanOut, failWhen'],
		[{ failWhen: 'most' }, 'fanOut, failWhen'],
		[{ leaveRunning: 1 }, 'fanOut, leaveRunning'],
	])('refuses %j by name', async (options, expected) => {
		const { start, reached } = await begin()
		const { steps } = await reached(await start('Family::Parent', { fates: ['success'], options }), 'paused')
		expect(steps[0]?.error?.message).toContain(expected)
	})
})

describe('many sub-tasks', () => {
	it('are made a thousand in each transaction, and all run', async () => {
		const { start, reached, pool } = await begin([childType(), parentType()], { concurrency: 100 })
		const id = await start('Family::Parent', { fates: all(2_500, 'success') })
		const { steps } = await reached(id, 'stopped')
		expect(JSON.parse(steps[0]?.output ?? 'null')).toMatchObject({ total: 2_500, success: 2_500 })
		const { rows } = await pool.query<{ made: number }>(
			`select count(*)::int as made from change c join task t on t.id = c.task_id where t.parent_id = $1 and c.revision = 0 group by c.xid order by min(t.id::text)`,
			[id],
		)
		expect(rows.map(({ made }) => made)).toEqual([1_000, 1_000, 500])
		const { counted, rows: those } = await countsAndRows(pool, id)
		expect(counted).toEqual(those)
	}, 60_000)

	it('are gone on with where another attempt was interrupted', async () => {
		const inputs = all(1_300, 'success').map((fate) => ({ fate }))
		const interrupted = sketch({
			label: 'Family::Parent',
			tree: () => step(0),
			steps: () => [
				{
					policies: { retry: { attempts: 2, backoff: 'fixed', initial: 1, max: 1, jitter: 0 } },
					run: async (_: never, context) => {
						if (context.attempt > 1) return context.fanOut('Family::Child', inputs)
						await context.fanOut('Family::Child', inputs.slice(0, 700))
						throw new Error('its process is about to die')
					},
				},
			],
		})
		const { start, reached, pool } = await begin([childType(), interrupted], { concurrency: 100 })
		const id = await start('Family::Parent')
		// The second try comes by a timer, which nobody fires here but by hand.
		await waitFor('the first try to have failed', async () => ((await engine?.load(id))?.task.steps[0]?.tries === 1 ? true : null))
		await waitFor('the second try', async () => {
			await engine?.executor.activate(id)
			return (await engine?.load(id))?.task.steps[0]?.attempt === 2 ? true : null
		})
		const { steps } = await reached(id, 'stopped')
		expect(JSON.parse(steps[0]?.output ?? 'null')).toMatchObject({ total: 1_300, success: 1_300 })
		expect((await childrenOf({ pool }, id)).length).toBe(1_300)
	}, 60_000)

	it('what an attempt makes that no longer counts is refused, and nothing of it is stored', async () => {
		const { promise: lost, resolve: lose } = Promise.withResolvers<void>()
		const refused: unknown[] = []
		const parent = sketch({
			label: 'Family::Parent',
			tree: () => step(0),
			steps: () => [
				{
					run: async (_: never, context) => {
						if (context.attempt > 1) return
						await lost
						await context.fanOut('Family::Child', [{ fate: 'success' }]).catch((error: unknown) => refused.push(error))
					},
				},
			],
		})
		const { start, reached, door, pool } = await begin([childType(), parent])
		const id = await start('Family::Parent')
		const { steps } = await reached(id, 'running')
		await waitFor('the step to run', async () => (await engine?.load(id))?.task.steps[0]?.state === 'running' || null)
		const error = { message: 'gone', type: 'Lost', code: null, trace: null, details: null, reason: 'lost' } as const
		await door.submit(id, () => [{ fact: { kind: 'attempt_lost', step: 0, attempt: steps[0]?.attempt || 1, error, at: Date.now() } }])
		lose()
		await waitFor('the refusal', () => refused.length === 1 || null)
		expect(refused[0]).toMatchObject({ code: 'not_mine' })
		expect(await childrenOf({ pool }, id)).toEqual([])
		await reached(id, 'stopped')
	})
})

it('tasks that are no sub-tasks pay nothing for those that are', async () => {
	const watched = openWatchedPool(database.url)
	engine = await engineUnderTest({ url: database.url, pool: watched.pool, definitions: [childType(), parentType()] })
	const { start, reached } = engine
	const ofFamilies = ['openFanOut', 'countMade', 'countSubTasks', 'releaseHeld', 'lockFanOut', 'readFanOut'].map(
		(name) => `taskyard:${name}`,
	)
	const asked = (): string[] => ofFamilies.filter((name) => watched.sent.includes(name))
	for (const fate of ['success', 'fail', 'pause'] as const) {
		await reached(await start('Family::Child', { fate }), fate === 'pause' ? 'paused' : 'stopped')
	}
	expect(asked()).toEqual([])
	await reached(await start('Family::Parent', { fates: ['success', 'success'], options: { limit: 1 } }), 'stopped')
	expect(asked()).toEqual(ofFamilies)
})

describe('a limit', () => {
	it('is never exceeded, and is used to the full', async () => {
		const gate = openGate()
		const { start, reached, pool } = await begin([childType(gate), parentType()], { concurrency: 20 })
		const id = await start('Family::Parent', { fates: all(12, 'wait'), options: { limit: 3 } })
		await waitFor('three to have begun', () => gate.begun.length === 3 || null)
		await waitFor('the step to wait', async () => ((await engine?.load(id))?.task.steps[0]?.state === 'suspended' ? true : null))
		const { counted, rows } = await countsAndRows(pool, id)
		expect(counted).toEqual(rows)
		expect(counted).toMatchObject({ open: 12, held: 9 })
		const { rows: held } = await pool.query('select distinct state, waiting_for::text as waiting from task where parent_id = $1 and held', [
			id,
		])
		expect(held).toEqual([{ state: 1, waiting: JSON.stringify({ kind: 'limit', keys: { parent: id } }) }])
		expect(gate.begun.length).toBe(3)
		gate.release()
		await reached(id, 'stopped')
		expect(gate.begun).toEqual([...new Set(gate.begun)])
		expect((await countsAndRows(pool, id)).counted).toMatchObject({ open: 0, held: 0, success: 12 })
		const { rows: most } = await pool.query<{ most: number }>(
			`with moments as (select started_at as at, 1 as n from task where parent_id = $1 union all select ended_at, -1 from task where parent_id = $1)
			select max(total)::int as most from (select sum(n) over (order by at, n) as total from moments) m`,
			[id],
		)
		expect(most[0]?.most).toBeLessThanOrEqual(3)
	})
})

describe('the policy for failures', () => {
	it.each([
		['any', {}, ['success', 'fail', 'success'], 'paused', { success: 2, error: 1 }],
		['all', { failWhen: 'all' }, ['success', 'fail', 'fail'], 'stopped', { success: 1, error: 2 }],
		['all, of which all fail', { failWhen: 'all' }, ['fail', 'fail'], 'paused', { success: 0, error: 2 }],
		['a share that is not exceeded', { failWhen: { share: 0.5 } }, ['success', 'fail'], 'stopped', { success: 1, error: 1 }],
		['a share that is exceeded', { failWhen: { share: 0.4 } }, ['success', 'fail'], 'paused', { success: 1, error: 1 }],
	] as const)('%s: all are waited for', async (_, options, fates, state, counts) => {
		const { start, reached, pool } = await begin()
		const id = await start('Family::Parent', { fates, options })
		const { steps } = await reached(id, state)
		if (state === 'paused') expect(steps[0]?.error).toMatchObject({ code: 'sub_tasks_failed', reason: 'failed' })
		const { counted, rows } = await countsAndRows(pool, id)
		expect(counted).toEqual(rows)
		expect(counted).toMatchObject({ open: 0, ...counts })
	})

	it('without leaveRunning the first failure cancels the others, also those that never began', async () => {
		const { start, reached, pool } = await begin([childType(), parentType()], { concurrency: 10 })
		const fates: Fate[] = [...all(4, 'wait'), 'fail', ...all(20, 'wait')]
		const id = await start('Family::Parent', { fates, options: { leaveRunning: false, limit: 5 } })
		const { steps } = await reached(id, 'paused')
		expect(steps[0]?.error).toMatchObject({ code: 'sub_tasks_failed', type: 'SubTasksFailed' })
		await waitFor('all to have ended', async () => {
			// What a supervisor asks for when it is woken.
			await engine?.executor.look()
			return (await countsAndRows(pool, id)).counted.open === 0 || null
		})
		const { counted, rows } = await countsAndRows(pool, id)
		expect(counted).toEqual(rows)
		expect(counted).toMatchObject({ error: 1, cancelled: 24, held: 0 })
	})

	it('a resume makes those that failed once more in their place, and the others stand', async () => {
		let broken = true
		const child = sketch({
			label: 'Family::Child',
			tree: () => step(0),
			steps: ({ fate }: { fate: Fate }) => [
				{
					policies: { rescue: 'fail' },
					run: () => {
						if (fate === 'fail' && broken) throw new Error('not yet')
					},
				},
			],
		})
		const { start, reached, commands, pool, owner } = await begin([child, parentType()])
		const id = await start('Family::Parent', { fates: ['success', 'fail', 'fail'], options: { limit: 1 } })
		await reached(id, 'paused')
		const before = await childrenOf({ pool }, id)
		broken = false
		await commands.resumeTask({ id, who: owner, why: null })
		const { result, steps } = await reached(id, 'stopped')
		expect([result, JSON.parse(steps[0]?.output ?? 'null')]).toEqual([
			'warning',
			{ total: 3, success: 3, warning: 0, error: 0, cancelled: 0 },
		])
		const { rows } = await pool.query('select rerun_of, member from task where parent_id = $1 order by id', [id])
		expect(rows).toEqual([
			{ rerun_of: null, member: true },
			{ rerun_of: null, member: false },
			{ rerun_of: null, member: false },
			{ rerun_of: before[1], member: true },
			{ rerun_of: before[2], member: true },
		])
		const agree = await countsAndRows(pool, id)
		expect({ ...agree.counted, total: 0 }).toEqual({ ...agree.rows, total: 0 })
	})
})
