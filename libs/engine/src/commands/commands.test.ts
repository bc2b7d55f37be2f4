import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import type { EventKind } from '@taskyard/model/task'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { everyState, type Situation, situations } from '../testing/everyState.ts'
import type { CommandAnswer, Commands, UnlockAnswer } from './types.ts'

const database = useDatabase()
const tasks = everyState()
let engine: EngineUnderTest

beforeAll(async () => {
	engine = await engineUnderTest({ url: database.url, definitions: tasks.definitions, concurrency: 200 })
	await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
})
afterAll(async () => {
	tasks.release()
	await engine?.stop()
})

type Order = { id: string; who: number; why: string | null }

const ask: Record<string, { kind: EventKind; ask(commands: Commands, order: Order): Promise<UnlockAnswer> }> = {
	pause: { kind: 'pause', ask: (commands, order) => commands.pauseTask(order) },
	resume: { kind: 'resume', ask: (commands, order) => commands.resumeTask(order) },
	cancel: { kind: 'cancel', ask: (commands, order) => commands.cancelTask(order) },
	confirm: { kind: 'confirm', ask: (commands, order) => commands.confirmTask({ ...order, yes: true }) },
	rerun: { kind: 'rerun', ask: (commands, order) => commands.rerunTask({ ...order, correlationId: 'again' }) },
	unlock: { kind: 'unlock', ask: (commands, order) => commands.unlockTask({ ...order, confirmed: true }) },
	'force unlock': { kind: 'force_unlock', ask: (commands, order) => commands.forceUnlockTask({ ...order, confirmed: true }) },
	delete: { kind: 'delete', ask: (commands, order) => commands.deleteTask(order) },
	'retry step': { kind: 'retry', ask: (commands, order) => commands.retryStep({ ...order, step: 0 }) },
	'skip step': { kind: 'skip', ask: (commands, order) => commands.skipStep({ ...order, step: 0 }) },
	'cancel step': { kind: 'cancel_step', ask: (commands, order) => commands.cancelStep({ ...order, step: 0 }) },
}

const everywhere = (answer: string): Record<Situation, string> =>
	Object.fromEntries(situations.map((one) => [one, answer])) as Record<Situation, string>

/** `yes`: it is done and stands in the history. `done`: it was so before, nothing changes. Else the code of the refusal. */
const table: Record<string, Record<Situation, string>> = {
	pause: {
		...everywhere('not_running'),
		running: 'yes',
		pausing: 'done',
		paused: 'done',
		stopped: 'already_stopped',
		unlocked: 'already_stopped',
	},
	resume: { ...everywhere('not_paused'), pausing: 'yes', paused: 'yes', stopped: 'already_stopped', unlocked: 'yes' },
	cancel: { ...everywhere('yes'), cancelling: 'done', stopped: 'already_stopped', unlocked: 'already_stopped' },
	confirm: everywhere('not_awaiting_confirmation'),
	rerun: { ...everywhere('not_stopped'), stopped: 'yes', unlocked: 'yes' },
	unlock: { ...everywhere('not_paused'), paused: 'yes', stopped: 'already_stopped', unlocked: 'done' },
	'force unlock': { ...everywhere('yes'), stopped: 'already_stopped', unlocked: 'already_stopped' },
	delete: { ...everywhere('not_stopped'), stopped: 'yes', unlocked: 'yes' },
	'retry step': {
		...everywhere('not_paused'),
		scheduled: 'no_such_step',
		pending: 'no_such_step',
		planning: 'no_such_step',
		paused: 'yes',
		stopped: 'already_stopped',
		unlocked: 'already_stopped',
	},
	'skip step': {
		...everywhere('not_paused'),
		scheduled: 'no_such_step',
		pending: 'no_such_step',
		planning: 'no_such_step',
		paused: 'yes',
		stopped: 'already_stopped',
		unlocked: 'already_stopped',
	},
	'cancel step': {
		scheduled: 'no_such_step',
		pending: 'no_such_step',
		planning: 'no_such_step',
		planned: 'not_running',
		running: 'yes',
		pausing: 'yes',
		cancelling: 'not_cancellable',
		paused: 'not_running',
		stopped: 'already_stopped',
		unlocked: 'already_stopped',
	},
}

