import { urgentQueue } from '@taskyard/dispatch/jobs'
import type { EventKind } from '@taskyard/model/task'
import { Failure } from '@taskyard/sdk/failure'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import { useDatabase } from '@taskyard/testkit/database'
import { insertUser, newId } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BulkAction, bulkActions, type CommandAnswer, type CommandRefusal } from '../../commands/types.ts'
import { type BulkUnderTest, bulkUnderTest, itemsOf } from '../../testing/bulkUnderTest.ts'
import { concurrence, type EngineUnderTest, sequence, sketch, step } from '../../testing/engineUnderTest.ts'
import { everyState, type Situation, situations } from '../../testing/everyState.ts'
import { childrenOf, childType, countsAndRows, openGate, parentType } from '../../testing/families.ts'
import { bulkLabel } from './input.ts'

const database = useDatabase()
const tasks = everyState()
let broken = true
let under: BulkUnderTest
let engine: EngineUnderTest
let operator = 0

const fails = {
	run: () => {
		if (broken) throw new Failure('no space', { retryable: false })
	},
}

beforeAll(async () => {
	under = await bulkUnderTest(database.url, [
		...tasks.definitions,
		sketch({
			label: 'Forked',
			tree: () => sequence(concurrence(sequence(step(0), step(1)), step(2)), step(3)),
			steps: () => [fails, { run: () => 1 }, fails, { run: () => 3 }],
		}),
		sketch({
			label: 'Locked',
			tree: () => step(0),
			steps: () => [fails],
			locks: [{ resource: { type: 'Disk', id: '1' }, name: '*', mode: 'exclusive' }],
		}),
		childType(openGate(), { data: { queue: 'nobody takes it' } }),
		parentType(),
		sketch({ label: 'Quick', tree: () => step(0), steps: () => [{ run: () => 'done' }] }),
		sketch({ label: 'Waits', tree: () => step(0), steps: () => [{ run: () => 'done' }], data: { queue: 'nobody takes it' } }),
	])
	engine = under.engine
	operator = await insertUser(engine.pool, 'operator', 'Operator')
	await dangerousActions(true)
})
afterAll(async () => {
	tasks.release()
	await engine?.stop()
})

const dangerousActions = (value: boolean) => engine.commands.changeSetting({ key: 'dangerous_actions', value, who: engine.owner })

const quick = async (count: number): Promise<string[]> => {
	const ids = await Promise.all(Array.from({ length: count }, () => engine.start('Quick')))
	for (const id of ids) await engine.reached(id, 'stopped')
	return ids.sort()
}
const waiting = async (count: number): Promise<string[]> =>
	(await Promise.all(Array.from({ length: count }, () => engine.start('Waits')))).sort()

const eventsOf = async (id: string, kind: EventKind) => {
	const text = 'select who, why from event where task_id = $1 and kind = $2'
	return (await engine.pool.query<{ who: number; why: string }>(text, [id, eventKindCode.encode(kind)])).rows
}

const refusalOf = (answer: CommandAnswer) => ('refusal' in answer ? answer.refusal : null)

/** Changes the type of bulks, as a worker would, and waits until who starts them has heard of it. */
async function bulksGoTo(queue: string): Promise<void> {
	const text = `update task_type set definition = jsonb_set(definition::jsonb, '{queue}', to_jsonb($2::text))::json where label = $1`
	await engine.pool.query(text, [bulkLabel, queue])
	await waitFor(
		'bulks to go there',
		async () => (await engine.load(await under.begin({ action: 'cancel', ids: [newId()] }))).queue === queue,
	)
}

/** What becomes of a task in each situation that one can be in. */
const expected: Readonly<Record<BulkAction, Readonly<Record<Situation, 'done' | CommandRefusal>>>> = {
	cancel: { ...all('done'), stopped: 'already_stopped', unlocked: 'already_stopped' },
	resume: { ...all('not_paused'), paused: 'done', pausing: 'done', unlocked: 'done', stopped: 'already_stopped' },
	skip: { ...all('not_paused'), paused: 'done', unlocked: 'already_stopped', stopped: 'already_stopped' },
	unlock: { ...all('not_paused'), paused: 'done', unlocked: 'done', stopped: 'already_stopped' },
	rerun: { ...all('not_stopped'), stopped: 'done', unlocked: 'done' },
	delete: { ...all('not_stopped'), stopped: 'done', unlocked: 'done' },
}

function all<Word>(word: Word): Record<Situation, Word> {
	return Object.fromEntries(situations.map((situation) => [situation, word])) as Record<Situation, Word>
}

