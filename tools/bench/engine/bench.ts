/**
 * Durable steps a second: tasks of ten no-op steps here and in the peer, in one run, on one PostgreSQL with the
 * durability of production, in turns. The yardstick says what the machine gave meanwhile, so that figures of different
 * machines and days can be compared by their ratio to it.
 */

import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPool, type Pool, withDatabase } from '@taskyard/store/connection'
import { removeEmbedded, startEmbedded } from '@taskyard/store/embedded/embedded'
import { atMost, type BenchCase, median, timesFaster } from '../cases.ts'
import { checkDbosRows, type Dbos, dbosCandidates, dbosName, type DbosSettings, installDbos, openDbos } from './dbos.ts'
import { checkRows, openTaskyard } from './taskyard.ts'
import { buildWorker } from './worker.ts'
import { stepsPerTask } from './workload.ts'
import { measureYardstick } from './yardstick.ts'

export interface BenchOptions {
	readonly quick: boolean
	readonly say: (line: string) => void
}

const factor = 10
const mostCommits = 0.2
const tasks = 2_000
/** Tasks of the warm-up: until the programs are compiled, which takes the peer fewer of its workflows and more time. */
const warmUpTasks = 4_000
const warmUpWorkflows = 1_000

const directory = fileURLToPath(new URL('../../../.data/bench', import.meta.url))
const dataDirectory = path.join(directory, 'data')

export async function engineBench(options: BenchOptions): Promise<BenchCase[]> {
	const { say } = options
	const missing = installDbos(say)
	if (missing) say(`${dbosName} is missing: ${missing}`)
	const worker = buildWorker(say)
	mkdirSync(directory, { recursive: true })
	removeEmbedded(dataDirectory)
	const server = await startEmbedded({ dataDirectory, durability: 'production', log: () => undefined })
	try {
		const admin = openPool(server.url, { max: 1, applicationName: 'bench admin', transactionTimeout: 0 })
		try {
			return await measure(options, { admin, url: server.url, worker, withPeer: !missing })
		} finally {
			await admin.end()
		}
	} finally {
		await server.stop()
		removeEmbedded(dataDirectory)
	}
}

interface Place {
	readonly admin: Pool
	readonly url: string
	readonly worker: readonly string[]
	readonly withPeer: boolean
}

async function measure(options: BenchOptions, { admin, url, worker, withPeer }: Place): Promise<BenchCase[]> {
	const { say } = options
	say(
		`${os.availableParallelism()} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), Node.js ${process.version}, ${await serverSettings(admin)}`,
	)
	const peer = withPeer ? await preparePeer(admin, url, options) : null
	let rounds: Rounds
	try {
		rounds = await runRounds(options, { admin, url, worker, peer: peer?.dbos ?? null })
	} finally {
		await peer?.dbos.stop()
	}
	if (peer) {
		const workflows = peer.tried + rounds.peerRates.length * tasks
		say(`counted of DBOS: ${await withPool(peer.url, (pool) => checkDbosRows(pool, workflows))}`)
	}
	const rate = median(rounds.rates)
	const yardstick = median(rounds.yardsticks)
	const peerRate = peer ? median(rounds.peerRates) : null
	say(`yardstick, single-row committed updates: ${figure(yardstick)}/s`)
	say(`Taskyard: ${figure(rate)} durable steps/s, ${(rate / yardstick).toFixed(2)} of the yardstick`)
	if (peerRate === null) say('DBOS: missing')
	else {
		say(`DBOS: ${figure(peerRate)} durable steps/s, ${(peerRate / yardstick).toFixed(2)} of the yardstick`)
		say(`Taskyard / DBOS: ${(rate / peerRate).toFixed(1)} (target ${factor})`)
	}
	say(`commits (xact_commit) a step, idle moments of the run included: ${rounds.commits.toFixed(3)} (target at most ${mostCommits})`)
	say(`bytes of WAL a step: ${figure(median(rounds.bytes))}`)
	return [
		timesFaster(factor, { name: 'durable steps/s', unit: 'steps/s', ours: rate, peers: { [dbosName]: peerRate }, yardstick }),
		atMost(mostCommits, { name: 'commits per step', unit: 'xact_commit/step', ours: rounds.commits }),
	]
}

/** What the rounds gave, one figure for each; `commits` a step over all of them. */
interface Rounds {
	readonly rates: number[]
	readonly peerRates: number[]
	readonly yardsticks: number[]
	readonly bytes: number[]
	readonly commits: number
}

