/** A child of a worker: claims work, runs it, and writes its own checkpoints. Author code runs here and nowhere else. */

import { releaseJobs, urgentQueue } from '@taskyard/dispatch/jobs'
import { openRunner } from '@taskyard/dispatch/runner'
import { openClock } from '@taskyard/engine/clock'
import { openDoor } from '@taskyard/engine/decisions/door'
import { openCommands } from '@taskyard/engine/commands/commands'
import type { Commands } from '@taskyard/engine/commands/types'
import { type Executor, openExecutor } from '@taskyard/engine/execution/executor'
import { attemptToBlame, failStray } from '@taskyard/engine/execution/strayErrors'
import type { AttemptKey, SupervisorLine } from '@taskyard/engine/execution/supervisorLine'
import { openProgressReports } from '@taskyard/engine/execution/progressReports'
import { openTransactionConnections } from '@taskyard/engine/execution/transactionConnections'
import { platformTasks } from '@taskyard/engine/platform/platformTasks'
import { repeatWhile } from '@taskyard/engine/repetition'
import { enqueueAwaiting, registerTaskTypes } from '@taskyard/engine/taskTypes/registry'
import { changeChannel, openWakeUp } from '@taskyard/engine/wakeUp'
import { namePool } from '@taskyard/engine/workers/presence'
import { redactLogLine } from '@taskyard/engine/sensitive/redactLog'
import { readEnvironment } from '@taskyard/process/environment'
import { createLog } from '@taskyard/process/log'
import { openPool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { openKeyring } from '@taskyard/store/sensitive/keyring'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import {
	cancelDeadline,
	connectionsForOwnTransaction,
	connectionsForTransactions,
	connectionsOfChild,
	connectionsOfOwnChild,
	drainGrace,
	timeOutGrace,
} from '../limits.ts'
import { engineLog } from '../engineLog.ts'
import type { FromChild, ToChild } from '../messages.ts'
import { loadDefinitions } from './definitions.ts'
import { monotonicNow, openLease } from './lease.ts'
import { readChildSettings } from './settings.ts'

const environment = readEnvironment()
const settings = readChildSettings(process.env)
const log = createLog({
	name: `worker.${settings.child}`,
	logLevel: environment.logLevel,
	logFormat: environment.logFormat,
	redact: redactLogLine,
})
if (!environment.databaseUrl) throw new Error('DATABASE_URL is not set: a worker needs the database that the server uses.')

const keyring = openKeyring({ keys: environment.encryptionKeys, file: environment.encryptionKeyFile })
// What author code starts does not inherit them.
delete process.env['ENCRYPTION_KEYS']

const named = ({ task, step, attempt }: AttemptKey): AttemptKey => ({ task, step, attempt })

// Author code may leave a promise without anybody to hear of its failure: that must not end the steps of others.
process.on('unhandledRejection', (reason) => {
	const attempt = attemptToBlame()
	log.error({ err: reason, ...(attempt && named(attempt)) }, 'a promise was rejected and nobody waited for it')
})
// An error in a timer or an event of author code is the failure of its attempt. Whatever else: this process cannot be trusted.
process.on('uncaughtException', (error) => {
	const attempt = failStray(error)
	log.error(
		{ err: error, ...(attempt && named(attempt)) },
		attempt ? 'a step threw an error where nobody awaits it: its attempt has failed' : 'an error of no step ends this process',
	)
	if (!attempt) process.exit(1)
	// What is left of it must not run beside its next try.
	if (settings.place === 'own') void leave(null)
})
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
let run: (task: string, step: number) => void = () => undefined
let leave: (patience: number | null) => Promise<void> = async () => process.exit(0)

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
		case 'look':
			look()
			return
		case 'run':
			run(message.task, message.step)
			return
		case 'drain':
			void leave(drainGrace)
	}
})

let looking: Promise<void> | null = null
let lookAgain = false

/** One look at a time; what is asked for meanwhile is one more. */
function look(): void {
	lookAgain = true
	looking ??= (async () => {
		while (lookAgain) {
			lookAgain = false
			await executor
				?.look()
				.catch((error: Error) => log.debug({ err: error }, 'what is to end was not found; the next heartbeat looks again'))
		}
		looking = null
	})()
}

const shared = settings.place === 'shared'
const pool = openPool(environment.databaseUrl, {
	max: shared ? connectionsOfChild : connectionsOfOwnChild,
	applicationName: `taskyard worker ${settings.worker} child ${settings.child}`,
	session: enginePlanner,
	onError: (error) => log.debug({ err: error }, 'a connection broke'),
})
const time = await openClock(pool)
clock = time
const door = openDoor({ pool, onCommit: openWakeUp(pool, changeChannel), worthRepeating, log: engineLog(log) })
const { databaseUrl: url } = environment
let commands: Promise<Commands> | null = null

