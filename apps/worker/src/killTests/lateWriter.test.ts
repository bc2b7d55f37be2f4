import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Effects, openEffects } from '../testing/effects.ts'
import { faultsOfEnded } from '../testing/invariants.ts'
import { isRunning, kill, openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

let yard: Yard
let effects: Effects
let workers: WorkerProcess[]

beforeAll(async () => {
	effects = openEffects()
	const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
	yard = await openYard({ heartbeat: 1_000, children: 1, environment: { ...effects.environment, WORKER_TASKS: shapes } })
	workers = [yard.startWorker(), yard.startWorker()]
	await Promise.all(workers.map((worker) => worker.ready()))
}, 120_000)
afterAll(async () => {
	await yard?.close()
	effects?.remove()
}, 60_000)

it('a slow child whose lease was taken over wakes up and finishes: its outcome is refused, its log says so, the task has one', async () => {
	const file = join(effects.folder, 'go on')
	const id = await yard.start('Shape::Slow', { resource: 'one', file })
	const pid = await waitFor('the slow attempt to run', async () => {
		const { rows } = await yard.pool.query<{ pid: number }>(
			'select c.pid from step s join child c on c.id = s.child_id where s.task_id = $1 and s.state = 1 and s.attempt = 1 and c.pid <> 0',
			[id],
		)
		return rows[0]?.pid
	})
	const worker = workers.find((one) => one.children().includes(pid)) as WorkerProcess
	// Its supervisor as well: awake, it would end the child before it can do anything.
	for (const one of [worker.pid, pid]) kill(one, 'SIGSTOP')
	const ended = await yard.reached(id, 'stopped')
	expect([ended.result, ended.steps[0]?.attempt, ended.steps[0]?.output]).toEqual(['success', 2, '{"attempt":2}'])
	writeFileSync(file, '')
	kill(pid, 'SIGCONT')
	await waitFor('the child that was slow to be gone', () => !isRunning(pid), { timeout: 30_000 })
	expect(await yard.task(id)).toEqual(ended)
	expect(await faultsOfEnded(yard.pool, [id])).toEqual([])
	await waitFor('its log to say that it was too late', () =>
		worker
			.output()
			.split('\n')
			.find((line) => line.includes(id) && /Attempt 1 of step 0 .*no longer/.test(line)),
	)
	kill(worker.pid, 'SIGCONT')
	await worker.ready()
	expect(await effects.faults(yard, [id])).toEqual([])
}, 120_000)
