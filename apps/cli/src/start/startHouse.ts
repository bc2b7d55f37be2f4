import { fileURLToPath } from 'node:url'
import { type Environment, EnvironmentError, readEnvironment } from '@taskyard/process/environment'
import { createLog } from '@taskyard/process/log'
import { createShutdown } from '@taskyard/process/shutdown'
import { openHouseDatabase } from '@taskyard/server/database/openHouseDatabase'
import { openHouse } from './openHouse.ts'

/** What the command line may say instead of the environment. */
export interface StartOptions {
	readonly port?: string | undefined
	readonly dataDirectory?: string | undefined
}

/** Server and worker get 20 s to finish what they do; the rest is for the database. */
const stopLimitMilliseconds = 25_000

/**
 * `taskyard start`: database, server and one worker on this machine, until SIGINT or SIGTERM. Exits the process itself: 0 after an ordered
 * stop, 1 when the house could not be opened.
 */
export async function startHouse(options: StartOptions = {}): Promise<void> {
	const inherited = {
		...process.env,
		LOG_FORMAT: process.env['LOG_FORMAT'] || 'human',
		...(options.port !== undefined && { PORT: options.port }),
		...(options.dataDirectory !== undefined && { DATA_DIRECTORY: options.dataDirectory }),
	}
	const environment = environmentOrExit(inherited)
	const log = createLog({ name: 'taskyard', ...environment })
	const shutdown = createShutdown({ log, limitMilliseconds: stopLimitMilliseconds })
	shutdown.listen()

	const opening = openHouse({
		environment,
		log,
		shutdown,
		inherited,
		openDatabase: () => openHouseDatabase({ ...environment, log }),
		programs: {
			server: fileURLToPath(import.meta.resolve('@taskyard/server/main')),
			worker: fileURLToPath(import.meta.resolve('@taskyard/worker/main')),
			nodeOptions: process.execArgv,
		},
		print: (line) => console.log(line),
	})
	// A stop in the middle of the opening waits for the step under way, and closes what that has opened.
	shutdown.register('start-up', () => opening.then(ignored, ignored))
	try {
		await opening
	} catch (error) {
		if (shutdown.signal.aborted) return
		log.fatal(error instanceof Error ? error.message : String(error))
		if (error instanceof Error) log.debug({ err: error }, 'where it happened')
		await shutdown.stop('the house could not be opened')
		process.exit(1)
	}
}

const ignored = (): void => undefined

function environmentOrExit(source: Readonly<Record<string, string | undefined>>): Environment {
	try {
		return readEnvironment(source)
	} catch (error) {
		if (!(error instanceof EnvironmentError)) throw error
		console.error(error.message)
		process.exit(1)
	}
}
