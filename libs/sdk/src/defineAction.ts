/** How authors define the code of one kind of step. */

import type { JoinedCounts } from '@taskyard/model/fanOut'
import { defaultPolicies, type StepPolicies } from '@taskyard/model/plan'
import { hasMarks } from '@taskyard/model/sensitive/marks'
import type { z } from 'zod'
import type { ActionDefinition, PolicyOptions, StepContext } from './definition.ts'
import { Failure } from './failure.ts'
import { DefinitionError, faultsOf, jsonSchemaOf } from './schema.ts'
import { type ActionCode, needsDatabase, refuseSuspension, type StepSql } from './stepTransaction.ts'
import { isSuspended, type Suspended } from './suspend.ts'

export interface ActionOptions<Input extends z.ZodType, Output extends z.ZodType> extends PolicyOptions {
	/** E.g. `Repository::Sync/download`. Plans are stored with it: a renamed action no longer fits them. */
	readonly label: string
	readonly input: Input
	/** Without it the output may be any JSON value, but other steps cannot refer to its parts. */
	readonly output?: Output
	/**
	 * Looks after work elsewhere, for which `run` has suspended the step with `poll`. Answers the output, or suspends again:
	 * with another state the waits begin anew, else they grow. One that throws is repeated, and costs no try.
	 */
	poll?(input: z.output<Input>, state: never, context: StepContext): Promise<z.input<Output> | Suspended> | z.input<Output> | Suspended
	/** Ends what a suspended step has under way elsewhere, when the step or its task is cancelled. May be called twice. */
	cancel?(input: z.output<Input>, state: never, context: StepContext): unknown
	/** Makes the output of what the sub-tasks have come to that `run` has fanned out, once all have stopped. Default: the counts. */
	joined?(input: z.output<Input>, counts: JoinedCounts, context: StepContext): Promise<z.input<Output>> | z.input<Output>
	/** What is left to do once all steps of the plan have succeeded or were skipped: in plan order, one after the other. */
	finalize?(input: z.output<Input>, output: z.output<Output>, context: StepContext): unknown
	/** Takes back what `run` has done, when a step's rescue strategy is `revert`: in the reverse order of the plan. */
	revert?(input: z.output<Input>, output: z.output<Output>, context: StepContext): unknown
	/** Policies that depend on the input, over those given here. Fields that refer to outputs are not known yet. */
	policiesFor?(input: Partial<z.input<Input>>): PolicyOptions
}

declare const types: unique symbol

/** An action with the types of its input, as plans give it, and of its output, as other steps see it. */
export interface Action<Input = never, Output = unknown> extends ActionDefinition {
	readonly inputSchema: z.ZodType
	readonly [types]?: { takes: (input: Input) => void; gives: Output }
}

/**
 * Defines an action. Input and output are checked each time it runs.
 *
 * @example
 * const measure = defineAction({
 *   label: 'Disk::Report/measure',
 *   input: z.object({ path: z.string() }),
 *   output: z.object({ bytes: z.number() }),
 *   run: async ({ path }) => ({ bytes: (await stat(path)).size }),
 * })
 */
