/**
 * Our engine and its peers in one run: the pg ones on one PostgreSQL with the durability of production, the others on
 * servers of their own on the same disk. The yardstick says what the machine gave meanwhile, so that figures of different
 * machines and days can be compared by their ratio to it.
 */

import { mkdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPool, type Pool } from '@taskyard/store/connection'
import { removeEmbedded, startEmbedded } from '@taskyard/store/embedded/embedded'
import type { BenchArguments } from '../arguments.ts'
import type { BenchCase } from '../cases.ts'
import { preparePeers } from './preparePeers.ts'
import { runRounds } from './rounds.ts'
import { type EngineFigures, judgeEngine } from './targets.ts'
import { openTaskyard, type Taskyard } from './taskyard.ts'
import { buildWorker } from './worker.ts'
import { type CaseName, caseNames, fullSizes, quickSizes, type Sizes } from './workload.ts'

export type BenchOptions = Pick<BenchArguments, 'quick' | 'cases' | 'profile'> & { readonly say: (line: string) => void }

const directory = fileURLToPath(new URL('../../../.data/bench', import.meta.url))
const dataDirectory = path.join(directory, 'data')
const peersDirectory = path.join(directory, 'peers')

export async function engineBench(options: BenchOptions): Promise<BenchCase[]> {
	const worker = buildWorker(options.say)
	removeAll()
	mkdirSync(peersDirectory, { recursive: true })
	const server = await startEmbedded({ dataDirectory, durability: 'production', log: () => undefined })
	try {
		const admin = openPool(server.url, { max: 1, applicationName: 'bench admin', transactionTimeout: 0 })
		try {
			return judgeEngine(await measure(options, { admin, url: server.url, worker }))
		} finally {
			await admin.end()
		}
	} finally {
		await server.stop()
		removeAll()
	}
}

function removeAll(): void {
	removeEmbedded(dataDirectory)
	rmSync(peersDirectory, { recursive: true, force: true })
}

interface Place {
	readonly admin: Pool
	readonly url: string
	readonly worker: readonly string[]
}

async function measure(options: BenchOptions, { admin, url, worker }: Place): Promise<EngineFigures> {
	const { quick, say, profile } = options
	const sizes = quick ? quickSizes : fullSizes
	const cases = withNeeded(options.cases)
	say(
		`${os.availableParallelism()} cores (${os.cpus()[0]?.model.trim() ?? 'unknown'}), Node.js ${process.version}, ${await serverSettings(admin)}`,
	)
	const ours = await openTaskyard({ url, worker, logFile: path.join(directory, 'worker.log'), profile })
	try {
		const { workerChildren, workerConcurrency, workerQueues, workerHeartbeat } = ours.worker.settings
		say(
			`worker: ${workerChildren} children, ${workerConcurrency} steps at once each, queues ${workerQueues.join(', ')}, heartbeat ${workerHeartbeat} ms (its defaults)`,
		)
		await warmUp(ours, cases, sizes)
		const peers = await preparePeers(cases, { admin, url, directory: peersDirectory, sizes, say })
		try {
			const figures = await runRounds({ admin, url, sizes, say, cases, ours, peers })
			say(`counted of ours: ${await ours.checkRows()}`)
			for (const { plan, peer } of peers) say(`counted of ${plan.name}: ${await peer.checkRows()}`)
			return figures
		} finally {
			await Promise.all(peers.map(({ peer }) => peer.stop()))
		}
	} finally {
		await ours.stop()
	}
}

/** All when none is named. Some targets are made from other cases of ours, and `cost` is read off the durable steps. */
function withNeeded(named: readonly string[]): ReadonlySet<CaseName> {
	const chosen = new Set(caseNames.filter((name) => named.length === 0 || named.includes(name)))
	if (chosen.has('ten') || chosen.has('event')) chosen.add('first')
	if (chosen.has('limited')) chosen.add('fanOut')
	if (chosen.has('cost')) chosen.add('durable')
	return chosen
}

async function warmUp(ours: Taskyard, cases: ReadonlySet<CaseName>, { warmUp: times }: Sizes): Promise<void> {
	if (cases.has('durable') || cases.has('bulk')) await ours.run('durable', times.durable)
	if (cases.has('single')) await ours.run('single', times.single)
	for (const what of ['fanOut', 'limited'] as const) if (cases.has(what)) await ours.fanOut(what, times[what])
	for (const what of ['first', 'ten', 'event'] as const) if (cases.has(what)) await ours.sample(what, times[what])
}

async function serverSettings(admin: Pool): Promise<string> {
	const { rows } = await admin.query<{ version: string; settings: string }>(
		`select split_part(version(), ' on ', 1) as version, string_agg(name || ' ' || current_setting(name), ', ' order by name) as settings from pg_settings
where name in ('synchronous_commit', 'fsync', 'full_page_writes', 'wal_sync_method', 'shared_buffers', 'wal_compression')`,
	)
	return `${rows[0]?.version}: ${rows[0]?.settings}`
}