/** The command that does the same to one task. */
function single(action: BulkAction, id: string): Promise<CommandAnswer> {
	const { commands, owner: who } = engine
	const order = { id, who, why: null }
	switch (action) {
		case 'resume':
			return commands.resumeTask(order)
		case 'cancel':
			return commands.cancelTask(order)
		case 'skip':
			return commands.skipStep({ ...order, step: 0 })
		case 'unlock':
			return commands.unlockTask({ ...order, confirmed: true }) as Promise<CommandAnswer>
		case 'rerun':
			return commands.rerunTask({ ...order, correlationId: 'test' })
		case 'delete':
			return commands.deleteTask(order)
	}
}

it.each(bulkActions)(
	'%s says of a task in any state what the command says, in the name of who started it',
	async (action) => {
		const ids = new Map<Situation, string>()
		for (const situation of situations) ids.set(situation, await tasks.bring(engine, situation))
		tasks.repair()
		const unknown = newId()
		const bulk = await under.begin({ action, ids: [...ids.values(), unknown], who: operator, why: 'tidying up', confirmed: true })
		const { items, counts, next } = await under.ended(bulk)
		expect(next).toBeNull()
		const outcomes = new Map(items.map((item) => [item.task, item]))
		const seen = Object.fromEntries(
			[...ids].map(([situation, id]) => {
				const item = outcomes.get(id)
				return [situation, item?.outcome === 'refused' ? item.code : item?.outcome]
			}),
		)
		expect(seen).toEqual(expected[action])
		expect(outcomes.get(unknown)).toMatchObject({ outcome: 'refused', code: 'not_found', reason: `There is no task ${unknown}.` })
		const done = Object.values(expected[action]).filter((word) => word === 'done').length
		expect(counts).toEqual({ done, refused: items.length - done, failed: 0, open: 0, not_done: 0 })
		const { task } = await engine.load(bulk)
		expect(task).toMatchObject({ result: 'success', progress: 1 })
		expect(
			JSON.parse((await engine.pool.query('select output::text from task_payload where task_id = $1', [bulk])).rows[0].output),
		).toEqual({
			done,
			refused: items.length - done,
			failed: 0,
		})
		for (const [situation, id] of ids) {
			const item = outcomes.get(id)
			if (item?.outcome === 'refused') {
				// It may have gone on since, but for those that only a person moves; to skip one step of a task without a plan is another thing.
				const settled: Situation[] = action === 'skip' ? ['stopped', 'unlocked'] : ['scheduled', 'pending', 'paused', 'stopped', 'unlocked']
				if (settled.includes(situation)) expect(item.reason).toBe(refusalOf(await single(action, id))?.message)
				expect(item.reason).toMatch(/\.$/)
			} else if (!(action === 'cancel' && situation === 'cancelling') && !(action === 'unlock' && situation === 'unlocked')) {
				const { rows } = await engine.pool.query<{ why: string | null }>('select why from event where task_id = $1 and who = $2', [
					id,
					operator,
				])
				expect(rows.length, situation).toBeGreaterThan(0)
				expect(new Set(rows.flatMap(({ why }) => why ?? []))).toEqual(new Set(['tidying up']))
			}
			if (action === 'rerun' && item?.outcome === 'done') {
				const { rows } = await engine.pool.query('select rerun_of, owner_id, label from task where id = $1', [item.made])
				expect(rows).toMatchObject([{ rerun_of: id, owner_id: operator, label: 'EveryState' }])
			} else expect(item?.made).toBeNull()
		}
		tasks.release()
	},
	60_000,
)

