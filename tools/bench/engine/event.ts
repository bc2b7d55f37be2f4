/** How long it takes from an event until the step after the one that waited for it begins. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Commands } from '@taskyard/engine/commands/types'
import type { Pool } from '@taskyard/store/connection'
import { stepStateCode } from '@taskyard/store/tasks/codes'
import { pauseBeforeEvent } from './workload.ts'

export interface EventPlace {
	readonly commands: Commands
	readonly pool: Pool
	readonly owner: number
	/** Waits until the task has stopped. */
	ended(): Promise<void>
}

/** Waits until the first step of the task waits, sends it an event, and answers the milliseconds. */
export async function sampleEvent({ commands, pool, owner, ended }: EventPlace, task: string): Promise<number> {
	const suspended = {
		name: 'bench:suspended',
		text: 'select from step where task_id = $1 and index = 0 and state = $2',
		values: [task, stepStateCode.encode('suspended')],
	}
	while ((await pool.query(suspended)).rowCount === 0) await delay(1)
	await delay(pauseBeforeEvent)
	const begun = process.hrtime.bigint()
	const answer = await commands.sendEvent({ task, step: 0, id: 'bench', name: 'bench', who: owner })
	if ('refusal' in answer) throw new Error(`An event was refused: ${answer.refusal.message}`)
	await ended()
	const { rows } = await pool.query<{ output: string }>('select output from step where task_id = $1 and index = 1', [task])
	return Number(BigInt(JSON.parse(rows[0]?.output ?? '"0"') as string) - begun) / 1e6
}
