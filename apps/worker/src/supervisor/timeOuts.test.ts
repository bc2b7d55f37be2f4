import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isGroupAlive } from '@taskyard/sdk/processGroup'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isRunning, openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'
import { begun, released } from './testing/stubbornTasks.ts'

let yard: Yard
let worker: WorkerProcess
let folder: string

beforeAll(async () => {
	yard = await openYard({
		heartbeat: 1_000,
		children: 1,
		environment: {
			WORKER_TASKS: fileURLToPath(new URL('./testing/stubbornTasks.ts', import.meta.url)),
			WORKER_OWN_CHILDREN: '2',
		},
	})
	worker = yard.startWorker()
	await worker.ready()
}, 120_000)
afterAll(() => yard?.close(), 60_000)
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'taskyard-stubborn-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const runs = (id: string, attempt = 1) =>
	waitFor(
		`attempt ${attempt} of ${id} to begin`,
		() => (existsSync(begun(folder, id, attempt)) ? readFileSync(begun(folder, id, attempt), 'utf8') : null),
		{
			timeout: 60_000,
		},
	)

async function startNeighbours(count: number): Promise<string[]> {
	const ids = await Promise.all(Array.from({ length: count }, () => yard.start('Stubborn::Neighbour', { folder })))
	await Promise.all(ids.map((id) => runs(id)))
	return ids
}

/** Outcomes of the attempts that were kept, in order. */
const outcomes = async (id: string): Promise<number[]> =>
	(await yard.pool.query<{ outcome: number }>('select outcome from attempt where task_id = $1 order by number', [id])).rows.map(
		({ outcome }) => outcome,
	)

const timedOut = 5
const failed = 1
const handedBack = 3
const success = 0

describe('twenty tasks share a child with a step that', () => {
	it('ignores its signal: it alone times out, the others end well in the same child, a fresh one takes the work', async () => {
		const neighbours = await startNeighbours(19)
		const deaf = await yard.start('Stubborn::Deaf', { folder })
		const pid = Number(await runs(deaf))
		const task = await yard.reached(deaf, 'paused')
		expect([task.reason, task.steps[0]?.tries, await outcomes(deaf)]).toEqual(['timed_out', 1, [timedOut]])
		writeFileSync(released(folder), '')
		// The child leaves; what is new begins elsewhere.
		const later = await yard.start('Stubborn::Neighbour', { folder })
		expect(Number(await runs(later))).not.toBe(pid)
		for (const id of [...neighbours, later]) {
			const { result, steps } = await yard.reached(id, 'stopped')
			expect([result, steps[0]?.attempt, steps[0]?.tries]).toEqual(['success', 1, 0])
		}
		await waitFor('the old child to be gone', () => !isRunning(pid), { timeout: 30_000 })
	}, 120_000)

	it('ignores its signal, while they take longer than it is waited for: they are handed back and lose no try', async () => {
		const neighbours = await startNeighbours(19)
		const deaf = await yard.start('Stubborn::Deaf', { folder })
		const pid = Number(await runs(deaf))
		expect((await yard.reached(deaf, 'paused')).reason).toBe('timed_out')
		await waitFor('the child to be killed', () => !isRunning(pid), { timeout: 30_000 })
		for (const id of neighbours) {
			const { result, steps } = await yard.reached(id, 'stopped')
			expect([result, steps[0]?.attempt, steps[0]?.tries, await outcomes(id)]).toEqual(['success', 2, 0, [handedBack, success]])
		}
		expect(await outcomes(deaf)).toEqual([timedOut])
	}, 120_000)

	it('blocks the event loop: it alone times out, the others are handed back and lose no try', async () => {
		const neighbours = await startNeighbours(19)
		const blocking = await yard.start('Stubborn::Blocking', { folder })
		const pid = Number(await runs(blocking))
		const task = await yard.reached(blocking, 'paused')
		expect([task.reason, task.steps[0]?.tries, await outcomes(blocking)]).toEqual(['timed_out', 1, [timedOut]])
		for (const id of neighbours) {
			const { result, steps } = await yard.reached(id, 'stopped')
			expect([result, steps[0]?.attempt, steps[0]?.tries, await outcomes(id)]).toEqual(['success', 2, 0, [handedBack, success]])
		}
		expect(isRunning(pid)).toBe(false)
		expect(isRunning(worker.pid)).toBe(true)
	}, 120_000)
})

