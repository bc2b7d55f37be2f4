/** A worker: environment, log, pool, supervisor, and shutdown in reverse. It imports no author code. */

import { readBootId } from '@taskyard/engine/recovery/processGroups'
import { readEnvironment } from '@taskyard/process/environment'
import { createLog } from '@taskyard/process/log'
import { createShutdown } from '@taskyard/process/shutdown'
import { openPool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import {
	connectionsForOwnTransaction,
	connectionsForTransactions,
	connectionsOfChild,
	connectionsOfOwnChild,
	connectionsOfSupervisor,
} from './limits.ts'
import { openSupervisor } from './supervisor/supervisor.ts'
import { version } from './version.ts'

const environment = readEnvironment()
const log = createLog({ name: 'worker', logLevel: environment.logLevel, logFormat: environment.logFormat })
if (!environment.databaseUrl) {
	log.fatal('DATABASE_URL is not set: a worker needs the database that the server uses. `npm start` starts both with one.')
	process.exit(1)
}
const shutdown = createShutdown({ log })
shutdown.listen()

const pool = openPool(environment.databaseUrl, {
	max: connectionsOfSupervisor - 1,
	applicationName: 'taskyard worker supervisor',
	session: enginePlanner,
	onError: (error) => log.debug({ err: error }, 'a connection broke'),
})
shutdown.register('database', () => pool.end())

const children = environment.workerChildren
const ownChildren = environment.workerOwnChildren
const budget = connectionsOfSupervisor + children * connectionsOfChild + ownChildren * connectionsOfOwnChild
const forTransactions = children * connectionsForTransactions + ownChildren * connectionsForOwnTransaction
log.info(
	`${children} children run up to ${environment.workerConcurrency} steps each of ${environment.workerQueues.join(', ')}, and up to ${ownChildren} more one step each; ` +
		`at most ${budget} connections: ${connectionsOfSupervisor} of the supervisor, ${connectionsOfChild} of each child, ${connectionsOfOwnChild} of each with one step, and up to ${forTransactions} more while steps with a transaction run; ` +
		`heartbeat every ${environment.workerHeartbeat / 1000} s`,
)
const supervisor = await openSupervisor({ environment, url: environment.databaseUrl, pool, bootId: await readBootId(), version, log })
shutdown.register('supervisor', () => supervisor.stop())
log.info({ worker: supervisor.worker }, 'worker is ready')
