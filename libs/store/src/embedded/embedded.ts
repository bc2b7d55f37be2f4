/**
 * A PostgreSQL server of our own, from the programs that npm brought.
 *
 * Whoever comes first makes the data directory and starts the server; whoever comes later attaches to it. The server
 * ends with the process that started it, also when that is killed with -9 (where `setpriv` exists), and is started
 * again when it dies by itself. No lock of ours is needed: the rename of a finished data directory and PostgreSQL's own
 * `postmaster.pid` decide every race.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { connectionOptions, withDatabase } from '../connection.ts'
import { sqlState, sqlStateOf } from '../sqlState.ts'
import { type Account, chooseAccount } from './account.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { initializeCluster, isInitialized } from './cluster.ts'
import { type Postmaster, removeStalePostmasterFile, runningPostmaster } from './postmaster.ts'
import { makeSocketDirectory, socketDirectory } from './socket.ts'

export interface EmbeddedOptions {
	readonly dataDirectory: string
	/** `test` gives durability up for speed: a crash of the machine may lose everything. */
	readonly durability: 'production' | 'test'
	/** Told in one line what happens: made, started, attached, died, started again. */
	readonly log: (line: string) => void
	/** Listen on 127.0.0.1 with this port too. Without it there is only the socket. Every local user may then connect. */
	readonly port?: number
	readonly maxConnections?: number
	/** More settings of the server, by name. */
	readonly settings?: Readonly<Record<string, string>>
	/** Start the server again when it dies under us. Default true. */
	readonly keepAlive?: boolean
	/** Called when it could not be started again. */
	readonly onFailure?: (error: Error) => void
}

export interface EmbeddedServer {
	/** URL of the database `taskyard`. */
	readonly url: string
	/** Somebody else had started the server; then `stop` leaves it to them. */
	readonly wasRunning: boolean
	/** Pid of the postmaster; another one after it was started again. */
	readonly pid: number
	/** Fast shutdown: open transactions are rolled back. */
	stop(): Promise<void>
}

interface Place {
	readonly dataDirectory: string
	readonly sockets: string
	readonly logFile: string
}

/** `child` is there when we started it. */
type Running = Postmaster & { readonly child: ChildProcess | undefined }

const databaseName = 'taskyard'
const usualPort = 5432
const largestLog = 10 * 1024 * 1024

const adminUrlOf = (place: Place, port: number) =>
	`postgres:///postgres?host=${encodeURIComponent(place.sockets)}&port=${port}&user=postgres`

/** Starts the server of a data directory, or attaches to the one that runs. Resolves when it answers. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
	const dataDirectory = resolveDataDirectory(options.dataDirectory)
	const sockets = socketDirectory(dataDirectory)
	const place: Place = { dataDirectory, sockets, logFile: `${dataDirectory}.log` }
	let running = await start(place, options, options.port ?? usualPort)
	const wasRunning = running.child === undefined
	const adminUrl = adminUrlOf(place, running.port)
	await ensureDatabase(adminUrl)

	let stopping = false
	let restart: Promise<void> | undefined
	const startAgain = (why: string) => {
		if (stopping || restart || options.keepAlive === false) return
		options.log(`PostgreSQL ${why}; starting it again`)
		restart = startUntilItRuns(place, options, running.port, () => stopping)
			.then((next) => {
				if (next) {
					running = next
					watch()
				}
			})
			.catch((error: Error) => {
				options.log(error.message)
				options.onFailure?.(error)
			})
			.finally(() => {
				restart = undefined
			})
	}
	let poll: NodeJS.Timeout | undefined
	const watch = () => {
		const { child, pid } = running
		if (child) {
			const ended = () => startAgain(`ended (${describeEnd(child)})`)
			if (hasNotEnded(child)) child.once('exit', ended)
			else ended()
			return
		}
		// The server of another process: nobody tells us when it ends.
		poll = setInterval(() => {
			if (runningPostmaster(dataDirectory)?.pid === pid) return
			clearInterval(poll)
			startAgain('has ended together with the process that started it')
		}, 500).unref()
	}
	watch()

	return {
		url: withDatabase(adminUrl, databaseName),
		wasRunning,
		get pid() {
			return running.pid
		},
		async stop() {
			stopping = true
			clearInterval(poll)
			await restart
			if (running.child) await stopServer(running.child)
		},
	}
}

/** A link to a directory and the directory itself are the same server. */
function resolveDataDirectory(given: string): string {
	const absolute = path.resolve(given)
	mkdirSync(path.dirname(absolute), { recursive: true })
	const parent = realpathSync(path.dirname(absolute))
	const resolved = path.join(parent, path.basename(absolute))
	try {
		return realpathSync(resolved)
	} catch {
		return resolved
	}
}

