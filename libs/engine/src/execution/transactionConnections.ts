/** Connections for the SQL of authors. They are few, and none of those that checkpoints need: an author may keep one for long. */

import { openPool, type Pool, type PoolClient } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'

export interface TransactionConnectionOptions {
	readonly url: string
	/** Most at a time; whoever comes then waits. None is opened before it is needed. */
	readonly most: number
	readonly applicationName: string
	/** Milliseconds from the first statement of a transaction to its end. Default: 30 s. */
	readonly limit?: number
	readonly onError?: (error: Error) => void
}

export interface TransactionConnections {
	/** Milliseconds that a transaction may take. */
	readonly limit: number
	/** Waits for its turn as long as the signal is not aborted. Who takes one gives it back. */
	take(signal: AbortSignal): Promise<PoolClient>
	/** @param broken it is closed, whatever it still does */
	giveBack(client: PoolClient, broken: boolean): void
	end(): Promise<void>
}

/** Longest transaction of a step, in milliseconds. */
const longest = 30_000

export function openTransactionConnections(options: TransactionConnectionOptions): TransactionConnections {
	const { url, most, applicationName, limit = longest } = options
	const waiting = new Set<() => void>()
	let pool: Pool | null = null
	let taken = 0

	function leave(): void {
		taken -= 1
		const [next] = waiting
		next?.()
	}

	async function turn(signal: AbortSignal): Promise<void> {
		while (taken >= most) {
			const { promise, resolve } = Promise.withResolvers<void>()
			const wake = (): void => resolve()
			waiting.add(wake)
			signal.addEventListener('abort', wake, { once: true })
			await promise
			waiting.delete(wake)
			signal.removeEventListener('abort', wake)
			// Who was woken and goes away wakes the next one in its place.
			if (signal.aborted && taken < most) [...waiting][0]?.()
			signal.throwIfAborted()
		}
		taken += 1
	}

	return {
		limit,
		async take(signal) {
			signal.throwIfAborted()
			await turn(signal)
			try {
				pool ??= openPool(url, {
					max: most,
					applicationName,
					transactionTimeout: limit,
					idleInTransactionTimeout: limit,
					session: enginePlanner,
					...(options.onError && { onError: options.onError }),
				})
				return await pool.connect()
			} catch (error) {
				leave()
				throw error
			}
		},
		giveBack(client, broken) {
			client.release(broken)
			leave()
		},
		async end() {
			await pool?.end()
		},
	}
}