describe('the orders of a bulk', () => {
	const tasksStored = async () =>
		(
			await engine.pool.query(
				'select (select count(*)::int from task where label = $1) as tasks, (select count(*)::int from bulk_item) as items',
				[bulkLabel],
			)
		).rows[0]
	const id = newId()

	it.each<[string, object, CommandRefusal, string]>([
		['no ids', { ids: [] }, 'invalid_bulk', 'no id was given'],
		['what is no id', { ids: [newId(), 'x;drop'] }, 'invalid_bulk', '"x;drop", number 2 of the ids, is no id of a task.'],
		['more than can be', { ids: Array.from({ length: 100_001 }, () => id) }, 'invalid_bulk', '100001 ids were given'],
		['itself', { id, ids: [newId(), id.toUpperCase()] }, 'invalid_bulk', `The bulk ${id} is to act on itself.`],
		['an action that there is not', { action: 'explode' }, 'invalid_bulk', '"explode" cannot be done in bulk. Known are resume, cancel'],
		['an unlock that nobody has confirmed', { action: 'unlock' }, 'not_confirmed', 'falls free'],
		['an id that is no UUIDv7', { id: '00000000-0000-4000-8000-000000000000' }, 'invalid_id', 'no UUIDv7'],
		['a reason that cannot be stored', { why: 'a\0' }, 'invalid_input', 'NUL'],
	])('that name %s are refused, and nothing is stored', async (_, order, code, message) => {
		const before = await tasksStored()
		const answer = await engine.commands.startBulk({
			action: 'cancel',
			ids: [newId()],
			who: operator,
			why: null,
			correlationId: 'test',
			...order,
		})
		expect(refusalOf(answer)).toMatchObject({ code, message: expect.stringContaining(message) })
		expect(await tasksStored()).toEqual(before)
	})

	it('to unlock are refused while dangerous actions are off', async () => {
		await dangerousActions(false)
		const answer = await engine.commands.startBulk({
			action: 'unlock',
			ids: [newId()],
			who: operator,
			why: null,
			correlationId: 'test',
			confirmed: true,
		})
		await dangerousActions(true)
		expect(refusalOf(answer)).toMatchObject({ code: 'dangerous_actions_off' })
	})

	it('name a task once, however it is written and however often', async () => {
		const [one = '', other = ''] = await waiting(2)
		const bulk = await under.begin({ action: 'cancel', ids: [one, other, one.toUpperCase(), one] })
		expect((await under.ended(bulk)).items).toMatchObject([
			{ place: 0, task: one, outcome: 'done' },
			{ place: 1, task: other, outcome: 'done' },
		])
		expect(await eventsOf(one, 'cancel')).toHaveLength(1)
	})

	it('asked again with the same id are the same bulk; with other tasks they are refused', async () => {
		const [one = '', other = ''] = await waiting(2)
		const order = { id: newId(), action: 'cancel', ids: [one], who: operator, why: null, correlationId: 'test' } as const
		expect(await engine.commands.startBulk(order)).toMatchObject({ task: { id: order.id } })
		expect(await engine.commands.startBulk(order)).toMatchObject({ task: { id: order.id } })
		expect((await under.ended(order.id)).items).toHaveLength(1)
		expect(refusalOf(await engine.commands.startBulk({ ...order, ids: [other] }))).toMatchObject({ code: 'id_taken' })
	})

	it('are not taken from who starts or repeats one by its label', async () => {
		const input = JSON.stringify({ action: 'delete', count: 1, why: null })
		const by = { who: operator, correlationId: 'test' }
		expect(refusalOf(await engine.commands.startTask({ label: bulkLabel, input, ...by }))).toMatchObject({ code: 'started_otherwise' })
		expect(await engine.commands.runTask({ label: bulkLabel, input, ...by, limit: 1000 })).toMatchObject({
			refusal: { code: 'started_otherwise' },
		})
		const bulk = await under.begin({ action: 'delete', ids: [newId()] })
		await under.ended(bulk)
		expect(refusalOf(await engine.commands.rerunTask({ id: bulk, why: null, ...by }))).toMatchObject({
			code: 'started_otherwise',
			message: expect.stringContaining('bulkAgain'),
		})
	})
})

it('skip takes all steps in error with it before the task goes on', async () => {
	broken = true
	const id = await engine.start('Forked')
	await engine.reached(id, 'paused')
	await under.ended(await under.begin({ action: 'skip', ids: [id] }))
	const task = await engine.reached(id, 'stopped')
	expect(task).toMatchObject({ result: 'warning', steps: ['skipped', 'success', 'skipped', 'success'].map((state) => ({ state })) })
})

it('an unlocked task is resumed behind those who hold its locks now, beside paused ones', async () => {
	const unlocked = await tasks.bring(engine, 'unlocked')
	const paused = await tasks.fail(engine)
	const { resource } = (await engine.load(unlocked)).task.plan?.locks[0] ?? { resource: { id: '' } }
	const holder = await tasks.hold(engine, resource.id, 'EveryState::Steadfast')
	tasks.repair()
	const { items } = await under.ended(await under.begin({ action: 'resume', ids: [unlocked, paused] }))
	// Its type waits for locks, so that it stands in line behind the holder.
	expect(items).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }])
	expect((await engine.load(unlocked)).task.waitingFor).toMatchObject({ kind: 'lock' })
	tasks.release()
	for (const id of [unlocked, paused, holder]) await engine.reached(id, 'stopped')
})

