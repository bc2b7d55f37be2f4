import type { Environment } from '@taskyard/process/environment'
import type { Log } from '@taskyard/process/log'
import type { Shutdown } from '@taskyard/process/shutdown'
import { answersReady } from './answersReady.ts'
import { type KeptProgram, keepRunning } from './keepRunning.ts'
import { portIsFree } from './portIsFree.ts'

/** A database that is open for the house. */
export interface OpenedDatabase {
	readonly url: string
	stop(): Promise<void>
}

/** What a house is made of. */
export interface HouseParts {
	readonly environment: Environment
	readonly log: Log
	readonly shutdown: Shutdown
	/** Opens the database, ready to be used by this version. */
	readonly openDatabase: () => Promise<OpenedDatabase>
	/** The files of server and worker, and the options of Node.js that run them. */
	readonly programs: { readonly server: string; readonly worker: string; readonly nodeOptions: readonly string[] }
	/** The environment that server and worker get, but for what the house decides. */
	readonly inherited: Readonly<Record<string, string | undefined>>
	/** The line for people on standard output. */
	readonly print: (line: string) => void
	readonly graceMilliseconds?: number
}

/** A house whose doors are open. */
export interface House {
	readonly url: string
	readonly server: KeptProgram
	readonly worker: KeptProgram
}

/**
 * Opens the house: port, database, server and worker, and says where it is once it answers. Each part is registered with the shutdown as
 * soon as it stands: server and worker stop first, side by side, then the database.
 */
export async function openHouse(parts: HouseParts): Promise<House> {
	const { environment, log, shutdown, graceMilliseconds = 20_000 } = parts
	const url = `http://localhost:${environment.port}/`
	await portIsFree(environment.port, { signal: shutdown.signal })

	const database = await parts.openDatabase()
	shutdown.register('database', () => database.stop())
	shutdown.signal.throwIfAborted()

	log.info('starting server and worker')
	const childEnvironment = {
		...parts.inherited,
		DATABASE_URL: database.url,
		PORT: String(environment.port),
		DATA_DIRECTORY: environment.dataDirectory,
	}
	const start = (name: 'server' | 'worker') =>
		keepRunning({ name, file: parts.programs[name], nodeOptions: parts.programs.nodeOptions, environment: childEnvironment }, log)
	const kept = { server: start('server'), worker: start('worker') }
	const all = [kept.server, kept.worker]
	const killAll = () => {
		for (const program of all) program.kill()
	}
	// Only for an end that skips the order, such as a second Ctrl-C.
	process.once('exit', killAll)
	shutdown.register('server and worker', async () => {
		await Promise.all(all.map((program) => program.stop(graceMilliseconds)))
		process.off('exit', killAll)
	})

	const ready = answersReady(`http://127.0.0.1:${environment.port}/readyz`, { signal: shutdown.signal, progress: (line) => log.info(line) })
	await Promise.race([ready, ...all.map((program) => program.hopeless)])
	for (const program of all) program.works()
	parts.print(`Taskyard is ready: ${url}`)
	return { url, ...kept }
}
