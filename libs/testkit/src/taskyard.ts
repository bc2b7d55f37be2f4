/** For tests of authors: their task types in the engine of this process, on a real PostgreSQL. */

import { openClock } from '@taskyard/engine/clock'
import { commandsPublisher } from '@taskyard/engine/commands/publisher'
import type { CommandAnswer, Commands } from '@taskyard/engine/commands/types'
import { platformTasks } from '@taskyard/engine/platform/platformTasks'
import { openStranded } from '@taskyard/engine/sweep/stranded'
import { openTimers } from '@taskyard/engine/sweep/timers'
import { type EngineUnderTest, engineUnderTest } from '@taskyard/engine/testing/engineUnderTest'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { replaceSealed } from '@taskyard/model/sensitive/sealed'
import type { TaskState } from '@taskyard/model/states'
import type { Task } from '@taskyard/model/task'
import type { StartOptions, TaskDefinition, TaskType } from '@taskyard/sdk/definition'
import type { TaskPublisher } from '@taskyard/sdk/publishing'
import { openPool, type Pool } from '@taskyard/store/connection'
import { readLog } from '@taskyard/store/logs/readLog'
import { type Keyring, openKeyringInMemory } from '@taskyard/store/sensitive/keyring'
import { open } from '@taskyard/store/sensitive/seals'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import { afterAll, beforeAll } from 'vitest'
import { useDatabase } from './database.ts'
import { waitFor } from './waitFor.ts'

/** A task that has stopped or paused. */
export interface TestedRun<Output = unknown> extends Task {
	/** Undefined while there is none. */
	readonly output: Output | undefined
	/** Lines of its log, in the order in which each step wrote them. */
	readonly log: readonly { readonly step: number; readonly attempt: number; readonly line: string }[]
}

export interface TestedTaskyard {
	/** The user who starts and operates the tasks. */
	readonly owner: number
	/** Everything that can be asked of the engine. */
	readonly commands: Commands
	/** For tasks that are called with arguments: `publishWith(taskyard.publisher)`. */
	readonly publisher: TaskPublisher
	/** For what only SQL can tell. */
	readonly pool: Pool
	/** Of the database: a server opened on it serves these tasks. */
	readonly url: string
	/** Answers the id. */
	start<Input>(type: TaskType<Input>, input: NoInfer<Input>, options?: StartOptions): Promise<string>
	/** Starts a task, and answers it when it has stopped or paused. */
	run<Input, Output>(type: TaskType<Input, Output>, input: NoInfer<Input>, options?: StartOptions): Promise<TestedRun<Output>>
	/** Resumes a task, and answers it when it has stopped or paused again. */
	resume(id: string): Promise<TestedRun>
	/** Cancels a task, and answers it when it has stopped. */
	cancel(id: string): Promise<TestedRun>
	/** Waits until a task is in one of these states. */
	reached(id: string, ...states: readonly TaskState[]): Promise<TestedRun>
}

/** How often timers and cancels are looked for, in milliseconds. */
const interval = 25
/** How long a task may take to a state, in milliseconds. */
const patience = 30_000
/** Chunks of the log that are read of each step. */
const mostChunks = 1_000

/**
 * A Taskyard for this test file, made before its tests and ended after them. Time is real here: a test of a back-off of
 * minutes belongs to the harness in memory.
 *
 * @example
 * const taskyard = useTaskyard({ tasks: [diskReport] })
 * test('a report', async () => {
 *   const run = await taskyard.run(diskReport, { owner: 'ada', paths: ['/tmp'] })
 *   expect(run).toMatchObject({ result: 'success', output: { total: expect.any(Number) } })
 * })
 */
