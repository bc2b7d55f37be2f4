/** One task in memory: puts facts to the model, and does what it decides. */

import { decide } from '@taskyard/model/decide'
import type { Changed } from '@taskyard/model/decision'
import type { Fact } from '@taskyard/model/facts'
import { admission } from '@taskyard/model/gates'
import { duplicateClaim } from '@taskyard/model/duplicates'
import { withInputDefaults } from '@taskyard/model/inputDefaults'
import type { LockClaim, PlannedStep, ResourceKey } from '@taskyard/model/plan'
import { MissingOutput, resolveReferences } from '@taskyard/model/references'
import { hasAttempt, isReverting, timeLeft } from '@taskyard/model/startable'
import type { StepState } from '@taskyard/model/states'
import { type AttemptDraft, type EventDraft, noGates, type Step, type StepError, type Task, type TimerDraft } from '@taskyard/model/task'
import { markedParts, replaceMarked } from '@taskyard/model/sensitive/marks'
import { Secrets } from '@taskyard/model/sensitive/secrets'
import { renderTemplate } from '@taskyard/model/template'
import type { FanOutOptions } from './fanOut.ts'
import { MemoryFamilies } from './memoryFamilies.ts'
import type { ActionDefinition, StartOptions, StepContext, TaskCommands, TaskDefinition } from './definition.ts'
import { abortReason, type Failure, stepErrorOf } from './failure.ts'
import { newTask } from '@taskyard/model/newTask'
import { parseJson, stringifyJson } from '@taskyard/model/json'
import { type Attempt, beginAttempt, contextOf, type Records } from './memoryAttempt.ts'
import type { MemoryClock } from './memoryClock.ts'
import { MemoryEvents, type MemoryWake, outputOfEvent } from './memoryEvents.ts'
import type { MemoryDuplicates } from './memoryDuplicates.ts'
import type { MemoryCommands, MemoryOptions, MemoryRun, MemoryStep, MemoryTask } from './memoryRun.ts'
import { isSuspended } from './suspend.ts'
import { type SuspensionData, suspensionOf } from './suspensionOf.ts'
import { commandRefused } from './taskFailures.ts'

/** What a task lives in. */
export interface Surroundings {
	readonly clock: MemoryClock
	readonly options: MemoryOptions
	track(work: Promise<void>): void
	settled(): Promise<void>
	commandsOf(task: TaskInMemory, signal: AbortSignal): TaskCommands
	/** Answers what starts the sub-task: each call makes another one. */
	subTask(type: string | TaskDefinition, input: unknown, parent: TaskInMemory): () => TaskInMemory
	readonly duplicates: MemoryDuplicates<TaskInMemory>
}

export interface Admittance extends StartOptions {
	readonly signal?: AbortSignal
}

/** The harness is one child of one worker, and takes every step. */
const taker = { child: 1, own: true }
const confirmationTime = 30_000
const haveRun: ReadonlySet<StepState> = new Set(['success', 'finalizing', 'finalized', 'reverting', 'reverted', 'revert_failed'])

