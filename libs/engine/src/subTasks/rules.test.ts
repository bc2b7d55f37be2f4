import { useDatabase } from '@taskyard/testkit/database'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import { childrenOf, childType, countsAndRows, type Fate, openGate, parentType } from '../testing/families.ts'

const database = useDatabase()
let engine: EngineUnderTest

afterEach(() => engine?.stop())

async function begin(definitions = [childType(), parentType()]): Promise<EngineUnderTest> {
	engine = await engineUnderTest({ url: database.url, definitions, concurrency: 20 })
	return engine
}

const all = (count: number, fate: Fate): Fate[] => Array.from({ length: count }, () => fate)

async function agreed(id: string): Promise<Record<string, number>> {
	const { counted, rows } = await countsAndRows(engine.pool, id)
	expect(counted).toEqual(rows)
	return counted as unknown as Record<string, number>
}

const untilCounted = (id: string, expected: Record<string, number>): Promise<true> =>
	waitFor(`counts ${JSON.stringify(expected)}`, async () => {
		// What a supervisor asks for when it is woken.
		await engine.executor.look()
		const { counted } = await countsAndRows(engine.pool, id)
		return Object.entries(expected).every(([name, n]) => counted?.[name as 'open'] === n) ? true : null
	})

const by = () => ({ who: engine.owner, why: 'the test says so' })

describe('sub-tasks paused', () => {
	it('while some still run the parent runs, with the result error; when all are paused it needs attention', async () => {
		const gate = openGate()
		const { start, reached, load } = await begin([childType(gate), parentType()])
		const id = await start('Family::Parent', { fates: ['pause', 'wait', 'pause'] })
		await untilCounted(id, { paused: 2, open: 3 })
		await waitFor('the result of the parent', async () => ((await load(id)).task.result === 'error' ? true : null))
		expect((await load(id)).task.state).toBe('running')
		gate.release()
		const paused = await reached(id, 'paused')
		expect(paused).toMatchObject({ result: 'error', reason: 'sub_tasks_paused' })
		expect(paused.steps[0]?.error).toMatchObject({ code: 'sub_tasks_paused', details: { total: 3, paused: 2, success: 1 } })
		expect(await agreed(id)).toMatchObject({ open: 2, paused: 2, success: 1 })
	})

	it('a resume of the parent resumes them, in the name of who resumed, and the step joins', async () => {
		const { start, reached, commands, owner, pool } = await begin()
		const id = await start('Family::Parent', { fates: ['pause', 'success', 'pause'] })
		await reached(id, 'paused')
		expect(await commands.resumeTask({ id, ...by() })).toEqual({ task: { id } })
		const { result, steps } = await reached(id, 'stopped')
		expect([result, JSON.parse(steps[0]?.output ?? '')]).toEqual(['warning', { total: 3, success: 1, warning: 2, error: 0, cancelled: 0 }])
		const { rows } = await pool.query<{ who: number; why: string }>(
			'select e.who, e.why from event e join task t on t.id = e.task_id where t.parent_id = $1 and e.kind = $2',
			[id, eventKindCode.encode('resume')],
		)
		expect(rows).toEqual([
			{ who: owner, why: 'its parent was resumed' },
			{ who: owner, why: 'its parent was resumed' },
		])
	})

	it('one that pauses again leaves the parent paused again, once all of them have', async () => {
		const child = sketch({ label: 'Family::Child', tree: () => step(0), steps: () => [{ run: () => Promise.reject(new Error('again')) }] })
		const { start, reached, commands, load } = await begin([child, parentType()])
		const id = await start('Family::Parent', { fates: all(3, 'pause') })
		const { revision } = await reached(id, 'paused')
		await commands.resumeTask({ id, ...by() })
		await waitFor('the parent to be paused again', async () => {
			const { task } = await load(id)
			return task.state === 'paused' && task.revision > revision + 1 ? true : null
		})
		expect(await agreed(id)).toMatchObject({ open: 3, paused: 3 })
		for (const one of await childrenOf(engine, id)) expect((await load(one)).task.steps[0]?.attempt).toBe(2)
	})

	it('a paused one frees its place in the limit, and takes it again when it is resumed', async () => {
		const gate = openGate()
		const { start, commands, reached } = await begin([childType(gate), parentType()])
		const id = await start('Family::Parent', { fates: ['pause', 'wait', 'wait', 'wait'], options: { limit: 2 } })
		await untilCounted(id, { paused: 1, held: 1 })
		await waitFor('two to wait beside the paused one', () => gate.begun.length === 3 || null)
		const [first] = await childrenOf(engine, id)
		await commands.resumeTask({ id: first as string, ...by() })
		await untilCounted(id, { paused: 0, held: 1, warning: 1 })
		expect(gate.begun.length).toBe(4)
		gate.release()
		const { result } = await reached(id, 'stopped')
		expect(result).toBe('success')
		expect(await agreed(id)).toMatchObject({ open: 0, held: 0, success: 3, warning: 1 })
	})
})

