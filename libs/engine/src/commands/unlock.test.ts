import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { everyState } from '../testing/everyState.ts'

const database = useDatabase()
const tasks = everyState('wait')
const impatient = everyState('fail')
let engine: EngineUnderTest

beforeAll(async () => {
	const others = impatient.definitions.map((one) => ({ ...one, data: { ...one.data, label: `Impatient${one.data.label}` } }))
	engine = await engineUnderTest({ url: database.url, definitions: [...tasks.definitions, ...others], concurrency: 200 })
})
afterAll(async () => {
	tasks.release()
	await engine?.stop()
})

const order = (id: string) => ({ id, who: engine.owner, why: 'nobody works on it' })
const turn = (value: boolean) => engine.commands.changeSetting({ key: 'dangerous_actions', value, who: engine.owner })
beforeEach(() => turn(true))

const resourceOf = async (id: string): Promise<string> => {
	const { rows } = await engine.pool.query('select input::text from task_payload where task_id = $1', [id])
	return JSON.parse(rows[0].input).resource
}

async function startOn(resource: string, label = 'EveryState', parent?: string): Promise<string> {
	const answer = await engine.commands.startTask({
		label,
		input: JSON.stringify({ fate: 'fail', resource }),
		who: engine.owner,
		correlationId: 'test',
		...(parent !== undefined && { parent: { task: parent, step: 0 } }),
	})
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

const inLine = (id: string) => waitFor('it to stand in line', async () => (await engine.load(id)).task.waitingFor?.kind === 'lock')

/** All that an unlock could change of these tasks. */
const everything = async (...ids: string[]) => {
	const { rows } = await engine.pool.query(
		`select (select json_agg(t order by t.id) from (select id, state, revision from task where id = any($1)) t)::text as tasks,
			(select json_agg(l order by l.task_id, l.resource_id) from lock l where task_id = any($1))::text as locks,
			(select count(*)::int from event where task_id = any($1)) as events, (select count(*)::int from change where task_id = any($1)) as changes`,
		[ids],
	)
	return rows[0]
}

describe('the setting dangerous_actions', () => {
	it('is off until somebody turns it on, and says who and when', async () => {
		await engine.pool.query(`delete from setting where key = 'dangerous_actions'`)
		expect(await engine.commands.readSettings()).toEqual([{ key: 'dangerous_actions', value: false, changedBy: null, changedAt: null }])
		expect(await turn(true)).toMatchObject({ setting: { key: 'dangerous_actions', value: true, changedBy: engine.owner } })
		const [setting] = await engine.commands.readSettings()
		expect(Math.abs((setting?.changedAt ?? 0) - Date.now())).toBeLessThan(60_000)
		await turn(true)
		expect(await engine.commands.readSettings()).toEqual([setting])
	})

	it('that is off refuses unlock and force unlock, and nothing changes', async () => {
		const [running, paused] = [await tasks.bring(engine, 'running'), await tasks.bring(engine, 'paused')]
		await turn(false)
		const before = await everything(running, paused)
		expect(await engine.commands.unlockTask({ ...order(paused), confirmed: true })).toMatchObject({
			refusal: { code: 'dangerous_actions_off', message: expect.stringContaining('dangerous_actions') },
		})
		expect(await engine.commands.forceUnlockTask({ ...order(running), confirmed: true })).toMatchObject({
			refusal: { code: 'dangerous_actions_off' },
		})
		expect(await everything(running, paused)).toEqual(before)
	})

	it.each([
		['another one', { key: 'colour', value: true }, 'unknown_setting', 'dangerous_actions'],
		['one that is neither on nor off', { key: 'dangerous_actions', value: 'yes' as never }, 'invalid_setting', 'true or false'],
	])('%s is refused', async (_, change, code, text) => {
		expect(await engine.commands.changeSetting({ ...change, who: engine.owner })).toMatchObject({
			refusal: { code, message: expect.stringContaining(text) },
		})
	})
})

describe('without confirmation', () => {
	it('an unlock answers which locks fall free and who gets them, and changes nothing', async () => {
		const id = await tasks.bring(engine, 'paused')
		const resource = await resourceOf(id)
		const next = await startOn(resource)
		await inLine(next)
		const last = await startOn(resource)
		await inLine(last)
		const before = await everything(id, next, last)
		const answer = await engine.commands.unlockTask(order(id))
		expect(answer).toMatchObject({
			consequences: {
				locks: [{ resource: { type: 'Directory', id: resource }, name: 'backup', mode: 'exclusive', task: id, next: [{ id: next }] }],
				subTasks: 0,
				runningAttempts: 0,
			},
		})
		expect('consequences' in answer && answer.consequences.message).toContain(next)
		expect('consequences' in answer && answer.consequences.message).not.toContain(last)
		expect(await everything(id, next, last)).toEqual(before)
		// And so it comes.
		expect(await engine.commands.unlockTask({ ...order(id), confirmed: true })).toEqual({ task: { id } })
		expect((await engine.reached(next, 'paused')).reason).toBe('failed')
		expect((await engine.load(last)).task.state).toBe('planned')
		const { task } = await engine.load(id)
		expect(task).toMatchObject({ state: 'stopped', unlocked: true, result: 'error', reason: 'failed' })
		for (const one of [next, last]) await engine.commands.cancelTask(order(one))
	})

	it('a force unlock counts the attempts that would no longer count', async () => {
		const id = await tasks.bring(engine, 'running')
		const before = await everything(id)
		expect(await engine.commands.forceUnlockTask(order(id))).toMatchObject({
			consequences: {
				locks: [{ task: id, next: [] }],
				subTasks: 0,
				runningAttempts: 1,
				message: expect.stringContaining('1 running attempt'),
			},
		})
		expect(await everything(id)).toEqual(before)
	})
})

describe('a force unlock', () => {
	it('ends the task at once, fences its attempt off, and grants its locks', async () => {
		const id = await tasks.bring(engine, 'running')
		const next = await startOn(await resourceOf(id))
		await inLine(next)
		expect(await engine.commands.forceUnlockTask({ ...order(id), confirmed: true })).toEqual({ task: { id } })
		expect((await engine.load(id)).task).toMatchObject({
			state: 'stopped',
			result: 'error',
			reason: 'force_unlocked',
			steps: [{ state: 'cancelled' }, { state: 'cancelled' }],
		})
		await engine.reached(next, 'paused')
		const late = await engine.door.submit(id, () => [
			{ fact: { kind: 'step_succeeded', step: 0, attempt: 1, output: '1', at: Date.now(), take: null } },
		])
		expect(late).toMatchObject({ kind: 'decided', decisions: [{ kind: 'refused', code: 'fenced_off' }] })
		expect(await engine.commands.resumeTask(order(id))).toMatchObject({ refusal: { code: 'already_stopped' } })
		const { rows } = await engine.pool.query('select kind, outcome from attempt where task_id = $1', [id])
		expect(rows).toEqual([{ kind: 1, outcome: 6 }])
	})
})

describe('sub-tasks', () => {
	it('are unlocked with their parent, in one transaction, and counted before', async () => {
		const parent = await tasks.bring(engine, 'running')
		const child = await startOn(`of ${parent}`, 'EveryState', parent)
		await engine.reached(child, 'paused')
		const grandchild = await startOn(`under ${parent}`, 'EveryState', child)
		await engine.reached(grandchild, 'paused')
		expect(await engine.commands.unlockTask(order(child))).toMatchObject({ consequences: { subTasks: 1, locks: [{}, {}] } })
		expect(await engine.commands.forceUnlockTask(order(parent))).toMatchObject({ consequences: { subTasks: 2, locks: [{}, {}, {}] } })
		expect(await engine.commands.forceUnlockTask({ ...order(parent), confirmed: true })).toEqual({ task: { id: parent } })
		for (const id of [parent, child, grandchild]) {
			expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', reason: 'force_unlocked' })
			expect((await engine.pool.query('select from lock where task_id = $1', [id])).rowCount).toBe(0)
		}
	})

	it('that are not paused stand against an unlock, by name', async () => {
		const parent = await tasks.bring(engine, 'running')
		const child = await startOn(`of ${parent}`, 'EveryState::Pending', parent)
		await engine.commands.pauseTask(order(parent))
		tasks.release()
		await engine.reached(parent, 'paused')
		expect(await engine.commands.unlockTask({ ...order(parent), confirmed: true })).toMatchObject({
			refusal: { code: 'descendants_unfinished', message: expect.stringContaining(child) },
		})
		await engine.commands.cancelTask(order(child))
		expect(await engine.commands.unlockTask({ ...order(parent), confirmed: true })).toEqual({ task: { id: parent } })
	})

	it('are refused once their parent is cancelled or has stopped', async () => {
		const start = (parent: string) =>
			engine.commands.startTask({
				label: 'EveryState',
				input: '{}',
				who: engine.owner,
				correlationId: 'c',
				parent: { task: parent, step: 0 },
			})
		const before = (await engine.pool.query('select from task where parent_id is not null')).rowCount
		expect(await start(await tasks.bring(engine, 'cancelling'))).toMatchObject({ refusal: { code: 'not_running' } })
		expect(await start(await tasks.bring(engine, 'stopped'))).toMatchObject({ refusal: { code: 'not_running' } })
		expect(await start('019aa000-0000-7000-8000-000000000000')).toMatchObject({ refusal: { code: 'not_found' } })
		expect((await engine.pool.query('select from task where parent_id is not null')).rowCount).toBe(before)
	})
})

describe('a resume after an unlock', () => {
	it('is refused while another holds what a "fail" claim needs, by name, and nothing changes', async () => {
		const id = await startOn('shared', 'ImpatientEveryState')
		await engine.reached(id, 'paused')
		await engine.commands.unlockTask({ ...order(id), confirmed: true })
		const holder = await startOn('shared', 'ImpatientEveryState')
		await engine.reached(holder, 'paused')
		const before = await everything(id, holder)
		expect(await engine.commands.resumeTask(order(id))).toMatchObject({
			refusal: { code: 'locks_held', message: expect.stringContaining(holder) },
		})
		expect(await everything(id, holder)).toEqual(before)
		await engine.commands.cancelTask(order(holder))
		expect(await engine.commands.resumeTask(order(id))).toEqual({ task: { id } })
		await waitFor('it to have failed again', async () => (await engine.load(id)).task.steps[0]?.attempt === 2)
		expect((await engine.reached(id, 'paused')).unlocked).toBe(false)
	})

	it('stands in line where its claims wait, and goes on when it is its turn', async () => {
		const id = await tasks.bring(engine, 'unlocked')
		const holder = await tasks.hold(engine, await resourceOf(id))
		expect(await engine.commands.resumeTask(order(id))).toEqual({ task: { id } })
		expect((await engine.load(id)).task).toMatchObject({ state: 'planned', endedAt: null, waitingFor: { kind: 'lock' } })
		tasks.repair()
		tasks.release()
		await engine.reached(holder, 'stopped')
		expect((await engine.reached(id, 'stopped')).result).toBe('warning')
	})
})
