import { useDatabase } from '@taskyard/testkit/database'
import { readProgress } from '@taskyard/store/tasks/readProgress'
import { liveProgress, readTaskRows } from '@taskyard/store/tasks/readTaskRows'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKnownTypes } from '../taskTypes/knownTypes.ts'
import { openClock } from '../clock.ts'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { childrenOf, childType, countsAndRows, type Fate, parentType } from '../testing/families.ts'
import { openFamilySweep } from './families.ts'

const database = useDatabase()
let engine: EngineUnderTest
let sweep: () => Promise<void>

beforeEach(async () => {
	// Nobody takes a job but by hand: every job is as good as lost.
	engine = await engineUnderTest({ url: database.url, definitions: [childType(), parentType()], run: false })
	const { pool, door } = engine
	const clock = await openClock(pool)
	const nothing = (): void => undefined
	sweep = openFamilySweep(
		{ pool, door, clock, types: openKnownTypes(pool), worthRepeating: () => false, onCommit: nothing, wakeWorkers: nothing },
		0,
	)
})
afterEach(() => engine.stop())

const by = () => ({ who: engine.owner, why: null })

/** A parent that has suspended, with each sub-task carried out by hand, and nobody has told the parent. */
async function untold(fates: readonly Fate[], options = {}): Promise<string> {
	const id = await engine.start('Family::Parent', { fates, options })
	await engine.executor.activate(id)
	for (const child of await childrenOf(engine, id)) await engine.executor.activate(child)
	return id
}

describe('the sweep finds', () => {
	it('a step that waits although all its sub-tasks have ended', async () => {
		const id = await untold(['success', 'success'])
		expect((await engine.load(id)).task.steps[0]?.state).toBe('suspended')
		await sweep()
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'success' })
	})

	it('a step that waits although all that are left are paused', async () => {
		const id = await untold(['success', 'pause', 'pause'])
		await sweep()
		expect((await engine.load(id)).task).toMatchObject({ state: 'paused', reason: 'sub_tasks_paused' })
	})

	it('paused sub-tasks of a parent that was resumed, and leaves those alone that have paused since', async () => {
		const id = await untold(['pause', 'pause'])
		await sweep()
		await engine.commands.resumeTask({ id, ...by() })
		const children = await childrenOf(engine, id)
		await sweep()
		for (const child of children) expect((await engine.load(child)).task.state).toBe('running')
		for (const child of children) await engine.executor.activate(child)
		await sweep()
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'warning' })
	})

	it('sub-tasks that the cancel of their parent has left behind', async () => {
		const id = await untold(['pause', 'pause'])
		await sweep()
		await engine.commands.cancelTask({ id, ...by() })
		expect((await engine.load(id)).task.state).toBe('stopped')
		await sweep()
		expect((await countsAndRows(engine.pool, id)).rows).toMatchObject({ open: 0, cancelled: 2 })
	})

	it('not one that a person has resumed after its parent had stopped', async () => {
		await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
		const id = await untold(['pause', 'pause'])
		await sweep()
		const [first] = await childrenOf(engine, id)
		await engine.commands.unlockTask({ id: first as string, ...by(), confirmed: true })
		await engine.commands.cancelTask({ id, ...by() })
		await engine.commands.resumeTask({ id: first as string, ...by() })
		await sweep()
		expect((await engine.load(first as string)).task.cancel).toBe('none')
		expect((await countsAndRows(engine.pool, id)).rows).toMatchObject({ open: 1, cancelled: 1 })
	})

	it('how far a step is whose last sub-tasks ended too soon after each other to be stored', async () => {
		const id = await engine.start('Family::Parent', { fates: ['success', 'success', 'success', 'success'] })
		await engine.executor.activate(id)
		const children = await childrenOf(engine, id)
		for (const child of children.slice(0, 3)) await engine.executor.activate(child)
		await sweep()
		expect(await readProgress(engine.pool, [id])).toEqual(
			new Map([[id, [{ step: 0, fraction: 0.75, detail: expect.stringContaining('"done"'), at: expect.anything() }]]]),
		)
		expect((await readTaskRows(engine.pool, [id])).map(liveProgress)).toEqual([0.75])
	})

	it('room in a limit that nobody has used', async () => {
		const id = await engine.start('Family::Parent', { fates: ['success', 'success', 'success'], options: { limit: 1 } })
		await engine.executor.activate(id)
		const [first, second] = await childrenOf(engine, id)
		// Whoever makes room passes over what another has locked.
		const client = await database.pool.connect()
		await client.query('begin')
		await client.query('select from task where parent_id = $1 and held for update', [id])
		await engine.executor.activate(first as string)
		await client.query('commit')
		client.release()
		expect((await countsAndRows(engine.pool, id)).counted).toMatchObject({ success: 1, held: 2, open: 2 })
		await sweep()
		expect((await engine.load(second as string)).held).toBe(false)
		expect((await countsAndRows(engine.pool, id)).counted).toMatchObject({ held: 1 })
	})
})