export function defineAction<Input extends z.ZodType, Output extends z.ZodType = z.ZodUnknown>(
	options: ActionOptions<Input, Output> & ActionCode<Input, Output>,
): Action<z.input<Input>, z.output<Output>> {
	const { label, input, output } = options
	checkLabel(label, 'an action')
	checkPolicies(options, label)
	if ((typeof options.run === 'function') === (typeof options.transaction === 'function'))
		throw new DefinitionError(
			`${label}: expected either run or transaction, found ${typeof options.run === 'function' ? 'both' : 'neither'}`,
		)
	// Inputs and outputs travel as JSON. What cannot is refused when the worker starts, not when the step runs.
	const inputSchema = jsonSchemaOf(input, 'input', label)
	const outputSchema = output && jsonSchemaOf(output, 'output', label)
	const left = async (result: unknown): Promise<unknown> => {
		if (!isSuspended(result)) return output ? await checked(output, result, 'output') : result
		if (result.kind === 'poll' && !options.poll)
			throw new Failure(`${label} suspends its step to poll, and has no poll: add one, or suspend for an event or a time`, {
				code: 'invalid_suspension',
				retryable: false,
			})
		return result
	}
	return {
		label,
		inputSchema: input,
		...(outputSchema && { outputSchema }),
		...(hasMarks(inputSchema) && { sensitiveInput: inputSchema }),
		...(outputSchema && hasMarks(outputSchema) && { sensitiveOutput: outputSchema }),
		policies: mergePolicies(defaultPolicies, options),
		...(options.policiesFor && { policiesFor: options.policiesFor as (input: never) => PolicyOptions }),
		async run(given: unknown, context: StepContext) {
			if (!options.run) return needsDatabase(label)
			return left(await options.run(await checked(input, given, 'input'), context))
		},
		...(options.transaction && {
			transaction: async (sql: StepSql, given: unknown, context: StepContext) => {
				const result: unknown = await options.transaction?.(sql, await checked(input, given, 'input'), context)
				if (isSuspended(result)) return refuseSuspension(label)
				return output ? await checked(output, result, 'output') : result
			},
		}),
		...(options.poll && {
			poll: async (given: unknown, state: unknown, context: StepContext) =>
				left(await options.poll?.(await checked(input, given, 'input'), state as never, context)),
		}),
		...(options.cancel && {
			cancel: async (given: unknown, state: unknown, context: StepContext) =>
				options.cancel?.(await checked(input, given, 'input'), state as never, context),
		}),
		...(options.joined && {
			joined: async (given: unknown, counts: JoinedCounts, context: StepContext) => {
				const result: unknown = await options.joined?.(await checked(input, given, 'input'), counts, context)
				return output ? await checked(output, result, 'output') : result
			},
		}),
		// The output was checked when the step had run.
		...(options.finalize && {
			finalize: async (given: unknown, made: unknown, context: StepContext) =>
				options.finalize?.(await checked(input, given, 'input'), made as z.output<Output>, context),
		}),
		...(options.revert && {
			revert: async (given: unknown, made: unknown, context: StepContext) =>
				options.revert?.(await checked(input, given, 'input'), made as z.output<Output>, context),
		}),
	}
}

/**
 * Lays options over complete policies. A step that is not idempotent is not repeated by itself, unless it says so, and
 * always has a child process of its own: one that shares it could be ended for a neighbour's sake.
 */
export function mergePolicies(base: StepPolicies, options: PolicyOptions): StepPolicies {
	const idempotent = options.idempotent ?? base.idempotent
	const onLost = options.onLost ?? (options.idempotent === undefined ? base.onLost : idempotent ? 'retry' : 'rescue')
	return {
		retry: { ...base.retry, ...options.retry },
		rescue: options.rescue ?? base.rescue,
		onLost,
		idempotent,
		cancellable: options.cancellable ?? base.cancellable,
		timeout: options.timeout === undefined ? base.timeout : options.timeout,
		isolation: idempotent ? (options.isolation ?? base.isolation) : 'own',
	}
}

/** Longest time that a timer of Node.js can wait. */
const longestTimeout = 2 ** 31 - 1

/** Refuses policies that make no sense, naming the place. */
export function checkPolicies({ retry = {}, timeout }: PolicyOptions, place: string): void {
	const { attempts = 1, initial = 0, max = 0, jitter = 0 } = retry
	const refuse = (field: string, expected: string, found: unknown): never => {
		throw new DefinitionError(`${place}, ${field}: expected ${expected}, found ${String(found)}`)
	}
	if (!Number.isInteger(attempts) || attempts < 1) refuse('retry.attempts', 'a whole number of 1 or more, the first try included', attempts)
	if (!Number.isFinite(initial) || initial < 0) refuse('retry.initial', 'milliseconds, 0 or more', initial)
	if (!Number.isFinite(max) || max < 0) refuse('retry.max', 'milliseconds, 0 or more', max)
	if (!(jitter >= 0 && jitter <= 1)) refuse('retry.jitter', 'a share between 0 and 1', jitter)
	if (timeout !== undefined && timeout !== null && !(timeout > 0 && timeout <= longestTimeout))
		refuse('timeout', `milliseconds, more than 0 and at most ${longestTimeout}, or null for no limit`, timeout)
}

/** Checks a value and completes it with its defaults. */
export async function checked<Schema extends z.ZodType>(
	schema: Schema,
	value: unknown,
	root: 'input' | 'output',
): Promise<z.output<Schema>> {
	const result = await schema.safeParseAsync(value)
	if (result.success) return result.data
	const faults = faultsOf(result.error, root)
	throw new Failure(faults.map(({ message }) => message).join('\n'), {
		code: `invalid_${root}`,
		retryable: false,
		details: { faults },
	})
}

const labelShape = /^[A-Za-z]\w*(::[A-Za-z]\w*)*(\/[A-Za-z][\w-]*)?$/

export function checkLabel(label: string, what: string): void {
	if (labelShape.test(label) && label.length <= 200) return
	throw new DefinitionError(
		`${JSON.stringify(label)} cannot be the label of ${what}: expected words of letters, digits and _, such as Repository::Sync or Repository::Sync/download`,
	)
}
