/** Tells the programs that carry out tasks of their cancels, again and again until they have heard. */

import type { Pool } from '@taskyard/store/connection'
import { appendRecordedLog, noteTelling, type RecordedRow, takeTellings } from '@taskyard/store/tasks/recordedTasks'
import type { IdSource } from '@taskyard/store/ids'
import { inTransaction } from '@taskyard/store/connection'
import { callBack, longestCall } from '../commands/callbackUrl.ts'

export interface TellingOptions {
	readonly pool: Pool
	readonly clock: IdSource
}

/** Programs that are told at once. */
const most = 20
const longestPause = 5 * 60_000

/** Answers a function that tells all that are due, and does not wait for those that are slow. */
export function openTellings(options: TellingOptions): () => Promise<void> {
	return async () => {
		const due = await takeTellings(options.pool, most, longestCall * 2)
		for (const row of due) void tell(options, row).catch(() => undefined)
	}
}

async function tell({ pool, clock }: TellingOptions, { id, callbackUrl, failures }: RecordedRow): Promise<void> {
	let failure: string | null = null
	try {
		await callBack(callbackUrl ?? '', { task: id, cancel: true })
	} catch (error) {
		failure = (error as Error).message
	}
	if (failure !== null && failures === 0) await logFailure({ pool, clock }, id, failure)
	const pause = Math.min(longestPause, 1_000 * 2 ** failures)
	await noteTelling(pool, id, failure === null ? null : pause)
}

/** Once: who reads the log knows then that it goes on. */
async function logFailure({ pool, clock }: TellingOptions, id: string, failure: string): Promise<void> {
	const line = `The program that carries out this task could not be told of the cancel: ${failure} It is told again until it hears.`
	await inTransaction(pool, async (client) => {
		await client.query('select from task where id = $1 for update', [id])
		await appendRecordedLog(client, id, [line], clock.now())
	})
}