export function useTaskyard({ tasks }: { readonly tasks: readonly TaskDefinition[] }): TestedTaskyard {
	const keyring = openKeyringInMemory()
	const database = useDatabase()
	let engine: EngineUnderTest | null = null
	let watching: NodeJS.Timeout | null = null
	let look: Promise<unknown> = Promise.resolve()

	beforeAll(async () => {
		const pool = openPool(database.url, { max: 3, applicationName: 'taskyard engine under test', session: enginePlanner })
		const clock = await openClock(pool)
		const opened = Promise.withResolvers<Commands>()
		const platform = platformTasks({ pool, clock, openCommands: () => opened.promise })
		const running = await engineUnderTest({ url: database.url, definitions: [...platform, ...tasks], pool, keyring })
		opened.resolve(running.commands)
		const timers = openTimers({ pool: running.pool, door: running.door, clock })
		// A hint may be lost: then it is the sweep that finds the task.
		const findStranded = openStranded({ pool: running.pool, door: running.door, clock, log: () => undefined })
		let looks = 0
		const watch = (): void => {
			looks += 1
			const sweep = looks % 40 === 0 ? findStranded() : undefined
			look = Promise.all([timers.look(), running.executor.look(), sweep]).finally(() => {
				if (engine) watching = setTimeout(watch, interval)
			})
		}
		engine = running
		watch()
	})

	afterAll(async () => {
		const running = engine
		engine = null
		if (watching) clearTimeout(watching)
		await look
		await running?.stop()
	})

	const get = (): EngineUnderTest => {
		if (!engine) throw new Error('The Taskyard of a test exists within tests and hooks only: use it there.')
		return engine
	}

	async function start(type: TaskDefinition, input: unknown, { id, startAt, startBefore }: StartOptions = {}): Promise<string> {
		const answer = await get().commands.startTask({
			label: type.data.label,
			input: stringifyJson(input, 'input'),
			who: get().owner,
			correlationId: 'test',
			...(id !== undefined && { id }),
			...(startAt && { startAt: startAt.getTime() }),
			...(startBefore && { startBefore: startBefore.getTime() }),
		})
		return accepted(answer)
	}

	async function reached(id: string, ...states: readonly TaskState[]): Promise<TestedRun> {
		const inState = async (): Promise<TestedRun | null> => {
			const { task } = await get().load(id)
			return states.includes(task.state) ? { ...task, ...(await contentOf(database.pool, task, keyring)) } : null
		}
		return waitFor(`task ${id} to be ${states.join(' or ')}`, inState, { timeout: patience })
	}

	return {
		get owner() {
			return get().owner
		},
		get commands() {
			return get().commands
		},
		publisher: {
			start: (...order) => commandsPublisher(get().commands, { who: get().owner, correlationId: 'test' }).start(...order),
		},
		get pool() {
			return database.pool
		},
		get url() {
			return database.url
		},
		start,
		run: async <Output>(type: TaskDefinition, input: unknown, options?: StartOptions) =>
			(await reached(await start(type, input, options), 'stopped', 'paused')) as TestedRun<Output>,
		async resume(id) {
			accepted(await get().commands.resumeTask({ id, who: get().owner, why: null }))
			return reached(id, 'stopped', 'paused')
		},
		async cancel(id) {
			accepted(await get().commands.cancelTask({ id, who: get().owner, why: null }))
			return reached(id, 'stopped')
		},
		reached,
	}
}

function accepted(answer: CommandAnswer): string {
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

async function contentOf(pool: Pool, { id, steps }: Task, keyring: Keyring): Promise<Pick<TestedRun, 'output' | 'log'>> {
	const { rows } = await pool.query<{ output: string | null }>('select output::text from task_payload where task_id = $1', [id])
	const output = rows[0]?.output ?? null
	const chunks = await readLog(
		pool,
		steps.map(({ index }) => ({ taskId: id, step: index, afterLine: 0 })),
		mostChunks,
	)
	return {
		output: output === null ? undefined : replaceSealed(parseJson(output), (sealed) => open(keyring, sealed).value),
		log: chunks.flatMap((ofStep, step) => ofStep.flatMap(({ attempt, lines }) => lines.map((line) => ({ step, attempt, line })))),
	}
}