describe('an error that a step throws where nobody awaits it', () => {
	it.each(['Stubborn::Stray', 'Stubborn::OwnStray'])(
		'is a failed try of that step, and of no other: %s',
		async (label) => {
			const neighbours = await startNeighbours(3)
			const stray = await yard.start(label, { folder })
			const task = await yard.reached(stray, 'paused')
			expect([task.reason, task.steps[0]?.tries, task.steps[0]?.error?.message]).toEqual(['failed', 2, 'nobody awaits me'])
			expect(await outcomes(stray)).toEqual([failed, failed])
			writeFileSync(released(folder), '')
			for (const id of neighbours) {
				const { result, steps } = await yard.reached(id, 'stopped')
				expect([result, steps[0]?.attempt]).toEqual(['success', 1])
			}
		},
		120_000,
	)
})

describe('a step in a child of its own', () => {
	it('that ignores its signal is killed with its processes; nobody else notices', async () => {
		const neighbours = await startNeighbours(2)
		const [shared] = await Promise.all(neighbours.map((id) => runs(id)))
		const deaf = await yard.start('Stubborn::OwnDeaf', { folder })
		const [pid, group] = (await runs(deaf)).split(' ').map(Number) as [number, number]
		expect(pid).not.toBe(Number(shared))
		const task = await yard.reached(deaf, 'paused')
		expect([task.reason, task.steps[0]?.tries, await outcomes(deaf)]).toEqual(['timed_out', 1, [timedOut]])
		expect([isRunning(pid), await isGroupAlive(group), isRunning(worker.pid)]).toEqual([false, false, true])
		expect((await yard.pool.query('select from process_group')).rowCount).toBe(0)
		writeFileSync(released(folder), '')
		for (const id of neighbours) {
			const { result, steps } = await yard.reached(id, 'stopped')
			expect([result, steps[0]?.attempt, JSON.parse(steps[0]?.output ?? 'null').pid]).toEqual(['success', 1, Number(shared)])
		}
	}, 120_000)

	it('has it for itself; as many as allowed run at a time, and the next begins when one is free', async () => {
		const ids = await Promise.all([1, 2, 3].map(() => yard.start('Stubborn::OwnHeld', { folder })))
		const running = (): string[] => ids.filter((id) => existsSync(begun(folder, id, 1)))
		await waitFor('two of them to run', () => running().length === 2, { timeout: 30_000 })
		const waits = ids.find((id) => !running().includes(id)) as string
		await waitFor('the third to say that it waits for room', async () => (await yard.task(waits)).waitingFor?.kind === 'capacity')
		const pids = running().map((id) => Number(readFileSync(begun(folder, id, 1), 'utf8')))
		expect(new Set(pids).size).toBe(2)
		writeFileSync(released(folder), '')
		for (const id of ids) expect((await yard.reached(id, 'stopped')).result).toBe('success')
		// It was kept warm: nobody was started for the third.
		expect(pids).toContain(Number(await runs(waits)))
	}, 120_000)
})

describe('kill -9 of a child', () => {
	it.each([
		['finalize', false, 'success', ['finalized']],
		['revert', true, 'error', ['reverted', 'error']],
	])(
		'in the middle of a %s: it is done again elsewhere',
		async (_, revert, result, states) => {
			const id = await yard.start('Stubborn::Mortal', { revert })
			const task = await yard.reached(id, 'stopped')
			expect([task.result, task.steps.map((step) => step.state), task.steps[0]?.attempt]).toEqual([result, states, 3])
			const { rows } = await yard.pool.query('select number, kind, outcome from attempt where task_id = $1 and step = 0 order by number', [
				id,
			])
			const kind = revert ? 5 : 4
			expect(rows).toEqual([
				{ number: 2, kind, outcome: 2 },
				{ number: 3, kind, outcome: success },
			])
		},
		120_000,
	)
})
