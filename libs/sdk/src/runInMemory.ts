/** A harness for authors' tests: runs a task without a database, by the rules of the engine. */

import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import type { LockClaim, ResourceKey } from '@taskyard/model/plan'
import { reportedFraction } from '@taskyard/model/progress'
import { MissingOutput, resolveReferences } from '@taskyard/model/references'
import type { LogStream, Reason, StepState, TaskResult, TaskState } from '@taskyard/model/states'
import type { AttemptDraft, EventDraft, StepError, Task } from '@taskyard/model/task'
import { renderTemplate } from '@taskyard/model/template'
import type { ActionDefinition, StepContext, TaskType } from './definition.ts'
import { abortReason, type Failure, stepErrorOf } from './failure.ts'
import { parseJson, stringifyJson } from './json.ts'

export interface MemoryOptions {
	/** Id of the task. */
	readonly id?: string
	/** Cancels the task when aborted. */
	readonly signal?: AbortSignal
	/** Waits between two tries. Default: does not wait, the clock jumps. */
	readonly sleep?: (milliseconds: number) => Promise<void>
	/** Decides the jitter of the back-off, 0…1. Default 0.5. */
	readonly random?: () => number
	/** Replaces parts of the context that steps get, e.g. `stillMine`. */
	readonly context?: (context: StepContext) => Partial<StepContext>
	readonly onLog?: (line: MemoryLine) => void
	readonly onProgress?: (report: MemoryProgress) => void
}

export interface MemoryLine {
	readonly step: number
	readonly attempt: number
	readonly stream: LogStream
	readonly line: string
}

export interface MemoryProgress {
	readonly step: number
	readonly attempt: number
	/** 0…1, or null when the report names no total. */
	readonly fraction: number | null
	readonly done?: number
	readonly total?: number
	readonly unit?: string
}

export interface MemoryStep {
	readonly name: string
	readonly action: string
	readonly state: StepState
	readonly attempt: number
	/** With the outputs it refers to, as its last attempt got it. */
	readonly input: unknown
	readonly output: unknown
	readonly error: StepError | null
}

/** A task that has stopped or paused, with all that can be seen of it. */
export interface MemoryRun<Output = unknown> {
	readonly state: TaskState
	readonly result: TaskResult
	readonly reason: Reason | null
	readonly name: string
	/** Undefined while the task has not succeeded. */
	readonly output: Output | undefined
	/** Why planning failed, else the error of the first step that has one. */
	readonly error: StepError | null
	/** 0…1. */
	readonly progress: number
	readonly steps: readonly MemoryStep[]
	readonly log: readonly MemoryLine[]
	readonly reports: readonly MemoryProgress[]
	readonly locks: readonly LockClaim[]
	readonly links: readonly ResourceKey[]
	readonly events: readonly EventDraft[]
	/** Attempts that ended otherwise than with a success at the first try. */
	readonly attempts: readonly AttemptDraft[]
	/** Process groups that steps have stored. */
	readonly processGroups: readonly number[]
	/** Resumes a paused task, as a person would. Answers the state after that. */
	resume(): Promise<MemoryRun<Output>>
}

/**
 * Runs a task until it stops or pauses. Input, plan and outputs travel as JSON text, as they do in a database; each
 * change of state is decided by the model, so retries, rescue strategies and cancels are those of the engine.
 *
 * @example
 * const run = await runInMemory(greet, { name: 'Ada' })
 * expect(run.log.map(({ line }) => line)).toEqual(['Hello Ada'])
 */
export async function runInMemory<Input, Output>(
	definition: TaskType<Input, Output>,
	input: NoInfer<Input>,
	options: MemoryOptions = {},
): Promise<MemoryRun<Output>> {
	const task = new MemoryTask(definition, stringifyJson(input, 'input'), options)
	await task.begin()
	return task.result() as MemoryRun<Output>
}

/** The harness is one child of one worker. */
const child = 1

class MemoryTask {
	readonly #definition: TaskType
	readonly #input: string
	readonly #options: MemoryOptions
	readonly #pending = new Set<Promise<void>>()
	readonly #running = new Map<number, AbortController>()
	readonly #inputs = new Map<number, unknown>()
	readonly #log: MemoryLine[] = []
	readonly #reports: MemoryProgress[] = []
	readonly #events: EventDraft[] = []
	readonly #attempts: AttemptDraft[] = []
	readonly #processGroups: number[] = []
	#task: Task
	#name: string
	#links: readonly ResourceKey[] = []
	/** How far the clock has jumped over waits. */
	#jumped = 0