async function runRounds(
	{ quick, say }: BenchOptions,
	{ admin, url, worker, peer }: Omit<Place, 'withPeer'> & { readonly peer: Dbos | null },
): Promise<Rounds> {
	const rounds = { rates: [] as number[], peerRates: [] as number[], yardsticks: [] as number[], bytes: [] as number[] }
	const ours = await openTaskyard({ url, worker, logFile: path.join(directory, 'worker.log') })
	const before = await commits(admin)
	let ran = 0
	try {
		const { workerChildren, workerConcurrency, workerQueues, workerHeartbeat } = ours.worker.settings
		say(
			`worker: ${workerChildren} children, ${workerConcurrency} steps at once each, queues ${workerQueues.join(', ')}, heartbeat ${workerHeartbeat} ms (its defaults)`,
		)
		await ours.run(warmUpTasks)
		ran += warmUpTasks
		for (let round = 1; round <= (quick ? 3 : 5); round++) {
			const yardstick = await withPool(withDatabase(url, 'postgres'), (pool) => measureYardstick(pool, 1_000))
			const from = await walPosition(admin)
			const rate = stepsPerSecond(await ours.run(tasks))
			const bytes = ((await walPosition(admin)) - from) / (tasks * stepsPerTask)
			ran += tasks
			rounds.yardsticks.push(yardstick)
			rounds.rates.push(rate)
			rounds.bytes.push(bytes)
			let line = `round ${round}: yardstick ${figure(yardstick)}/s; Taskyard ${figure(rate)} steps/s, ${figure(bytes)} bytes of WAL a step`
			if (peer) {
				const peerRate = stepsPerSecond(await peer.run(tasks))
				rounds.peerRates.push(peerRate)
				line += `; DBOS ${figure(peerRate)} steps/s; ours is ${(rate / peerRate).toFixed(1)} times that`
			}
			say(line)
		}
		say(`counted: ${await checkRows(admin, ran)}`)
	} finally {
		await ours.stop()
	}
	// The server adds the commits of a connection up when it is closed: those of the whole run are there now.
	return { ...rounds, commits: ((await commits(admin)) - before) / (ran * stepsPerTask) }
}

/** Of one round. */
const stepsPerSecond = (milliseconds: number): number => (tasks * stepsPerTask * 1000) / milliseconds

/** Tries the peer's settings and leaves the fastest running. */
async function preparePeer(admin: Pool, url: string, { quick, say }: BenchOptions): Promise<{ dbos: Dbos; url: string; tried: number }> {
	const tryWorkflows = quick ? 150 : 400
	await admin.query('create database bench_dbos')
	const peerUrl = withDatabase(url, 'bench_dbos')
	let best: { settings: DbosSettings; rate: number } | null = null
	let tried = 0
	for (const settings of dbosCandidates) {
		const dbos = await openDbos(peerUrl, settings)
		// Once to warm it up, once to look.
		await dbos.run(tryWorkflows)
		const rate = (tryWorkflows * stepsPerTask * 1000) / (await dbos.run(tryWorkflows))
		tried += 2 * tryWorkflows
		await dbos.stop()
		if (!best || rate > best.rate) best = { settings, rate }
	}
	if (!best) throw new Error('There are no settings of the peer to try.')
	const { processes, connections, atOnce } = best.settings
	say(
		`DBOS is fastest here with ${processes} processes, ${connections} connections and ${atOnce} workflows at once each (of ${dbosCandidates.length} settings tried)`,
	)
	const dbos = await openDbos(peerUrl, best.settings)
	await dbos.run(warmUpWorkflows)
	return { dbos, url: peerUrl, tried: tried + warmUpWorkflows }
}

async function serverSettings(admin: Pool): Promise<string> {
	const { rows } = await admin.query<{ version: string; settings: string }>(
		`select split_part(version(), ' on ', 1) as version, string_agg(name || ' ' || setting || coalesce(unit, ''), ', ' order by name) as settings from pg_settings
where name in ('synchronous_commit', 'fsync', 'full_page_writes', 'wal_sync_method', 'shared_buffers', 'wal_compression')`,
	)
	return `${rows[0]?.version}: ${rows[0]?.settings}`
}

async function commits(admin: Pool): Promise<number> {
	const { rows } = await admin.query<{ commits: number }>(
		'select xact_commit as commits from pg_stat_database where datname = current_database()',
	)
	return rows[0]?.commits ?? 0
}

async function walPosition(admin: Pool): Promise<number> {
	const { rows } = await admin.query<{ position: number }>(`select (pg_current_wal_insert_lsn() - '0/0')::float8 as position`)
	return rows[0]?.position ?? 0
}

async function withPool<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
	const pool = openPool(url, { max: 1, applicationName: 'bench' })
	try {
		return await work(pool)
	} finally {
		await pool.end()
	}
}

const figure = (value: number): string => Math.round(value).toLocaleString('en-US')
