import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { registerTaskTypes } from '@taskyard/engine/taskTypes/registry'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'
import { begun, released, tasks } from './testing/stubbornTasks.ts'

const modules = { WORKER_TASKS: fileURLToPath(new URL('./testing/stubbornTasks.ts', import.meta.url)) }
let yard: Yard
let worker: WorkerProcess
let folder: string

beforeAll(async () => {
	yard = await openYard({ heartbeat: 1_000, children: 1, environment: { WORKER_CONCURRENCY: '2' } })
	// Known, as if a worker had offered them that is gone.
	await registerTaskTypes(
		yard.pool,
		0,
		tasks.map(({ data }) => data),
	)
	worker = yard.startWorker()
	await worker.ready()
}, 120_000)
afterAll(() => yard?.close(), 60_000)
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'taskyard-handover-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hasBegun = (id: string): boolean => existsSync(begun(folder, id, 1))
const pidOf = (id: string): number => Number(readFileSync(begun(folder, id, 1), 'utf8'))

it('a task whose type no worker has waits for one, and begins with the one that comes', async () => {
	writeFileSync(released(folder), '')
	const id = await yard.start('Stubborn::Neighbour', { folder })
	await waitFor('it to say so', async () => (await yard.task(id)).waitingFor)
	expect((await yard.task(id)).waitingFor).toEqual({ kind: 'worker', keys: { label: 'Stubborn::Neighbour', queue: 'default' } })
	expect(await worker.stop()).toBe(0)
	worker = yard.startWorker(modules)
	expect((await yard.reached(id, 'stopped')).result).toBe('success')
}, 120_000)

it('a step runs other tasks, a light one in its own process', async () => {
	const id = await yard.start('Stubborn::Asking', { folder })
	const { steps } = await yard.reached(id, 'stopped')
	const { answered } = JSON.parse(steps[0]?.output ?? 'null') as { answered: { pid: number } }
	expect(worker.children()).toContain(answered.pid)
	const { rows } = await yard.pool.query('select parent_id, parent_step from task where label = $1', ['Stubborn::Light'])
	expect(rows).toEqual([{ parent_id: id, parent_step: 0 }])
}, 120_000)

it('what a child has not begun when it leaves is not held by it, and begins in the next one', async () => {
	const neighbour = await yard.start('Stubborn::Neighbour', { folder })
	await waitFor('the neighbour to run', () => hasBegun(neighbour), { timeout: 30_000 })
	const deaf = await yard.start('Stubborn::Deaf', { folder })
	await waitFor('the deaf one to run', () => hasBegun(deaf), { timeout: 30_000 })
	const old = pidOf(neighbour)
	// There is no room for these beside them.
	const queued = await Promise.all([1, 2].map(() => yard.start('Stubborn::Neighbour', { folder })))
	expect((await yard.reached(deaf, 'paused')).reason).toBe('timed_out')
	const state = await waitFor('the queued ones to be free', async () => {
		const { rows } = await yard.pool.query<{ held: number; living: boolean }>(
			`select c.ended_at is null as living,
				(select count(*)::int from graphile_worker._private_jobs j where j.locked_by = c.pool_id and j.key = any($2::text[])) as held
			from child c where c.pid = $1`,
			[old, queued],
		)
		return rows[0]?.held === 0 ? rows[0] : null
	})
	expect(state.living).toBe(true)
	await waitFor('them to begin', () => queued.every(hasBegun), { timeout: 60_000 })
	expect(queued.map((id) => pidOf(id) === old)).toEqual([false, false])
	writeFileSync(released(folder), '')
	for (const id of queued) {
		const { result, steps } = await yard.reached(id, 'stopped')
		expect([result, steps[0]?.attempt]).toEqual(['success', 1])
	}
	// In time or handed back, as the speed of this machine has it: it loses no try.
	const { result, steps } = await yard.reached(neighbour, 'stopped')
	expect([result, steps[0]?.tries]).toEqual(['success', 0])
}, 120_000)
