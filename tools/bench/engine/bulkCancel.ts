/** A bulk cancel of waiting tasks, and what it takes from the engine beside it. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Commands } from '@taskyard/engine/commands/types'
import type { Pool } from '@taskyard/store/connection'
import { taskStateCode } from '@taskyard/store/tasks/codes'

export interface BulkCancel {
	/** From the start of the bulk to its end. */
	readonly milliseconds: number
	/** Steps a second of the engine without it, and while it is under way. */
	readonly alone: number
	readonly beside: number
}

export interface BulkPlace {
	readonly commands: Commands
	readonly pool: Pool
	readonly owner: number
	/** Runs so many tasks of ten steps, and answers the milliseconds that it took. */
	run(tasks: number): Promise<number>
	readonly stepsPerTask: number
}

/** Tasks that run at a time beside it: the load ends soon after the bulk. */
const portion = 250
/** Portions of the load alone before the bulk, and as many after it: what the machine does otherwise changes. */
const portionsAlone = 10

export async function bulkCancel(place: BulkPlace, tasks: number): Promise<BulkCancel> {
	const { commands, pool, owner } = place
	const by = { who: owner, correlationId: 'bench' }
	const ids = await Promise.all(
		Array.from({ length: tasks }, async () => {
			const answer = await commands.startTask({ label: 'Bench::Waiting', input: '{}', ...by })
			if ('refusal' in answer) throw new Error(`A task was not started: ${answer.refusal.message}`)
			return answer.task.id
		}),
	)
	const before = await rateOf(place, portionsAlone)
	const begun = performance.now()
	let milliseconds: number | null = null
	const bulk = cancelAll().then((took) => {
		milliseconds = took
	})
	const beside = await rateWhile(place, () => milliseconds === null)
	await bulk
	const after = await rateOf(place, portionsAlone)
	return { milliseconds: milliseconds ?? 0, alone: (before + after) / 2, beside }

	async function cancelAll(): Promise<number> {
		const answer = await commands.startBulk({ action: 'cancel', ids, why: 'bench', ...by })
		if ('refusal' in answer) throw new Error(`The bulk was not started: ${answer.refusal.message}`)
		const { id } = answer.task
		const ended = {
			name: 'bench:bulk',
			text: 'select from task where id = $1 and state = $2',
			values: [id, taskStateCode.encode('stopped')],
		}
		while ((await pool.query(ended)).rowCount === 0) await delay(5)
		const took = performance.now() - begun
		const items = await commands.readBulkItems({ id, limit: 1 })
		if ('refusal' in items || items.counts.done !== tasks)
			throw new Error(`Of ${tasks} tasks not all were cancelled: ${JSON.stringify(items)}`)
		return took
	}
}

function rateOf(place: BulkPlace, portions: number): Promise<number> {
	let left = portions
	return rateWhile(place, () => --left > 0)
}

/** Steps a second of portions of the load, one after the other. */
async function rateWhile({ run, stepsPerTask }: BulkPlace, goOn: () => boolean): Promise<number> {
	let steps = 0
	let milliseconds = 0
	do {
		milliseconds += await run(portion)
		steps += portion * stepsPerTask
	} while (goOn())
	return (steps * 1000) / milliseconds
}
