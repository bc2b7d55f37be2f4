import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Backup, countSuccesses, faultsOf, makeSources, type Sources, startBackups, stepsOfBackup } from '../testing/backups.ts'
import { type Chance, createChance } from '../testing/random.ts'
import { isRunning, kill, openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
/** Of each kind. */
const runs = nightly ? 50 : 5
const seed = Number(process.env.TASKYARD_SEED ?? 4180)

let yard: Yard
let sources: Sources
/** The one whose processes are killed, and the one that lives. */
let victim: WorkerProcess
let witness: WorkerProcess

beforeAll(async () => {
	sources = await makeSources(10, nightly ? 6 : 3)
	yard = await openYard({ heartbeat: 1_000 })
	victim = yard.startWorker()
	witness = yard.startWorker()
	await Promise.all([victim.ready(), witness.ready()])
}, 120_000)
afterAll(async () => {
	await yard?.close()
	await sources?.remove()
}, 60_000)

/** Waits for a moment in the middle of the work: after some number of steps, and a little later. */
async function randomMoment(backups: readonly Backup[], chance: Chance): Promise<string> {
	const successes = chance.number(backups.length * stepsOfBackup - 5)
	const later = chance.number(300)
	await waitFor(`${successes} steps to succeed`, async () => (await countSuccesses(yard, backups)) >= successes, { timeout: 60_000 })
	await delay(later)
	return `${successes} steps and ${later} ms`
}

interface Kind {
	readonly name: string
	readonly salt: number
	/** Kills, and brings back what does not come back by itself. Answers how, for the message. */
	strike(chance: Chance, run: number): Promise<string>
}

const kinds: Kind[] = [
	{
		name: 'a child',
		salt: 1,
		async strike(chance) {
			const child = chance.pick(victim.children())
			kill(child, 'SIGKILL')
			return `child ${child}`
		},
	},
	{
		name: 'a supervisor with its children',
		salt: 2,
		async strike(_, run) {
			await victim.killTree()
			// Every second time the other worker has to find out by itself that nobody is there.
			if (run % 2 === 1) await waitFor('the witness to declare the children dead', noneOf(victim), { timeout: 60_000 })
			victim = yard.startWorker()
			return run % 2 === 1 ? 'the tree, found by the other worker' : 'the tree, started again at once'
		},
	},
]

const noneOf = (worker: WorkerProcess) => async (): Promise<boolean> => {
	const { rowCount } = await yard.pool.query(
		`select from child c join worker w on w.id = c.worker_id where w.pid = $1 and (c.ended_at is null or c.recovered_at is null)`,
		[worker.pid],
	)
	return rowCount === 0
}

describe.each(kinds)('kill -9 of $name in the middle of ten backups', ({ salt, strike }) => {
	const cases = Array.from({ length: runs }, (_, run) => ({ run, seed: seed + salt * 1_000 + run }))
	it.each(cases)(
		'loses and repeats nothing (run $run, seed $seed)',
		async ({ run, seed: own }) => {
			const chance = createChance(own)
			const backups = await startBackups(yard, sources)
			const moment = await randomMoment(backups, chance)
			const how = await strike(chance, run)
			const story = `seed ${own}: killed ${how} after ${moment}`
			const faults = await faultsOf(yard, sources, backups).catch((error: Error) => [error.message])
			if (faults.length > 0) console.error(`${story}\n--- victim\n${victim.output()}\n--- witness\n${witness.output()}`)
			expect(faults, story).toEqual([])
			await victim.ready()
		},
		120_000,
	)
})

describe('a worker that sleeps past its lease in the middle of ten backups, and wakes', () => {
	const seeds = Array.from({ length: nightly ? 20 : 1 }, (_, run) => seed + 3_000 + run)
	it.each(seeds)(
		'repeats nothing that another has done since (seed %i)',
		async (own) => {
			const chance = createChance(own)
			const backups = await startBackups(yard, sources)
			const moment = await randomMoment(backups, chance)
			const children = victim.children()
			const asleep = [victim.pid, ...children]
			for (const pid of asleep) kill(pid, 'SIGSTOP')
			const before = await faultsOf(yard, sources, backups)
			// It may have had nothing to do any more, and the others be done before its lease is over.
			await waitFor('the witness to declare the children dead', noneOf(victim), { timeout: 60_000 })
			// The children first: for a moment nobody keeps them from going on.
			for (const pid of asleep.toReversed()) kill(pid, 'SIGCONT')
			await waitFor('those that slept to be gone', () => !children.some(isRunning), { timeout: 60_000 })
			const after = await faultsOf(yard, sources, backups)
			expect([...before, ...after], `seed ${own}: slept after ${moment}`).toEqual([])
			await victim.ready()
		},
		120_000,
	)
})
