/**
 * Tasks in the style of AWX: a function, or a class with `run`, becomes a task type that is called with arguments.
 * `task` runs as it is written; the syntax of `@Task()` needs a compiler, for Node.js only strips types.
 */

import type { DuplicatePolicy } from '@taskyard/model/duplicates'
import { z } from 'zod'
import type { PolicyOptions, StepContext, TaskType } from './definition.ts'
import { defineTask, type LockTemplate } from './defineTask.ts'
import { Failure } from './failure.ts'
import { publishingBy } from './publishing.ts'
import { DefinitionError } from './schema.ts'
import { type CallMessage, callsOf, type QueueOf, type TaskCalls } from './taskCalls.ts'

/** What a task says of itself; a call may say otherwise. */
export interface TaskOptions extends Pick<PolicyOptions, 'retry' | 'rescue' | 'onLost' | 'idempotent' | 'isolation' | 'cancellable'> {
	/** Default: the name of the function or class. */
	readonly label?: string
	/** Template over `args` and `kwargs`, e.g. `Sync of {args.0}`. Default: the label. */
	readonly name?: string
	readonly description?: string
	/** Raise it when tasks that are under way must not go on with the new code. Default 1. */
	readonly version?: number
	/** Ids are templates over `args` and `kwargs`. */
	readonly locks?: readonly LockTemplate[]
	/** A function is called each time the task is, and answers the queue of that call. Default `default`. */
	readonly queue?: string | QueueOf
	/** From -10 to 10; higher ones overtake in their queue. */
	readonly priority?: number
	/** Seconds that an attempt may take. Default: no limit. */
	readonly timeout?: number
	/** What becomes of a call while one with the same arguments has not stopped, on the whole cluster. Default `parallel`. */
	readonly on_duplicate?: DuplicatePolicy | 'parallel'
	/** A function gets the context of its step as its first argument. */
	readonly bind?: boolean
}

/** What a task that is called with arguments takes as input, where it is started otherwise: on the page, in a shell. */
export interface TaskInput {
	readonly args?: readonly unknown[]
	readonly kwargs?: Readonly<Record<string, unknown>>
	/** Seconds that an attempt may take. */
	readonly timeout?: number
}

/** A class whose `run` is the code of a task; each attempt gets an instance of its own. */
export type RunnableClass = new () => { run(...args: never[]): unknown }
type RunOf<Class extends RunnableClass> = InstanceType<Class>['run']
type RunArguments<Class extends RunnableClass> = Parameters<RunOf<Class>>

type Code<Given extends unknown[], Result> = (...given: Given) => Result
/** What callers give: the context is not theirs, whether it comes last or first. */
type GivenTo<Parameters extends unknown[]> = Parameters extends [StepContext, ...infer Given]
	? Given
	: Parameters extends [...infer Given, StepContext]
		? Given
		: Parameters

/** A function that is a task: called, it runs here and now; by `delay`, `apply_async` and `submit` it is started in a worker. */
export type FunctionTask<Given extends unknown[], Result, Input = TaskInput> = Code<Given, Result> &
	TaskType<Input, Awaited<Result>> &
	TaskCalls<GivenTo<Given>>

export type ClassTask<Class extends RunnableClass> = Class &
	TaskType<TaskInput, Awaited<ReturnType<RunOf<Class>>>> &
	TaskCalls<RunArguments<Class>>

interface Taken {
	<Given extends unknown[], Result>(run: Code<Given, Result>): FunctionTask<Given, Result>
	<Class extends RunnableClass>(target: Class): ClassTask<Class>
}

/**
 * Makes a task of a function or of a class with `run`. The function's name is the label, unless the options say otherwise.
 * It gets the arguments of the call; a function that declares one parameter more gets its context there.
 *
 * @example
 * export const syncAll = task(async function syncAll(repository: string, context: StepContext) { … })
 * export const Sync = task({ queue: 'sync', timeout: 60 })(class Sync { async run(repository: string) { … } })
 * await syncAll.delay('epel')
 */
export function task<Result, Given extends unknown[] = [input: Record<string, unknown>, context: StepContext]>(
	run: Code<Given, Result>,
): FunctionTask<Given, Result, Record<string, unknown>>
export function task<Class extends RunnableClass>(target: Class): ClassTask<Class>
export function task(options: TaskOptions): Taken
export function task(given: TaskOptions | AnyCode | RunnableClass): unknown {
	if (typeof given !== 'function')
		return (target: AnyCode | RunnableClass) => (isClass(target) ? taskOf(target, given) : called(target, given))
	// Alone, a function may also be started with any object: it is its one argument.
	return isClass(given) ? taskOf(given, {}) : called(given, null)
}

/**
 * The decorator of the same: `delay`, `apply_async`, `submit` and what a worker offers become static members. A class that
 * extends `BaseTask` has them for the compiler too, and `this.context`.
 *
 * @example
 * \@Task({ queue: 'sync' })
 * export class Sync extends BaseTask {
 *   async run(repository: string) { await this.context.log(repository) }
 * }
 */
export function Task(options: TaskOptions = {}): (target: RunnableClass, context?: { readonly name: string | undefined }) => void {
	if (typeof options === 'function') throw new DefinitionError('@Task is called to make a decorator: write @Task() with its parentheses')
	return (target, context) => void taskOf(target, { ...(context?.name !== undefined && { label: context.name }), ...options })
}

/** What `@Task()` adds to a class, for the compiler; TypeScript does not see what a decorator adds. */
export abstract class BaseTask {
	/** The running attempt. */
	declare readonly context: StepContext
	declare static readonly actions: TaskType['actions']
	declare static readonly plan: TaskType['plan']

