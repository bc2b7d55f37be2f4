import { useDatabase } from '@taskyard/testkit/database'
import { afterEach, describe, expect, it } from 'vitest'
import { enqueueAwaiting, registerTaskTypes } from '../taskTypes/registry.ts'
import { type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engines: EngineUnderTest[] = []
afterEach(async () => {
	for (const engine of engines) await engine.stop()
	engines = []
})

async function open(definitions: ReturnType<typeof sketch>[], run: boolean): Promise<EngineUnderTest> {
	const engine = await engineUnderTest({ url: database.url, definitions, run })
	engines.push(engine)
	return engine
}

const type = (label: string, version: number, run: () => unknown = () => version) =>
	sketch({ label, tree: () => sequence(step(0), step(1)), steps: () => [{ run }, { run }], data: { version } })

describe('work that a child cannot do', () => {
	it('of a type that it does not know waits for a worker, and is done when one comes that does', async () => {
		const knows = await open([type('Declined::Type', 1)], false)
		const id = await knows.start('Declined::Type')
		const lacks = await open([type('Declined::Other', 1)], false)
		await lacks.executor.activate(id)
		const { task } = await lacks.load(id)
		expect([task.state, task.waitingFor]).toEqual(['pending', { kind: 'worker', keys: { label: 'Declined::Type', queue: 'default' } }])
		const { revision } = task
		await lacks.executor.activate(id)
		expect((await lacks.load(id)).task.revision).toBe(revision)
		await database.pool.query('delete from graphile_worker._private_jobs')
		expect(await enqueueAwaiting(database.pool, [type('Declined::Other', 1).data])).toBe(0)
		const comes = await open([type('Declined::Type', 1)], true)
		expect(await enqueueAwaiting(database.pool, [type('Declined::Type', 1).data])).toBe(1)
		const stopped = await comes.reached(id, 'stopped')
		expect([stopped.result, stopped.waitingFor]).toEqual(['success', null])
	})

	it('of a newer version waits for a worker that has it', async () => {
		const newer = await open([type('Declined::Version', 2)], false)
		const id = await newer.start('Declined::Version')
		const older = await open([type('Declined::Version', 1)], false)
		await older.executor.activate(id)
		expect((await older.load(id)).task.waitingFor).toEqual({
			kind: 'worker',
			keys: { label: 'Declined::Version', version: 2, queue: 'default' },
		})
		expect(await enqueueAwaiting(database.pool, [type('Declined::Version', 1).data])).toBe(0)
		expect(await enqueueAwaiting(database.pool, [type('Declined::Version', 2).data])).toBe(1)
		await newer.executor.activate(id)
		expect((await newer.load(id)).task.state).toBe('stopped')
	})

	it('with a plan goes on in a worker of another version that knows its actions', async () => {
		const gate = Promise.withResolvers<void>()
		const newer = await open([type('Declined::Planned', 2, () => gate.promise)], false)
		const id = await newer.start('Declined::Planned')
		const first = newer.executor.activate(id)
		await newer.reached(id, 'running')
		newer.executor.drain()
		gate.resolve()
		await first
		const older = await open([type('Declined::Planned', 1)], false)
		await older.executor.activate(id)
		expect((await older.load(id)).task).toMatchObject({ state: 'stopped', result: 'success' })
	})

	it('of an action that it does not know waits with that reason, and no attempt fails', async () => {
		const whole = type('Declined::Action', 1)
		const gate = Promise.withResolvers<void>()
		const knows = await open([type('Declined::Action', 1, () => gate.promise)], false)
		const id = await knows.start('Declined::Action')
		const first = knows.executor.activate(id)
		await knows.reached(id, 'running')
		knows.executor.drain()
		gate.resolve()
		await first
		const actions = new Map([...whole.actions].filter(([label]) => label !== 'Declined::Action/1'))
		const lacks = await open([{ ...whole, actions, data: { ...whole.data, actions: [...actions.keys()] } }], false)
		await lacks.executor.activate(id)
		const { task } = await lacks.load(id)
		expect([task.state, task.steps[1]?.attempt, task.waitingFor]).toEqual([
			'running',
			0,
			{ kind: 'worker', keys: { label: 'Declined::Action', action: 'Declined::Action/1', queue: 'default' } },
		])
		expect(await enqueueAwaiting(database.pool, [{ ...whole.data, actions: ['Declined::Action/0'] }])).toBe(0)
		expect(await enqueueAwaiting(database.pool, [whole.data])).toBe(1)
	})

	it('is not failed when it comes from the step before: the step is handed back', async () => {
		const whole = type('Declined::Middle', 1)
		const actions = new Map([...whole.actions].filter(([label]) => label !== 'Declined::Middle/1'))
		const lacks = await open([{ ...whole, actions }], false)
		const id = await lacks.start('Declined::Middle')
		await lacks.executor.activate(id)
		expect((await lacks.load(id)).task).toMatchObject({
			state: 'running',
			steps: [{ state: 'success' }, { state: 'pending', tries: 0, attempt: 1 }],
		})
		await lacks.executor.activate(id)
		expect((await lacks.load(id)).task.waitingFor?.keys).toMatchObject({ action: 'Declined::Middle/1' })
	})
})

it('a worker tells which labels and actions it has', async () => {
	const engine = await open([type('Declined::Told', 1)], false)
	const { rows } = await database.pool.query(
		'select w.id, labels, actions from worker w join child c on c.worker_id = w.id where c.id = $1',
		[engine.child],
	)
	expect([rows[0].labels, rows[0].actions.slice(0, 2), rows[0].actions.length]).toEqual([
		['Declined::Told'],
		['Declined::Told/0', 'Declined::Told/1'],
		100,
	])
	await registerTaskTypes(database.pool, rows[0].id, [])
	expect((await database.pool.query('select labels, actions from worker where id = $1', [rows[0].id])).rows).toEqual([
		{ labels: [], actions: [] },
	])
})