	constructor(definition: TaskType, input: string, options: MemoryOptions) {
		this.#definition = definition
		this.#input = input
		this.#options = options
		this.#task = newTask(options.id ?? '00000000-0000-7000-8000-000000000001', definition.data.label)
		this.#name = renderTemplate(definition.data.name, parseJson(input))
	}

	async begin(): Promise<void> {
		const { signal } = this.#options
		const cancel = () => this.#cancel()
		if (signal?.aborted) cancel()
		signal?.addEventListener('abort', cancel, { once: true })
		await this.#plan()
		await this.#settled()
		signal?.removeEventListener('abort', cancel)
	}

	async resume(): Promise<MemoryRun> {
		const decision = decide(this.#task, { kind: 'resume_asked', who: 0, why: null, at: this.#now() })
		if (decision.kind === 'refused') throw new Error(`This task cannot be resumed: ${decision.because}`)
		if (decision.kind === 'changed') this.#enter(decision)
		await this.#plan()
		await this.#settled()
		return this.result()
	}

	result(): MemoryRun {
		const task = this.#task
		const planned = task.plan?.steps ?? []
		return {
			state: task.state,
			result: task.result,
			reason: task.reason,
			name: this.#name,
			output: this.#output(),
			error: task.error ?? task.steps.find(({ error }) => error)?.error ?? null,
			progress: task.progress,
			steps: planned.map(({ name, action }, index) => {
				const step = task.steps[index]
				const output = step?.output ?? null
				return {
					name,
					action,
					state: step?.state ?? 'pending',
					attempt: step?.attempt ?? 0,
					input: this.#inputs.get(index),
					output: output === null ? undefined : parseJson(output),
					error: step?.error ?? null,
				}
			}),
			log: [...this.#log],
			reports: [...this.#reports],
			locks: task.plan?.locks ?? [],
			links: this.#links,
			events: [...this.#events],
			attempts: [...this.#attempts],
			processGroups: [...this.#processGroups],
			resume: () => this.resume(),
		}
	}

	async #plan(): Promise<void> {
		if (this.#apply({ kind: 'claimed', child, at: this.#now() })) {
			const attempt = this.#task.planAttempt
			try {
				const { plan, name, links } = await this.#definition.plan(parseJson(this.#input))
				const stored = parseJson(stringifyJson(plan, 'plan')) as typeof plan
				if (this.#apply({ kind: 'planned', attempt, plan: stored, at: this.#now() })) {
					if (name !== undefined) this.#name = name
					this.#links = links ?? []
				}
			} catch (thrown) {
				const error: StepError = { ...stepErrorOf(thrown).error, reason: 'planning_failed' }
				this.#apply({ kind: 'plan_failed', attempt, error, at: this.#now() })
			}
		}
		this.#apply({ kind: 'claims_granted', child, at: this.#now() })
	}

	/** Puts a fact to the model and does what it decides. Answers whether anything changed. */
	#apply(fact: Fact): boolean {
		const decision = decide(this.#task, fact)
		if (decision.kind !== 'changed') return false
		this.#enter(decision)
		return true
	}

	#enter(decision: Changed): void {
		this.#task = decision.task
		this.#events.push(...decision.events)
		this.#attempts.push(...decision.attempts)
		for (const index of decision.start) this.#track(this.#runStep(index))
		for (const { dueAt } of decision.timers) this.#track(this.#wait(dueAt))
		for (let activation = 0; activation < decision.dispatch; activation++) this.#apply({ kind: 'activated', child, at: this.#now() })
	}

	#track(work: Promise<void>): void {
		this.#pending.add(work)
		const done = () => this.#pending.delete(work)
		work.then(done, done)
	}

	async #settled(): Promise<void> {
		while (this.#pending.size > 0) await Promise.race(this.#pending)
	}

	async #wait(dueAt: number): Promise<void> {
		const delay = Math.max(0, dueAt - this.#now())
		const { sleep } = this.#options
		if (sleep) await sleep(delay)
		this.#jumped += Math.max(0, dueAt - this.#now())
		this.#apply({ kind: 'due', at: this.#now() })
	}

	async #runStep(step: number): Promise<void> {
		const planned = this.#task.plan?.steps[step]
		const state = this.#task.steps[step]
		if (!planned || !state) return
		const { attempt } = state
		const controller = new AbortController()
		this.#running.set(step, controller)
		const { timeout } = planned.policies
		const timer = timeout === null ? null : setTimeout(() => controller.abort(abortReason('timed_out')), timeout)
		try {
			const action = this.#actionOf(planned.action)
			const input = resolveReferences(planned.input, this.#outputs())
			this.#inputs.set(step, input)
			const context = this.#contextOf(step, attempt, state.tries, controller.signal)
			// One turn later, so that what a step does at once cannot happen inside of the decision that starts it.
			await Promise.resolve()
			const result = await action.run(input as never, context)
			const output = result === undefined ? null : stringifyJson(result, 'output')
			this.#apply({ kind: 'step_succeeded', step, attempt, at: this.#now(), output, take: child })
		} catch (thrown) {
			this.#end(step, attempt, thrown, controller.signal)
		} finally {
			if (timer) clearTimeout(timer)
			if (this.#running.get(step) === controller) this.#running.delete(step)
		}
	}

	#end(step: number, attempt: number, thrown: unknown, signal: AbortSignal): void {
		const at = this.#now()
		const code = signal.aborted ? (signal.reason as Failure).code : null
		if (code === 'cancelled') {
			this.#apply({ kind: 'step_cancelled', step, attempt, at })
			return
		}
		const { error, retryable } = stepErrorOf(thrown)
		const random = this.#options.random?.() ?? 0.5
		this.#apply({
			kind: 'step_failed',
			step,
			attempt,
			at,
			error: code === 'timed_out' ? { ...error, reason: 'timed_out' } : error,
			retryable,
			random,
			progress: this.#reports.findLast((report) => report.step === step && report.attempt === attempt)?.fraction ?? 0,
		})
	}

	#actionOf(label: string): ActionDefinition {
		const action = this.#definition.actions.get(label)
		if (!action) throw new Error(`${this.#definition.data.label} has no action ${label}: add it to its actions`)
		return action
	}

