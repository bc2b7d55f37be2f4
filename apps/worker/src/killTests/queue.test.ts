import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Effects, openEffects } from '../testing/effects.ts'
import { faultsOfEnded } from '../testing/invariants.ts'
import { faultsOfLoad, openLoad } from '../testing/load.ts'
import { type Chance, createChance } from '../testing/random.ts'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const seed = Number(process.env.TASKYARD_SEED ?? 4180)
const starts = nightly ? 400 : 60

let yard: Yard
let effects: Effects
let workers: WorkerProcess[]

beforeAll(async () => {
	effects = openEffects()
	const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
	yard = await openYard({ heartbeat: 1_000, environment: { ...effects.environment, WORKER_TASKS: shapes } })
	workers = [yard.startWorker(), yard.startWorker()]
	await Promise.all(workers.map((worker) => worker.ready()))
}, 120_000)
afterAll(async () => {
	await yard?.close()
	effects?.remove()
}, 60_000)

/** A fourth of the jobs that are there, by the hash of their numbers. */
const some = `(hashtext(id::text || $1) & 3) = 0`

const mischief: readonly { readonly what: string; readonly statement: string }[] = [
	{ what: 'deleted', statement: `delete from graphile_worker._private_jobs where ${some}` },
	// Also those that somebody is at: then it is carried on with twice at once.
	{
		what: 'doubled',
		statement: `select graphile_worker.add_job(t.identifier, j.payload, job_key => split_part(j.key, '/', 1) || '/' || (900 + (hashtext(j.id::text || $1) & 63)))
			from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where (hashtext(j.id::text || $1) & 3) = 0`,
	},
	{
		what: 'delayed',
		statement: `update graphile_worker._private_jobs set run_at = clock_timestamp() + (hashtext($1) & 1023) * interval '2 milliseconds' where locked_at is null and ${some}`,
	},
]

async function makeMischief(chance: Chance, done: Record<string, number>): Promise<void> {
	const { what, statement } = chance.pick(mischief)
	const { rowCount } = await yard.pool.query(statement, [String(chance.number(1_000_000))])
	done[what] = (done[what] ?? 0) + (rowCount ?? 0)
	await delay(chance.number(20))
}

it.each(Array.from({ length: nightly ? 5 : 1 }, (_, run) => seed + run))(
	'jobs are deleted, doubled and delayed at random: every task ends, and nothing is done twice (seed %i)',
	async (own) => {
		const chance = createChance(own)
		const load = openLoad(yard, [{ label: 'Shape::Whole', input: (number) => ({ resource: `${own} ${number}` }) }], {
			callers: 4,
			pause: 5,
		})
		const done: Record<string, number> = {}
		// Few jobs wait for long: until some of each kind of mischief has met one.
		const met = (): number => mischief.filter(({ what }) => (done[what] ?? 0) > 0).length
		while (load.acknowledged.length < starts || met() < mischief.length) await makeMischief(chance, done)
		const asked = await load.stop()
		const { ids, faults } = await faultsOfLoad(yard, load, asked)
		faults.push(...load.failures, ...(await faultsOfEnded(yard.pool, ids)), ...(await effects.faults(yard, ids)))
		if (faults.length > 0) console.error(workers.map((worker) => worker.output().slice(-20_000)).join('\n---\n'))
		expect(faults, `seed ${own}: ${JSON.stringify(done)}`).toEqual([])
		const { rows } = await yard.pool.query<{ lost: number }>('select count(*)::int as lost from attempt where outcome = 2')
		expect(rows[0]?.lost, 'attempts that were declared lost while everybody lived').toBe(0)
	},
	180_000,
)
