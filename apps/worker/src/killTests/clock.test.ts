import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Effects, openEffects } from '../testing/effects.ts'
import { faultsOfEnded } from '../testing/invariants.ts'
import { faultsOfLoad, openLoad } from '../testing/load.ts'
import { lostAttempts } from '../testing/outages.ts'
import { byDate, byFaketime } from '../testing/shiftedClock.ts'
import { type CommandProcess, startCommands } from '../testing/startCommands.ts'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const ways = nightly ? [{ way: 'faketime', shift: byFaketime }] : [{ way: 'Date', shift: byDate }]

/** What the tables say of time that cannot be, by the database's clock. */
const impossible = [
	`select format('%s was created at %s', id, created_at) as what from task where created_at not between $1::timestamptz - interval '10 seconds' and clock_timestamp() + interval '1 second'`,
	`select format('step %s of %s ran from %s to %s', index, task_id, started_at, ended_at) as what from step
	where started_at > ended_at or started_at < $1::timestamptz - interval '10 seconds' or ended_at > clock_timestamp() + interval '1 second'`,
	`select format('%s was to begin at %s, and began at %s', id, start_at, started_at) as what from task
	where start_at is not null and started_at not between start_at and start_at + interval '10 seconds'`,
	`select format('revision %s of %s came before the one before it', revision, task_id) as what from (
		select task_id, revision, at, lag(at) over (partition by task_id order by revision, n) as before from event) e where at < before`,
	// In the plan of the whole shape 1 and 2 come before 3. Two processes know the database's time to some milliseconds.
	`select format('step %s of %s began %s before step %s had ended', b.step, b.task_id, a.at - b.started_at, a.step) as what
	from event a join event b on b.task_id = a.task_id and (a.step, b.step) in ((1, 3), (2, 3)) join task t on t.id = a.task_id
	where t.label = 'Shape::Whole' and a.kind = 2 and a.old = 1 and a.new = 2 and b.kind = 2 and b.old = 1 and b.new = 2
	and a.at > b.started_at + interval '2 seconds'`,
	`select format('the heartbeat of worker %s is of %s', id, heartbeat_at) as what from worker where heartbeat_at > clock_timestamp()`,
]

describe.each(ways)('an hour off either way, by $way', ({ shift }) => {
	let yard: Yard
	let effects: Effects
	let workers: WorkerProcess[]
	let commands: CommandProcess

	beforeAll(async () => {
		effects = openEffects()
		const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
		yard = await openYard({ heartbeat: 1_000, environment: { ...effects.environment, WORKER_TASKS: shapes } })
		workers = [yard.startWorker(shift(1)), yard.startWorker(shift(-1)), yard.startWorker()]
		commands = await startCommands(yard.server.url, shift(1))
		await Promise.all(workers.map((worker) => worker.ready()))
	}, 120_000)
	afterAll(async () => {
		await commands?.stop()
		await yard?.close()
		effects?.remove()
	}, 60_000)

	it.each([1, -1])('the clock of such a process is %i hours off', (hours) => {
		const { stdout, stderr } = spawnSync(process.execPath, ['--eval', 'console.log(Date.now(), new Date().getTime())'], {
			env: { ...process.env, ...shift(hours) },
			encoding: 'utf8',
		})
		for (const time of stdout.trim().split(' '))
			expect(Math.abs(Number(time) - Date.now() - hours * 3_600_000), stderr).toBeLessThan(60_000)
	})

	it('order, timers and leases hold', async () => {
		const { rows } = await yard.pool.query<{ now: string; at: number }>(
			'select clock_timestamp()::text as now, extract(epoch from clock_timestamp())::float8 * 1000 as at',
		)
		const { now, at } = rows[0] as { now: string; at: number }
		const children = workers.map((worker) => worker.children())
		const load = openLoad({ ...yard, commands: { ...yard.commands, startTask: (order) => commands.ask('startTask', order) } }, [
			{ label: 'Shape::Whole', input: (number) => ({ resource: String(number) }) },
		])
		const later: string[] = []
		for (let seconds = 1; seconds <= 4; seconds++) {
			const order = { label: 'Shape::Whole', input: `{"resource":"later ${seconds}"}`, who: yard.owner, correlationId: 'clock' }
			const answer = await commands.ask('startTask', { ...order, startAt: at + seconds * 1_000 })
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			later.push(answer.task.id)
		}
		await load.more(nightly ? 400 : 80)
		const { ids, faults } = await faultsOfLoad(yard, load, [...(await load.stop()), ...later])
		faults.push(
			...load.failures,
			...(await faultsOfEnded(yard.pool, ids)),
			...(await effects.faults(yard, ids)),
			...(await lostAttempts(yard.pool)),
		)
		for (const query of impossible) {
			const parameters = query.includes('$1') ? [now] : []
			faults.push(...(await yard.pool.query<{ what: string }>(query, parameters)).rows.map(({ what }) => what))
		}
		if (faults.length > 0) console.error(workers.map((worker) => worker.output().slice(-20_000)).join('\n---\n'))
		expect(faults).toEqual([])
		expect(workers.map((worker) => worker.children())).toEqual(children)
		const { rows: scheduled } = await yard.pool.query<{ count: number }>(
			'select count(*)::int as count from task where start_at is not null',
		)
		expect(scheduled[0]?.count).toBe(later.length)
		// Each of the three has had its share, or the test would show nothing.
		const { rows: shares } = await yard.pool.query(
			'select distinct w.pid from event e join child c on c.id = e.child_id join worker w on w.id = c.worker_id',
		)
		expect(shares).toHaveLength(3)
	}, 180_000)
})
