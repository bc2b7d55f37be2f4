import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { isGroupAlive, processStartTime } from '@taskyard/sdk/processGroup'
import type { StepContext } from '@taskyard/sdk/definition'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openClock } from '../clock.ts'
import { type EngineUnderTest, engineUnderTest, sequence, sketch, step } from '../testing/engineUnderTest.ts'
import { endChild } from '../workers/presence.ts'
import { endAbandonedGroups, findProcessGroups, readBootId } from './processGroups.ts'
import { endAttemptsOf, recoverChildren, recoverOrphans, type RecoveryOptions } from './recoverChildren.ts'

const database = useDatabase()
/** Two children of workers, in this process; the first is the one that dies. */
let first: EngineUnderTest
let second: EngineUnderTest
let options: RecoveryOptions
let bootId: string

interface Run {
	readonly context: StepContext
	readonly gate: PromiseWithResolvers<void>
}
let runs: Run[] = []
let plans: { readonly gate: PromiseWithResolvers<void> }[] = []
let sleepers: ChildProcess[] = []

/** A command that would run for long, in a group of its own. */
async function startSleeper(): Promise<number> {
	const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
	sleepers.push(child)
	await once(child, 'spawn')
	return child.pid as number
}

function definitions() {
	const held = {
		run: async (_: never, context: StepContext) => {
			const gate = Promise.withResolvers<void>()
			context.signal.addEventListener('abort', () => gate.reject(context.signal.reason))
			runs.push({ context, gate })
			await gate.promise
		},
	}
	const slowPlan = sketch({ label: 'Recovery::SlowPlan', tree: () => step(0), steps: () => [{ run: () => 1 }] })
	return [
		sketch({ label: 'Recovery::Repeatable', tree: () => sequence(step(0), step(1)), steps: () => [held, { run: () => 'done' }] }),
		sketch({
			label: 'Recovery::Once',
			tree: () => step(0),
			steps: () => [{ ...held, policies: { onLost: 'rescue', idempotent: false } }],
		}),
		{
			...slowPlan,
			plan: async (input: unknown) => {
				const gate = Promise.withResolvers<void>()
				plans.push({ gate })
				await gate.promise
				return slowPlan.plan(input)
			},
		},
	]
}

beforeEach(async () => {
	runs = []
	plans = []
	first = await engineUnderTest({ url: database.url, run: false, definitions: definitions() })
	second = await engineUnderTest({ url: database.url, run: false, definitions: definitions() })
	bootId = await readBootId()
	options = { pool: second.pool, door: second.door, clock: await openClock(second.pool), bootId, log: () => undefined }
})
afterEach(async () => {
	for (const run of runs) run.gate.resolve()
	for (const plan of plans) plan.gate.resolve()
	for (const sleeper of sleepers) sleeper.kill('SIGKILL')
	sleepers = []
	await Promise.all([first?.stop(), second?.stop()])
})

const begun = (count: number) => waitFor(`${count} attempts to run`, () => runs.length === count)
const attemptsOf = async (id: string) =>
	(await database.pool.query('select step, number, kind, outcome, error from attempt where task_id = $1 order by step, number', [id])).rows