describe('the rescue strategy', () => {
	it('fail: paused sub-tasks end the task, and are cancelled with it', async () => {
		const parent = sketch({
			label: 'Family::Parent',
			tree: () => step(0),
			steps: () => [
				{
					policies: { rescue: 'fail' },
					run: (_: never, context) => context.fanOut('Family::Child', [{ fate: 'pause' }, { fate: 'success' }]),
				},
			],
		})
		const { start, reached } = await begin([childType(), parent])
		const id = await start('Family::Parent')
		expect(await reached(id, 'stopped')).toMatchObject({ result: 'error', reason: 'sub_tasks_paused' })
		await untilCounted(id, { open: 0, success: 1, cancelled: 1 })
		await agreed(id)
	})
})

describe('cancel', () => {
	it('of the parent ends those that never began by one statement, asks the others, and is waited for', async () => {
		const gate = openGate()
		const { start, reached, commands, pool, owner } = await begin([childType(gate), parentType()])
		const id = await start('Family::Parent', { fates: all(30, 'wait'), options: { limit: 2 } })
		await untilCounted(id, { open: 30, held: 28 })
		await waitFor('two to run', () => gate.begun.length === 2 || null)
		await commands.cancelTask({ id, ...by() })
		await untilCounted(id, { open: 0 })
		const { result } = await reached(id, 'stopped')
		expect(result).toBe('cancelled')
		expect(gate.begun.length).toBe(2)
		expect(await agreed(id)).toMatchObject({ cancelled: 30, held: 0 })
		const { rows } = await pool.query<{ who: number; why: string }>(
			`select distinct e.who, e.why from event e join task t on t.id = e.task_id where t.parent_id = $1 and e.kind = $2`,
			[id, eventKindCode.encode('cancel')],
		)
		expect(rows).toEqual([{ who: owner, why: '"Family::Parent", which started it, was cancelled: the test says so' }])
	})

	it('goes through several levels', async () => {
		const gate = openGate()
		const level = (n: number) =>
			sketch({
				label: `Family::Level${n}`,
				tree: () => step(0),
				steps: () => [
					{
						run: (_: never, context) =>
							context.fanOut(n === 0 ? 'Family::Child' : `Family::Level${n - 1}`, [{ fate: 'wait' }, { fate: 'wait' }]),
					},
				],
			})
		const { start, reached, commands, pool } = await begin([childType(gate), level(0), level(1), level(2)])
		const id = await start('Family::Level2')
		await waitFor('the leaves to run', () => gate.begun.length === 8 || null)
		await commands.cancelTask({ id, ...by() })
		await waitFor('all to have stopped', async () => {
			await engine.executor.look()
			const { rows } = await pool.query<{ open: number }>('select count(*)::int as open from task where state <> 6 and id >= $1', [id])
			return rows[0]?.open === 0 ? true : null
		})
		expect((await reached(id, 'stopped')).result).toBe('cancelled')
		const { rows } = await pool.query('select count(*)::int as n, result from task where id >= $1 group by 2', [id])
		expect(rows).toEqual([{ n: 15, result: 4 }])
	})

	it('of a paused parent ends its paused sub-tasks', async () => {
		const { start, reached, commands } = await begin()
		const id = await start('Family::Parent', { fates: ['pause', 'success', 'pause'] })
		await reached(id, 'paused')
		await commands.cancelTask({ id, ...by() })
		await reached(id, 'stopped')
		await untilCounted(id, { open: 0, cancelled: 2 })
		await agreed(id)
	})

	it('of a step alone ends the sub-tasks of that step', async () => {
		const gate = openGate()
		const { start, commands, reached } = await begin([childType(gate), parentType()])
		const id = await start('Family::Parent', { fates: all(4, 'wait') })
		await waitFor('four to run', () => gate.begun.length === 4 || null)
		await waitFor('the step to wait', async () => ((await engine.load(id)).task.steps[0]?.state === 'suspended' ? true : null))
		await commands.cancelStep({ id, step: 0, ...by() })
		await untilCounted(id, { open: 0, cancelled: 4 })
		const { result, steps } = await reached(id, 'stopped')
		expect([result, steps[0]?.state]).toEqual(['cancelled', 'cancelled'])
	})

	it('none is born unseen: what is made after the cancel was asked is refused', async () => {
		let asked: Promise<unknown> | undefined
		const parent = sketch({
			label: 'Family::Parent',
			tree: () => step(0),
			steps: () => [
				{
					run: async (_: never, context) => {
						asked = engine.commands.cancelTask({ id: context.taskId, ...by() })
						await asked
						return context.fanOut('Family::Child', [{ fate: 'success' }])
					},
				},
			],
		})
		const { start, reached, pool } = await begin([childType(), parent])
		const id = await start('Family::Parent')
		const { result, steps } = await reached(id, 'stopped')
		expect([result, steps[0]?.state]).toEqual(['cancelled', 'cancelled'])
		expect(await childrenOf({ pool }, id)).toEqual([])
	})
})