async function start(place: Place, options: EmbeddedOptions, port: number): Promise<Running> {
	const binaries = findBinaries()
	for (let failures = 0; ; ) {
		const found = runningPostmaster(place.dataDirectory)
		if (found) {
			if (await answers(adminUrlOf(place, found.port), () => runningPostmaster(place.dataDirectory)?.pid === found.pid, options.log)) {
				options.log(`PostgreSQL was running already (process ${found.pid})`)
				return { ...found, child: undefined }
			}
			continue
		}
		const account = chooseAccount(place.dataDirectory, Object.values(binaries))
		if (!isInitialized(place.dataDirectory)) {
			options.log(`making a database in ${place.dataDirectory}`)
			await initializeCluster(binaries.initdb, place.dataDirectory, account, options.durability === 'production')
		}
		const fault = removeStalePostmasterFile(place.dataDirectory)
		if (fault) options.log(`removed a stale postmaster.pid: ${fault}`)
		makeSocketDirectory(place.sockets, account.owner)
		const child = spawnServer(binaries, place, options, port, account)
		const answered = await answers(adminUrlOf(place, port), () => hasNotEnded(child), options.log)
		// The answer may be that of a server which somebody else started at the same moment; ours then ends by itself.
		const winner = runningPostmaster(place.dataDirectory)
		if (answered && winner && winner.pid === child.pid) {
			options.log(`PostgreSQL runs (process ${winner.pid})`)
			return { pid: winner.pid, port, child }
		}
		// Somebody else was faster, or was just shutting down: then look again.
		failures += 1
		if (winner || (failures < 3 && /lock file .* already exists/.test(endOfLog(place.logFile)))) continue
		throw new Error(`PostgreSQL did not start (${describeEnd(child)}). The end of ${place.logFile}:\n${endOfLog(place.logFile)}`)
	}
}

/** Of a server that has room and does not start all the same. */
const mostTries = 10

/** Again and again with a pause: after a kill, processes of the old server hold its shared memory for a moment. */
async function startUntilItRuns(
	place: Place,
	options: EmbeddedOptions,
	port: number,
	isStopping: () => boolean,
): Promise<Running | undefined> {
	let pause = 50
	for (let tries = 1; ; tries++) {
		if (isStopping()) return undefined
		try {
			return await start(place, options, port)
		} catch (error) {
			// A server that finds no room cannot recover; whoever makes some expects it to come back.
			if (tries >= mostTries && !isFull(place.dataDirectory)) throw new Error('PostgreSQL could not be started again.', { cause: error })
			if (tries === mostTries) options.log(`PostgreSQL finds no room in ${place.dataDirectory}; it is tried again until there is some`)
			await delay(pause)
			pause = Math.min(pause * 2, 5_000)
		}
	}
}

/** What a server needs to recover and to go on: some segments of its log. */
const roomToRecover = 64 * 1024 * 1024

function isFull(directory: string): boolean {
	const { bavail, bsize } = statfsSync(directory)
	return bavail * bsize < roomToRecover
}

function spawnServer(binaries: Binaries, place: Place, options: EmbeddedOptions, port: number, account: Account): ChildProcess {
	const settings = { ...serverSettings(options, port), unix_socket_directories: place.sockets, ...options.settings }
	const [program = '', ...words] = [
		...account.serverPrefix,
		binaries.postgres,
		'-D',
		place.dataDirectory,
		...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
	]
	const log = openSync(place.logFile, 'a', 0o600)
	try {
		if (fstatSync(log).size > largestLog) ftruncateSync(log)
		// In a session of its own: Ctrl-C must stop the program first, and the database after it.
		const child = spawn(program, words, { detached: true, stdio: ['ignore', log, log], cwd: '/', env: { ...process.env, LC_ALL: 'C' } })
		child.unref()
		child.on('error', () => {})
		if (!account.diesWithParent) endWithThisProcess(child)
		return child
	} finally {
		closeSync(log)
	}
}

