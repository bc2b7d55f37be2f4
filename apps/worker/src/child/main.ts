/** A child of a worker: claims work, runs it, and writes its own checkpoints. Author code runs here and nowhere else. */

import { releaseJobs } from '@taskyard/dispatch/jobs'
import { openRunner } from '@taskyard/dispatch/runner'
import { openClock } from '@taskyard/engine/clock'
import { openDoor } from '@taskyard/engine/decisions/door'
import { type Executor, openExecutor } from '@taskyard/engine/execution/executor'
import { openProgressReports } from '@taskyard/engine/execution/progressReports'
import { repeatWhile } from '@taskyard/engine/repetition'
import { registerTaskTypes } from '@taskyard/engine/taskTypes/registry'
import { changeChannel, openWakeUp } from '@taskyard/engine/wakeUp'
import { namePool } from '@taskyard/engine/workers/presence'
import { readEnvironment } from '@taskyard/process/environment'
import { createLog } from '@taskyard/process/log'
import { openPool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import { cancelDeadline, connectionsOfChild, drainGrace } from '../limits.ts'
import { engineLog } from '../engineLog.ts'
import type { FromChild, ToChild } from '../messages.ts'
import { loadDefinitions } from './definitions.ts'
import { openLease } from './lease.ts'
import { readChildSettings } from './settings.ts'

const environment = readEnvironment()
const settings = readChildSettings(process.env)
const log = createLog({ name: `worker.${settings.child}`, logLevel: environment.logLevel, logFormat: environment.logFormat })
if (!environment.databaseUrl) throw new Error('DATABASE_URL is not set: a worker needs the database that the server uses.')

// Author code may leave a promise without anybody to hear of its failure: that must not end the steps of others.
process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'a promise was rejected and nobody waited for it'))
// The supervisor decides: a signal of the terminal reaches the whole group.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(1))

const say = (message: FromChild): void => {
	if (process.connected) process.send?.(message)
}

// What the supervisor's messages reach once it is there. A child that is told to drain before has nothing to finish.
let clock: IdSource | null = null
let executor: Executor | null = null
let drain: () => Promise<void> = async () => process.exit(0)

const lease = openLease({
	length: settings.leaseLength,
	until: settings.leaseUntil,
	onOver() {
		log.error('the lease is over without a heartbeat that reached the database: what runs here is given up')
		executor?.abortAll()
		// Aborted commands get a moment to end; what they leave is recovered with the lease.
		setTimeout(() => process.exit(1), 500).unref()
	},
})
const worthRepeating = (): boolean => !lease.over

// Before the first wait: the lease is renewed while the authors' code loads.
process.on('message', (message: ToChild) => {
	switch (message.type) {
		case 'ping':
			say({ type: 'pong', busy: executor?.busy ?? 0 })
			return
		case 'lease':
			lease.renew(message.until)
			clock?.calibrate(message.now)
			return
		case 'cancel':
			for (const task of message.tasks) executor?.cancel(task)
			return
		case 'drain':
			void drain()
	}
})

const pool = openPool(environment.databaseUrl, {
	max: connectionsOfChild,
	applicationName: `taskyard worker ${settings.worker} child ${settings.child}`,
	session: enginePlanner,
	onError: (error) => log.debug({ err: error }, 'a connection broke'),
})
const time = await openClock(pool)
clock = time
const definitions = await loadDefinitions(environment.workerTasks)
await registerTaskTypes(
	pool,
	settings.worker,
	[...definitions.values()].map((definition) => definition.data),
)
const door = openDoor({ pool, onCommit: openWakeUp(pool, changeChannel), worthRepeating, log: engineLog(log) })
const progress = openProgressReports(pool)
const hands = openExecutor({
	pool,
	door,
	clock: time,
	child: settings.child,
	bootId: settings.bootId,
	definitions,
	progress,
	cancelDeadline,
	worthRepeating,
	log: engineLog(log),
})
let jobsOf: string | null = null
const runner = openRunner({
	pool,
	queues: environment.workerQueues,
	concurrency: environment.workerConcurrency,
	handle: (task) => hands.activate(task),
	onPool: nameJobs,
	log: engineLog(log),
})

/** Under this id the child holds its jobs from now on; those of a queue that was lost and opened anew are for anybody. */
async function nameJobs(poolId: string): Promise<void> {
	const before = jobsOf
	jobsOf = poolId
	await repeatWhile(worthRepeating, () => namePool(pool, settings.child, poolId))
	if (before) await repeatWhile(worthRepeating, () => releaseJobs(pool, [before]))
}

executor = hands
drain = async () => {
	drain = async () => undefined
	hands.drain()
	const impatience = setTimeout(() => hands.handBack(), drainGrace)
	await runner.stop()
	clearTimeout(impatience)
	await door.idle()
	progress.stop()
	lease.stop()
	await pool.end()
	process.exit(0)
}
say({ type: 'ready', taskTypes: definitions.size })
