/** A harness for authors' tests: runs a task without a database, by the rules of the engine. */

import type { TaskType } from './definition.ts'
import { stringifyJson } from '@taskyard/model/json'
import { JumpingClock } from './memoryClock.ts'
import type { MemoryOptions, MemoryRun, MemoryTask } from './memoryRun.ts'
import { MemoryWorld } from './memoryWorld.ts'

/**
 * Runs a task until it stops or pauses. Input, plan and outputs travel as JSON text, as they do in a database; each
 * change of state is decided by the model, so retries, rescue strategies and cancels are those of the engine.
 *
 * @example
 * const run = await runInMemory(greet, { name: 'Ada' })
 * expect(run.log.map(({ line }) => line)).toEqual(['Hello Ada'])
 */
export function runInMemory<Input, Output>(
	definition: TaskType<Input, Output>,
	input: NoInfer<Input>,
	options: MemoryOptions = {},
): Promise<MemoryRun<Output>> {
	return startInMemory(definition, input, options).settled()
}

/**
 * Starts a task and answers it at once: for tests that move a `ManualClock`, or ask something of it while it runs.
 *
 * @example
 * const task = startInMemory(deploy, { host }, { clock })
 * await clock.advance(30_000)
 * expect(task.current.reason).toBe('not_confirmed')
 */
export function startInMemory<Input, Output>(
	definition: TaskType<Input, Output>,
	input: NoInfer<Input>,
	options: MemoryOptions = {},
): MemoryTask<Output> {
	const world = new MemoryWorld(options, options.clock ?? new JumpingClock())
	return world.begin(definition, stringifyJson(input, 'input'), options).task.face() as MemoryTask<Output>
}
