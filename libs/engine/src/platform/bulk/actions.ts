/** What a bulk does to a few of its items, for each of its actions. */

import { setTimeout as delay } from 'node:timers/promises'
import { type ItemOutcome, type OpenItem, readExisting, storeMade } from '@taskyard/store/bulk/doItems'
import { largestCancel } from '@taskyard/store/tasks/cancelWaiting'
import { deleteTogether } from '../../commands/deleteTask.ts'
import { resumeTogether, skipTogether } from '../../commands/operateTogether.ts'
import { resumeUnlockedInside } from '../../commands/resumeUnlocked.ts'
import type { BulkAction, CommandAnswer } from '../../commands/types.ts'
import { unlockInside } from '../../commands/unlockTask.ts'
import { cancelTogether } from '../../decisions/cancelTogether.ts'
import { atFailurePoint } from '../../failurePoint.ts'
import { repeatWhile } from '../../repetition.ts'
import type { Bulk } from './bulk.ts'
import { askForEach, doOnce } from './doOnce.ts'
import { outcomeOf } from './outcomes.ts'

export interface Action {
	/** How many items it takes at a time: what one transaction holds, or how many are asked for at once. */
	readonly atOnce: number
	readonly act: (bulk: Bulk, items: readonly OpenItem[]) => Promise<void>
}

export const actions: Readonly<Record<BulkAction, Action>> = {
	cancel: { atOnce: largestCancel / 2, act: cancel },
	resume: { atOnce: 100, act: resume },
	skip: { atOnce: 100, act: skip },
	// What it frees is granted under a lock that all who grant share: one at a time.
	unlock: { atOnce: 1, act: unlock },
	rerun: { atOnce: 25, act: rerun },
	delete: { atOnce: 25, act: remove },
}

// A statement over so many tasks is felt by all who write beside it: without the rest they did a third less meanwhile.
/** After it the bulk rests, so many times as long as it took, and so many milliseconds at most. */
const rest = 1.5
const longestRest = 500

/** Cancels asked for at once: the door writes them as a group. */
const cancelsAtOnce = 100

/** Those that have not begun by one statement; the others by the command, which changes nothing when it is asked twice. */
async function cancel(bulk: Bulk, items: readonly OpenItem[]): Promise<void> {
	const cancelled = new Set<string>()
	const begun = performance.now()
	await doOnce(bulk, items, async (client, open) => {
		// The transaction before may have been undone.
		cancelled.clear()
		const gone = await cancelTogether(
			client,
			open.map(({ item }) => item),
			bulk,
		)
		for (const id of gone) cancelled.add(id)
		return open.filter(({ item }) => gone.has(item)).map((item) => outcomeOf(item, { task: { id: item.item } }))
	})
	if (cancelled.size > 0) await delay(Math.min(longestRest, rest * (performance.now() - begun)))
	const { cancelTask } = await bulk.services.openCommands()
	const left = items.filter(({ item }) => !cancelled.has(item))
	for (let from = 0; from < left.length && bulk.worth(); from += cancelsAtOnce) {
		await askForEach(bulk, left.slice(from, from + cancelsAtOnce), async (item) => outcomeOf(item, await cancelTask(ordered(bulk, item))))
	}
}

async function resume(bulk: Bulk, items: readonly OpenItem[]): Promise<void> {
	let apart: OpenItem[] = []
	await doOnce(bulk, items, async (client, open) => {
		const answers = await resumeTogether(client, idsOf(open), asked(bulk))
		apart = open.filter(({ item }) => !answers.has(item))
		return outcomesOf(open, answers)
	})
	for (const one of apart) {
		await doOnce(bulk, [one], async (client, open) => {
			const outcomes: ItemOutcome[] = []
			for (const item of open) {
				const answer = await resumeUnlockedInside(client, bulk.services.clock.now(), ordered(bulk, item))
				// Somebody else has resumed it meanwhile, or deleted it.
				outcomes.push(...(answer ? [outcomeOf(item, answer)] : outcomesOf([item], await resumeTogether(client, [item.item], asked(bulk)))))
			}
			return outcomes
		})
	}
}

function skip(bulk: Bulk, items: readonly OpenItem[]): Promise<void> {
	return doOnce(bulk, items, async (client, open) => outcomesOf(open, await skipTogether(client, idsOf(open), asked(bulk))))
}

function unlock(bulk: Bulk, items: readonly OpenItem[]): Promise<void> {
	return doOnce(bulk, items, async (client, open) => {
		const outcomes: ItemOutcome[] = []
		for (const item of open) {
			const answer = await unlockInside(client, bulk.services.clock.now(), { ...ordered(bulk, item), confirmed: true }, false)
			// A confirmed order is not answered with its consequences.
			if (!('consequences' in answer)) outcomes.push(outcomeOf(item, answer))
		}
		return outcomes
	})
}

function remove(bulk: Bulk, items: readonly OpenItem[]): Promise<void> {
	return doOnce(bulk, items, async (client, open) => outcomesOf(open, await deleteTogether(client, idsOf(open), bulk)))
}

/** The id of the new task is stored first: whoever comes after a death of the process asks for the same one. */
async function rerun(bulk: Bulk, items: readonly OpenItem[]): Promise<void> {
	const { pool, clock, openCommands } = bulk.services
	const before = new Set(items.filter(({ made }) => made !== null).map(({ place }) => place))
	const withIds = items.map((item) => ({ ...item, made: item.made ?? clock.next() }))
	const open = await repeatWhile(bulk.worth, () => storeMade(pool, bulk.id, withIds))
	if (atFailurePoint) await atFailurePoint('bulk.itemStored', bulk.id)
	const asked = open.flatMap(({ place, made }) => (made !== null && before.has(place) ? [made] : []))
	const existing = await repeatWhile(bulk.worth, () => readExisting(pool, asked))
	const { rerunTask } = await openCommands()
	const { correlationId } = bulk
	await askForEach(bulk, open, async (item) => {
		const newId = item.made as string
		if (existing.has(newId)) return outcomeOf(item, { task: { id: newId } }, newId)
		const answer = await rerunTask({ ...ordered(bulk, item), correlationId, newId })
		if ('refusal' in answer || !answer.discarded) return outcomeOf(item, answer, newId)
		const reason = `No task was made: ${answer.task.id} of the same duplicate key counts.`
		return { place: item.place, outcome: 'refused', code: null, reason, made: null }
	})
}

const idsOf = (items: readonly OpenItem[]): string[] => items.map(({ item }) => item)

const ordered = ({ who, why }: Bulk, { item }: OpenItem) => ({ id: item, who, why })

const asked = ({ who, why, services }: Bulk) => ({ who, why, at: services.clock.now() })

function outcomesOf(items: readonly OpenItem[], answers: ReadonlyMap<string, CommandAnswer>): ItemOutcome[] {
	return items.flatMap((item) => {
		const answer = answers.get(item.item)
		return answer ? [outcomeOf(item, answer)] : []
	})
}
