/** Opens the commands of one process. Each goes through the one door, or is one transaction, and answers with the task or the reason why not. */

import { openPool, type Pool } from '@taskyard/store/connection'
import { findByExternalId } from '@taskyard/store/externalIds/externalIds'
import type { IdSource } from '@taskyard/store/ids'
import { type Keyring, noKeyring } from '@taskyard/store/sensitive/keyring'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import { calibrate, openClock } from '../clock.ts'
import { type Door, openDoor } from '../decisions/door.ts'
import { openKnownTypes } from '../taskTypes/knownTypes.ts'
import { changeChannel, controlChannel, openWakeUp } from '../wakeUp.ts'
import { openTaskEnds } from './awaitTask.ts'
import { openBulks } from './bulk.ts'
import { openChangeListener } from './changeListener.ts'
import { deleteTask } from './deleteTask.ts'
import { openDryRuns } from './dryRunTask.ts'
import { openOperations } from './operate.ts'
import { isTaskId, noSuchTask } from './refuse.ts'
import { openRecordedTasks } from './recordedTasks.ts'
import { rerunTask } from './rerunTask.ts'
import { resumeUnlocked } from './resumeUnlocked.ts'
import { sendEvent } from './sendEvent.ts'
import { changeSetting, readSettings } from './settings.ts'
import { startedOtherwise } from './startedOtherwise.ts'
import { openStarts, type Start } from './startTask.ts'
import type { Commands } from './types.ts'
import { unlockTask } from './unlockTask.ts'
import { useCallback } from './useCallback.ts'

export interface CommandOptions {
	readonly url: string
	/** Most connections; two are enough for one that starts tasks and one that operates them. */
	readonly connections?: number
	readonly applicationName: string
	readonly log: (level: 'error' | 'warning' | 'info' | 'debug', message: string) => void
	/** Encrypts sensitive fields. Without one, tasks that have such are refused. */
	readonly keyring?: Keyring
	/** What the process has open already: it is used, and left open. */
	readonly shared?: { readonly pool: Pool; readonly door: Door; readonly clock: IdSource }
}

/** Steps that are found by one external id at most. */
const mostFound = 100
/** Longest time between two looks at the database's clock, in milliseconds. */
const calibration = 10_000

/** Opens the commands on connections of their own, or on those of the process; one more is opened while somebody waits for a task. */
export async function openCommands(options: CommandOptions): Promise<Commands> {
	let closing = false
	const worthRepeating = (): boolean => !closing
	const { pool, door, clock, close } = options.shared
		? { ...options.shared, close: async () => undefined }
		: await openOwn(options, worthRepeating)
	const onCommit = openWakeUp(pool, changeChannel)
	const wakeWorkers = openWakeUp(pool, controlChannel)
	const types = openKnownTypes(pool)
	const { keyring = noKeyring } = options
	const listener = openChangeListener(options.url, `${options.applicationName} waiting`)
	const ends = openTaskEnds(pool, listener)
	const dryRuns = openDryRuns({ pool, clock, types, keyring }, listener)
	const startAny = openStarts({ pool, clock, types, keyring, door, onCommit, worthRepeating })
	const startTask: Start = async (order, inside) => startedOtherwise(order.label) ?? startAny(order, inside)
	const bulks = openBulks({ pool, clock, start: startAny })
	const operations = openOperations({ door, clock, types, wakeWorkers })
	const transactions = { pool, clock, worthRepeating }
	const recorded = openRecordedTasks({ ...transactions, types })

	/** A command that is a transaction of its own tells those who watch by itself. */
	async function telling<Answer>(work: Promise<Answer>): Promise<Answer> {
		const answer = await work
		onCommit()
		return answer
	}

	return {
		...operations,
		...bulks,
		startTask: (order) => startTask(order),
		async runTask({ limit, ...order }) {
			const answer = await startTask(order)
			if ('refusal' in answer) return answer
			const { task, discarded } = answer
			const ended = await ends.wait(task.id, limit)
			return 'refusal' in ended ? ended : { ...ended, discarded }
		},
		awaitTask: async ({ id, limit, sealed }) => (isTaskId(id) ? ends.wait(id.toLowerCase(), limit, sealed) : noSuchTask(id)),
		async resumeTask(order) {
			const answer = isTaskId(order.id) ? await telling(resumeUnlocked(transactions, order)) : null
			return answer ?? operations.resumeTask(order)
		},
		async cancelTask(order) {
			const answer = isTaskId(order.id) ? await telling(recorded.cancelRecorded(order)) : null
			return answer ?? operations.cancelTask(order)
		},
		openTask: (order) => telling(recorded.openTask(order)),
		reportTask: (order) => telling(recorded.reportTask(order)),
		closeTask: (order) => telling(recorded.closeTask(order)),
		rerunTask: (order) => rerunTask({ pool, clock, start: startTask }, order),
		unlockTask: (order) => telling(unlockTask(transactions, order, false)),
		async forceUnlockTask(order) {
			const answer = await telling(unlockTask(transactions, order, true))
			if ('task' in answer) wakeWorkers()
			return answer
		},
		deleteTask: (order) => telling(deleteTask(transactions, order)),
		sendEvent: (order) => telling(sendEvent({ ...transactions, keyring }, order)),
		useCallback: (order) => telling(useCallback({ ...transactions, keyring }, order)),
		findByExternalId: (value) => findByExternalId(pool, value, mostFound),
		dryRunTask: (order) => dryRuns.ask(order),
		changeSetting: (order) => changeSetting(pool, order),
		readSettings: () => readSettings(pool),
		async close() {
			closing = true
			ends.close()
			dryRuns.close()
			await listener.close()
			await door.idle()
			await close()
		},
	}
}

async function openOwn(
	options: CommandOptions,
	worthRepeating: () => boolean,
): Promise<{ pool: Pool; door: Door; clock: IdSource; close(): Promise<void> }> {
	const pool = openPool(options.url, { max: options.connections ?? 2, applicationName: options.applicationName, session: enginePlanner })
	const clock = await openClock(pool).catch(async (error: Error) => {
		await pool.end()
		throw error
	})
	const door = openDoor({ pool, onCommit: openWakeUp(pool, changeChannel), worthRepeating, log: options.log })
	const measuring = setInterval(() => void calibrate(clock, pool).catch(() => undefined), calibration)
	measuring.unref()
	return {
		pool,
		door,
		clock,
		async close() {
			clearInterval(measuring)
			await pool.end()
		},
	}
}