// Positions in the lists of words: kind 0 plan, 1 run; outcome 0 success, 1 failed, 2 lost, 3 handed back.
describe('an attempt whose child has ended', () => {
	it('is run again by another, and the late end of the first one changes nothing', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect((await second.load(id)).task.steps[0]).toMatchObject({ state: 'pending', attempt: 1, tries: 0, child: null })
		const again = second.executor.activate(id)
		await begun(2)
		runs[0]?.gate.resolve()
		await late
		expect((await second.load(id)).task.steps[0]).toMatchObject({ state: 'running', attempt: 2, child: second.child })
		expect(await runs[0]?.context.stillMine()).toBe(false)
		expect(await runs[1]?.context.stillMine()).toBe(true)
		runs[1]?.gate.resolve()
		await again
		const task = await second.reached(id, 'stopped')
		expect([task.result, task.steps.map((one) => one.attempt)]).toEqual(['success', [2, 1]])
		expect(await attemptsOf(id)).toMatchObject([
			{ step: 0, number: 1, kind: 1, outcome: 2 },
			{ step: 0, number: 2, kind: 1, outcome: 0 },
		])
	})

	it('may log no more once another has it', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		const again = second.executor.activate(id)
		await begun(2)
		await runs[0]?.context.log('of the first')
		await runs[1]?.context.log('of the second')
		// What was refused is told to the action by its signal.
		await waitFor('the first attempt to be aborted', () => runs[0]?.context.signal.aborted)
		runs[1]?.gate.resolve()
		await Promise.all([late, again])
		const { rows } = await database.pool.query('select first_line, attempt, text from log_chunk where task_id = $1', [id])
		expect(rows).toEqual([{ first_line: 1, attempt: 2, text: 'of the second' }])
	})

	it('that planned is planned anew, and the late plan does not count', async () => {
		const id = await first.start('Recovery::SlowPlan')
		const late = first.executor.activate(id)
		await waitFor('the plan to be under way', () => plans.length === 1)
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect((await second.load(id)).task).toMatchObject({ state: 'pending', planAttempt: 1, planChild: null })
		const again = second.executor.activate(id)
		await waitFor('the second plan to be under way', () => plans.length === 2)
		plans[0]?.gate.resolve()
		await late
		expect((await second.load(id)).task).toMatchObject({ state: 'planning', planAttempt: 2, planChild: second.child })
		plans[1]?.gate.resolve()
		await again
		expect((await second.reached(id, 'stopped')).result).toBe('success')
		expect(await attemptsOf(id)).toMatchObject([
			{ step: -1, number: 1, kind: 0, outcome: 2, error: expect.stringContaining('planned this task') },
		])
	})

	it('that may not run twice pauses its task, naming node, process and last line, and its command is gone', async () => {
		const id = await first.start('Recovery::Once')
		const late = first.executor.activate(id)
		await begun(1)
		const group = await startSleeper()
		await runs[0]?.context.ownProcessGroup(group)
		await runs[0]?.context.log('half of it is done', 'stdout')
		await waitFor(
			'the line to be stored',
			async () => (await database.pool.query('select from log_chunk where task_id = $1', [id])).rowCount === 1,
		)
		await database.pool.query('update child set pid = 4711 where id = $1', [first.child])
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect(await isGroupAlive(group)).toBe(false)
		const task = await second.reached(id, 'paused')
		expect([task.result, task.reason, task.steps[0]?.attempt]).toEqual(['error', 'lost', 1])
		expect(task.steps[0]?.error).toMatchObject({
			message: 'Worker process 4711 on test ended while it ran this step. The last line it logged: half of it is done',
			type: 'Lost',
			details: { node: 'test', process: 4711 },
		})
		expect(await findProcessGroups(database.pool, id, 0, 1)).toEqual([])
		runs[0]?.gate.resolve()
		await late
		expect((await second.load(id)).task.state).toBe('paused')
	})

	it('is found also when it was committed after the child was recovered', async () => {
		const id = await first.start('Recovery::Repeatable')
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		// What a killed process had sent takes effect when the database comes to it.
		const late = first.executor.activate(id)
		await begun(1)
		await recoverChildren(options)
		expect((await second.load(id)).task.steps[0]?.state).toBe('running')
		await recoverOrphans(options)
		expect((await second.load(id)).task.steps[0]).toMatchObject({ state: 'pending', attempt: 1 })
		runs[0]?.gate.resolve()
		await late
	})

	it('is recovered once, however many recover it', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		await endChild(database.pool, first.child)
		await Promise.all([
			recoverChildren(options),
			recoverChildren({ ...options, pool: first.pool, door: first.door }),
			recoverOrphans(options),
		])
		expect(await attemptsOf(id)).toHaveLength(1)
		runs[0]?.gate.resolve()
		await late
	})
})

