import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type SmallDiskServer, serverOnSmallDisk } from '@taskyard/testkit/smallDisk'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Effects, openEffects } from '../testing/effects.ts'
import { faultsOfEnded } from '../testing/invariants.ts'
import { faultsOfLoad, openLoad } from '../testing/load.ts'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

let server: SmallDiskServer
let yard: Yard
let effects: Effects
let worker: WorkerProcess

beforeAll(async () => {
	effects = openEffects()
	const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
	server = await serverOnSmallDisk(256)
	yard = await openYard({ heartbeat: 1_000, server, environment: { ...effects.environment, WORKER_TASKS: shapes } })
	worker = yard.startWorker()
	await worker.ready()
}, 120_000)
afterAll(async () => {
	await yard?.close()
	effects?.remove()
}, 60_000)

it('the disk of the database is full: what is not stored is not acknowledged, and when there is room again all goes on', async () => {
	const load = openLoad(
		yard,
		[
			{ label: 'Shape::Whole', input: (number) => ({ resource: String(number) }) },
			{ label: 'Shape::Large', input: () => ({ characters: 100_000 }) },
		],
		{ callers: 4, pause: 5 },
	)
	await load.more(20)
	await server.fill()
	await waitFor('a start to fail', () => load.failures.length > 0, { timeout: 60_000 })
	// What fits into pages that are there may still be stored, and then it must be found again.
	await waitFor(
		'nothing to be acknowledged any more',
		async () => {
			const before = load.acknowledged.length
			await delay(2_000)
			return load.acknowledged.length === before
		},
		{ timeout: 60_000 },
	)
	await server.free()
	await load.more(20)
	const { ids, faults } = await faultsOfLoad(yard, load, await load.stop())
	faults.push(...(await faultsOfEnded(yard.pool, ids)), ...(await effects.faults(yard, ids)))
	if (faults.length > 0) console.error([...server.lines, worker.output().slice(-20_000)].join('\n'))
	console.log([...new Set(load.failures)].join('\n'))
	expect(faults).toEqual([])
}, 240_000)

const nightly = process.env.TASKYARD_NIGHTLY !== undefined

it.each(nightly ? ['longer than ten starts take'] : [])(
	'a server that went down for want of room comes back when there is some, %s',
	async () => {
		const load = openLoad(yard, [{ label: 'Shape::Large', input: () => ({ characters: 300_000 }) }], { callers: 4, pause: 5 })
		await load.more(5)
		await server.fill()
		await waitFor('the server to go down', () => server.lines.some((line) => line.includes('starting it again')), { timeout: 120_000 })
		// Longer than one is waited for that has another reason not to start.
		await waitFor('it to be waited for', () => server.lines.some((line) => line.includes('finds no room')), { timeout: 180_000 })
		await server.free()
		await load.more(5)
		const { ids, faults } = await faultsOfLoad(yard, load, await load.stop())
		faults.push(...(await faultsOfEnded(yard.pool, ids)), ...(await effects.faults(yard, ids)))
		if (faults.length > 0) console.error([...server.lines, worker.output().slice(-20_000)].join('\n'))
		expect(faults).toEqual([])
	},
	400_000,
)
