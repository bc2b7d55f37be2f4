/** Tasks that are started one after the other while something is broken, and what was acknowledged of them. */

import { createIdSource } from '@taskyard/store/ids'
import { waitFor } from '@taskyard/testkit/waitFor'
import type { Yard } from './yard.ts'

export interface Load {
	/** Ids of the tasks whose start was answered so far. */
	readonly acknowledged: readonly string[]
	/** Messages of the starts that failed. */
	readonly failures: readonly string[]
	/** Waits until so many more were acknowledged. */
	more(count: number): Promise<void>
	/** Starts no more, and answers the ids of all that were asked for. */
	stop(): Promise<readonly string[]>
}

/** Starts tasks of these kinds in turn, so many callers at once, each again when it was answered. */
export function openLoad(
	{ commands, owner }: Pick<Yard, 'commands' | 'owner'>,
	kinds: readonly { readonly label: string; readonly input: (number: number) => object }[],
	{ callers = 2, pause = 20 }: { readonly callers?: number; readonly pause?: number } = {},
): Load {
	const ids = createIdSource()
	ids.calibrate(Date.now())
	const asked: string[] = []
	const acknowledged: string[] = []
	const failures: string[] = []
	let stopping = false

	async function call(): Promise<void> {
		while (!stopping) {
			const number = asked.length
			const kind = kinds[number % kinds.length]
			if (!kind) return
			const id = ids.next()
			asked.push(id)
			const order = { id, label: kind.label, input: JSON.stringify(kind.input(number)), who: owner, correlationId: 'load' }
			try {
				const answer = await commands.startTask(order)
				if ('refusal' in answer) failures.push(answer.refusal.message)
				else acknowledged.push(id)
			} catch (error) {
				failures.push((error as Error).message)
			}
			await new Promise((resolve) => setTimeout(resolve, pause))
		}
	}

	const done = Promise.all(Array.from({ length: callers }, call))
	return {
		acknowledged,
		failures,
		async more(count) {
			const wanted = acknowledged.length + count
			await waitFor(`${count} more starts to be acknowledged`, () => acknowledged.length >= wanted, { timeout: 60_000 })
		},
		async stop() {
			stopping = true
			await done
			return asked
		},
	}
}

/**
 * Waits for the end of all that were acknowledged, and answers which of them are gone or ended badly. What was asked for
 * and not acknowledged may be there or not; if it is, it has to end as well.
 */
export async function faultsOfLoad(yard: Yard, load: Load, asked: readonly string[]): Promise<{ ids: string[]; faults: string[] }> {
	const { rows } = await yard.pool.query<{ id: string }>('select id from task where id = any($1::uuid[])', [asked])
	const there = new Set(rows.map(({ id }) => id))
	const faults = load.acknowledged.filter((id) => !there.has(id)).map((id) => `${id} was acknowledged and is gone`)
	for (const id of there) {
		const task = await yard.reached(id, 'stopped').catch((error: Error) => error)
		if (task instanceof Error) faults.push(task.message)
		else if (task.result !== 'success') faults.push(`${id} ended with ${task.result}`)
	}
	return { ids: [...there], faults }
}
