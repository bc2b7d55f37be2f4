/** What the author of an action is given of the attempt that runs it. */

import { reportedFraction } from '@taskyard/model/progress'
import type { Step } from '@taskyard/model/task'
import type { Callback, ExternalWork, StepContext, StepWake, TaskCommands } from '@taskyard/sdk/definition'
import { type AbortCode, abortReason, Failure } from '@taskyard/sdk/failure'
import type { Suspended } from '@taskyard/sdk/suspend'
import type { Keyring } from '@taskyard/store/sensitive/keyring'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { Confidant } from '../sensitive/confidant.ts'
import { AttemptTasks } from './attemptTasks.ts'
import type { OtherTasks } from './taskCommands.ts'
import type { StepLog } from './stepLog.ts'
import type { Seen } from './wakeOfAttempt.ts'

/** An attempt that this process runs. */
export interface Running {
	readonly task: string
	readonly step: number
	readonly attempt: number
	/** Names the attempt within its process. */
	readonly key: string
	/** Made when somebody asks for the signal: few steps do, and it is the dearest part of beginning one. */
	controller: AbortController | null
	/** Why it was aborted, if it was: the task was cancelled, its time is over, the worker stops, or another has taken over. */
	aborted: AbortCode | null
	/** Runs while the attempt has a time limit, then while it has a grace period. */
	limit: NodeJS.Timeout | null
	/** Runs from the signal of a cancel on. */
	deadline: NodeJS.Timeout | null
	/** It did not end when it had to: what becomes of it was said, and whatever it still does counts for nothing. */
	givenUp: boolean
	/** Made with the first line. */
	log: StepLog | null
	/** The highest fraction that was reported, and the last report in words. */
	reported: number
	detail: string | null
	ownsProcessGroup: boolean
	/** Of the events of its step. */
	seen: Seen
	/** Knows what of it is sensitive. */
	readonly confidant: Confidant
}

/** A hundred years in milliseconds. */
const longestExpiry = 100 * 366 * 24 * 3_600_000

export function keyOf(task: string, step: number, attempt: number): string {
	return `${task}/${step}/${attempt}`
}

export function beginAttempt(keyring: Keyring, task: string, { index, attempt, events, eventsSeen }: Step): Running {
	return {
		task,
		step: index,
		attempt,
		key: keyOf(task, index, attempt),
		controller: null,
		aborted: null,
		limit: null,
		deadline: null,
		givenUp: false,
		log: null,
		reported: 0,
		detail: null,
		ownsProcessGroup: false,
		confidant: new Confidant(keyring),
		seen: { seen: eventsSeen, arrived: events },
	}
}

export function abort(running: Running, why: AbortCode): void {
	if (running.aborted) return
	running.aborted = why
	running.controller?.abort(abortReason(why))
}

/** The signal of an attempt, made when it is first asked for. */
export function signalOf(running: Running): AbortSignal {
	if (!running.controller) {
		running.controller = new AbortController()
		if (running.aborted) running.controller.abort(abortReason(running.aborted))
	}
	return running.controller.signal
}

/** What an attempt asks of the engine. */
export interface AttemptServices {
	reportProgress(running: Running): void
	openLog(running: Running): StepLog
	stillMine(running: Running): Promise<boolean>
	ownProcessGroup(running: Running, pid: number): Promise<void>
	externalWork(running: Running): ExternalWork
	makeCallback(running: Running, expires: number | null): Promise<Callback>
	/** Starts sub-tasks, and answers what the step returns to wait for them. */
	fanOut(running: Running, step: Step, loaded: LoadedTask, ...order: Parameters<StepContext['fanOut']>): Promise<Suspended>
	/** What a step asks of other tasks; made for the attempt that asks. */
	tasks(running: Running, loaded: LoadedTask): OtherTasks
}

/** Its functions are the attempt's own, so that authors may take them apart: `({ log, signal }) => …`. */
export class AttemptContext implements StepContext {
	readonly taskId: string
	readonly step: number
	readonly attempt: number
	readonly tries: number
	readonly correlationId: string
	declare readonly signal: AbortSignal
	readonly tasks: TaskCommands
	readonly wake: StepWake | null
	readonly fanOut: StepContext['fanOut']
	readonly #running: Running
	readonly #services: AttemptServices

	constructor(running: Running, step: Step, loaded: LoadedTask, services: AttemptServices, wake: StepWake | null) {
		this.wake = wake
		this.taskId = running.task
		this.step = running.step
		this.attempt = running.attempt
		this.tries = step.tries
		this.fanOut = (...order: Parameters<StepContext['fanOut']>) => services.fanOut(running, step, loaded, ...order)
		this.correlationId = loaded.correlationId
		this.#running = running
		this.#services = services
		this.tasks = new AttemptTasks(running, loaded, services)
		Object.defineProperty(this, 'signal', AttemptContext.#signal)
	}

	/** A property of each object, so that a copy of a context has its signal; by one function for all, for an accessor in a literal is four times as dear. */
	static readonly #signal: PropertyDescriptor & ThisType<AttemptContext> = {
		enumerable: true,
		get() {
			return signalOf(this.#running)
		},
	}

	readonly progress = (report: Parameters<StepContext['progress']>[0]): void => {
		const running = this.#running
		running.reported = Math.max(running.reported, reportedFraction(report) ?? 0)
		running.detail = typeof report === 'number' ? null : JSON.stringify(running.confidant.redactValue(report))
		this.#services.reportProgress(running)
	}

	readonly log: StepContext['log'] = (line, stream = 'log') => {
		this.#running.log ??= this.#services.openLog(this.#running)
		return this.#running.log.append(this.#running.confidant.redact(String(line)), stream)
	}

	/** The same progress at a later time: who watches sees when the step last gave a sign of life. */
	readonly heartbeat = (): void => this.#services.reportProgress(this.#running)

	readonly stillMine = (): Promise<boolean> => this.#services.stillMine(this.#running)

	readonly callback: StepContext['callback'] = async ({ expires } = {}) => {
		if (expires !== undefined && !(expires > 0 && expires <= longestExpiry))
			throw new Failure(`callback, expires: expected milliseconds, more than 0 and at most ${longestExpiry}, found ${expires}`, {
				code: 'invalid_callback',
				retryable: false,
			})
		return this.#services.makeCallback(this.#running, expires ?? null)
	}

	/** Made when it is asked for: few steps do. */
	get externalWork(): ExternalWork {
		return this.#services.externalWork(this.#running)
	}

	readonly ownProcessGroup = (pid: number): Promise<void> => this.#services.ownProcessGroup(this.#running, pid)
}
