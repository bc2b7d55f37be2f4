/** Servers of tests: one per run with durability off, and own ones with durability on for what kills them. */

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { installQueue } from '@taskyard/dispatch/migrate'
import { openPool, withDatabase } from '@taskyard/store/connection'
import { type EmbeddedOptions, type EmbeddedServer, removeEmbedded, startEmbedded } from '@taskyard/store/embedded/embedded'
import { isAlive } from '@taskyard/store/embedded/postmaster'
import { migrate } from '@taskyard/store/migrate'
import { installOneWriterTriggers } from './oneWriter.ts'
import { waitFor } from './waitFor.ts'

const prefix = 'taskyard-test-'

export interface TestServer extends Pick<EmbeddedServer, 'url' | 'pid'> {
	readonly dataDirectory: string
	/** Stops the server and removes its files. */
	remove(): Promise<void>
}

/** Starts a server with an empty data directory of its own. */
export async function startTestServer(
	options: Pick<EmbeddedOptions, 'durability'> & Partial<Pick<EmbeddedOptions, 'log' | 'keepAlive' | 'maxConnections' | 'settings'>>,
): Promise<TestServer> {
	removeLeftovers()
	const home = path.join(os.tmpdir(), `${prefix}${process.pid}-${Math.random().toString(36).slice(2, 8)}`)
	mkdirSync(home, { mode: 0o700 })
	const dataDirectory = path.join(home, 'data')
	const server = await startEmbedded({ log: () => {}, maxConnections: 300, ...options, dataDirectory })
	return {
		url: server.url,
		get pid() {
			return server.pid
		},
		dataDirectory,
		async remove() {
			await server.stop()
			removeEmbedded(dataDirectory)
			rmSync(home, { recursive: true, force: true })
		},
	}
}

/**
 * A server of its own with the durability of production and the tables in its database, for tests that kill processes or
 * the server itself (by its `pid`; it is started again unless `keepAlive` is false).
 */
export async function durableServer(options: Partial<Pick<EmbeddedOptions, 'log' | 'keepAlive' | 'settings'>> = {}): Promise<TestServer> {
	const server = await startTestServer({ durability: 'production', ...options })
	await prepareDatabase(server.url)
	return server
}

/** Our tables, the queue's, and the triggers of test databases. */
export async function prepareDatabase(url: string): Promise<void> {
	await migrate(url, { also: [installQueue] })
	const pool = openPool(url, { max: 1, applicationName: 'taskyard test' })
	try {
		await installOneWriterTriggers(pool)
	} finally {
		await pool.end()
	}
}

/** Creates a database that others are cloned from, and returns its name. */
export async function createTemplate(serverUrl: string): Promise<string> {
	const name = 'taskyard_template'
	const pool = openPool(serverUrl, { max: 1, applicationName: 'taskyard test' })
	try {
		await pool.query(`create database ${name}`)
		await prepareDatabase(withDatabase(serverUrl, name))
		// A template can be cloned only while nobody is connected to it, and connections close a moment after their pool.
		await waitFor('all connections to the template to be closed', async () => {
			const { rowCount } = await pool.query("select from pg_stat_activity where datname = $1 and backend_type = 'client backend'", [name])
			return rowCount === 0
		})
	} finally {
		await pool.end()
	}
	return name
}

/** Files of runs that were killed before they could clean up. */
function removeLeftovers(): void {
	for (const name of readdirSync(os.tmpdir())) {
		if (!name.startsWith(prefix)) continue
		const pid = Number(name.slice(prefix.length).split('-')[0])
		if (isAlive(pid)) continue
		const home = path.join(os.tmpdir(), name)
		try {
			removeEmbedded(path.join(home, 'data'))
			rmSync(home, { recursive: true, force: true })
		} catch {
			// Its server is still shutting down, or somebody else is removing the same: the next run finds it.
		}
	}
}
