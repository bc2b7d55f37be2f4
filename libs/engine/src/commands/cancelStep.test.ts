import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { everyState } from '../testing/everyState.ts'
import { waitForBlocked } from '../testing/racers.ts'

const database = useDatabase()
const tasks = everyState()
let engine: EngineUnderTest

beforeAll(async () => {
	engine = await engineUnderTest({ url: database.url, definitions: tasks.definitions })
})
afterAll(async () => {
	tasks.release()
	await engine?.stop()
})

/** Both are decided before either is written, and then written in this order. */
async function atOnce(id: string, first: () => unknown, second: () => unknown): Promise<void> {
	const client = await database.pool.connect()
	try {
		await client.query('begin')
		await client.query('select from task where id = $1 for update', [id])
		first()
		await waitForBlocked(database.pool, 1)
		second()
		await waitForBlocked(database.pool, 2)
		await client.query('commit')
	} finally {
		client.release()
	}
}

const outcomesOf = async (id: string): Promise<number[]> =>
	(await engine.pool.query('select new from event where task_id = $1 and step = 0 and kind = 2', [id])).rows.map((row) => row.new)

it('a last checkpoint that commits first wins, and the cancel hears "already ended"', async () => {
	const id = await tasks.bring(engine, 'running')
	let answer: Promise<unknown> = Promise.resolve()
	await atOnce(
		id,
		() => tasks.release(),
		() => {
			answer = engine.commands.cancelStep({ id, step: 0, who: engine.owner, why: null })
		},
	)
	const refused = (await answer) as { refusal: { code: string } }
	// The task may have stopped by then, which says the same of its step.
	expect(['already_ended', 'already_stopped']).toContain(refused.refusal.code)
	await engine.reached(id, 'stopped')
	expect(await outcomesOf(id)).toEqual([2])
})

it('a cancel that was only asked when the last checkpoint comes changes nothing of what is done', async () => {
	const id = await tasks.bring(engine, 'running')
	let answer: Promise<unknown> = Promise.resolve()
	await atOnce(
		id,
		() => {
			answer = engine.commands.cancelStep({ id, step: 0, who: engine.owner, why: 'too slow' })
		},
		() => tasks.release(),
	)
	expect(await answer).toEqual({ task: { id } })
	expect((await engine.reached(id, 'stopped')).steps[0]).toMatchObject({ state: 'success', cancelAsked: false })
	expect(await outcomesOf(id)).toEqual([2])
})

it('a checkpoint that comes after the end of the cancel is refused', async () => {
	const id = await tasks.bring(engine, 'running')
	await engine.commands.cancelStep({ id, step: 0, who: engine.owner, why: null })
	await engine.door.submit(id, () => [{ fact: { kind: 'step_cancel_deadline', step: 0, attempt: 1, at: Date.now() } }])
	const late = await engine.door.submit(id, () => [
		{ fact: { kind: 'step_succeeded', step: 0, attempt: 1, output: '1', at: Date.now(), take: null } },
	])
	expect(late).toMatchObject({ kind: 'decided', decisions: [{ kind: 'refused', code: 'fenced_off' }] })
	await waitFor('the task to have its end', async () => (await engine.load(id)).task.state === 'stopped')
	expect((await engine.load(id)).task).toMatchObject({ result: 'cancelled', steps: [{ state: 'cancelled', output: null }, {}] })
})