	static get data(): TaskType['data'] {
		throw noTask(this.name)
	}

	static delay<Class extends RunnableClass>(
		this: Class,
		...args: RunArguments<Class>
	): ReturnType<TaskCalls<RunArguments<Class>>['delay']> {
		return decorated(this).delay(...args)
	}

	static apply_async<Class extends RunnableClass>(
		this: Class,
		...given: Parameters<TaskCalls<RunArguments<Class>>['apply_async']>
	): ReturnType<TaskCalls<RunArguments<Class>>['apply_async']> {
		return decorated(this).apply_async(...given)
	}

	static submit<Class extends RunnableClass>(
		this: Class,
		...given: Parameters<TaskCalls<RunArguments<Class>>['submit']>
	): ReturnType<TaskCalls<RunArguments<Class>>['submit']> {
		return decorated(this).submit(...given)
	}

	static by<Class extends RunnableClass>(
		this: Class,
		...given: Parameters<TaskCalls<RunArguments<Class>>['by']>
	): TaskCalls<RunArguments<Class>> {
		return decorated(this).by(...given) as TaskCalls<RunArguments<Class>>
	}
}

type AnyCode = (...given: never[]) => unknown

const known = new WeakMap<RunnableClass, TaskCalls<readonly unknown[]>>()

function decorated(target: RunnableClass): TaskCalls<readonly unknown[]> {
	const calls = known.get(target)
	if (calls) return calls
	throw noTask(target.name)
}

function noTask(name: string): DefinitionError {
	return new DefinitionError(`${name} is no task yet: write @Task() in front of the class, or task({ … })(${name})`)
}

function isClass(target: AnyCode | RunnableClass): target is RunnableClass {
	return typeof (target.prototype as { run?: unknown } | undefined)?.run === 'function'
}

function taskOf(target: RunnableClass, options: TaskOptions): RunnableClass {
	if (typeof target !== 'function' || !isClass(target))
		throw new DefinitionError(
			`${String((target as { name?: string }).name)} cannot be a task: expected a class with a method run, or a function`,
		)
	if (options.bind) throw new DefinitionError(`${target.name}, bind: a class has its context as this.context; leave bind out`)
	const run = (args: readonly unknown[], context: StepContext): unknown => {
		const instance = new target()
		Object.defineProperty(instance, 'context', { value: context, configurable: true })
		return instance.run(...(args as never[]))
	}
	const { type, calls } = typeOf(options.label ?? target.name, messageOnly, options, run)
	known.set(target, calls)
	return endow(target, type, calls)
}

function called(code: AnyCode, options: TaskOptions | null): AnyCode {
	const { label = code.name, bind = false } = options ?? {}
	if (label === '')
		throw new DefinitionError(
			'task(fn) takes the label from the name of its function: write task(async function syncAll(input, context) { … })',
		)
	const run = (args: readonly unknown[], context: StepContext): unknown => {
		if (bind) return code(...([context, ...args] as never[]))
		if (args.length < code.length - 1) {
			const message = `${label} takes ${code.length} arguments, and was given ${args.length}.`
			throw new Failure(message, { code: 'invalid_input', retryable: false })
		}
		return code(...((args.length < code.length ? [...args, context] : args) as never[]))
	}
	const { type, calls } = typeOf(label, options ? messageOnly : messageOrObject, options ?? {}, run)
	const inline = (...given: never[]): unknown => code(...given)
	Object.defineProperty(inline, 'name', { value: label })
	return endow(inline, type, calls)
}

const message = z.object({
	args: z.array(z.unknown()).default([]),
	kwargs: z.record(z.string(), z.unknown()).default({}),
	timeout: z.number().positive().optional(),
})
const messageOnly = { input: message, read: (input: unknown) => input as CallMessage }

/** Any object; one with `args` that are a list, and nothing else than a call has, is a call. */
const messageOrObject = {
	input: z.record(z.string(), z.unknown()),
	read(input: unknown): CallMessage {
		const strict = message.strict().safeParse(input)
		return strict.success && 'args' in (input as object) ? (strict.data as CallMessage) : { args: [input], kwargs: {} }
	},
}

type Form = { readonly input: z.ZodType; readonly read: (input: unknown) => CallMessage }

function typeOf(
	label: string,
	{ input, read }: Form,
	options: TaskOptions,
	run: (args: readonly unknown[], context: StepContext) => unknown,
): { type: TaskType<unknown>; calls: TaskCalls<readonly unknown[]> } {
	const { queue, timeout, on_duplicate: policy = 'parallel', bind: _bind, ...others } = options
	const type = defineTask({
		...others,
		label,
		input,
		...(typeof queue === 'string' && { queue }),
		...(timeout !== undefined && { timeout: timeout * 1000 }),
		...(policy !== 'parallel' && { onDuplicate: { key: '{args} {kwargs}', policy } }),
		policiesFor: (given) => {
			const { timeout: ofCall } = read(given)
			return ofCall === undefined ? {} : { timeout: ofCall * 1000 }
		},
		async run(given, context) {
			const { args, kwargs } = read(given)
			const all = Object.keys(kwargs).length > 0 ? [...args, kwargs] : args
			return publishingBy(context.tasks, () => run(all, context))
		},
	}) as TaskType<unknown>
	const calls = callsOf({ label, queueOf: typeof queue === 'function' ? queue : null, inputOf: (call) => call })
	return { type, calls }
}

function endow<Target extends object>(target: Target, type: TaskType<unknown>, calls: TaskCalls<readonly unknown[]>): Target {
	for (const [name, value] of Object.entries({ ...type, ...calls })) Object.defineProperty(target, name, { value, configurable: true })
	return target
}
