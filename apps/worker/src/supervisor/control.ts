/** Listens for the wake-up of a cancel. One that gets lost is found by the next heartbeat. */

import { controlChannel } from '@taskyard/engine/wakeUp'
import type { Log } from '@taskyard/process/log'
import { openPool } from '@taskyard/store/connection'

const pause = 500

export function openControl(url: string, onWakeUp: () => void, log: Log): { stop(): Promise<void> } {
	const stopping = new AbortController()
	const pool = openPool(url, { max: 1, applicationName: 'taskyard worker control' })
	const finished = (async () => {
		while (!stopping.signal.aborted) {
			try {
				const client = await pool.connect()
				const lost = Promise.withResolvers<void>()
				stopping.signal.addEventListener('abort', () => lost.resolve(), { once: true })
				client.on('error', () => lost.resolve())
				client.on('end', () => lost.resolve())
				client.on('notification', onWakeUp)
				await client.query(`listen ${controlChannel}`)
				// What came while nobody listened.
				onWakeUp()
				if (!stopping.signal.aborted) await lost.promise
				client.release(true)
			} catch (error) {
				log.debug({ err: error }, 'cannot listen for cancels; trying again')
			}
			if (!stopping.signal.aborted) await new Promise((resolve) => setTimeout(resolve, pause))
		}
	})()
	return {
		async stop() {
			stopping.abort()
			await finished
			await pool.end()
		},
	}
}
