import { withoutJob } from '@taskyard/dispatch/jobs'
import type { LockClaim } from '@taskyard/model/plan'
import type { StepContext } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
const begun = new Set<string>()
const gates = new Map<string, () => void>()

const lock = (mode: LockClaim['mode']): LockClaim => ({ resource: { type: 'Side', id: '{side}' }, name: '*', mode, onConflict: 'wait' })
const gated = [
	{
		run: (_: never, { taskId }: StepContext) => {
			begun.add(taskId)
			return new Promise<void>((resolve) => gates.set(taskId, resolve))
		},
	},
]

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		// Jobs are done by hand: a sub-task has its parent before it claims.
		run: false,
		definitions: [
			sketch({ label: 'Cycle::Hold', tree: () => step(0), locks: [lock('exclusive')], steps: () => gated }),
			sketch({ label: 'Cycle::Look', tree: () => step(0), locks: [lock('shared')], steps: () => gated }),
		],
	})
})
afterAll(() => engine?.stop())

const underWay: Promise<void>[] = []
const activate = (id: string): void => void underWay.push(engine.executor.activate(id))
const running = (id: string) => waitFor(`task ${id} to run`, () => begun.has(id))

async function subTask(parent: string, side: string): Promise<string> {
	const id = await engine.start('Cycle::Hold', { side })
	await engine.pool.query('update task set parent_id = $2, parent_step = 0 where id = $1', [id, parent])
	return id
}

async function end(id: string): Promise<void> {
	gates.get(id)?.()
	await engine.reached(id, 'stopped')
}

it('a sub-task whose wait would close a cycle pauses naming it, holds nothing, and stands in line again once the cycle is broken', async () => {
	const [left, right] = [await engine.start('Cycle::Hold', { side: 'left' }), await engine.start('Cycle::Hold', { side: 'right' })]
	activate(left)
	activate(right)
	await Promise.all([running(left), running(right)])
	const [ofLeft, ofRight] = [await subTask(left, 'right'), await subTask(right, 'left')]
	await engine.executor.activate(ofLeft)
	expect((await engine.load(ofLeft)).task).toMatchObject({
		state: 'planned',
		waitingFor: { kind: 'lock', keys: { type: 'Side', id: 'right' } },
	})

	await engine.executor.activate(ofRight)
	const { task } = await engine.load(ofRight)
	expect(task).toMatchObject({ state: 'paused', result: 'error', reason: 'lock_conflict', waitingFor: null })
	for (const id of [left, right, ofLeft, ofRight]) expect(task.error?.message).toContain(`(${id})`)
	const { rows } = await engine.pool.query('select from lock where task_id = $1', [ofRight])
	expect(rows).toEqual([])

	// Whoever breaks it chooses who goes on.
	const by = { who: engine.owner, why: null }
	await engine.commands.cancelTask({ id: ofLeft, ...by })
	await engine.commands.resumeTask({ id: ofRight, ...by })
	await engine.executor.activate(ofRight)
	expect((await engine.load(ofRight)).task).toMatchObject({ state: 'planned', waitingFor: { kind: 'lock', keys: { id: 'left' } } })
	await end(left)
	activate(ofRight)
	await running(ofRight)
	await Promise.all([end(ofRight), end(right)])
	await Promise.all(underWay)
	expect((await engine.pool.query('select from lock')).rows).toEqual([])
})

it('a wait that becomes part of a cycle later ends with the next look, and those behind it go on', async () => {
	const holder = await engine.start('Cycle::Look', { side: 'left' })
	activate(holder)
	await running(holder)
	const waiter = await engine.start('Cycle::Hold', { side: 'left' })
	await engine.executor.activate(waiter)
	await engine.pool.query(`select graphile_worker.remove_job($1)`, [waiter])
	const behind = await engine.start('Cycle::Look', { side: 'left' })
	await engine.executor.activate(behind)
	expect((await engine.load(behind)).task.waitingFor).toMatchObject({ kind: 'lock' })
	const dependent = await engine.commands.startTask({
		label: 'Cycle::Look',
		input: '{"side": "none"}',
		who: engine.owner,
		correlationId: 'test',
		parent: { task: holder, step: 0 },
		dependsOn: [{ task: waiter, policy: 'any' }],
	})
	// Who made the edge has told the waiter.
	expect(await withoutJob(engine.pool, [waiter])).toEqual([])
	await engine.executor.activate(waiter)
	expect((await engine.load(waiter)).task).toMatchObject({ state: 'paused', reason: 'lock_conflict' })
	expect((await engine.load(waiter)).task.error?.message).toContain('depends on')
	expect((await engine.pool.query('select from lock where task_id = $1', [waiter])).rows).toEqual([])
	const { rows } = await engine.pool.query('select granted from lock where task_id = $1', [behind])
	expect(rows).toEqual([{ granted: true }])
	activate(behind)
	await running(behind)
	await Promise.all([end(holder), end(behind)])
	const { task } = dependent as { task: { id: string } }
	for (const id of [task.id, waiter]) await engine.commands.cancelTask({ id, who: engine.owner, why: null })
	await Promise.all(underWay)
})
