import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { concurrence, type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'
import { holdUp, openWatchedPool, type WatchedPool, writeStatement } from '../testing/watchedPool.ts'

const database = useDatabase()
let engine: EngineUnderTest
let watched: WatchedPool
let ran: number[] = []
let gates: PromiseWithResolvers<void>[] = []

const gated = {
	run: (_: never, { step: index }: { step: number }) => {
		ran.push(index)
		return gates[index]?.promise
	},
}
const steps = () => [gated, gated, gated]
const resource = { resource: { type: 'Race', id: '{id}' }, name: 'race', mode: 'exclusive' } as const

beforeAll(async () => {
	watched = openWatchedPool(database.url)
	engine = await engineUnderTest({
		url: database.url,
		pool: watched.pool,
		// Jobs are done by hand, so that it is known which statement comes next.
		run: false,
		definitions: [
			sketch({ label: 'Cancel::Chain', tree: () => sequence(step(0), step(1), step(2)), steps }),
			sketch({ label: 'Cancel::Branches', tree: () => concurrence(step(0), step(1), step(2)), steps }),
			sketch({ label: 'Cancel::Locked', tree: () => sequence(step(0), step(1), step(2)), steps, locks: [resource] }),
		],
	})
})
afterAll(() => engine?.stop())
beforeEach(() => {
	ran = []
	gates = [0, 1, 2].map(() => Promise.withResolvers<void>())
})

const openGates = (): void => {
	for (const gate of gates) gate.resolve()
}
const begun = (...indices: number[]) => waitFor(`steps ${indices.join(', ')} to run`, () => indices.every((index) => ran.includes(index)))

interface Case {
	readonly name: string
	readonly label: string
	/** Statement before which the cancel comes; what was decided until then was decided without it. */
	readonly statement: string
	/** Leads the task to the point where the next statement of that name is the one, and answers what is under way then. */
	lead(id: string): Promise<readonly Promise<unknown>[]>
	/** Does what ends in that statement. */
	act(id: string): unknown
	/** Steps that had begun when the cancel came. */
	readonly ran: readonly number[]
}

const nothing = async (): Promise<readonly Promise<unknown>[]> => []

const cases: Case[] = [
	{ name: 'a claim', label: 'Cancel::Chain', statement: writeStatement, lead: nothing, act: (id) => engine.executor.activate(id), ran: [] },
	{
		name: 'a plan with its locks',
		label: 'Cancel::Locked',
		statement: 'taskyard:lockTasks',
		lead: nothing,
		act: (id) => engine.executor.activate(id),
		ran: [],
	},
	{
		name: 'the success of a step',
		label: 'Cancel::Chain',
		statement: writeStatement,
		lead: async (id) => {
			const flow = engine.executor.activate(id)
			await begun(0)
			return [flow]
		},
		act: () => gates[0]?.resolve(),
		ran: [0],
	},
	{
		name: 'the failure of a step',
		label: 'Cancel::Chain',
		statement: writeStatement,
		lead: async (id) => {
			const flow = engine.executor.activate(id)
			await begun(0)
			return [flow]
		},
		act: () => gates[0]?.reject(new Error('it failed')),
		ran: [0],
	},
	{
		name: 'the success of the last step',
		label: 'Cancel::Chain',
		statement: writeStatement,
		lead: async (id) => {
			gates[0]?.resolve()
			gates[1]?.resolve()
			const flow = engine.executor.activate(id)
			await begun(2)
			return [flow]
		},
		act: () => gates[2]?.resolve(),
		ran: [0, 1, 2],
	},
	{
		name: 'the start of another branch',
		label: 'Cancel::Branches',
		statement: writeStatement,
		lead: async (id) => {
			const flow = engine.executor.activate(id)
			await begun(0)
			return [flow]
		},
		act: (id) => engine.executor.activate(id),
		ran: [0],
	},
]

describe('a cancel between what was loaded and its checkpoint is not lost', () => {
	it.each(cases)('$name', async ({ label, statement, lead, act, ran: expected }) => {
		const id = await engine.start(label, { id: label })
		const flows = await lead(id)
		const write = holdUp(watched, statement)
		const acting = act(id)
		await write.reached
		expect(await engine.commands.cancelTask({ id, who: engine.owner, why: 'in between' })).toEqual({ task: { id } })
		write.letGo()
		openGates()
		await Promise.all([...flows, acting])
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.reason]).toEqual(['cancelled', 'cancelled'])
		expect(ran).toEqual(expected)
		const { rows } = await engine.pool.query(
			`select (select count(*)::int from lock where task_id = $1) as locks, (select count(*)::int from event where task_id = $1 and kind = 4) as cancels,
				(select array_agg(distinct revision order by revision) from event where task_id = $1) as revisions`,
			[id],
		)
		expect(rows[0]).toMatchObject({ locks: 0, cancels: 1 })
	})

	it('a resume: whoever comes second decides on what the first has left', async () => {
		gates[0]?.promise.catch(() => undefined)
		gates[0]?.reject(new Error('it failed'))
		const id = await engine.start('Cancel::Chain')
		await engine.executor.activate(id)
		await engine.reached(id, 'paused')
		const write = holdUp(watched, writeStatement)
		const resumed = engine.door.submit(id, () => [{ fact: { kind: 'resume_asked', who: engine.owner, why: null, at: Date.now() } }])
		await write.reached
		await engine.commands.cancelTask({ id, who: engine.owner, why: 'in between' })
		write.letGo()
		expect(await resumed).toMatchObject({ kind: 'decided', decisions: [{ kind: 'refused', code: 'already_stopped' }] })
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'cancelled' })
		expect(ran).toEqual([0])
	})
})
