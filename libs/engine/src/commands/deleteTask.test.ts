import { useDatabase } from '@taskyard/testkit/database'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
let engine: EngineUnderTest
let broken = true
let gate = Promise.withResolvers<void>()

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		definitions: [
			sketch({
				label: 'Work',
				tree: () => step(0),
				steps: ({ hold }: { hold?: boolean }) => [
					{
						async run(_: never, context) {
							await context.log('secret')
							if (hold) return gate.promise
							if (broken) throw new Error('not yet')
							return { secret: true }
						},
					},
				],
				locks: [{ resource: { type: 'Directory', id: '{id}' }, name: '*', mode: 'shared' }],
			}),
		],
	})
})
afterAll(async () => {
	gate.resolve()
	await engine?.stop()
})
beforeEach(() => {
	broken = true
})

const order = (id: string, why: string | null = 'no longer needed') => ({ id, who: engine.owner, why })

async function start(input: object, parent?: string, id?: string): Promise<string> {
	const answer = await engine.commands.startTask({
		label: 'Work',
		input: JSON.stringify(input),
		who: engine.owner,
		correlationId: 'c',
		...(parent !== undefined && { parent: { task: parent, step: 0 } }),
		...(id !== undefined && { id }),
	})
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

/** A task that failed, was resumed by a person, and ended well. */
async function worked(parent?: string): Promise<string> {
	broken = true
	const id = await start({ id: 'x' }, parent)
	await engine.reached(id, 'paused')
	broken = false
	await engine.commands.resumeTask(order(id, 'try again'))
	await engine.reached(id, 'stopped')
	return id
}

const tables = ['task', 'task_payload', 'task_plan', 'step', 'attempt', 'log_chunk', 'timer', 'lock', 'link', 'dependency', 'task_progress']

async function leftOf(id: string): Promise<string[]> {
	const left: string[] = []
	for (const table of tables) {
		const { rowCount } = await engine.pool.query(`select from ${table} where ${table === 'task' ? 'id' : 'task_id'} = $1`, [id])
		if (rowCount) left.push(table)
	}
	return left
}

describe('a deleted task', () => {
	it('leaves a tombstone and what people did, and nothing else', async () => {
		const id = await worked()
		expect(await leftOf(id)).toEqual(['task', 'task_payload', 'task_plan', 'step', 'attempt', 'log_chunk', 'link'])
		const { task } = await engine.load(id)
		expect(await engine.commands.deleteTask(order(id))).toEqual({ task: { id } })
		expect(await leftOf(id)).toEqual([])
		const tombstones = await engine.pool.query(
			`select label, name, owner_id, result, extract(epoch from ended_at)::float8 * 1000 as ended, deleted_by, rule,
				deleted_at between ended_at and clock_timestamp() as later from tombstone where id = $1`,
			[id],
		)
		expect(tombstones.rows).toEqual([
			{
				label: 'Work',
				name: 'Work',
				owner_id: engine.owner,
				result: 2,
				ended: task.endedAt,
				deleted_by: engine.owner,
				rule: null,
				later: true,
			},
		])
		const { rows } = await engine.pool.query('select kind, who, why from event where task_id = $1 order by revision, n', [id])
		expect(rows).toEqual([
			{ kind: eventKindCode.encode('created'), who: engine.owner, why: null },
			{ kind: eventKindCode.encode('resume'), who: engine.owner, why: 'try again' },
			{ kind: eventKindCode.encode('delete'), who: engine.owner, why: 'no longer needed' },
		])
	})

	it('takes its sub-tasks along, each with its tombstone', async () => {
		const parent = await start({ id: 'p', hold: true })
		await engine.reached(parent, 'running')
		const child = await worked(parent)
		gate.resolve()
		await engine.reached(parent, 'stopped')
		gate = Promise.withResolvers()
		await engine.commands.deleteTask(order(parent))
		expect([await leftOf(parent), await leftOf(child)]).toEqual([[], []])
		const { rows } = await engine.pool.query('select id from tombstone where id = any($1) order by id', [[parent, child]])
		expect(rows.map((row) => row.id)).toEqual([parent, child].sort())
	})

	it('is not started anew with its id', async () => {
		const id = await worked()
		await engine.commands.deleteTask(order(id))
		const answer = await engine.commands.startTask({ id, label: 'Work', input: '{"id":"x"}', who: engine.owner, correlationId: 'c' })
		expect(answer).toMatchObject({ refusal: { code: 'id_taken', message: expect.stringContaining('deleted') } })
		expect(await leftOf(id)).toEqual([])
		// Beside others in one group, too.
		const [again, other] = await Promise.all([
			engine.commands.startTask({ id, label: 'Work', input: '{"id":"x"}', who: engine.owner, correlationId: 'c' }),
			engine.commands.startTask({ label: 'Work', input: '{"id":"x"}', who: engine.owner, correlationId: 'c' }),
		])
		expect([again, other]).toMatchObject([{ refusal: { code: 'id_taken' } }, { task: {} }])
	})
})

it('a task with a sub-task that has not stopped is not deleted, and the sub-task is named', async () => {
	const parent = await start({ id: 'q', hold: true })
	await engine.reached(parent, 'running')
	const child = await start({ id: 'r' }, parent)
	await engine.reached(child, 'paused')
	gate.resolve()
	await engine.reached(parent, 'stopped')
	gate = Promise.withResolvers()
	expect(await engine.commands.deleteTask(order(parent))).toMatchObject({
		refusal: { code: 'descendants_unfinished', message: expect.stringContaining(child) },
	})
	await engine.commands.cancelTask(order(child))
	expect(await engine.commands.deleteTask(order(parent))).toEqual({ task: { id: parent } })
})
