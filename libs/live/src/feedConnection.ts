/**
 * The one connection of a server that hears of changes and reads the feed. A wake-up carries no data and may be lost;
 * what counts is read from the cursor. It is opened when somebody watches, and again after each break.
 */

import type { Pool, PoolClient } from '@taskyard/store/connection'
import { type FeedBatch, readFeed } from './readFeed.ts'

/** Channel of the wake-ups. */
export const wakeChannel = 'taskyard_change'

export interface FeedConnection {
	/** Connects if need be. Rejects while the database is away; the next call tries again. */
	read(cursor: string | null): Promise<FeedBatch>
	/** Gives the connection back; the next read opens another. */
	rest(): void
}

/** @param onWake something may have changed, or the connection broke and it is time to look */
export function createFeedConnection(pool: Pool, onWake: () => void): FeedConnection {
	let client: PoolClient | null = null

	function drop(broken: PoolClient): void {
		if (client !== broken) return
		client = null
		broken.removeListener('notification', onWake)
		// Destroyed, not returned to the pool: it listens.
		broken.release(true)
	}

	async function connect(): Promise<PoolClient> {
		const opened = await pool.connect()
		client = opened
		const lost = () => {
			if (client === opened) onWake()
			drop(opened)
		}
		opened.once('error', lost)
		opened.once('end', lost)
		opened.on('notification', onWake)
		try {
			await opened.query(`listen ${wakeChannel}`)
		} catch (error) {
			drop(opened)
			throw error
		}
		return opened
	}

	return {
		async read(cursor) {
			const connected = client ?? (await connect())
			try {
				return await readFeed(connected, cursor)
			} catch (error) {
				drop(connected)
				throw error
			}
		},
		rest() {
			if (client) drop(client)
		},
	}
}
