import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openPool } from '@taskyard/store/connection'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Effects, openEffects } from '../testing/effects.ts'
import { faultsOfLoad, openLoad } from '../testing/load.ts'
import { type CommandProcess, startCommands } from '../testing/startCommands.ts'
import { openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
/** Longest transaction of engine, sweeps and pages, in milliseconds. */
const longest = 5_000

let yard: Yard
let effects: Effects
let worker: WorkerProcess
let commands: CommandProcess

beforeAll(async () => {
	effects = openEffects()
	const shapes = fileURLToPath(new URL('../testing/shapes.ts', import.meta.url))
	yard = await openYard({ heartbeat: 1_000, environment: { ...effects.environment, WORKER_TASKS: shapes } })
	// The server notes what each session has set when it begins.
	const admin = openPool(yard.server.url, { max: 1, applicationName: 'noting sessions', transactionTimeout: 0 })
	await admin.query(`
		create table session_settings (name text, transaction_timeout int, idle_timeout int, durable text);
		create function note_session() returns event_trigger language plpgsql security definer as $$
		begin
			insert into session_settings
			select current_setting('application_name'), extract(epoch from current_setting('transaction_timeout')::interval) * 1000,
				extract(epoch from current_setting('idle_in_transaction_session_timeout')::interval) * 1000, current_setting('synchronous_commit');
		end $$;
		create event trigger note_session on login execute function note_session();
		alter event trigger note_session enable always`)
	await admin.end()
	worker = yard.startWorker()
	commands = await startCommands(yard.server.url)
	await worker.ready()
}, 120_000)
afterAll(async () => {
	await commands?.stop()
	await yard?.close()
	effects?.remove()
}, 60_000)

it('no transaction of engine, sweeps or commands is longer than the table says, by setting and in fact', async () => {
	const load = openLoad(
		{ ...yard, commands: { ...yard.commands, startTask: (order) => commands.ask('startTask', order) } },
		[
			{ label: 'Shape::Whole', input: (number) => ({ resource: String(number % 7) }) },
			{ label: 'Shape::Large', input: () => ({ characters: 50_000 }) },
			{ label: 'Command::Run', input: () => ({ command: 'seq 1 2000', idempotent: true }) },
		],
		{ callers: 4, pause: 5 },
	)
	let stopping = false
	let seen = { milliseconds: 0, of: '', query: '', waits: '' }
	const watching = (async () => {
		while (!stopping) {
			const { rows } = await yard.pool.query<typeof seen>(
				`select extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as milliseconds, application_name as of, left(query, 80) as query,
					coalesce(wait_event_type || ' ' || wait_event, state) as waits
				from pg_stat_activity where application_name like 'taskyard%' and state <> 'idle' and xact_start is not null and pid <> pg_backend_pid() order by xact_start limit 1`,
			)
			if (rows[0] && rows[0].milliseconds > seen.milliseconds) seen = rows[0]
			await delay(2)
		}
	})()
	await load.more(nightly ? 1_000 : 100)
	const { faults } = await faultsOfLoad(yard, load, await load.stop())
	stopping = true
	await watching
	expect([...faults, ...load.failures]).toEqual([])
	console.log(`longest transaction seen: ${seen.milliseconds.toFixed(1)} ms, of ${seen.of} (${seen.waits}): ${seen.query}`)
	expect(seen.milliseconds).toBeGreaterThan(0)
	expect(seen.milliseconds).toBeLessThan(longest)

	const { rows } = await yard.pool.query<{ name: string; transaction: number; idle: number; durable: string }>(
		`select distinct regexp_replace(name, '[0-9]+', 'N', 'g') as name, transaction_timeout as transaction, idle_timeout as idle, durable
		from session_settings where name like 'taskyard%' and name <> 'taskyard yard' order by name`,
	)
	const expected = { transaction: longest, idle: longest, durable: 'on' }
	expect(rows).toEqual(
		['taskyard worker N child N', 'taskyard worker control', 'taskyard worker supervisor', 'taskyard yard commands'].map((name) => ({
			name,
			...expected,
		})),
	)
}, 180_000)

it('one that is longer is ended by the server, and so is one that idles', async () => {
	const pool = openPool(yard.server.url, {
		max: 1,
		applicationName: 'taskyard test of limits',
		transactionTimeout: 300,
		idleInTransactionTimeout: 100,
	})
	try {
		await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '25P04' })
		const client = await pool.connect()
		await client.query('begin')
		await delay(200)
		await expect(client.query('select 1')).rejects.toThrow()
		client.release(true)
	} finally {
		await pool.end()
	}
})
