/** Actions on many tasks: each is a task itself, with an outcome for each item. */

import type { Asked } from './request.ts'
import { newTaskId } from './taskId.ts'

export type BulkAction = 'resume' | 'cancel' | 'skip' | 'unlock' | 'rerun' | 'delete'
/** `open`: its turn comes. `not_done`: the bulk has stopped before its turn. */
export type BulkOutcome = 'done' | 'refused' | 'failed' | 'open' | 'not_done'

export interface BulkOptions {
	/** Kept in the history of each task. */
	readonly why?: string
	/** An unlock must be. */
	readonly confirmed?: boolean
	/** A UUIDv7 for the bulk. */
	readonly id?: string
}

export interface BulkItem {
	/** From 0 on, in the order in which they were named. */
	readonly place: number
	/** Id of the task that it is about. */
	readonly task: string
	readonly outcome: BulkOutcome
	/** Why it was refused, failed or was not done. */
	readonly reason: string | null
	/** Of the command that refused it. */
	readonly code: string | null
	/** Id of the task that a rerun has made. */
	readonly made: string | null
	readonly at: string | null
}

interface Page {
	readonly items: readonly BulkItem[]
	readonly next: number | null
}

type Ask = <Result>(asked: Asked) => Promise<Result>

export async function startBulk(ask: Ask, action: BulkAction, ids: readonly string[], options: BulkOptions): Promise<string> {
	const body = { action, ids, id: newTaskId(), ...options }
	const { id } = await ask<{ readonly id: string }>({ path: '/bulk', body, what: `The bulk ${action} was not started` })
	return id
}

export async function bulkAgain(ask: Ask, bulk: string, { id = newTaskId(), ...options }: BulkOptions): Promise<string> {
	const path = `/bulk/${encodeURIComponent(bulk)}/again`
	const again = await ask<{ readonly id: string }>({ path, body: { newId: id, ...options }, what: `Bulk ${bulk} was not started again` })
	return again.id
}

/** Reads page after page. */
export async function* bulkItems(ask: Ask, bulk: string, outcome?: BulkOutcome): AsyncGenerator<BulkItem, void, undefined> {
	const only = outcome === undefined ? '' : `&outcome=${outcome}`
	for (let after: number | null | undefined; after !== null; ) {
		const from = after === undefined ? '' : `&after=${after}`
		const path = `/bulk/${encodeURIComponent(bulk)}/items?first=1000${only}${from}`
		const page: Page = await ask<Page>({ method: 'GET', path, what: `The items of bulk ${bulk} cannot be read` })
		yield* page.items
		after = page.next
	}
}
