import { admission } from '@taskyard/model/gates'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { defaultPolicies, type Plan } from '@taskyard/model/plan'
import { planToStore } from '@taskyard/model/storedPlan'
import { noGates, type StepError } from '@taskyard/model/task'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertStep, insertTask, insertUser, newId, newTask } from '@taskyard/testkit/rows'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { errorText } from './applyDecisions.ts'
import { timerKindCode } from './codes.ts'
import { type LoadedTask, loadTasks } from './loadTasks.ts'
import { startTasks } from './startTasks.ts'

const database = useDatabase()
let owner = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
})

const at = 1_795_000_000_000

async function load(id: string): Promise<LoadedTask> {
	const found = (await loadTasks(database.pool, [id])).get(id)
	if (!found) throw new Error(`There is no task ${id}.`)
	return found
}

const timersOf = async (id: string) =>
	(await database.pool.query('select step, kind, due_at from timer where task_id = $1 order by kind', [id])).rows

describe('a new task', () => {
	it('that can begin at once has no gates, no timers and no parent', async () => {
		const task = newTask({ owner, input: '{"n": 9007199254740993}' })
		await startTasks(database.pool, [task])
		expect(await load(task.id)).toMatchObject({
			awaited: false,
			parent: null,
			input: '{"n": 9007199254740993}',
			task: {
				state: 'pending',
				gates: noGates,
				pauseAsked: false,
				unlocked: false,
				planTries: 0,
				notBefore: null,
				runningSince: null,
				ranFor: 0,
			},
		})
		expect(await timersOf(task.id)).toEqual([])
	})

	it('keeps its gates, with a timer for each', async () => {
		const gates = { ...noGates, startAt: at + 1000.125, startBefore: at + 60_000, confirmBefore: at + 30_000 }
		const task = newTask({ owner, ...gates, ...admission(gates, at) })
		await startTasks(database.pool, [task])
		expect((await load(task.id)).task).toMatchObject({
			state: 'scheduled',
			gates,
			waitingFor: { kind: 'confirmation', keys: { until: at + 30_000 } },
		})
		expect(task.timers.map((timer) => timer.kind)).toEqual(['start_at', 'start_before', 'confirmation'])
		expect(await timersOf(task.id)).toEqual(
			task.timers.map(({ kind, dueAt }) => ({ step: -1, kind: timerKindCode.encode(kind), due_at: dueAt })),
		)
	})

	it('knows the step that started it, and the task that it repeats', async () => {
		const [parent, rerunOf] = [newId(), newId()]
		const task = newTask({ owner, parent: { task: parent, step: 3 }, rerunOf })
		await startTasks(database.pool, [task])
		expect((await load(task.id)).parent).toEqual({ task: parent, step: 3 })
		const { rows } = await database.pool.query('select rerun_of from task where id = $1', [task.id])
		expect(rows).toEqual([{ rerun_of: rerunOf }])
	})

	it('that exists already is left alone, with its timers, and its neighbours are made', async () => {
		const gates = { ...noGates, startAt: at + 1000 }
		const task = newTask({ owner, ...gates, ...admission(gates, at) })
		await startTasks(database.pool, [task])
		const neighbour = newTask({ owner })
		const later = { ...gates, startAt: at + 9000 }
		const again = { ...task, ...later, ...admission(later, at), name: 'another' }
		expect([...(await startTasks(database.pool, [again, neighbour]))]).toEqual([neighbour.id])
		expect(await load(task.id)).toMatchObject({ name: task.name, task: { gates: { startAt: at + 1000 } } })
		expect(await timersOf(task.id)).toEqual([{ step: -1, kind: 1, due_at: at + 1000 }])
	})
})

describe('what is loaded is what was stored', () => {
	it('integers of step inputs and of errors keep every digit', async () => {
		const step = { action: 'Sample/step', name: 'step', weight: 1, policies: defaultPolicies }
		const plan: Plan = {
			tree: { kind: 'step', index: 0 },
			steps: [{ ...step, input: { serial: 9007199254740993n, sum: 'e123e1234567890123456789' } }],
			output: { big: 12345678901234567890n },
			locks: [],
		}
		const error: StepError = {
			message: 'no',
			type: 'Failure',
			code: null,
			trace: null,
			details: { serial: 9007199254740995n },
			reason: 'failed',
			during: 'finalize',
		}
		const id = await asEngine(database.pool, async (client) => {
			const task = await insertTask(client, { owner, state: 'paused', result: 'error' })
			await client.query('insert into task_plan (task_id, plan) values ($1, $2)', [task, stringifyJson(planToStore(plan))])
			await insertStep(client, task, 0, { state: 'error', output: '{"n": 12345678901234567890.00}' })
			await client.query('update step set error = $2, cancel_asked = true where task_id = $1', [task, errorText(error)])
			await client.query('update task set error = $2 where id = $1', [task, errorText(error)])
			return task
		})
		const { task } = await load(id)
		expect(task.plan).toEqual(plan)
		expect(task.error).toEqual(error)
		expect(task.steps[0]).toMatchObject({ state: 'error', error, cancelAsked: true, output: '{"n": 12345678901234567890.00}' })
	})

	it('an error that JSON or PostgreSQL cannot hold is stored without what they cannot', () => {
		const error: StepError = { message: 'a\0b\ud800', type: 'Failure', code: null, trace: '\\u0000', details: () => 1, reason: 'failed' }
		expect(parseJson(errorText(error) ?? '')).toEqual({ ...error, message: 'a\ufffdb\ufffd', details: null })
		expect(errorText({ ...error, message: 'no', details: null })).toContain('"trace":"\\\\u0000"')
	})

	it('inputs come back byte for byte: order of keys, doubled keys, spaces, Unicode, big integers', async () => {
		const part = fc.oneof(
			fc.bigInt().map(String),
			fc
				.string({ unit: 'binary' })
				.filter((text) => !text.includes('\0') && text.isWellFormed())
				.map((text) => JSON.stringify(text)),
			fc.constantFrom('true', 'null', '[ ]', '1.50', '1e400', '"\\u00e9"', '"\\ud83d\\ude00"', '{"b":1,"a":2,"b":3}'),
		)
		const inputs = fc
			.array(fc.tuple(fc.constantFrom('z', 'a', 'ü', '10', '2'), part), { maxLength: 6 })
			.map((members) => `{${members.map(([key, value]) => ` "${key}":${value}`).join(',')}}`)
		await fc.assert(
			fc.asyncProperty(fc.array(inputs, { minLength: 1, maxLength: 5 }), async (texts) => {
				const tasks = texts.map((input) => newTask({ owner, input }))
				await startTasks(database.pool, tasks)
				const loaded = await loadTasks(
					database.pool,
					tasks.map((task) => task.id),
				)
				expect(tasks.map((task) => loaded.get(task.id)?.input)).toEqual(texts)
			}),
			{ numRuns: 60 },
		)
	})
})