	#outputs(): Map<number, unknown> {
		const outputs = new Map<number, unknown>()
		for (const { index, state, output } of this.#task.steps) {
			if (state === 'success' || state === 'finalized') outputs.set(index, output === null ? null : parseJson(output))
		}
		return outputs
	}

	#output(): unknown {
		const { plan, steps, state, result } = this.#task
		if (!plan || state !== 'stopped' || (result !== 'success' && result !== 'warning')) return undefined
		const outputs = this.#outputs()
		try {
			return plan.output === undefined ? outputs.get(steps.length - 1) : resolveReferences(plan.output, outputs)
		} catch (error) {
			if (error instanceof MissingOutput) return undefined
			throw error
		}
	}

	#contextOf(step: number, attempt: number, tries: number, signal: AbortSignal): StepContext {
		const context: StepContext = {
			taskId: this.#task.id,
			step,
			attempt,
			tries,
			correlationId: 'in-memory',
			signal,
			progress: (report) => {
				const amount = typeof report === 'number' ? {} : report
				const entry = { step, attempt, fraction: reportedFraction(report), ...amount }
				this.#reports.push(entry)
				this.#options.onProgress?.(entry)
			},
			log: async (line, stream = 'log') => {
				const entry = { step, attempt, stream, line }
				this.#log.push(entry)
				this.#options.onLog?.(entry)
			},
			heartbeat: () => {},
			stillMine: async () => {
				const current = this.#task.steps[step]
				return current?.state === 'running' && current.attempt === attempt
			},
			ownProcessGroup: async (pid) => {
				this.#processGroups.push(pid)
			},
		}
		return { ...context, ...this.#options.context?.(context) }
	}

	#cancel(): void {
		this.#apply({ kind: 'cancel_asked', who: 0, why: null, at: this.#now() })
		for (const controller of this.#running.values()) controller.abort(abortReason('cancelled'))
	}

	#now(): number {
		return Date.now() + this.#jumped
	}
}

function newTask(id: string, label: string): Task {
	return {
		id,
		label,
		state: 'pending',
		result: 'pending',
		reason: null,
		revision: 0,
		cancel: 'none',
		touched: false,
		waitingFor: null,
		startedAt: null,
		endedAt: null,
		progress: 0,
		planAttempt: 0,
		planChild: null,
		planStartedAt: null,
		error: null,
		plan: null,
		steps: [],
	}
}
