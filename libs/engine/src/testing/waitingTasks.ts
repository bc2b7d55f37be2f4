/** For tests of steps that wait: an engine with a clock of timers, and what their authors' code was called with. */

import { openTimers } from '../sweep/timers.ts'
import { openClock } from '../clock.ts'
import { type EngineUnderTest, engineUnderTest } from './engineUnderTest.ts'
import type { TaskDefinition } from '@taskyard/sdk/definition'
import type { Step } from '@taskyard/model/task'
import { waitFor } from '@taskyard/testkit/waitFor'

export interface WaitingTasks extends EngineUnderTest {
	/** Waits until the step is in a state, firing the timers that come due. */
	stepIs(id: string, state: Step['state'], index?: number): Promise<Step>
	/** Fires what is due. */
	fireTimers(): Promise<void>
	send(task: string, event?: { id?: string; name?: string; payload?: unknown; step?: number }): Promise<unknown>
	end(task: string, outcome: { output: unknown } | { error: { message: string; code?: string } }, id?: string): Promise<unknown>
}

export async function openWaitingTasks(url: string, definitions: readonly TaskDefinition[]): Promise<WaitingTasks> {
	const engine = await engineUnderTest({ url, definitions })
	const timers = openTimers({ pool: engine.pool, door: engine.door, clock: await openClock(engine.pool) })
	let events = 0
	return {
		...engine,
		stepIs: (id, state, index = 0) =>
			waitFor(`step ${index} of task ${id} to be ${state}`, async () => {
				await timers.look()
				const step = (await engine.load(id)).task.steps[index]
				return step?.state === state ? step : null
			}),
		fireTimers: () => timers.look(),
		send: (task, { id = `event ${++events}`, name = 'told', payload = null, step = 0 } = {}) =>
			engine.commands.sendEvent({ task, step, id, name, payload: JSON.stringify(payload), who: engine.owner }),
		end: (task, outcome, id = `end ${++events}`) =>
			engine.commands.sendEvent({
				task,
				step: 0,
				id,
				name: 'ended',
				outcome: 'output' in outcome ? { output: JSON.stringify(outcome.output) } : outcome,
				who: engine.owner,
			}),
	}
}
