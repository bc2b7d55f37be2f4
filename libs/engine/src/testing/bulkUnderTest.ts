/** For tests of bulks: an engine with the task types of the platform, and bulks that are waited for. */

import type { TaskDefinition } from '@taskyard/sdk/definition'
import { openPool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import { openClock } from '../clock.ts'
import type { BulkItems, Commands, StartBulk } from '../commands/types.ts'
import { platformTasks } from '../platform/platformTasks.ts'
import { type EngineUnderTest, engineUnderTest } from './engineUnderTest.ts'

export interface BulkUnderTest {
	readonly engine: EngineUnderTest
	/** Starts a bulk and answers its id. */
	begin(order: Partial<StartBulk> & Pick<StartBulk, 'action' | 'ids'>): Promise<string>
	/** The items of a bulk that has stopped. */
	ended(id: string): Promise<BulkItems>
}

export async function bulkUnderTest(
	url: string,
	definitions: readonly TaskDefinition[],
	options: { readonly concurrency?: number } = {},
): Promise<BulkUnderTest> {
	const pool = openPool(url, { max: 3, applicationName: 'taskyard engine under test', session: enginePlanner })
	const opened = Promise.withResolvers<Commands>()
	const platform = platformTasks({ pool, clock: await openClock(pool), openCommands: () => opened.promise })
	const engine = await engineUnderTest({ url, definitions: [...platform, ...definitions], pool, ...options })
	opened.resolve(engine.commands)
	return {
		engine,
		async begin(order) {
			const answer = await engine.commands.startBulk({ who: engine.owner, why: null, correlationId: 'test', ...order })
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			return answer.task.id
		},
		async ended(id) {
			await engine.reached(id, 'stopped')
			return itemsOf(engine.commands, id)
		},
	}
}

export async function itemsOf(commands: Commands, id: string): Promise<BulkItems> {
	const items = await commands.readBulkItems({ id, limit: 1000 })
	if ('refusal' in items) throw new Error(items.refusal.message)
	return items
}