async function eventsOf(id: string, kind: EventKind): Promise<{ who: number; why: string | null }[]> {
	const { rows } = await engine.pool.query('select who, why from event where task_id = $1 and kind = $2 order by revision, n', [
		id,
		eventKindCode.encode(kind),
	])
	return rows
}

async function revisionOf(id: string): Promise<number | null> {
	return (await engine.pool.query<{ revision: number }>('select revision from task where id = $1', [id])).rows[0]?.revision ?? null
}

const outcomeOf = (answer: UnlockAnswer): string => ('refusal' in answer ? answer.refusal.code : 'task' in answer ? 'task' : 'consequences')

describe.each(Object.keys(table))('%s', (name) => {
	const { kind, ask: command } = ask[name] as (typeof ask)[string]

	it.each(situations)('of a task that is %s', async (situation) => {
		const expected = table[name]?.[situation] as string
		const id = await tasks.bring(engine, situation)
		const [before, earlier] = [await revisionOf(id), await eventsOf(id, kind)]
		const answer = await command(engine.commands, { id, who: engine.owner, why: 'because' })
		if (expected === 'yes') {
			expect(outcomeOf(answer)).toBe('task')
			expect((await eventsOf(id, kind)).slice(earlier.length)).toEqual([{ who: engine.owner, why: 'because' }])
		} else {
			expect(outcomeOf(answer)).toBe(expected === 'done' ? 'task' : expected)
			expect(await eventsOf(id, kind)).toEqual(earlier)
			expect(await revisionOf(id)).toBe(before)
			if ('refusal' in answer) expect(answer.refusal.message).toMatch(/^[A-Z][^]*\.$/)
		}
	})

	it('of a task that is not there says so', async () => {
		for (const id of ['019aa000-0000-7000-8000-000000000000', 'x']) {
			expect(await command(engine.commands, { id, who: engine.owner, why: null })).toMatchObject({ refusal: { code: 'not_found' } })
		}
	})
})

describe('asked again', () => {
	it.each<[string, Situation]>([
		['pause', 'running'],
		['cancel', 'running'],
		['cancel', 'paused'],
		['cancel', 'scheduled'],
		['cancel step', 'running'],
		['unlock', 'paused'],
		['force unlock', 'running'],
		['delete', 'stopped'],
	])('a %s of one that was %s changes nothing more', async (name, situation) => {
		const { kind, ask: command } = ask[name] as (typeof ask)[string]
		const id = await tasks.bring(engine, situation)
		const order = { id, who: engine.owner, why: 'twice' }
		const answers = await Promise.all([command(engine.commands, order), command(engine.commands, order)])
		answers.push(await command(engine.commands, order))
		expect(answers.map(outcomeOf)).toEqual(['task', 'task', 'task'])
		expect(await eventsOf(id, kind)).toHaveLength(1)
	})

	it('a rerun with an id answers the same new task', async () => {
		const id = await tasks.bring(engine, 'stopped')
		const newId = (await tasks.bring(engine, 'stopped')).replace(/.{6}$/, 'abcdef')
		const order = { id, newId, who: engine.owner, why: 'again', correlationId: 'c' }
		const answers: CommandAnswer[] = [await engine.commands.rerunTask(order), await engine.commands.rerunTask(order)]
		expect(answers).toEqual([1, 2].map(() => ({ task: { id: newId }, discarded: false })))
		expect(await eventsOf(id, 'rerun')).toEqual([{ who: engine.owner, why: 'again' }])
		expect((await engine.reached(newId, 'stopped')).result).toBe('success')
		const { rows } = await engine.pool.query(
			`select t.rerun_of, t.label, p.input::text = q.input::text as same from task t join task_payload p on p.task_id = t.id
			join task_payload q on q.task_id = t.rerun_of where t.id = $1`,
			[newId],
		)
		expect(rows).toEqual([{ rerun_of: id, label: 'EveryState', same: true }])
	})
})