export class TaskInMemory {
	readonly id: string
	/** What its steps have started. */
	readonly started = new Set<TaskInMemory>()
	readonly ancestors: ReadonlySet<TaskInMemory>
	/** What it claims from its start on, for a type with a duplicate key. */
	readonly duplicate: LockClaim | null
	readonly #around: Surroundings
	readonly #definition: TaskDefinition
	readonly #input: string
	readonly #running = new Map<number, Attempt>()
	readonly #inputs = new Map<number, unknown>()
	readonly #records: Records = { log: [], reports: [], processGroups: [], externalWork: [], callbacks: [], secrets: new Secrets() }
	readonly #events: EventDraft[] = []
	readonly #sent = new MemoryEvents()
	readonly #families = new MemoryFamilies({
		task: () => this.#task,
		apply: (fact) => this.#apply(fact),
		now: () => this.#now(),
		soon: (work) => this.#around.track(Promise.resolve().then(work)),
	})
	readonly #attempts: AttemptDraft[] = []
	readonly #alarms = new Set<() => void>()
	#awaited: (() => void)[] = []
	#task: Task
	#name: string
	#links: readonly ResourceKey[] = []

	constructor(around: Surroundings, id: string, definition: TaskDefinition, input: string, parent: TaskInMemory | null = null) {
		this.id = id
		this.ancestors = new Set(parent ? [parent, ...parent.ancestors] : [])
		const { label, duplicates, inputSchema } = definition.data
		this.duplicate = duplicates ? duplicateClaim(label, duplicates, withInputDefaults(inputSchema, parseJson(input))) : null
		this.#around = around
		this.#definition = definition
		this.#input = input
		this.#task = newTask(id, definition.data.label)
		const given = parseJson(input)
		const { secrets } = this.#records
		secrets.add(markedParts(given, inputSchema))
		if (parent) secrets.addAll(parent.#records.secrets)
		this.#name = secrets.redact(renderTemplate(definition.data.name, replaceMarked(given, inputSchema)))
	}

	begin({ startAt, startBefore, signal }: Admittance): void {
		const at = this.#now()
		const gates = {
			...noGates,
			startAt: startAt ? startAt.getTime() : null,
			startBefore: startBefore ? startBefore.getTime() : null,
			confirmBefore: this.#definition.data.confirmation ? at + confirmationTime : null,
		}
		const { state, waitingFor, timers } = admission(gates, at)
		this.#task = { ...this.#task, state, waitingFor, gates }
		for (const timer of timers) this.#setTimer(timer)
		if (signal?.aborted) this.ask('cancel')
		else signal?.addEventListener('abort', () => this.#task.state !== 'stopped' && this.ask('cancel'), { once: true })
		this.#activate()
	}

	/** How it stands, for the task that started it. */
	stands(): Pick<Task, 'state' | 'result' | 'cancel'> {
		return this.#task
	}

	/** Those before it in its line have gone. */
	goOn(): void {
		if (this.#task.state === 'planned') this.#activate()
	}

	/** Resolves when it has stopped or paused. */
	ended(): Promise<void> {
		if (this.#task.state === 'stopped' || this.#task.state === 'paused') return Promise.resolve()
		return new Promise((resolve) => this.#awaited.push(resolve))
	}

	/** Asks for it as a person or a step does. Throws what the model answers when it refuses. */
	ask(command: 'cancel' | 'resume' | 'pause' | 'unlock' | 'force_unlock'): void {
		this.#command({ kind: `${command}_asked`, ...this.#asked() })
		if (command !== 'cancel') return
		for (const one of this.started) if (one.#task.state !== 'stopped' && one.#task.cancel === 'none') one.ask('cancel')
		if (this.#task.state === 'stopped') return
		this.#apply({ kind: 'cancel_signalled', at: this.#now() })
		for (const index of this.#running.keys()) this.#signal(index)
		this.#alarm(this.#now() + this.#cancelDeadline(), 'limit', () => {
			this.#apply({ kind: 'cancel_deadline', at: this.#now() })
			for (const attempt of this.#running.values()) if (!this.#isCurrent(attempt)) attempt.giveUp(abortReason('cancelled'))
		})
	}

	/** The task as its test holds it. */
	face(): MemoryTask {
		const current = (): MemoryRun => this.snapshot()
		return {
			...this.#commands(),
			get current() {
				return current()
			},
			settled: () => this.#settled(),
		}
	}

	snapshot(): MemoryRun {
		const task = this.#task
		return {
			...this.#commands(),
			id: this.id,
			state: task.state,
			result: task.result,
			reason: task.reason,
			waitingFor: task.waitingFor,
			name: this.#name,
			output: this.#output(),
			error: task.error ?? task.steps.find(({ error }) => error)?.error ?? null,
			progress: task.progress,
			steps: (task.plan?.steps ?? []).map((planned, index) => this.#step(planned, index)),
			log: [...this.#records.log],
			reports: [...this.#records.reports],
			processGroups: [...this.#records.processGroups],
			externalWork: this.#records.externalWork.map((unit) => ({ ...unit })),
			callbacks: [...this.#records.callbacks],
			locks: task.plan?.locks ?? [],
			links: this.#links,
			events: [...this.#events],
			attempts: [...this.#attempts],
			tasks: [...this.started].map((started) => started.snapshot()),
		}
	}

	#step({ name, action }: PlannedStep, index: number): MemoryStep {
		const step = this.#task.steps[index]
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
	}

	#commands(): MemoryCommands {
		const then = (command: () => void) => async (): Promise<MemoryRun> => {
			command()
			return this.#settled()
		}
		const onStep = (kind: 'retry_step_asked' | 'skip_step_asked') => async (step: number | string) => {
			this.#command({ kind, step: this.#indexOf(step), ...this.#asked() })
			return this.#settled()
		}
		return {
			sendEvent: async (step, event = {}) => {
				const index = this.#indexOf(step)
				if (this.#sent.knows(index, event.id)) return this.#settled()
				const fact = this.#sent.factOf(index, event, this.#now())
				// Kept first: what it wakes may look for it at once.
				const decision = decide(this.#task, fact)
				if (decision.kind === 'refused') throw commandRefused(decision.code, `send event is refused: ${decision.because}.`)
				this.#sent.keep(fact, event)
				if (decision.kind === 'changed') this.#enter(decision)
				return this.#settled()
			},
			resume: then(() => this.ask('resume')),
			pause: then(() => this.ask('pause')),
			cancel: then(() => this.ask('cancel')),
			unlock: then(() => this.ask('unlock')),
			forceUnlock: then(() => {
				this.ask('force_unlock')
				for (const attempt of this.#running.values()) attempt.giveUp(abortReason('not_mine'))
			}),
			retryStep: onStep('retry_step_asked'),
			skipStep: onStep('skip_step_asked'),
			cancelStep: async (step) => {
				this.#cancelStep(this.#indexOf(step))
				return this.#settled()
			},
			confirm: async (yes) => {
				this.#command({ kind: 'confirm_asked', yes, ...this.#asked() })
				return this.#settled()
			},
			loseWorker: then(() => this.#loseWorker()),
		}
	}

	async #settled(): Promise<MemoryRun> {
		await this.#around.settled()
		return this.snapshot()
	}

	#asked(): { who: number; why: null; at: number } {
		return { who: 0, why: null, at: this.#now() }
	}

	#command(fact: Fact): void {
		const decision = decide(this.#task, fact)
		if (decision.kind === 'refused') throw commandRefused(decision.code, `${nameOf(fact)} is refused: ${decision.because}.`)
		if (decision.kind === 'changed') this.#enter(decision)
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
		for (const index of decision.start) this.#around.track(this.#runAttempt(index))
		for (const timer of decision.timers) this.#setTimer(timer)
		for (let activation = 0; activation < decision.dispatch; activation++) this.#activate()
		this.#families.changed()
		for (const ancestor of this.ancestors) ancestor.#families.changed()
		const { state } = this.#task
		if (state === 'stopped') for (const takeBack of this.#alarms) takeBack()
		if (state === 'stopped' && this.duplicate) this.#around.duplicates.leave(this.duplicate, this)
		if (state !== 'stopped' && state !== 'paused') return
		const awaited = this.#awaited
		this.#awaited = []
		for (const tell of awaited) tell()
	}

	/** What a worker does that is told of the task. */
	#activate(): void {
		const at = this.#now()
		switch (this.#task.state) {
			case 'scheduled':
				this.#apply({ kind: 'due', at })
				break
			case 'pending':
				this.#around.track(this.#plan())
				break
			case 'planned':
				this.#claim(at)
				break
			case 'running':
				this.#apply({ kind: 'activated', ...taker, at })
				break
			case 'planning':
			case 'paused':
			case 'stopped':
		}
	}

	/** Nobody else locks what it does; only its duplicates may be before it. */
	#claim(at: number): void {
		const { duplicate } = this
		if (duplicate) this.#around.duplicates.join(duplicate, this)
		if (!duplicate || this.#around.duplicates.isTurnOf(duplicate, this)) this.#apply({ kind: 'claims_granted', ...taker, at })
		else {
			const { type, id } = duplicate.resource
			this.#apply({ kind: 'claims_queued', waitingFor: { kind: 'lock', keys: { type, id } }, at })
		}
	}

	async #plan(): Promise<void> {
		if (!this.#apply({ kind: 'claimed', ...taker, at: this.#now() }) || this.#task.state !== 'planning') return
		const attempt = this.#task.planAttempt
		const { retry, rescue } = this.#definition.data
		try {
			const { plan, name, links, sensitive } = await this.#definition.plan(parseJson(this.#input))
			this.#records.secrets.add(sensitive)
			const locks = this.duplicate ? [...plan.locks, this.duplicate] : plan.locks
			const stored = parseJson(stringifyJson({ ...plan, locks }, 'plan')) as typeof plan
			if (!this.#apply({ kind: 'planned', attempt, plan: stored, at: this.#now() })) return
			if (name !== undefined) this.#name = this.#records.secrets.redact(name)
			this.#links = links ?? []
			this.#activate()
		} catch (thrown) {
			const { error, retryable } = this.#errorOf(thrown)
			const failed = { ...error, reason: 'planning_failed' } as const
			this.#apply({ kind: 'plan_failed', attempt, error: failed, retryable, retry, rescue, random: this.#random(), at: this.#now() })
		}
	}

	async #runAttempt(index: number): Promise<void> {
		const planned = this.#task.plan?.steps[index]
		const step = this.#task.steps[index]
		if (!planned || !step) return
		const attempt = beginAttempt(index, step.attempt)
		this.#running.set(index, attempt)
		const limit = this.#limit(planned, attempt)
		const wake = this.#sent.wakeOf(step)
		try {
			// One turn later, so that what a step does at once cannot happen inside of the decision that starts it.
			const work = Promise.resolve().then(() => this.#carryOut(planned, step, attempt, wake))
			const left = await Promise.race([work, attempt.givenUp])
			const ended = { step: index, attempt: step.attempt, at: this.#now(), take: taker }
			if (typeof left === 'string' || left === null) this.#apply({ kind: 'step_succeeded', output: left, ...ended })
			else {
				const seen = { seen: wake.seen, arrived: this.#sent.arrived(index), progress: this.#reported(attempt) }
				this.#apply({ kind: 'step_suspended', ...left, ...seen, ...ended })
			}
		} catch (thrown) {
			this.#fail(attempt, thrown, wake)
		} finally {
			limit()
			if (this.#running.get(index) === attempt) this.#running.delete(index)
		}
	}

	async #carryOut(planned: PlannedStep, step: Step, attempt: Attempt, wake: MemoryWake): Promise<string | null | SuspensionData> {
		const { index, state, output, tries, suspension } = step
		if (wake.outcome) return outputOfEvent(wake.outcome)
		const action = this.#actionOf(planned.action)
		const input = resolveReferences(planned.input, this.#outputs()) as never
		this.#inputs.set(index, input)
		if (action.sensitiveInput) this.#records.secrets.add(markedParts(input, action.sensitiveInput))
		const context = this.#contextOf(attempt, tries, wake)
		const made = output === null ? undefined : (parseJson(output) as never)
		if (state === 'finalizing') await action.finalize?.(input, made as never, context)
		else if (state === 'reverting') await action.revert?.(input, made as never, context)
		else {
			const woken = (suspension?.state == null ? null : parseJson(suspension.state)) as never
			if (suspension?.wake === 'cancel') {
				await action.cancel?.(input, woken, context)
				return null
			}
			const { sql } = this.#around.options
			const result =
				suspension?.wake === 'poll' || suspension?.wake === 'joined'
					? await action[suspension.wake]?.(input, woken, context)
					: await (action.transaction && sql ? action.transaction(sql, input, context) : action.run(input, context))
			if (isSuspended(result)) return suspensionOf(result, step, action)
			if (action.sensitiveOutput) this.#records.secrets.add(markedParts(result, action.sensitiveOutput))
			return result === undefined ? null : stringifyJson(result, 'output')
		}
		return null
	}

	/** Ends the attempt at the limit of its own time or of the task's; a while later, whatever it does. Answers how to take this back. */
	#limit({ policies }: PlannedStep, attempt: Attempt): () => void {
		const cancelBy = this.#passesOnCancel(attempt.step) ? (this.#task.steps[attempt.step]?.suspension?.cancelBy ?? null) : null
		const ofTheTask = isReverting(this.#task) ? null : timeLeft(this.#task, this.#now())
		const left = cancelBy === null ? ofTheTask : cancelBy - this.#now()
		const limits = [policies.timeout, left].filter((limit) => limit !== null)
		if (limits.length === 0) return () => {}
		const reason = abortReason('timed_out')
		const alarms: (() => void)[] = []
		const { clock, options } = this.#around
		const ends = clock.now + Math.min(...limits)
		alarms.push(
			clock.alarm(ends, 'limit', () => {
				attempt.abort(reason)
				alarms.push(clock.alarm(ends + (options.grace ?? 5_000), 'limit', () => attempt.giveUp(reason)))
			}),
		)
		return () => {
			for (const takeBack of alarms) takeBack()
		}
	}

	#reported({ step, number }: Attempt): number {
		return this.#records.reports.findLast((report) => report.step === step && report.attempt === number)?.fraction ?? 0
	}

	#fail(attempt: Attempt, thrown: unknown, wake: MemoryWake): void {
		const { step, number, signal } = attempt
		const at = this.#now()
		const code = signal.aborted ? (signal.reason as Failure).code : null
		const progress = this.#reported(attempt)
		if (code === 'cancelled') {
			this.#apply({ kind: 'step_cancelled', step, attempt: number, at, progress })
			return
		}
		// Whatever the author's code makes of the signal, what happened is that its time was over.
		const { error, retryable } = this.#errorOf(code === 'timed_out' ? abortReason('timed_out') : thrown)
		const ended = wake.outcome ? { seen: wake.seen } : {}
		this.#apply({ kind: 'step_failed', step, attempt: number, at, error, retryable, random: this.#random(), progress, ...ended })
	}

	#errorOf(thrown: unknown): ReturnType<typeof stepErrorOf> {
		const { error, retryable } = stepErrorOf(thrown)
		return { error: { ...this.#records.secrets.redactValue(error), reason: error.reason }, retryable }
	}

	/** A step that cannot be asked to end is awaited until the deadline. */
	#signal(index: number): void {
		if (!this.#passesOnCancel(index) && this.#task.plan?.steps[index]?.policies.cancellable)
			this.#running.get(index)?.abort(abortReason('cancelled'))
	}

	/** It ends what goes on elsewhere, and is not ended by the same cancel. */
	#passesOnCancel(index: number): boolean {
		return this.#task.steps[index]?.suspension?.wake === 'cancel'
	}

	#isCurrent({ step: index, number }: Attempt): boolean {
		const step = this.#task.steps[index]
		return step !== undefined && hasAttempt(step.state) && step.attempt === number
	}

	#cancelStep(index: number): void {
		this.#command({ kind: 'cancel_step_asked', step: index, ...this.#asked() })
		const attempt = this.#running.get(index)
		if (!attempt || this.#passesOnCancel(index)) return
		this.#signal(index)
		this.#alarm(this.#now() + this.#cancelDeadline(), 'limit', () => {
			this.#apply({ kind: 'step_cancel_deadline', step: index, attempt: attempt.number, at: this.#now() })
			attempt.giveUp(abortReason('cancelled'))
		})
	}

	#loseWorker(): void {
		const error: StepError = {
			...stepErrorOf(new Error('The worker was killed while this ran.')).error,
			type: 'Lost',
			trace: null,
			reason: 'lost',
		}
		if (this.#task.state === 'planning') {
			this.#apply({ kind: 'attempt_lost', step: null, attempt: this.#task.planAttempt, error, at: this.#now() })
		}
		for (const attempt of [...this.#running.values()]) {
			this.#apply({ kind: 'attempt_lost', step: attempt.step, attempt: attempt.number, error, at: this.#now() })
			attempt.giveUp(abortReason('not_mine'))
		}
	}

	#setTimer({ kind, dueAt }: TimerDraft): void {
		const waits = kind === 'back_off' || kind === 'start_at' || kind === 'wake'
		const due = (): void => void this.#apply({ kind: 'due', at: this.#now() })
		if (!waits || !this.#around.clock.jumps) this.#alarm(dueAt, 'expiry', due)
		else {
			const over = new Promise<void>((resolve) => {
				this.#around.clock.alarm(dueAt, 'wait', () => {
					due()
					resolve()
				})
			})
			this.#around.track(over)
		}
	}

	#alarm(at: number, kind: 'limit' | 'expiry', ring: () => void): void {
		const takeBack = this.#around.clock.alarm(at, kind, () => {
			this.#alarms.delete(takeBack)
			ring()
		})
		this.#alarms.add(takeBack)
	}

	#actionOf(label: string): ActionDefinition {
		const action = this.#definition.actions.get(label)
		if (!action) throw new Error(`${this.#definition.data.label} has no action ${label}: add it to its actions`)
		return action
	}

	#indexOf(step: number | string): number {
		if (typeof step === 'number') return step
		const names = this.#task.plan?.steps.map(({ name }) => name) ?? []
		const index = names.indexOf(step)
		if (index >= 0 && index === names.lastIndexOf(step)) return index
		const found = index < 0 ? 'none' : 'several'
		throw new Error(`${found} of the steps is called “${step}”: expected one of ${names.join(', ')}, or an index`)
	}

	/** What steps have produced: it stays while they are finalized and reverted. */
	#outputs(): Map<number, unknown> {
		const outputs = new Map<number, unknown>()
		for (const { index, state, output } of this.#task.steps) {
			if (output !== null) outputs.set(index, parseJson(output))
			else if (haveRun.has(state)) outputs.set(index, null)
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

	#contextOf(attempt: Attempt, tries: number, wake: MemoryWake): StepContext {
		const { options } = this.#around
		const context = contextOf(attempt, this.#records, options, {
			taskId: this.id,
			tries,
			wake: wake.told,
			tasks: this.#around.commandsOf(this, attempt.signal),
			fanOut: async (type: string | TaskDefinition, inputs: readonly unknown[], order?: FanOutOptions) => {
				const starts = inputs.map((input) => this.#around.subTask(type, input, this))
				return this.#families.fanOut(this.#task.steps[attempt.step] as Step, starts, order)
			},
			stillMine: async () => this.#isCurrent(attempt),
		})
		return { ...context, ...options.context?.(context) }
	}

	#random(): number {
		return this.#around.options.random?.() ?? 0.5
	}

	#cancelDeadline(): number {
		return this.#around.options.cancelDeadline ?? 10_000
	}

	#now(): number {
		return this.#around.clock.now
	}
}

function nameOf({ kind }: Fact): string {
	return kind.replace('_asked', '').replace('_', ' ')
}
