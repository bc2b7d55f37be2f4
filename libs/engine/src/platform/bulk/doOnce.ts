/** Does something to items so that it is done once, however often the process dies. */

import { inTransaction, type PoolClient } from '@taskyard/store/connection'
import { type ItemOutcome, lockOpenItems, type OpenItem, storeOutcomes } from '@taskyard/store/bulk/doItems'
import { atFailurePoint } from '../../failurePoint.ts'
import { repeatWhile } from '../../repetition.ts'
import type { Bulk } from './bulk.ts'
import { outcomeOfError } from './outcomes.ts'

/** Answers the outcomes of some of these items, those that it has done something about. */
export type Work = (client: PoolClient, items: readonly OpenItem[]) => Promise<readonly ItemOutcome[]>

/**
 * What is done and what is stored of it with the item are one transaction. One for all of them; when that cannot be
 * stored, one for each.
 */
export async function doOnce(bulk: Bulk, items: readonly OpenItem[], work: Work): Promise<void> {
	const { pool } = bulk.services
	const [first, ...others] = items
	if (!first) return
	try {
		await repeatWhile(bulk.worth, () =>
			inTransaction(pool, async (client) => {
				const open = await lockOpenItems(client, bulk.id, items)
				const outcomes = await work(client, open)
				if (atFailurePoint) await atFailurePoint('bulk.itemDone', bulk.id)
				await storeOutcomes(client, bulk.id, outcomes)
			}),
		)
	} catch (error) {
		if (!bulk.worth()) throw error
		if (others.length > 0) for (const item of items) await doOnce(bulk, [item], work)
		else await repeatWhile(bulk.worth, () => storeOutcomes(pool, bulk.id, [outcomeOfError(first, error)]))
	}
}

/** Asks for each item by itself, and stores what became of all of them. To ask twice must be harmless. */
export async function askForEach(bulk: Bulk, items: readonly OpenItem[], ask: (item: OpenItem) => Promise<ItemOutcome>): Promise<void> {
	const outcomes = await Promise.all(
		items.map((item) =>
			repeatWhile(bulk.worth, () => ask(item)).catch((error: unknown) => {
				if (!bulk.worth()) throw error
				return outcomeOfError(item, error)
			}),
		),
	)
	if (atFailurePoint && items.length > 0) await atFailurePoint('bulk.itemDone', bulk.id)
	await repeatWhile(bulk.worth, () => storeOutcomes(bulk.services.pool, bulk.id, outcomes))
}
