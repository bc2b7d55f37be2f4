/** For tests of this room: commands and a child's hands in this process, on a test database. */

import { urgentQueue } from '@taskyard/dispatch/jobs'
import { openRunner } from '@taskyard/dispatch/runner'
import type { JoinedCounts } from '@taskyard/model/fanOut'
import { defaultPolicies, type LockClaim, type PlanNode, type StepPolicies } from '@taskyard/model/plan'
import { renderTemplate } from '@taskyard/model/template'
import type { ActionDefinition, StepContext, TaskDefinition, TaskTypeData } from '@taskyard/sdk/definition'
import { openPool, type Pool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import { type Keyring, openKeyringInMemory } from '@taskyard/store/sensitive/keyring'
import { type LoadedTask, loadTasks } from '@taskyard/store/tasks/loadTasks'
import { insertUser } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { openClock } from '../clock.ts'
import { openCommands } from '../commands/commands.ts'
import type { Commands } from '../commands/types.ts'
import { type Door, openDoor } from '../decisions/door.ts'
import { type Executor, openExecutor } from '../execution/executor.ts'
import { openProgressReports } from '../execution/progressReports.ts'
import { openTransactionConnections, type TransactionConnections } from '../execution/transactionConnections.ts'
import { readBootId } from '../recovery/processGroups.ts'
import { registerTaskTypes } from '../taskTypes/registry.ts'
import { namePool, registerChild, registerWorker } from '../workers/presence.ts'

export interface EngineUnderTest {
	readonly commands: Commands
	readonly pool: Pool
	readonly owner: number
	readonly door: Door
	readonly executor: Executor
	readonly child: number
	/** Starts a task and answers its id. */
	start(label: string, input?: unknown): Promise<string>
	/** Waits until the task is in a state, and answers it. */
	reached(id: string, state: LoadedTask['task']['state']): Promise<LoadedTask['task']>
	load(id: string): Promise<LoadedTask>
	stop(): Promise<void>
}

const silent = (): void => undefined

export interface EngineOptions {
	readonly url: string
	readonly definitions: readonly TaskDefinition[]
	/** Without a runner nothing is executed but by hand. */
	readonly run?: boolean
	readonly concurrency?: number
	readonly cancelDeadline?: number
	/** Milliseconds that a step has to end once its time is over. */
	readonly grace?: number
	/** Of commands and executor. Default: a key of its own. */
	readonly keyring?: Keyring
	/** Instead of a pool of its own; it is ended with the engine. */
	readonly pool?: Pool
	/** For the transactions of steps, instead of its own; they are ended with the engine. */
	readonly transactions?: TransactionConnections
}

export async function engineUnderTest({
	url,
	definitions,
	run = true,
	concurrency = 20,
	cancelDeadline = 10_000,
	grace = 5_000,
	keyring = openKeyringInMemory(),
	...given
}: EngineOptions): Promise<EngineUnderTest> {
	const pool = given.pool ?? openPool(url, { max: 3, applicationName: 'taskyard engine under test', session: enginePlanner })
	const owner = await insertUser(pool)
	const clock = await openClock(pool)
	const worker = await registerWorker(pool, {
		node: 'test',
		bootId: await readBootId(),
		pid: process.pid,
		version: '0',
		queues: ['default', urgentQueue],
		capacity: concurrency,
	})
	const child = await registerChild(pool, worker, 60_000)
	const types = new Map(definitions.map((definition) => [definition.data.label, definition]))
	await registerTaskTypes(
		pool,
		worker,
		definitions.map((definition) => definition.data),
	)
	let stopped = false
	const door = openDoor({ pool, onCommit: silent, worthRepeating: () => !stopped, log: silent })
	const progress = openProgressReports(pool)
	const commands = await openCommands({ url, applicationName: 'taskyard commands under test', keyring, log: silent })
	const transactions = given.transactions ?? openTransactionConnections({ url, most: 2, applicationName: 'taskyard steps under test' })
	const executor = openExecutor({
		pool,
		door,
		clock,
		keyring,
		child,
		bootId: await readBootId(),
		definitions: types,
		progress,
		transactions,
		openCommands: () => Promise.resolve(commands),
		publicUrl: 'http://localhost:4180',
		place: 'alone',
		supervisor: null,
		cancelDeadline,
		grace,
		worthRepeating: () => !stopped,
		log: silent,
	})
	const problems: string[] = []
	const runner = run
		? openRunner({
				pool,
				queues: ['default', urgentQueue],
				concurrency,
				handle: (task) => executor.activate(task),
				onPool: (poolId) => namePool(pool, child, poolId),
				log: (level, message) => {
					if (level === 'error' || level === 'warning') problems.push(message)
				},
			})
		: null
	const load = async (id: string): Promise<LoadedTask> => {
		const found = (await loadTasks(pool, [id])).get(id)
		if (!found) throw new Error(`There is no task ${id}.`)
		return found
	}
	return {
		commands,
		pool,
		owner,
		door,
		executor,
		child,
		async start(label, input = {}) {
			const answer = await commands.startTask({ label, input: JSON.stringify(input), who: owner, correlationId: 'test' })
			if ('refusal' in answer) throw new Error(answer.refusal.message)
			return answer.task.id
		},
		load,
		async reached(id, state) {
			return waitFor(`task ${id} to be ${state}`, async () => {
				const { task } = await load(id)
				return task.state === state ? task : null
			})
		},
		async stop() {
			executor.drain()
			await runner?.stop()
			await commands.close()
			await door.idle()
			progress.stop()
			stopped = true
			await transactions.end()
			await pool.end()
			if (problems.length > 0) throw new Error(`The engine reported:\n${problems.join('\n')}`)
		},
	}
}

export interface Sketch {
	readonly label: string
	readonly tree: (input: never) => PlanNode
	readonly steps: (input: never) => readonly SketchedStep[]
	readonly locks?: readonly LockClaim[]
	readonly output?: unknown
	readonly cancellable?: boolean
	/** Limit of the task's time in *running*, in milliseconds. */
	readonly timeout?: number
	/** What of the registered data is otherwise than by default. */
	readonly data?: Partial<TaskTypeData>
}

interface SketchedStep {
	readonly run: (input: never, context: StepContext) => unknown
	readonly finalize?: (input: never, output: never, context: StepContext) => unknown
	readonly revert?: (input: never, output: never, context: StepContext) => unknown
	readonly poll?: (input: never, state: never, context: StepContext) => unknown
	readonly cancel?: (input: never, state: never, context: StepContext) => unknown
	readonly joined?: (input: never, counts: JoinedCounts, context: StepContext) => unknown
	readonly input?: unknown
	readonly policies?: Partial<StepPolicies>
}

/** A definition without the SDK's checks, for what those would not let through or to keep a test small. */
export function sketch({ label, tree, steps, locks, output, cancellable = true, timeout, data }: Sketch): TaskDefinition {
	const actions = new Map(
		Array.from({ length: 100 }, (_, index) => [`${label}/${index}`, sketchedAction(`${label}/${index}`, index, steps)]),
	)
	return {
		data: {
			label,
			version: 1,
			name: label,
			inputSchema: { type: 'object' },
			locks: locks ?? [],
			queue: 'default',
			cancellable,
			retry: defaultPolicies.retry,
			rescue: 'pause',
			timeout: null,
			confirmation: false,
			light: false,
			actions: [...actions.keys()].sort(),
			...data,
		},
		actions,
		plan: async (input) => ({
			plan: {
				tree: tree(input as never),
				steps: steps(input as never).map((step, index) => ({
					action: `${label}/${index}`,
					name: `step ${index}`,
					input: { given: step.input ?? null, task: input },
					weight: 1,
					policies: { ...defaultPolicies, ...step.policies },
					...(step.finalize && { finalize: true }),
					...(step.revert && { revert: true }),
					...(step.poll && { poll: true }),
					...(step.cancel && { cancel: true }),
					...(step.joined && { joined: true }),
				})),
				locks: (locks ?? []).map((lock) => ({ ...lock, resource: { ...lock.resource, id: renderTemplate(lock.resource.id, input) } })),
				...(output === undefined ? {} : { output }),
				...(timeout !== undefined && { timeout }),
			},
		}),
	}
}

/** The steps are made of the task's input, which travels with that of each step. */
function sketchedAction(label: string, index: number, steps: Sketch['steps']): ActionDefinition {
	const sketched = (input: never): [SketchedStep | undefined, never] => {
		const { given, task } = input as { given: never; task: never }
		return [steps(task)[index], given]
	}
	return {
		label,
		run(input: never, context: StepContext) {
			const [step, given] = sketched(input)
			return step?.run(given, context)
		},
		finalize(input: never, output: never, context: StepContext) {
			const [step, given] = sketched(input)
			return step?.finalize?.(given, output, context)
		},
		revert(input: never, output: never, context: StepContext) {
			const [step, given] = sketched(input)
			return step?.revert?.(given, output, context)
		},
		poll(input: never, state: never, context: StepContext) {
			const [step, given] = sketched(input)
			return step?.poll?.(given, state, context)
		},
		joined(input: never, counts: JoinedCounts, context: StepContext) {
			const [step, given] = sketched(input)
			return step?.joined?.(given, counts, context)
		},
		cancel(input: never, state: never, context: StepContext) {
			const [step, given] = sketched(input)
			return step?.cancel?.(given, state, context)
		},
		policies: defaultPolicies,
	}
}

export const step = (index: number): PlanNode => ({ kind: 'step', index })
export const sequence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'sequence', nodes })
export const concurrence = (...nodes: PlanNode[]): PlanNode => ({ kind: 'concurrence', nodes })
/** Stands for (a part of) another step's output. */
export const output = (index: number, ...path: (string | number)[]): unknown => ({ $output: { step: index, path } })
