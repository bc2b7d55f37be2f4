/** What a step can ask of other tasks: the engine's commands, with the owner of its own task as who asks. */

import type { RunOptions, StartedTask, StartOptions, TaskCommands, TaskDefinition } from '@taskyard/sdk/definition'
import type { Failure } from '@taskyard/sdk/failure'
import { commandRefused, taskFailed, taskNotEnded } from '@taskyard/sdk/taskFailures'
import { stringifyJson } from '@taskyard/model/json'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import type { Confidant } from '../sensitive/confidant.ts'
import type { Commands, CommandAnswer, Refused, RunAnswer } from '../commands/types.ts'

export interface TaskCommandServices {
	/** Opened when the first step asks for them. */
	commands(): Promise<Commands>
	readonly definitions: ReadonlyMap<string, TaskDefinition>
	/** Carries out a light task in this process. */
	activate(task: string): void
	/** Whether this process runs more than the one attempt it was made for. */
	readonly mayRunInline: boolean
}

/** The step that asks, and what ends its waiting. */
export interface Asking extends Pick<LoadedTask, 'owner' | 'correlationId' | 'queue' | 'priority'> {
	readonly task: string
	readonly step: number
	readonly signal: AbortSignal
	readonly confidant: Confidant
}

type Typed = string | TaskDefinition

/** `TaskCommands` without what only the compiler of an author sees. */
export interface OtherTasks extends Pick<TaskCommands, 'cancel' | 'resume'> {
	start(type: Typed, input: unknown, options?: StartOptions): Promise<StartedTask>
	run(type: Typed, input: unknown, options?: RunOptions): Promise<never>
}

/** Longest wait in one piece, in milliseconds: below what a timer can hold. */
const longestWait = 3_600_000

export function taskCommandsFor(services: TaskCommandServices, asking: Asking): OtherTasks {
	async function start(type: Typed, input: unknown, options: StartOptions = {}): Promise<StartedTask> {
		const label = typeof type === 'string' ? type : type.data.label
		const commands = await services.commands()
		const inline = services.mayRunInline && options.startAt === undefined && services.definitions.get(label)?.data.light === true
		const answer = await commands.startTask({
			label,
			input: stringifyJson(input ?? {}, 'input'),
			who: asking.owner,
			correlationId: asking.correlationId,
			secrets: asking.confidant.secrets,
			parent: { task: asking.task, step: asking.step, queue: asking.queue, priority: asking.priority },
			...(options.queue !== undefined && { queue: options.queue }),
			...(options.priority !== undefined && { priority: options.priority }),
			...(options.id !== undefined && { id: options.id }),
			...(options.startAt && { startAt: options.startAt.getTime() }),
			...(options.startBefore && { startBefore: options.startBefore.getTime() }),
			...(inline && { start: 'inline' as const }),
		})
		const { task, discarded } = accepted(answer, `Task ${label} was not started`)
		if (inline && !discarded) services.activate(task.id)
		return { id: task.id, discarded }
	}

	async function ended(id: string, timeout: number | undefined): Promise<unknown> {
		const commands = await services.commands()
		const until = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout
		for (;;) {
			const limit = Math.max(0, Math.min(longestWait, until - performance.now()))
			const answer = await unlessAborted(commands.awaitTask({ id, limit, sealed: true }), asking.signal)
			if (!('timedOut' in answer)) return outputOf(id, answer, asking.confidant)
			if (performance.now() < until) continue
			throw taskNotEnded(id, timeout ?? 0)
		}
	}

	return {
		start,
		async run(type, input, options = {}) {
			const { id } = await start(type, input, options)
			return (await ended(id, options.timeout)) as never
		},
		async cancel(id, why) {
			const commands = await services.commands()
			accepted(await commands.cancelTask({ id, who: asking.owner, why: why ?? null }), `Task ${id} was not cancelled`)
		},
		async resume(id, why) {
			const commands = await services.commands()
			accepted(await commands.resumeTask({ id, who: asking.owner, why: why ?? null }), `Task ${id} was not resumed`)
		},
	}
}

function accepted<Answer extends CommandAnswer>(answer: Answer, what: string): Exclude<Answer, Refused> {
	if ('refusal' in answer) throw refused(answer, what)
	return answer as Exclude<Answer, Refused>
}

function refused({ refusal }: Refused, what: string): Failure {
	return commandRefused(refusal.code, `${what}: ${refusal.message}`, refusal.faults)
}

function outputOf(id: string, answer: Exclude<RunAnswer, { timedOut: unknown }>, confidant: Confidant): unknown {
	if ('refusal' in answer) throw refused(answer, `Task ${id} cannot be waited for`)
	if ('failure' in answer) {
		const { state, result, message, error } = answer.failure
		throw taskFailed({ id, state, result, code: error?.code ?? null }, message)
	}
	return answer.output === null ? undefined : confidant.openText(answer.output)
}

/** A step that is told to end waits for nothing more. */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
	signal.throwIfAborted()
	const aborted = Promise.withResolvers<never>()
	const abort = (): void => aborted.reject(signal.reason)
	signal.addEventListener('abort', abort, { once: true })
	try {
		return await Promise.race([work, aborted.promise])
	} finally {
		signal.removeEventListener('abort', abort)
		work.catch(() => undefined)
	}
}