/** For steps that act on other tasks; opened when the first one asks. */
function openCommandsOnce(): Promise<Commands> {
	commands ??= openCommands({
		url,
		applicationName: `taskyard worker ${settings.worker} child ${settings.child}`,
		log: engineLog(log),
		keyring,
		shared: { pool, door, clock: time },
	})
	commands.catch(() => {
		commands = null
	})
	return commands
}

const platform = platformTasks({ pool, clock: time, openCommands: openCommandsOnce })
const definitions = await loadDefinitions(platform, environment.workerTasks)
const types = [...definitions.values()].map((definition) => definition.data)
if (shared) await registerTaskTypes(pool, settings.worker, types)
const progress = openProgressReports(pool)

const supervisor: SupervisorLine = {
	needsOwnChild: (task, step) => say({ type: 'needsOwnChild', task, step }),
	limited: (attempt, left) => say({ type: 'limited', ...named(attempt), until: monotonicNow() + left }),
	ended: (attempt) => say({ type: 'ended', ...named(attempt) }),
	overdue(attempt, why) {
		say({ type: 'overdue', ...named(attempt), why })
		// An own child is killed; this one goes when its other attempts have ended, or is killed a while later.
		if (shared) void leave(null)
	},
}

const transactions = openTransactionConnections({
	url,
	most: shared ? connectionsForTransactions : connectionsForOwnTransaction,
	applicationName: `taskyard worker ${settings.worker} child ${settings.child} steps`,
	onError: (error) => log.debug({ err: error }, 'a connection of a step broke'),
})
const hands = openExecutor({
	keyring,
	pool,
	door,
	clock: time,
	child: settings.child,
	bootId: settings.bootId,
	definitions,
	progress,
	transactions,
	openCommands: openCommandsOnce,
	publicUrl: environment.publicUrl,
	place: settings.place,
	supervisor,
	cancelDeadline,
	grace: timeOutGrace,
	worthRepeating,
	log: engineLog(log),
})
let jobsOf: string | null = null
let naming: Promise<void> = Promise.resolve()
const runner = shared
	? openRunner({
			pool,
			queues: [...new Set([...environment.workerQueues, urgentQueue])],
			concurrency: environment.workerConcurrency,
			handle: (task) => hands.activate(task),
			onPool: nameJobs,
			log: engineLog(log),
		})
	: null

/**
 * Under this id the child holds its jobs from now on; those of a queue that was lost and opened anew are for anybody. One
 * after the other, so that the last one counts.
 */
function nameJobs(poolId: string): Promise<void> {
	const before = jobsOf
	jobsOf = poolId
	naming = naming
		.catch(() => undefined)
		.then(() => repeatWhile(worthRepeating, () => namePool(pool, settings.child, poolId)))
		.then(() => (before ? repeatWhile(worthRepeating, () => releaseJobs(pool, [before])) : undefined))
	return naming
}

/** What an own child was told to run. */
let current: Promise<void> = Promise.resolve()
run = (task, step) => {
	current = hands
		.activate(task, step)
		.catch((error: Error) => log.error({ err: error, task, step }, 'a step could not be begun; the sweep will find it'))
		.finally(() => say({ type: 'free' }))
}

executor = hands
leave = async (patience) => {
	leave = async (again) => {
		// Told to end while it leaves for an attempt of its own: its neighbours get no more time than others.
		if (again !== null) setTimeout(() => hands.handBack(), again)
	}
	hands.drain()
	const impatience = patience === null ? null : setTimeout(() => hands.handBack(), patience)
	// Jobs that have not begun go back at once; what was given up keeps its own for ever.
	await Promise.race([runner ? runner.stop() : current, onlyGivenUpLeft()])
	if (impatience) clearTimeout(impatience)
	await door.idle()
	progress.stop()
	lease.stop()
	if (commands) await (await commands).close().catch(() => undefined)
	if (hands.givenUp === 0) await Promise.all([pool.end(), transactions.end()])
	process.exit(0)
}

async function onlyGivenUpLeft(): Promise<void> {
	while (hands.busy > 0 || hands.givenUp === 0) await new Promise((resolve) => setTimeout(resolve, 50).unref())
}

say({ type: 'ready', taskTypes: definitions.size })
if (shared) {
	const found = await enqueueAwaiting(pool, types).catch((error: Error) => {
		log.debug({ err: error }, 'tasks that wait for this code were not found; the sweep looks for them')
		return 0
	})
	if (found > 0) log.info(`${found} tasks waited for this worker's code and are enqueued`)
}
