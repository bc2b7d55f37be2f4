import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { isGroupAlive } from '@taskyard/sdk/processGroup'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeMarkingCommand, type MarkingCommand } from '../testing/commands.ts'
import { createChance } from '../testing/random.ts'
import { isRunning, kill, openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const seed = Number(process.env.TASKYARD_SEED ?? 4180)

let yard: Yard
let workers: WorkerProcess[]
let command: MarkingCommand

beforeAll(async () => {
	yard = await openYard({ heartbeat: 1_000 })
	workers = [yard.startWorker(), yard.startWorker()]
	await Promise.all(workers.map((worker) => worker.ready()))
}, 120_000)
afterAll(() => yard?.close(), 60_000)
beforeEach(async () => {
	command = await makeMarkingCommand()
})
afterEach(async () => {
	for (const { pid } of (await command.marks()).starts) if (await isGroupAlive(pid)) kill(-pid, 'SIGKILL')
	await command.remove()
})

const started = (count: number) =>
	waitFor(`${count} commands to start`, async () => ((await command.marks()).starts.length >= count ? command.marks() : null), {
		timeout: 60_000,
	})

/** The child that runs step 0 of a task, and the worker it belongs to. */
async function runnerOf(id: string): Promise<{ readonly child: number; readonly worker: WorkerProcess }> {
	return waitFor('the step to run', async () => {
		const { rows } = await yard.pool.query<{ pid: number; supervisor: number }>(
			`select c.pid, w.pid as supervisor from step s join child c on c.id = s.child_id join worker w on w.id = c.worker_id
			where s.task_id = $1 and s.index = 0 and s.state = 1`,
			[id],
		)
		const worker = workers.find((one) => one.pid === rows[0]?.supervisor)
		return rows[0] && worker ? { child: rows[0].pid, worker } : null
	})
}

interface Kind {
	readonly name: string
	/** Answers the number of the process that the lost attempt names. */
	strike(id: string): Promise<number>
}

async function replace(worker: WorkerProcess): Promise<void> {
	workers = workers.filter((one) => one !== worker)
	workers.push(yard.startWorker())
}

const kinds: Kind[] = [
	{
		name: 'its child',
		async strike(id) {
			const { child } = await runnerOf(id)
			kill(child, 'SIGKILL')
			return child
		},
	},
	{
		name: 'its supervisor',
		async strike(id) {
			const { child, worker } = await runnerOf(id)
			kill(worker.pid, 'SIGKILL')
			await worker.ended
			await replace(worker)
			return child
		},
	},
	{
		name: 'both',
		async strike(id) {
			const { child, worker } = await runnerOf(id)
			await worker.killTree()
			await replace(worker)
			return child
		},
	},
]

describe.each(kinds)('kill -9 of $name while a command runs', ({ strike }) => {
	it('pauses the task when it may not be repeated, and its processes are gone', async () => {
		const id = await yard.start('Command::Run', { command: command.line(2) })
		const { starts } = await started(1)
		await waitFor(
			'its line to be in the log',
			async () => (await yard.pool.query('select from log_chunk where task_id = $1', [id])).rows.length > 0,
		)
		const lost = await strike(id)
		const task = await yard.reached(id, 'paused')
		expect([task.reason, task.steps[0]?.state, task.steps[0]?.attempt]).toEqual(['lost', 'error', 1])
		expect(task.steps[0]?.error?.message).toBe(
			`Worker process ${lost} on ${hostname()} ended while it ran this step. The last line it logged: begun by attempt 1`,
		)
		expect(task.steps[0]?.error?.details).toEqual({ node: hostname(), process: lost })
		expect(await isGroupAlive(starts[0]?.pid as number)).toBe(false)
		expect(await command.marks()).toEqual({ starts, ends: [], violations: [] })
		// A person looks, and resumes: now it runs again.
		await yard.commands.resumeTask({ id, who: yard.owner, why: 'looked at it' })
		expect((await yard.reached(id, 'stopped')).result).toBe('warning')
		const marks = await command.marks()
		expect([marks.starts.length, marks.ends.length, marks.violations]).toEqual([2, 1, []])
	}, 120_000)

	it('runs it again when it may be repeated, after the first one is gone', async () => {
		const id = await yard.start('Command::Run', { command: command.line(2), idempotent: true })
		await started(1)
		await strike(id)
		const task = await yard.reached(id, 'stopped')
		expect([task.result, task.steps[0]?.attempt]).toEqual(['success', 2])
		const marks = await command.marks()
		expect(marks.starts.map((start) => start.attempt)).toEqual([1, 2])
		expect(marks.violations).toEqual([])
		for (const { pid } of marks.starts) expect(await isGroupAlive(pid)).toBe(false)
	}, 120_000)

	const moments = Array.from({ length: nightly ? 50 : 3 }, (_, run) => seed + run)
	it.each(moments)(
		'at any moment: no two commands of one step run (seed %i)',
		async (own) => {
			const chance = createChance(own)
			const id = await yard.start('Command::Run', { command: command.line(3), idempotent: true })
			for (let strikes = 0; strikes < 2; strikes++) {
				await waitFor('an attempt', async () => (await yard.task(id)).steps[0]?.attempt === strikes + 1, { timeout: 60_000 })
				// Before the command starts, while it does, or after.
				await delay(chance.number(60))
				await strike(id)
			}
			const task = await yard.reached(id, 'stopped')
			expect([task.result, task.steps[0]?.attempt]).toEqual(['success', 3])
			const marks = await command.marks()
			expect(marks.violations).toEqual([])
			expect(marks.starts.at(-1)?.attempt).toBe(3)
			expect(new Set(marks.starts.map((start) => start.attempt)).size).toBe(marks.starts.length)
			for (const { pid } of marks.starts) expect(await isGroupAlive(pid)).toBe(false)
		},
		180_000,
	)
})

describe('a child that sleeps past its lease', () => {
	it('is killed by its supervisor, and its command ran once at a time', async () => {
		const id = await yard.start('Command::Run', { command: command.line(2), idempotent: true })
		await started(1)
		const { child } = await runnerOf(id)
		kill(child, 'SIGSTOP')
		expect((await yard.reached(id, 'stopped')).steps[0]?.attempt).toBe(2)
		await waitFor('the child to be gone', () => !isRunning(child), { timeout: 30_000 })
		expect((await command.marks()).violations).toEqual([])
	}, 120_000)

	it('together with its supervisor, and wakes before it, is fenced off', async () => {
		const id = await yard.start('Command::Run', { command: command.line(2), idempotent: true })
		await started(1)
		const { child, worker } = await runnerOf(id)
		const asleep = [worker.pid, ...worker.children()]
		for (const pid of asleep) kill(pid, 'SIGSTOP')
		const task = await yard.reached(id, 'stopped')
		expect([task.result, task.steps[0]?.attempt]).toEqual(['success', 2])
		for (const pid of asleep.toReversed()) kill(pid, 'SIGCONT')
		await waitFor('the child to be gone', () => !isRunning(child), { timeout: 30_000 })
		const after = await yard.task(id)
		expect(after.revision).toBe(task.revision)
		const marks = await command.marks()
		expect([marks.starts.map((start) => start.attempt), marks.ends.map((end) => end.attempt), marks.violations]).toEqual([[1, 2], [2], []])
		await worker.ready()
	}, 120_000)
})

describe('SIGTERM of a worker', () => {
	it('ends within the limit while a command runs; one that may not be repeated pauses its task, another goes on elsewhere', async () => {
		const once = await yard.start('Command::Run', { command: 'sleep 600' })
		const { worker } = await runnerOf(once)
		// Until one of the repeatable ones runs at the same worker.
		const others: string[] = []
		await waitFor('a second command at the same worker', async () => {
			const id = await yard.start('Command::Run', { command: 'sleep 600', idempotent: true })
			others.push(id)
			return (await runnerOf(id)).worker === worker
		})
		const moved = others.at(-1) as string
		expect(await worker.stop()).toBe(0)
		await replace(worker)
		expect((await yard.reached(once, 'paused')).steps[0]?.error).toMatchObject({ reason: 'lost', code: 'worker_stopped' })
		await waitFor('the second command to run elsewhere', async () => {
			const step = (await yard.task(moved)).steps[0]
			return step?.state === 'running' && step.attempt === 2
		})
		expect((await yard.pool.query(`select outcome from attempt where task_id = $1`, [moved])).rows).toEqual([{ outcome: 3 }])
		for (const id of [once, ...others]) {
			await yard.commands.cancelTask({ id, who: yard.owner, why: null })
			expect((await yard.reached(id, 'stopped')).result).toBe('cancelled')
		}
		expect((await yard.pool.query('select from process_group')).rowCount).toBe(0)
	}, 120_000)
})