describe('a step', () => {
	it('that is retried runs alone again, and the task ends with a warning', async () => {
		const id = await tasks.bring(engine, 'paused')
		tasks.repair()
		expect(await engine.commands.retryStep({ id, step: 0, who: engine.owner, why: null })).toEqual({ task: { id } })
		expect((await engine.reached(id, 'stopped')).result).toBe('warning')
	})

	it('that is not in the plan is named, with those that are', async () => {
		const id = await tasks.bring(engine, 'running')
		expect(await engine.commands.cancelStep({ id, step: 7, who: engine.owner, why: null })).toMatchObject({
			refusal: { code: 'no_such_step', message: 'The task has 2 steps, 0 to 1, and no step 7.' },
		})
	})

	it('whose last checkpoint was first answers "already ended" to a cancel', async () => {
		const id = await tasks.bring(engine, 'running')
		tasks.release()
		await waitFor('the step to end', async () => (await engine.load(id)).task.steps[0]?.state === 'success')
		const answer = await engine.commands.cancelStep({ id, step: 0, who: engine.owner, why: null })
		expect(['already_ended', 'already_stopped']).toContain(outcomeOf(answer))
	})
})

describe('a pause', () => {
	it('comes about when the running step has ended, and a resume goes on with the next', async () => {
		const id = await tasks.bring(engine, 'pausing')
		tasks.release()
		const paused = await engine.reached(id, 'paused')
		expect([paused.result, paused.reason, paused.pauseAsked]).toEqual(['pending', null, false])
		expect(paused.steps.map((one) => one.state)).toEqual(['success', 'pending'])
		expect((await engine.pool.query('select from lock where task_id = $1', [id])).rowCount).toBe(1)
		await engine.commands.resumeTask({ id, who: engine.owner, why: null })
		expect((await engine.reached(id, 'stopped')).result).toBe('warning')
	})

	it('that is taken back in time never comes about', async () => {
		const id = await tasks.bring(engine, 'pausing')
		expect(await engine.commands.resumeTask({ id, who: engine.owner, why: null })).toEqual({ task: { id } })
		tasks.release()
		const task = await engine.reached(id, 'stopped')
		expect(task.result).not.toBe('error')
		const { rows } = await engine.pool.query('select from event where task_id = $1 and kind = 1 and new = 5', [id])
		expect(rows).toHaveLength(0)
	})
})

describe('a cancel of a type that does not support it', () => {
	it('is refused by name while a step runs, and nothing changes', async () => {
		const id = await tasks.hold(engine, undefined, 'EveryState::Steadfast')
		const before = await revisionOf(id)
		expect(await engine.commands.cancelTask({ id, who: engine.owner, why: null })).toMatchObject({
			refusal: { code: 'not_cancellable', message: 'Cancel is not supported by EveryState::Steadfast while a step runs.' },
		})
		expect(await revisionOf(id)).toBe(before)
		await engine.commands.pauseTask({ id, who: engine.owner, why: null })
		tasks.release()
		await engine.reached(id, 'paused')
		expect(await engine.commands.cancelTask({ id, who: engine.owner, why: null })).toEqual({ task: { id } })
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'cancelled' })
	})
})

describe('a resume of an unlocked task', () => {
	it('takes its locks again, and goes on where it was', async () => {
		const id = await tasks.bring(engine, 'unlocked')
		expect((await engine.pool.query('select from lock where task_id = $1', [id])).rowCount).toBe(0)
		tasks.repair()
		expect(await engine.commands.resumeTask({ id, who: engine.owner, why: 'fixed' })).toEqual({ task: { id } })
		const task = await engine.reached(id, 'stopped')
		expect([task.result, task.unlocked, task.steps[0]?.attempt]).toEqual(['warning', false, 2])
	})
})
