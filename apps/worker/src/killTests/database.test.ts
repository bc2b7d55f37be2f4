import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { countSuccesses, faultsOf, makeSources, type Sources, startBackups, stepsOfBackup } from '../testing/backups.ts'
import { createChance } from '../testing/random.ts'
import { kill, openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const seed = Number(process.env.TASKYARD_SEED ?? 4180)
const lines = 300

let yard: Yard
let sources: Sources
let workers: WorkerProcess[]

beforeAll(async () => {
	sources = await makeSources(10, 2)
	// The usual heartbeat: leases outlast a restart of the database.
	yard = await openYard({ heartbeat: 5_000 })
	workers = [yard.startWorker(), yard.startWorker()]
	await Promise.all(workers.map((worker) => worker.ready()))
}, 120_000)
afterAll(async () => {
	await yard?.close()
	await sources?.remove()
}, 60_000)

const runs = Array.from({ length: nightly ? 20 : 1 }, (_, run) => seed + run)

it.each(runs)(
	'kill -9 of PostgreSQL under load: everything completes, no line is lost or stored twice (seed %i)',
	async (own) => {
		const chance = createChance(own)
		const backups = await startBackups(yard, sources)
		// Slow writers, so that some chunk of a log is always under way.
		const command = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo $i; sleep 0.01; done`
		const writers = await Promise.all(Array.from({ length: 8 }, () => yard.start('Command::Run', { command, idempotent: true })))
		const successes = chance.number(backups.length * stepsOfBackup - 5)
		await waitFor(`${successes} steps to succeed`, async () => (await countSuccesses(yard, backups)) >= successes, { timeout: 60_000 })
		await delay(chance.number(300))
		const before = yard.server.pid
		kill(before, 'SIGKILL')
		await waitFor('PostgreSQL to be there again', () => yard.server.pid !== before, { timeout: 60_000 })
		const story = `seed ${own}: killed after ${successes} steps`
		const faults = await faultsOf(yard, sources, backups).catch((error: Error) => [error.message])
		for (const id of writers) {
			const task = await yard.reached(id, 'stopped')
			if (task.result !== 'success') faults.push(`${id} ended with ${task.result}`)
			const { rows } = await yard.pool.query<{ attempt: number; text: string }>(
				'select attempt, text from log_chunk where task_id = $1 order by first_line',
				[id],
			)
			const last = rows.filter((row) => row.attempt === task.steps[0]?.attempt).flatMap((row) => row.text.split('\n'))
			if (last.join() !== Array.from({ length: lines }, (_, index) => index + 1).join())
				faults.push(`the log of ${id} has the lines ${last.join()}`)
		}
		if (faults.length > 0) console.error(`${story}\n${workers.map((worker) => worker.output()).join('\n---\n')}`)
		expect(faults, story).toEqual([])
	},
	180_000,
)
