/** Lives of bulks: whatever dies on the way, each item is acted on once. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BulkAction } from '@taskyard/engine/commands/types'
import { createIdSource } from '@taskyard/store/ids'
import { eventKindCode } from '@taskyard/store/tasks/codes'
import { waitFor } from '@taskyard/testkit/waitFor'
import type { Life, Surroundings } from './lives.ts'

type EventKind = Parameters<typeof eventKindCode.encode>[0]

const ids = createIdSource()
ids.calibrate(Date.now())
let named = 0
const resource = (): string => `bulk ${++named}`
const why = 'kill test of bulks'

async function startTasks(
	{ yard, commands }: Surroundings,
	label: string,
	input: object,
	more: { startAt?: number } = {},
): Promise<string[]> {
	const started = [ids.next(), ids.next(), ids.next()]
	for (const id of started) {
		const order = { id, label, input: JSON.stringify({ resource: resource(), ...input }), who: yard.owner, correlationId: why, ...more }
		const answer = await commands.startTask(order)
		if ('refusal' in answer) throw new Error(answer.refusal.message)
	}
	return started
}

/** Answers the id of the bulk once it has stopped, and what is wrong with its end. */
async function act(
	{ yard, commands }: Surroundings,
	action: BulkAction,
	items: readonly string[],
): Promise<{ id: string; faults: string[] }> {
	const id = ids.next()
	const answer = await commands.startBulk({ id, action, ids: items, who: yard.owner, why, correlationId: why })
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	await yard.reached(id, 'stopped')
	const read = await yard.commands.readBulkItems({ id })
	if ('refusal' in read) throw new Error(read.refusal.message)
	const undone = read.items.filter((item) => item.outcome !== 'done')
	return { id, faults: undone.map((item) => `bulk ${action}: item ${item.task} is ${item.outcome}: ${item.reason}`) }
}

async function eventsOf({ yard }: Surroundings, id: string, kind: EventKind): Promise<number> {
	const { rows } = await yard.pool.query('select from event where task_id = $1 and kind = $2', [id, eventKindCode.encode(kind)])
	return rows.length
}

async function faultsOfEvents(surroundings: Surroundings, items: readonly string[], kind: EventKind, wanted: number): Promise<string[]> {
	const faults: string[] = []
	for (const id of items) {
		const found = await eventsOf(surroundings, id, kind)
		if (found !== wanted) faults.push(`${kind} of ${id} was done ${found} times and not ${wanted}`)
	}
	return faults
}

/** Stopped tasks are run again: there is one new task for each. */
export const bulkRerun: Life = async (surroundings) => {
	const { yard } = surroundings
	const items = await startTasks(surroundings, 'Shape::Whole', {})
	for (const id of items) await yard.reached(id, 'stopped')
	const { id: bulk, faults } = await act(surroundings, 'rerun', items)
	const text = `select t.id, t.rerun_of, b.made from task t left join bulk_item b on b.task_id = $2 and b.item = t.rerun_of where t.rerun_of = any($1::uuid[])`
	const { rows } = await yard.pool.query<{ id: string; rerun_of: string; made: string | null }>(text, [items, bulk])
	for (const row of rows) if (row.made !== row.id) faults.push(`${row.id} repeats ${row.rerun_of}, whose item names ${row.made}`)
	if (rows.length !== items.length) faults.push(`${rows.length} tasks were made for ${items.length} items`)
	for (const { id } of rows) await yard.reached(id, 'stopped')
	faults.push(...(await faultsOfEvents(surroundings, items, 'rerun', 1)))
	return { ids: [...items, ...rows.map((row) => row.id), bulk], faults }
}

/** Paused tasks are resumed although nothing is repaired: each runs and fails once more, and not twice. */
export const bulkResume: Life = async (surroundings) => {
	const { yard, effects } = surroundings
	const file = join(effects.folder, `bulk wish ${++named}`)
	const items = await startTasks(surroundings, 'Shape::Stuck', { file })
	for (const id of items) await yard.reached(id, 'paused')
	const first = await act(surroundings, 'resume', items)
	for (const id of items) {
		await waitFor('it to have paused again', async () => (await eventsOf(surroundings, id, 'resume')) > 0, { timeout: 60_000 })
		await yard.reached(id, 'paused')
	}
	const faults = [...first.faults, ...(await faultsOfEvents(surroundings, items, 'resume', 1))]
	writeFileSync(file, '')
	const second = await act(surroundings, 'resume', items)
	for (const id of items) if ((await yard.reached(id, 'stopped')).result !== 'warning') faults.push(`${id} did not end with warning`)
	rmSync(file)
	return {
		ids: [...items, first.id, second.id],
		faults: [...faults, ...second.faults, ...(await faultsOfEvents(surroundings, items, 'resume', 2))],
	}
}

/** Tasks that have not begun, and paused ones, are cancelled. */
export const bulkCancel: Life = async (surroundings) => {
	const { yard, effects } = surroundings
	const paused = await startTasks(surroundings, 'Shape::Stuck', { file: join(effects.folder, 'never') })
	for (const id of paused) await yard.reached(id, 'paused')
	const scheduled = await startTasks(surroundings, 'Shape::Whole', {}, { startAt: Date.now() + 3_600_000 })
	const items = [...paused, ...scheduled]
	const { id: bulk, faults } = await act(surroundings, 'cancel', items)
	for (const id of items) if ((await yard.reached(id, 'stopped')).result !== 'cancelled') faults.push(`${id} is not cancelled`)
	return { ids: [...items, bulk], faults: [...faults, ...(await faultsOfEvents(surroundings, items, 'cancel', 1))] }
}