describe('a bulk that is cancelled on its way', () => {
	it('says which items it has not come to, and does nothing to them', async () => {
		const ids = await quick(60)
		const client = await database.pool.connect()
		let bulk = ''
		try {
			await client.query('begin')
			await client.query('select from task where id = $1 for update', [ids[30]])
			bulk = await under.begin({ action: 'delete', ids })
			await waitFor('it to come to the task that is locked', async () => {
				const { counts } = await itemsOf(engine.commands, bulk)
				return counts.done === 25 && counts.open === 35
			})
			expect((await itemsOf(engine.commands, bulk)).items.at(-1)).toMatchObject({ outcome: 'open', reason: null })
			await engine.commands.cancelTask({ id: bulk, who: operator, why: 'stop it' })
			await engine.executor.look()
		} finally {
			await client.query('rollback')
			client.release()
		}
		const { items, counts } = await under.ended(bulk)
		expect((await engine.load(bulk)).task.result).toBe('cancelled')
		expect(counts).toEqual({ done: 50, refused: 0, failed: 0, open: 0, not_done: 10 })
		expect(items.at(-1)).toMatchObject({ outcome: 'not_done', reason: 'The bulk had stopped before its turn.', at: null })
		const { rows } = await engine.pool.query('select id from task where id = any($1::uuid[]) order by id', [ids])
		expect(rows.map(({ id }) => id as string)).toEqual(ids.slice(50))
	})

	it('before it has begun has done nothing at all', async () => {
		const [id = ''] = await waiting(1)
		await bulksGoTo('nobody takes it')
		try {
			const bulk = await under.begin({ action: 'cancel', ids: [id] })
			expect(await itemsOf(engine.commands, bulk)).toMatchObject({ items: [{ outcome: 'open' }], counts: { open: 1, not_done: 0 } })
			await engine.commands.cancelTask({ id: bulk, who: operator, why: null })
			expect(await under.ended(bulk)).toMatchObject({ items: [{ outcome: 'not_done' }], counts: { open: 0, not_done: 1 } })
			expect((await engine.load(id)).task.state).toBe('pending')
		} finally {
			await bulksGoTo(urgentQueue)
		}
	})
})

describe('a bulk again', () => {
	const again = (id: string, more: object = {}) =>
		engine.commands.bulkAgain({ id, who: operator, why: null, correlationId: 'test', ...more })

	it('does what was refused, in its order, and for the same reason', async () => {
		const stopped = await quick(2)
		const paused = [await tasks.fail(engine), await tasks.fail(engine)]
		const bulk = await under.begin({
			action: 'rerun',
			ids: [paused[1] ?? '', stopped[0] ?? '', paused[0] ?? '', stopped[1] ?? ''],
			why: 'once more',
		})
		expect((await under.ended(bulk)).counts).toMatchObject({ done: 2, refused: 2 })
		for (const id of paused) await engine.commands.cancelTask({ id, who: engine.owner, why: null })
		const answer = await again(bulk)
		const next = 'task' in answer ? answer.task.id : ''
		expect((await under.ended(next)).items).toMatchObject([
			{ place: 0, task: paused[1], outcome: 'done' },
			{ place: 1, task: paused[0], outcome: 'done' },
		])
		expect(await eventsOf(paused[0] ?? '', 'rerun')).toEqual([{ who: operator, why: 'once more' }])
		expect(refusalOf(await again(next))).toMatchObject({ code: 'invalid_bulk', message: expect.stringContaining('nothing to do again') })
	})

	it('is refused for what has not stopped, what is no bulk, and what there is not', async () => {
		const [task = ''] = await waiting(1)
		expect(refusalOf(await again(task))).toMatchObject({ code: 'invalid_bulk', message: `Task ${task} is a Waits, and no bulk.` })
		expect(refusalOf(await again(newId()))).toMatchObject({ code: 'not_found' })
		expect(refusalOf(await again('x'))).toMatchObject({ code: 'not_found' })
	})
})