/** The best there is without `setpriv`: an ordinary exit still takes the server along. */
function endWithThisProcess(child: ChildProcess): void {
	const end = () => child.kill('SIGINT')
	process.once('exit', end)
	child.once('exit', () => process.off('exit', end))
}

function serverSettings(options: EmbeddedOptions, port: number): Record<string, string> {
	return {
		listen_addresses: options.port === undefined ? '' : '127.0.0.1',
		port: String(port),
		max_connections: String(options.maxConnections ?? 200),
		shared_preload_libraries: 'pg_stat_statements',
		shared_buffers: '128MB',
		work_mem: '16MB',
		max_wal_size: '1GB',
		checkpoint_timeout: '15min',
		wal_compression: 'pglz',
		random_page_cost: '1.1',
		jit: 'off',
		// A task's partitions are locked one by one; the default of 64 is meant for plain tables.
		max_locks_per_transaction: '128',
		log_timezone: 'UTC',
		timezone: 'UTC',
		log_line_prefix: '%m [%p] %q%a ',
		log_checkpoints: 'off',
		log_min_duration_statement: '500',
		...(options.durability === 'test' ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
	}
}

/** Waits until the server answers: true; or until it is gone: false. A long recovery is waited for. */
async function answers(adminUrl: string, isThere: () => boolean, log: (line: string) => void): Promise<boolean> {
	const begun = performance.now()
	let told = begun
	let pause = 5
	for (;;) {
		const client = new pg.Client({ ...connectionOptions(adminUrl), connectionTimeoutMillis: 5_000 })
		client.on('error', () => {})
		try {
			await client.connect()
			await client.query('select 1')
			return true
		} catch (error) {
			if (!isThere()) return false
			const now = performance.now()
			if (now - told > 5_000) {
				told = now
				log(`waiting for PostgreSQL since ${Math.round((now - begun) / 1000)} s: ${error instanceof Error ? error.message : String(error)}`)
			}
		} finally {
			await client.end().catch(() => {})
		}
		await delay(pause)
		pause = Math.min(pause * 1.5, 100)
	}
}

/** The database and what only a superuser may install. Two starters at once both find it done. */
async function ensureDatabase(adminUrl: string): Promise<void> {
	await withClient(adminUrl, async (client) => {
		const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName])
		if (rowCount === 0)
			await client.query(`create database ${databaseName}`).catch(unless(sqlState.duplicateDatabase, sqlState.uniqueViolation))
	})
	await withClient(withDatabase(adminUrl, databaseName), async (client) => {
		await client
			.query('create extension if not exists pg_stat_statements')
			.catch(unless(sqlState.uniqueViolation, sqlState.duplicateObject))
	})
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
	const client = new pg.Client(connectionOptions(url))
	client.on('error', () => {})
	await client.connect()
	try {
		await work(client)
	} finally {
		await client.end()
	}
}

const unless =
	(...accepted: string[]) =>
	(error: unknown) => {
		if (!accepted.includes(sqlStateOf(error) ?? '')) throw error
	}

async function stopServer(child: ChildProcess): Promise<void> {
	if (!hasNotEnded(child)) return
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
	child.ref()
	child.kill('SIGINT')
	const impatient = setTimeout(() => child.kill('SIGQUIT'), 20_000)
	await ended
	clearTimeout(impatient)
}

/** Removes the files of a server that has been stopped. */
export function removeEmbedded(dataDirectory: string): void {
	const directory = resolveDataDirectory(dataDirectory)
	const found = runningPostmaster(directory)
	if (found) throw new Error(`PostgreSQL still runs on ${directory} (process ${found.pid}). Stop it first.`)
	for (const one of [directory, `${directory}.log`, socketDirectory(directory)]) rmSync(one, { recursive: true, force: true })
}

const hasNotEnded = (child: ChildProcess) => child.pid !== undefined && child.exitCode === null && child.signalCode === null

function describeEnd(child: ChildProcess): string {
	if (child.pid === undefined) return 'it could not be run'
	return child.signalCode ?? `code ${child.exitCode}`
}

function endOfLog(file: string): string {
	return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n')
}
