import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Effects, openEffects } from '../testing/effects.ts'
import { faultsOfEnded } from '../testing/invariants.ts'
import { faultsOfLedger, ledgerTable } from '../testing/ledger.ts'
import { faultsOfLoad, type Load, openLoad } from '../testing/load.ts'
import { cutConnections, freezeServer, killServer, lostAttempts } from '../testing/outages.ts'
import { createChance } from '../testing/random.ts'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const seed = Number(process.env.TASKYARD_SEED ?? 4180)

let yard: Yard
let effects: Effects
let workers: WorkerProcess[]

async function open(heartbeat: number, count: number): Promise<void> {
	const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
	yard = await openYard({ heartbeat, environment: { ...effects.environment, WORKER_TASKS: shapes } })
	await yard.pool.query(ledgerTable)
	workers = Array.from({ length: count }, () => yard.startWorker())
	await Promise.all(workers.map((worker) => worker.ready()))
}

beforeEach(() => {
	effects = openEffects()
})
afterEach(async () => {
	await yard?.close()
	effects.remove()
}, 60_000)

/** Short tasks that take turns with some whose steps have a transaction, and with commands which write and take a second. */
const underLoad = (): Load =>
	openLoad(yard, [
		...['Whole', 'Whole', 'Ledger', 'Whole', 'Whole', 'Ledger'].map((shape) => ({
			label: `Shape::${shape}`,
			input: (number: number) => ({ resource: String(number) }),
		})),
		{ label: 'Command::Run', input: () => ({ command: 'for i in 1 2 3 4 5; do echo $i; sleep 0.2; done', idempotent: true }) },
	])

/** Ends the load, and answers everything that is wrong with what it asked for. */
async function settle(load: Load): Promise<string[]> {
	const { ids, faults } = await faultsOfLoad(yard, load, await load.stop())
	faults.push(...(await faultsOfEnded(yard.pool, ids)), ...(await effects.faults(yard, ids)), ...(await faultsOfLedger(yard.pool, ids)))
	return faults
}

const children = (): number[] => workers.flatMap((worker) => worker.children())

/** Those of them that have ended since. A worker starts and ends others as steps need a child of their own. */
const goneOf = (before: readonly number[]): number[] => {
	const now = children()
	return before.filter((pid) => !now.includes(pid))
}

function show(faults: readonly string[]): void {
	if (faults.length > 0) console.error(workers.map((worker) => worker.output().slice(-20_000)).join('\n---\n'))
}

describe('PostgreSQL', () => {
	it.each(Array.from({ length: nightly ? 10 : 1 }, (_, run) => seed + run))(
		'killed three times under load: nothing acknowledged is lost, nobody is robbed (seed %i)',
		async (own) => {
			await open(5_000, 2)
			const chance = createChance(own)
			const before = children()
			const load = underLoad()
			for (let strikes = 0; strikes < 3; strikes++) {
				await load.more(5 + chance.number(20))
				await delay(chance.number(300))
				await killServer(yard)
			}
			await load.more(5)
			const faults = [...(await settle(load)), ...(await lostAttempts(yard.pool))]
			show(faults)
			expect(faults, `seed ${own}`).toEqual([])
			expect(goneOf(before), 'children that have ended').toEqual([])
		},
		180_000,
	)

	it.each(Array.from({ length: nightly ? 5 : 1 }, (_, run) => seed + 100 + run))(
		'cuts connections at random: nothing acknowledged is lost, nobody is robbed (seed %i)',
		async (own) => {
			await open(5_000, 2)
			const before = children()
			const load = underLoad()
			const cutting = cutConnections(yard.pool, createChance(own))
			await load.more(nightly ? 300 : 60)
			const cut = await cutting.stop()
			await load.more(5)
			const faults = [...(await settle(load)), ...(await lostAttempts(yard.pool))]
			show(faults)
			expect(faults, `seed ${own}`).toEqual([])
			expect(goneOf(before), 'children that have ended').toEqual([])
			expect(cut, 'connections that were cut').toBeGreaterThan(20)
		},
		180_000,
	)

	const outage = nightly ? 20_000 : 3_000
	it(`answers nobody for ${outage / 1_000} s, and leases outlast it: three workers go on, nobody is robbed`, async () => {
		// A lease is two heartbeats, was renewed up to one ago, and is given up a second early.
		await open(outage + 2_000, 3)
		const before = children()
		const load = underLoad()
		await load.more(20)
		await freezeServer(yard, outage)
		await load.more(20)
		const faults = [...(await settle(load)), ...(await lostAttempts(yard.pool))]
		show(faults)
		expect(faults).toEqual([])
		expect(goneOf(before), 'children that have ended').toEqual([])
	}, 180_000)

	it(`answers nobody for ${outage / 1_000} s, and leases do not: children give up, others take their place, nothing acknowledged is lost`, async () => {
		await open(outage / 4, 3)
		const before = children()
		const load = underLoad()
		await load.more(20)
		await freezeServer(yard, outage)
		await load.more(20)
		const faults = await settle(load)
		// Who was declared lost had ended before, or was ended by its own supervisor: nobody took from the living.
		const living = new Set(
			children()
				.flat()
				.filter((pid) => before.includes(pid)),
		)
		const { rows } = await yard.pool.query<{ pid: number }>(
			'select c.pid from attempt a join child c on c.id = a.child_id where a.outcome = 2',
		)
		faults.push(...rows.filter(({ pid }) => living.has(pid)).map(({ pid }) => `process ${pid} lives, and its attempt was taken`))
		show(faults)
		expect(faults).toEqual([])
	}, 180_000)
})