describe('the items', () => {
	it('are read page by page, all of them or those of an outcome', async () => {
		const [one = '', other = '', third = ''] = await waiting(3)
		const ids = [one, newId(), other, newId(), third]
		const bulk = await under.begin({ action: 'cancel', ids })
		await under.ended(bulk)
		const places = async (order: object) => {
			const page = await engine.commands.readBulkItems({ id: bulk, ...order })
			if ('refusal' in page) throw new Error(page.refusal.message)
			return [page.items.map((item) => item.place), page.next]
		}
		expect(await places({ limit: 2 })).toEqual([[0, 1], 1])
		expect(await places({ limit: 2, after: 1 })).toEqual([[2, 3], 3])
		expect(await places({ limit: 2, after: 3 })).toEqual([[4], null])
		expect(await places({ outcome: 'done', limit: 2 })).toEqual([[0, 2], 2])
		expect(await places({ outcome: 'refused' })).toEqual([[1, 3], null])
		expect(await places({ outcome: 'not_done' })).toEqual([[], null])
		expect(await places({ outcome: 'open' })).toEqual([[], null])
		expect(await engine.commands.readBulkItems({ id: bulk, outcome: 'gone' as 'done' })).toMatchObject({
			refusal: { code: 'invalid_bulk' },
		})
		expect(await engine.commands.readBulkItems({ id: one })).toMatchObject({ refusal: { code: 'invalid_bulk' } })
	})

	it('go with their bulk', async () => {
		const bulk = await under.begin({ action: 'cancel', ids: [newId()] })
		await under.ended(bulk)
		await under.ended(await under.begin({ action: 'delete', ids: [bulk] }))
		expect((await engine.pool.query('select from bulk_item where task_id = $1', [bulk])).rowCount).toBe(0)
		expect(await engine.commands.readBulkItems({ id: bulk })).toMatchObject({ refusal: { code: 'not_found' } })
	})
})

it('a cancel takes the jobs of tasks that nobody has taken with it', async () => {
	const ids = await waiting(20)
	await under.ended(await under.begin({ action: 'cancel', ids }))
	expect((await engine.pool.query('select from graphile_worker._private_jobs where key = any($1::text[])', [ids])).rowCount).toBe(0)
	for (const id of ids) expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'cancelled', revision: 1 })
})

it('an unlocked task whose locks others hold is refused, naming them, and keeps nothing of the try', async () => {
	broken = true
	const unlocked = await engine.start('Locked')
	await engine.reached(unlocked, 'paused')
	await engine.commands.unlockTask({ id: unlocked, who: engine.owner, why: null, confirmed: true })
	const holder = await engine.start('Locked')
	await engine.reached(holder, 'paused')
	const { items } = await under.ended(await under.begin({ action: 'resume', ids: [unlocked] }))
	expect(items).toMatchObject([{ outcome: 'refused', code: 'locks_held', reason: expect.stringContaining(holder) }])
	expect((await engine.load(unlocked)).task).toMatchObject({ state: 'stopped', unlocked: true })
	expect((await engine.pool.query('select from lock where task_id = $1', [unlocked])).rowCount).toBe(0)
	await engine.commands.cancelTask({ id: holder, who: engine.owner, why: null })
})

it('an item that cannot even be read has failed, and its neighbours are done', async () => {
	broken = true
	const ids = [await engine.start('Forked'), await engine.start('Forked'), await engine.start('Forked')]
	for (const id of ids) await engine.reached(id, 'paused')
	await engine.pool.query(`update task_plan set plan = '{"version":"from another world"}' where task_id = $1`, [ids[1]])
	const { items, counts } = await under.ended(await under.begin({ action: 'skip', ids }))
	expect(counts).toMatchObject({ done: 2, failed: 1 })
	expect(items[1]).toMatchObject({ task: ids[1], outcome: 'failed', code: null, reason: expect.stringMatching(/./) })
	for (const id of [ids[0], ids[2]]) await engine.reached(id ?? '', 'stopped')
})

it('sub-tasks are cancelled with the counts of their fan-out, those that its limit holds too, and deleted with their parent', async () => {
	const parent = await engine.start('Family::Parent', { fates: Array.from({ length: 30 }, () => 'success'), options: { limit: 5 } })
	await waitFor('all of them to be made', async () => (await childrenOf(engine, parent)).length === 30)
	await waitFor('their parent to wait', async () => (await engine.load(parent)).task.steps[0]?.state === 'suspended')
	const { counts } = await under.ended(await under.begin({ action: 'cancel', ids: await childrenOf(engine, parent) }))
	expect(counts).toMatchObject({ done: 30 })
	const { counted, rows } = await countsAndRows(engine.pool, parent)
	expect(counted).toEqual(rows)
	expect(counted).toMatchObject({ total: 30, open: 0, held: 0, cancelled: 30 })
	await waitFor('their parent to be told', async () => (await engine.load(parent)).task.steps[0]?.state !== 'suspended')
	await engine.commands.cancelTask({ id: parent, who: engine.owner, why: null })
	await engine.reached(parent, 'stopped')
	const family = [...(await childrenOf(engine, parent)).slice(0, 10), parent, ...(await childrenOf(engine, parent)).slice(10)]
	expect((await under.ended(await under.begin({ action: 'delete', ids: family }))).counts).toMatchObject({ done: 31 })
	expect((await engine.pool.query('select from task where id = any($1::uuid[])', [family])).rowCount).toBe(0)
})