describe('a child that was killed for one of its attempts', () => {
	it('has that one timed out, the others and its planning handed back at no cost of a try', async () => {
		const guilty = await first.start('Recovery::Repeatable')
		const neighbour = await first.start('Recovery::Once')
		const planned = await first.start('Recovery::SlowPlan')
		const late = [guilty, neighbour].map((id) => first.executor.activate(id))
		await begun(2)
		const planning = first.executor.activate(planned)
		await waitFor('the planning to begin', () => plans.length === 1)
		const sleeper = await startSleeper()
		await runs.find((run) => run.context.taskId === neighbour)?.context.ownProcessGroup(sleeper)
		await endAttemptsOf(options, first.child, [{ task: guilty, step: 0, attempt: 1, why: 'timed_out' }])
		expect(await isGroupAlive(sleeper)).toBe(false)
		expect((await second.load(guilty)).task).toMatchObject({
			state: 'paused',
			reason: 'timed_out',
			steps: [{ state: 'error', tries: 1 }, {}],
		})
		// Its death was not its own doing: it runs again, although nobody may repeat it for being lost.
		expect((await second.load(neighbour)).task).toMatchObject({ state: 'running', steps: [{ state: 'pending', attempt: 1, tries: 0 }] })
		expect((await second.load(planned)).task).toMatchObject({ state: 'pending', planTries: 0 })
		expect((await attemptsOf(neighbour)).map(({ outcome }) => outcome)).toEqual([3])
		// Nothing is left that could be taken for lost.
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect((await attemptsOf(neighbour)).map(({ outcome }) => outcome)).toEqual([3])
		for (const run of runs) run.gate.resolve()
		plans[0]?.gate.resolve()
		await Promise.all([...late, planning])
	})

	it('for a cancel that it did not hear ends the step as the cancel says', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		await first.commands.cancelTask({ id, who: first.owner, why: null })
		await endAttemptsOf(options, first.child, [{ task: id, step: 0, attempt: 1, why: 'cancelled' }])
		const { task } = await second.load(id)
		expect([task.state, task.result, task.cancel, task.steps.map((one) => one.state)]).toEqual([
			'stopped',
			'cancelled',
			'killed',
			['cancelled', 'cancelled'],
		])
		runs[0]?.gate.resolve()
		await late
	})

	it('says nothing of an attempt that has ended meanwhile', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		runs[0]?.gate.resolve()
		await late
		const { revision } = (await second.load(id)).task
		await endAttemptsOf(options, first.child, [{ task: id, step: 0, attempt: 1, why: 'timed_out' }])
		expect((await second.load(id)).task).toMatchObject({ state: 'stopped', result: 'success', revision })
	})
})

describe('process groups', () => {
	it('of a later attempt are not those of a lost one', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		const lost = await startSleeper()
		await runs[0]?.context.ownProcessGroup(lost)
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect(await isGroupAlive(lost)).toBe(false)
		const again = second.executor.activate(id)
		await begun(2)
		const living = await startSleeper()
		await runs[1]?.context.ownProcessGroup(living)
		expect(await findProcessGroups(database.pool, id, 0, 1)).toEqual([])
		expect(await findProcessGroups(database.pool, id, 0, 2)).toEqual([
			{ task: id, step: 0, attempt: 2, bootId, pid: living, start_time: await processStartTime(living) },
		])
		// A second one that recovers the first attempt, late, leaves the second alone.
		await recoverOrphans(options)
		expect(await isGroupAlive(living)).toBe(true)
		// And one that was fenced off may start nothing any more.
		await expect(runs[0]?.context.ownProcessGroup(living)).rejects.toThrow(/no longer the current one/)
		for (const run of runs) run.gate.resolve()
		await Promise.all([late, again])
	})

	it('of children that have ended are ended by the worker that starts, those of the living are not', async () => {
		const flows: Promise<void>[] = []
		for (const engine of [first, second]) {
			flows.push(engine.executor.activate(await engine.start('Recovery::Repeatable')))
			await begun(flows.length)
		}
		const groups = [await startSleeper(), await startSleeper()]
		for (const [index, group] of groups.entries()) await runs[index]?.context.ownProcessGroup(group)
		await endChild(database.pool, first.child)
		expect(await endAbandonedGroups(database.pool, 'another system', () => undefined)).toBe(0)
		expect(await endAbandonedGroups(database.pool, bootId, () => undefined)).toBe(1)
		expect(await Promise.all(groups.map(isGroupAlive))).toEqual([false, true])
		for (const run of runs) run.gate.resolve()
		await Promise.all(flows)
	})

	it('whose number was given out again are left alone', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		const stranger = await startSleeper()
		await runs[0]?.context.ownProcessGroup(stranger)
		await database.pool.query('update process_group set start_time = start_time - 1 where task_id = $1', [id])
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect(await isGroupAlive(stranger)).toBe(true)
		expect((await second.load(id)).task.steps[0]?.state).toBe('pending')
		runs[0]?.gate.resolve()
		await late
	})

	it('of another node are waited for while a worker lives there, and not for ever', async () => {
		const id = await first.start('Recovery::Repeatable')
		const late = first.executor.activate(id)
		await begun(1)
		await runs[0]?.context.ownProcessGroup(await startSleeper())
		await database.pool.query(`update process_group set boot_id = 'elsewhere'`)
		await database.pool.query(`update worker set boot_id = 'elsewhere' where id = (select worker_id from child where id = $1)`, [
			first.child,
		])
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect((await second.load(id)).task.steps[0]?.state).toBe('running')
		await database.pool.query(`update worker set ended_at = clock_timestamp() where boot_id = 'elsewhere'`)
		await recoverChildren(options)
		expect((await second.load(id)).task.steps[0]?.state).toBe('pending')
		// The worker that comes back there still finds what to end.
		expect(await findProcessGroups(database.pool, id, 0, 1)).toHaveLength(1)
		runs[0]?.gate.resolve()
		await late
	})
})

