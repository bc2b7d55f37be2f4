/** The server process: environment, log, pools, context, run; ended in reverse. */

import { ensureAccount, startingAccount } from '@taskyard/access/accounts'
import { openCommands } from '@taskyard/engine/commands/commands'
import { createHub } from '@taskyard/live/hub'
import { EnvironmentError, readEnvironment } from '@taskyard/process/environment'
import { createLog } from '@taskyard/process/log'
import { createShutdown } from '@taskyard/process/shutdown'
import { openPool } from '@taskyard/store/connection'
import { openOrm } from '@taskyard/store/orm'
import { openKeyring } from '@taskyard/store/sensitive/keyring'
import { remembered } from './remembered.ts'
import { address, openServer } from './server.ts'

/** Statements of pages take no longer. */
const pageStatement = 5_000

async function main(): Promise<void> {
	const environment = readEnvironment()
	const log = createLog({ name: 'server', ...environment })
	const { databaseUrl, port } = environment
	if (databaseUrl === undefined) {
		throw new EnvironmentError(['DATABASE_URL: the server needs the address of its PostgreSQL; "npm start" sets it, or starts one'])
	}
	const shutdown = createShutdown({ log })
	shutdown.listen()

	const onError = (error: Error) => log.debug({ err: error }, 'a connection to the database broke; it is replaced')
	const database = openPool(databaseUrl, { max: 8, applicationName: 'taskyard server', statementTimeout: pageStatement, onError })
	shutdown.register('pool', () => database.end())
	const orm = await openOrm(databaseUrl, { max: 2, applicationName: 'taskyard server orm', statementTimeout: pageStatement })
	shutdown.register('orm', () => orm.close())

	const hub = createHub({ pool: database, log })
	shutdown.register('hub', () => hub.close())
	const keyring = openKeyring({ keys: environment.encryptionKeys, file: environment.encryptionKeyFile })
	const commands = remembered(() =>
		openCommands({
			url: databaseUrl,
			keyring,
			applicationName: 'taskyard commands',
			log: (level, message) => log[level === 'warning' ? 'warn' : level](message),
		}),
	)
	shutdown.register('commands', async () => {
		const opened = await commands.known()
		await opened?.close()
	})
	const owner = remembered(() => {
		const { login, name } = startingAccount()
		return ensureAccount(database, login, name)
	})

	const server = await openServer(
		{ log, database, orm, hub, commands: commands.get, owner: owner.get },
		{ port, publicUrl: environment.publicUrl },
	).catch(async (error: unknown) => {
		await shutdown.stop('the server cannot listen')
		throw named(error, port)
	})
	shutdown.register('http', () => server.close())
	log.info({ url: server.url }, `listening on ${address} only: there is no access control yet, so no other machine may reach it`)
}

function named(error: unknown, port: number): unknown {
	const code = error instanceof Error && 'code' in error ? error.code : undefined
	if (code === 'EADDRINUSE') return new Error(`Port ${port} is taken. Stop what uses it, or set PORT to another one.`)
	if (code === 'EACCES') return new Error(`Port ${port} may not be used by this account. Set PORT to one above 1023.`)
	return error
}

main().catch((error: unknown) => {
	console.error(error instanceof EnvironmentError || !(error instanceof Error) ? String(error) : (error.stack ?? error.message))
	process.exit(1)
})
