/** The tasks of one run in memory: the first, and those that its steps start, on one clock. */

import type { RunOptions, StartOptions, TaskCommands, TaskDefinition, TaskType } from './definition.ts'
import { stringifyJson } from '@taskyard/model/json'
import type { MemoryClock } from './memoryClock.ts'
import { MemoryDuplicates } from './memoryDuplicates.ts'
import { type Admittance, TaskInMemory } from './memoryExecution.ts'
import type { MemoryOptions } from './memoryRun.ts'
import { commandRefused, notFannedOut, taskFailed, taskNotEnded } from './taskFailures.ts'

/** `discarded`: none was made, and this one counts. */
export interface Begun {
	readonly task: TaskInMemory
	readonly discarded: boolean
}

export class MemoryWorld {
	readonly clock: MemoryClock
	readonly options: MemoryOptions
	readonly duplicates = new MemoryDuplicates<TaskInMemory>()
	readonly #tasks = new Map<string, TaskInMemory>()
	readonly #underWay = new Set<Promise<void>>()

	constructor(options: MemoryOptions, clock: MemoryClock) {
		this.options = options
		this.clock = clock
	}

	/** Keeps what has been begun until it has ended. */
	track(work: Promise<void>): void {
		this.#underWay.add(work)
		const done = () => this.#underWay.delete(work)
		work.then(done, done)
	}

	async settled(): Promise<void> {
		while (this.#underWay.size > 0) await Promise.race(this.#underWay)
	}

	/** @param parent whose step starts it */
	begin(definition: TaskDefinition, input: string, admittance: Admittance, parent: TaskInMemory | null = null): Begun {
		const id = admittance.id ?? `00000000-0000-7000-8000-${String(this.#tasks.size + 1).padStart(12, '0')}`
		const known = this.#tasks.get(id)
		if (known) return { task: known, discarded: false }
		const task = new TaskInMemory(this, id, definition, input, parent)
		if (task.duplicate) {
			const admission = this.duplicates.admit(task.duplicate, task.ancestors)
			if (admission.kind === 'discarded') return { task: admission.task, discarded: true }
			this.duplicates.join(task.duplicate, task)
		}
		this.#tasks.set(id, task)
		task.begin(admittance)
		return { task, discarded: false }
	}

	subTask(type: string | TaskDefinition, input: unknown, parent: TaskInMemory): () => TaskInMemory {
		const definition = this.#typeOf(type)
		const text = stringifyJson(input ?? {}, 'input')
		const { confirmation, duplicates, label } = definition.data
		if (confirmation || duplicates) throw notFannedOut(label, confirmation ? 'asks a person to confirm each task' : 'has a duplicate key')
		return () => {
			const { task } = this.begin(definition, text, {}, parent)
			parent.started.add(task)
			return task
		}
	}

	/** `context.tasks` of an attempt of a step of a task. */
	commandsOf(parent: TaskInMemory, signal: AbortSignal): TaskCommands {
		const start = (type: TaskType | string, input: unknown, options: StartOptions = {}): Begun => {
			const begun = this.begin(this.#typeOf(type), stringifyJson(input, 'input'), options, parent)
			if (!begun.discarded) parent.started.add(begun.task)
			return begun
		}
		return {
			start: async (type: TaskType | string, input: unknown, options?: StartOptions) => {
				const { task, discarded } = start(type, input, options)
				return { id: task.id, discarded }
			},
			run: async <Output>(type: TaskType<never, Output> | string, input: unknown, options: RunOptions = {}): Promise<Output> => {
				const { task } = start(type, input, options)
				return (await this.#outputOf(task, options.timeout, signal)) as Output
			},
			cancel: async (id) => this.#find(id).ask('cancel'),
			resume: async (id) => this.#find(id).ask('resume'),
		}
	}

	#typeOf(type: TaskDefinition | string): TaskDefinition {
		if (typeof type !== 'string') return type
		const found = this.options.types?.find(({ data }) => data.label === type)
		if (found) return found
		throw commandRefused('unknown_task_type', `There is no task type "${type}" here: start it by its type, or name it in the option types.`)
	}

	#find(id: string): TaskInMemory {
		const task = this.#tasks.get(id)
		if (task) return task
		throw commandRefused('not_found', `There is no task ${id}.`)
	}

	async #outputOf(task: TaskInMemory, timeout: number | undefined, signal: AbortSignal): Promise<unknown> {
		const { promise: given, reject: giveUp } = Promise.withResolvers<never>()
		const aborted = (): void => giveUp(signal.reason)
		const takeBack =
			timeout === undefined ? null : this.clock.alarm(this.clock.now + timeout, 'limit', () => giveUp(taskNotEnded(task.id, timeout)))
		if (signal.aborted) aborted()
		signal.addEventListener('abort', aborted, { once: true })
		try {
			await Promise.race([task.ended(), given])
		} finally {
			takeBack?.()
			signal.removeEventListener('abort', aborted)
		}
		const run = task.snapshot()
		if (run.state === 'stopped' && (run.result === 'success' || run.result === 'warning')) return run.output
		const how = run.state === 'paused' ? 'is paused and needs a person' : run.result === 'cancelled' ? 'was cancelled' : 'failed'
		throw taskFailed({ ...run, code: run.error?.code ?? null }, `Task ${run.id} ${how}${run.error ? `: ${run.error.message}` : '.'}`)
	}
}