describe('a child that drains', () => {
	it('hands a step back that another runs again, at no cost of a try', async () => {
		const id = await first.start('Recovery::Repeatable')
		const flow = first.executor.activate(id)
		await begun(1)
		first.executor.drain()
		first.executor.handBack()
		await flow
		expect((await second.load(id)).task.steps[0]).toMatchObject({ state: 'pending', attempt: 1, tries: 0 })
		const again = second.executor.activate(id)
		await begun(2)
		runs[1]?.gate.resolve()
		await again
		expect((await second.reached(id, 'stopped')).result).toBe('success')
		expect(await attemptsOf(id)).toMatchObject([{ outcome: 3 }, { outcome: 0 }])
	})

	it('pauses a task whose step may not run twice', async () => {
		const id = await first.start('Recovery::Once')
		const flow = first.executor.activate(id)
		await begun(1)
		first.executor.handBack()
		await flow
		const task = await second.reached(id, 'paused')
		expect([task.reason, task.steps[0]?.error?.code]).toEqual(['lost', 'worker_stopped'])
	})

	it('ends a step that ends by itself, and leaves the next one to others', async () => {
		const id = await first.start('Recovery::Repeatable')
		const flow = first.executor.activate(id)
		await begun(1)
		first.executor.drain()
		runs[0]?.gate.resolve()
		await flow
		expect((await second.load(id)).task.steps.map((one) => one.state)).toEqual(['success', 'pending'])
		await second.executor.activate(id)
		expect((await second.reached(id, 'stopped')).result).toBe('success')
	})

	it('takes nothing new: the job is there for another', async () => {
		const id = await first.start('Recovery::Once')
		// As if the job had been taken out of the queue just before.
		await database.pool.query('delete from graphile_worker._private_jobs where key = $1', [id])
		first.executor.drain()
		await first.executor.activate(id)
		expect((await second.load(id)).task.state).toBe('pending')
		expect((await database.pool.query('select from graphile_worker._private_jobs where key = $1', [id])).rowCount).toBe(1)
		expect(runs).toEqual([])
	})

	it('hands back what it is given in its last moment, unbegun', async () => {
		const id = await first.start('Recovery::SlowPlan')
		const flow = first.executor.activate(id)
		await waitFor('the plan to be under way', () => plans.length === 1)
		first.executor.drain()
		plans[0]?.gate.resolve()
		await flow
		expect((await second.load(id)).task.steps[0]).toMatchObject({ state: 'pending', attempt: 1, tries: 0 })
		await second.executor.activate(id)
		expect((await second.reached(id, 'stopped')).result).toBe('success')
	})

	it('whose lease is over reports no abort as a failure', async () => {
		const id = await first.start('Recovery::Once')
		const flow = first.executor.activate(id)
		await begun(1)
		first.executor.abortAll()
		await flow
		expect((await second.load(id)).task.steps[0]).toMatchObject({ state: 'running', attempt: 1, error: null })
		await endChild(database.pool, first.child)
		await recoverChildren(options)
		expect((await second.reached(id, 'paused')).reason).toBe('lost')
	})
})