describe('unlock, force unlock and delete act on the sub-tree', () => {
	it('unlock: counts follow, also when a sub-task is resumed after it', async () => {
		const { start, reached, commands, pool, owner, load } = await begin()
		await commands.changeSetting({ key: 'dangerous_actions', value: true, who: owner })
		const id = await start('Family::Parent', { fates: ['pause', 'success', 'pause'] })
		await reached(id, 'paused')
		await commands.unlockTask({ id, ...by(), confirmed: true })
		expect((await load(id)).task).toMatchObject({ state: 'stopped', unlocked: true })
		expect(await agreed(id)).toMatchObject({ open: 0, success: 1, error: 2 })
		const [first] = await childrenOf({ pool }, id)
		await commands.resumeTask({ id: first as string, ...by() })
		await reached(first as string, 'stopped')
		expect((await load(id)).task).toMatchObject({ state: 'stopped', unlocked: true })
		expect(await agreed(id)).toMatchObject({ open: 0, success: 1, error: 1, warning: 1 })
	})

	it('force unlock of a parent with running and held sub-tasks', async () => {
		const gate = openGate()
		const { start, commands, owner } = await begin([childType(gate), parentType()])
		await commands.changeSetting({ key: 'dangerous_actions', value: true, who: owner })
		const id = await start('Family::Parent', { fates: all(6, 'wait'), options: { limit: 2 } })
		await waitFor('two to run', () => gate.begun.length === 2 || null)
		await commands.forceUnlockTask({ id, ...by(), confirmed: true })
		expect(await agreed(id)).toMatchObject({ total: 6, open: 0, held: 0, error: 6 })
		gate.release()
		expect(gate.begun.length).toBe(2)
	})

	it('delete: a sub-task that is waited for stays, the sub-tree goes whole', async () => {
		const gate = openGate()
		const { start, reached, commands, pool } = await begin([childType(gate), parentType()])
		const id = await start('Family::Parent', { fates: ['success', 'wait'] })
		await untilCounted(id, { success: 1 })
		const [first] = await childrenOf({ pool }, id)
		expect(await commands.deleteTask({ id: first as string, ...by() })).toMatchObject({ refusal: { code: 'awaited' } })
		expect(await commands.deleteTask({ id, ...by() })).toMatchObject({ refusal: { code: 'not_stopped' } })
		gate.release()
		await reached(id, 'stopped')
		expect(await commands.deleteTask({ id: first as string, ...by() })).toEqual({ task: { id: first } })
		expect(await agreed(id)).toMatchObject({ open: 0, success: 1, total: 1 })
		expect(await commands.deleteTask({ id, ...by() })).toEqual({ task: { id } })
		const { rows } = await pool.query('select from task where id = $1 or parent_id = $1 union all select from fan_out where task_id = $1', [
			id,
		])
		expect(rows).toEqual([])
	})
})
