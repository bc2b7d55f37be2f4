/** Starts bulks: the items are stored with the task, in one transaction, and the task's own input stays small. Reads what became of them. */

import type { Pool } from '@taskyard/store/connection'
import type { IdSource } from '@taskyard/store/ids'
import { countItems, type ItemRow, readBulk, readItems } from '@taskyard/store/bulk/readItems'
import { copyItems, hasItems, storeItems } from '@taskyard/store/bulk/storeItems'
import { type BulkInput, bulkLabel } from '../platform/bulk/input.ts'
import { isTaskId, noSuchTask, refuse } from './refuse.ts'
import { areDangerousActionsOn } from './settings.ts'
import type { Start } from './startTask.ts'
import {
	type BulkAction,
	type BulkAgain,
	type BulkItem,
	type BulkItems,
	type BulkOutcome,
	bulkActions,
	bulkOutcomes,
	type CommandAnswer,
	type CommandRefusal,
	type ReadBulkItems,
	type Refused,
	type StartBulk,
} from './types.ts'

/** Most tasks of one bulk. */
export const mostItems = 100_000
const longestPage = 1000
const usualPage = 100

export interface Bulks {
	startBulk(order: StartBulk): Promise<CommandAnswer>
	bulkAgain(order: BulkAgain): Promise<CommandAnswer>
	readBulkItems(order: ReadBulkItems): Promise<BulkItems | Refused>
}

/** @param options `start` starts also what nobody may start by its label */
export function openBulks(options: { readonly pool: Pool; readonly clock: IdSource; readonly start: Start }): Bulks {
	const { pool, clock, start } = options

	async function startBulk({ id, action, ids, who, why, correlationId, confirmed }: StartBulk): Promise<CommandAnswer> {
		const items = itemsOf(ids)
		if ('refusal' in items) return items
		const own = id?.toLowerCase() ?? clock.next()
		if (items.includes(own)) return refuse('invalid_bulk', `The bulk ${own} is to act on itself. Leave its id out.`)
		const refusal = await refusalOf(pool, action, confirmed)
		if (refusal) return refusal
		const input: BulkInput = { action, count: items.length, why, ...(confirmed && { confirmed }) }
		const order = { id: own, label: bulkLabel, input: JSON.stringify(input), who, correlationId }
		const answer = await start(order, (client) => storeItems(client, own, items))
		if ('refusal' in answer || id === undefined || (await hasItems(pool, own, items))) return answer
		return refuse('id_taken', `Bulk ${own} exists already and acts on other tasks. Choose a new id, or leave it out.`)
	}

	async function bulkAgain({ id, who, why, correlationId, confirmed, newId }: BulkAgain): Promise<CommandAnswer> {
		const bulk = await findBulk(pool, id)
		if ('refusal' in bulk) return bulk
		if (!bulk.stopped) return refuse('not_stopped', 'The bulk has not stopped. Only one that has stopped can be done again.')
		const before = JSON.parse(bulk.input) as BulkInput
		const refusal = await refusalOf(pool, before.action, confirmed)
		if (refusal) return refusal
		const { refused, failed } = await countItems(pool, id)
		const count = refused + failed
		if (count === 0) return refuse('invalid_bulk', 'No item of the bulk was refused or has failed: there is nothing to do again.')
		const input: BulkInput = {
			action: before.action,
			count,
			why: why ?? before.why,
			...(confirmed && { confirmed }),
			again: id.toLowerCase(),
		}
		const own = newId ?? clock.next()
		const order = { id: own, label: bulkLabel, input: JSON.stringify(input), who, correlationId }
		return start(order, (client) => copyItems(client, id, own, ['refused', 'failed']))
	}

	async function readBulkItems({ id, outcome, after = -1, limit = usualPage }: ReadBulkItems): Promise<BulkItems | Refused> {
		const bulk = await findBulk(pool, id)
		if ('refusal' in bulk) return bulk
		const unknown = outcome !== undefined && !bulkOutcomes.includes(outcome)
		if (unknown) return refuse('invalid_bulk', `"${String(outcome)}" is no outcome of an item. Known are ${bulkOutcomes.join(', ')}.`)
		const size = Math.max(1, Math.min(longestPage, Math.trunc(limit)))
		const { none, ...counts } = await countItems(pool, id)
		const undone: BulkOutcome = bulk.stopped ? 'not_done' : 'open'
		// Of those without an outcome all are open, or none is.
		const nobody = (outcome === 'open' || outcome === 'not_done') && outcome !== undone
		const stored = outcome === 'open' || outcome === 'not_done' ? 'none' : outcome
		const rows = nobody ? [] : await readItems(pool, id, { ...(stored && { outcome: stored }), after, limit: size + 1 })
		const page = rows.slice(0, size)
		return {
			items: page.map((row) => itemOf(row, undone)),
			next: rows.length > size ? (page.at(-1)?.place ?? null) : null,
			counts: { ...counts, open: 0, not_done: 0, [undone]: none },
		}
	}

	return { startBulk, bulkAgain, readBulkItems }
}

/** Each id once, in the order in which they are named. */
function itemsOf(ids: readonly string[]): string[] | Refused {
	if (ids.length === 0) return refuse('invalid_bulk', 'A bulk needs tasks to act on; no id was given.')
	if (ids.length > mostItems)
		return refuse('invalid_bulk', `A bulk acts on ${mostItems} tasks at most, and ${ids.length} ids were given. Make several of it.`)
	const wrong = ids.findIndex((id) => typeof id !== 'string' || !isTaskId(id))
	if (wrong >= 0) return refuse('invalid_bulk', `"${String(ids[wrong])}", number ${wrong + 1} of the ids, is no id of a task.`)
	return [...new Set(ids.map((id) => id.toLowerCase()))]
}

async function refusalOf(pool: Pool, action: BulkAction, confirmed: boolean | undefined): Promise<Refused | null> {
	if (!bulkActions.includes(action))
		return refuse('invalid_bulk', `"${String(action)}" cannot be done in bulk. Known are ${bulkActions.join(', ')}.`)
	if (action !== 'unlock') return null
	if (!(await areDangerousActionsOn(pool)))
		return refuse('dangerous_actions_off', 'Unlock is switched off. Who may edit settings can turn on "dangerous_actions".')
	if (confirmed) return null
	return refuse(
		'not_confirmed',
		'What these tasks have locked falls free although they have not ended well. Say that you have confirmed it, or look at the consequences of a single one first.',
	)
}

interface FoundBulk {
	readonly stopped: boolean
	readonly input: string
}

async function findBulk(pool: Pool, id: string): Promise<FoundBulk | Refused> {
	const found = isTaskId(id) ? await readBulk(pool, id) : null
	if (!found) return noSuchTask(id)
	if (found.label !== bulkLabel) return refuse('invalid_bulk', `Task ${id} is a ${found.label}, and no bulk.`)
	return found
}

function itemOf({ place, item, outcome, code, reason, made, at }: ItemRow, undone: BulkOutcome): BulkItem {
	const given = outcome ?? undone
	return {
		place,
		task: item,
		outcome: given,
		reason: given === 'not_done' ? 'The bulk had stopped before its turn.' : reason,
		code: code as CommandRefusal | null,
		made,
		at,
	}
}
