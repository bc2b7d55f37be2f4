import { join } from 'node:path'
import { installQueue } from '@taskyard/engine/commands/installQueue'
import type { Environment } from '@taskyard/process/environment'
import type { Log } from '@taskyard/process/log'
import { parseDatabaseUrl } from '@taskyard/store/connection'
import { startEmbedded } from '@taskyard/store/embedded/embedded'
import { migrate } from '@taskyard/store/migrate'

/** Where the database of the house comes from, and who hears of the steps. */
export interface HouseDatabaseOptions extends Pick<Environment, 'databaseUrl' | 'dataDirectory'> {
	readonly log: Log
}

/** The database of the house, with the tables of this version. */
export interface HouseDatabase {
	readonly url: string
	/** Stops the embedded PostgreSQL; a server that somebody else runs is left alone. */
	stop(): Promise<void>
}

/** Opens the database that DATABASE_URL names, or else the embedded one in the data directory, and brings its tables and its queue up to date. */
export async function openHouseDatabase({ databaseUrl, dataDirectory, log }: HouseDatabaseOptions): Promise<HouseDatabase> {
	const database = databaseUrl === undefined ? await openEmbedded(dataDirectory, log) : { url: databaseUrl, stop: async () => undefined }
	try {
		await migrate(database.url, { log: (line) => log.info(line), also: [installQueue] })
		return database
	} catch (error) {
		await database.stop()
		throw databaseUrl === undefined ? error : named(databaseUrl, error)
	}
}

function openEmbedded(dataDirectory: string, log: Log): Promise<HouseDatabase> {
	log.info('starting the embedded PostgreSQL')
	return startEmbedded({
		dataDirectory: join(dataDirectory, 'postgres'),
		durability: 'production',
		log: (line) => log.info(line),
		onFailure: (error) => log.error({ err: error }, 'the embedded PostgreSQL could not be started again: stop and start Taskyard'),
	})
}

/** A fault of the network or of the server does not say which database was meant; one with `code` comes from there. */
function named(databaseUrl: string, error: unknown): unknown {
	const { code, message } = error as { code?: unknown; message?: unknown }
	if (typeof code !== 'string') return error
	const { host, port, database } = parseDatabaseUrl(databaseUrl)
	return new Error(
		`the database ${database} of the PostgreSQL at ${host}:${port} cannot be used: ${String(message) || code}. Correct DATABASE_URL, or start that server; without DATABASE_URL Taskyard uses a PostgreSQL of its own.`,
		{ cause: error },
	)
}
