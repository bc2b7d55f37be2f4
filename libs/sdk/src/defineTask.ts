/** How authors define task types. */

import { duplicatePolicies, type DuplicatePolicy, type Duplicates, isDuplicateClaim } from '@taskyard/model/duplicates'
import type { JoinedCounts } from '@taskyard/model/fanOut'
import { defaultPolicies, type LockClaim, type RetryPolicy } from '@taskyard/model/plan'
import type { LockMode } from '@taskyard/model/states'
import { markedParts, replaceMarked, revealsSensitive } from '@taskyard/model/sensitive/marks'
import { parseTemplate, renderTemplate, TemplateError } from '@taskyard/model/template'
import type { z } from 'zod'
import { type Action, checked, checkLabel, checkPolicies, defineAction } from './defineAction.ts'
import type { ActionDefinition, Planned, PolicyOptions, StepContext, TaskType, TaskTypeData } from './definition.ts'
import type { Referable } from './output.ts'
import { PlanBuilder } from './planBuilder.ts'
import type { Suspended } from './suspend.ts'
import { DefinitionError, fieldNames, type JsonSchema, jsonSchemaOf, presenceOf } from './schema.ts'
import type { ActionCode } from './stepTransaction.ts'

/** A lock that every task of a type takes; `resource.id`, `resource.title` and `name` are templates over the input. */
export interface LockTemplate {
	readonly resource: { readonly type: string; readonly id: string; readonly title?: string }
	/** The operation; default `*`: all of them. */
	readonly name?: string
	/** Default exclusive. */
	readonly mode?: LockMode
	/** When it is not free: `fail`, the default, pauses the task and names the holder; `wait` stands in line. */
	readonly onConflict?: 'fail' | 'wait'
}

/** Which tasks of a type are duplicates, on the whole cluster, and what becomes of one. */
export interface DuplicateOptions {
	/** Template over the input, e.g. `{repository}`. Default: all tasks of the type are duplicates of each other. */
	readonly key?: string
	/**
	 * `parallel`: nothing. `serial`: one after the other, in the order of their starts. `queue_one`: the same, but only one
	 * waits, and a third is not made. `discard`: no second one is made. Whoever starts what is not made gets the one that
	 * counts.
	 */
	readonly policy: 'parallel' | DuplicatePolicy
}

interface TypeOptions<Input extends z.ZodType, Output extends z.ZodType> {
	/** E.g. `Repository::Sync`. */
	readonly label: string
	/** Raise it when tasks that are under way must not go on with the new code. Default 1. */
	readonly version?: number
	readonly description?: string
	readonly input: Input
	readonly output?: Output
	/** Template over the input, e.g. `Backup of {source}`. Default: the label. */
	readonly name?: string
	readonly locks?: readonly LockTemplate[]
	/** Default `default`. */
	readonly queue?: string
	/** From -10 to 10: in its queue, tasks of a higher one go first. Default: that of the task that starts it, or 0. */
	readonly priority?: number
	/** What becomes of a task while another of the same key has not stopped. Default: they run beside each other. */
	readonly onDuplicate?: DuplicateOptions
	readonly cancellable?: boolean
	/** Limit of a task's time in *running*, in milliseconds; a plan may give another. Default: none. */
	readonly taskTimeout?: number
	/** Whether a person must confirm each task within 30 seconds before it begins. Default: no. */
	readonly confirmation?: boolean
	/** Short enough to run where it is asked for, without a trip through the queue, when its locks are free. Default: no. */
	readonly light?: boolean
}

/** A task type of one action. */
export interface OneActionOptions<Input extends z.ZodType, Output extends z.ZodType> extends TypeOptions<Input, Output>, PolicyOptions {
	poll?(input: z.output<Input>, state: never, context: StepContext): Promise<z.input<Output> | Suspended> | z.input<Output> | Suspended
	cancel?(input: z.output<Input>, state: never, context: StepContext): unknown
	joined?(input: z.output<Input>, counts: JoinedCounts, context: StepContext): Promise<z.input<Output>> | z.input<Output>
	finalize?(input: z.output<Input>, output: z.output<Output>, context: StepContext): unknown
	revert?(input: z.output<Input>, output: z.output<Output>, context: StepContext): unknown
	policiesFor?(input: Partial<z.input<Input>>): PolicyOptions
}

/** A task type whose steps are planned for each task. */
export interface PlannedOptions<Input extends z.ZodType, Output extends z.ZodType> extends TypeOptions<Input, Output> {
	/** Every action that its plans may use. */
	readonly actions: readonly Action[]
	/** How often, and how far apart, planning is tried. */
	readonly retry?: Partial<RetryPolicy>
	/** What becomes of a task that could not be planned: `pause`, the default, waits for a person; `fail` stops it. */
	readonly rescue?: 'pause' | 'fail'
	/**
	 * Writes the steps of one task; called once, with the checked and completed input. What it returns becomes the task's
	 * output once the references in it are known; without a return it is the last step's.
	 */
	plan(
		plan: PlanBuilder,
		input: z.output<Input>,
	): Referable<z.input<Output>> | undefined | void | Promise<Referable<z.input<Output>> | undefined | void>
}

/**
 * Defines a task type. What cannot be registered is refused here, when the worker loads it.
 *
 * @example
 * export const greet = defineTask({
 *   label: 'Greeting::Send',
 *   name: 'Greeting for {name}',
 *   input: z.object({ name: z.string() }),
 *   run: ({ name }, context) => context.log(`Hello ${name}`),
 * })
 */
export function defineTask<Input extends z.ZodType, Output extends z.ZodType = z.ZodUnknown>(
	options: OneActionOptions<Input, Output> & ActionCode<Input, Output>,
): TaskType<z.input<Input>, z.output<Output>>
export function defineTask<Input extends z.ZodType, Output extends z.ZodType = z.ZodUnknown>(
	options: PlannedOptions<Input, Output>,
): TaskType<z.input<Input>, z.output<Output>>
export function defineTask(
	options: (OneActionOptions<z.ZodType, z.ZodType> & ActionCode<z.ZodType, z.ZodType>) | PlannedOptions<z.ZodType, z.ZodType>,
): TaskType {
	checkLabel(options.label, 'a task type')
	if ('plan' in options) {
		checkPolicies({ ...(options.retry && { retry: options.retry }) }, options.label)
		return assemble(options, options.actions, options, options.plan.bind(options))
	}
	const { name: _name, ...ofTheAction } = options
	const action = defineAction(ofTheAction)
	// The step checks its input too: it gets what was given, since a transform must not be applied twice.
	return assemble(options, [action], {}, (plan, _completed, given) => {
		plan.step(action as Action<unknown>, given)
	})
}

type Write = (plan: PlanBuilder, completed: unknown, given: unknown) => unknown

function assemble(
	options: TypeOptions<z.ZodType, z.ZodType>,
	actions: readonly Action[],
	planning: { readonly retry?: Partial<RetryPolicy>; readonly rescue?: 'pause' | 'fail' },
	write: Write,
): TaskType {
	const { label, version = 1, input, taskTimeout = null } = options
	if (!Number.isInteger(version) || version < 1)
		throw new DefinitionError(`${label}, version: expected a whole number of 1 or more, found ${version}`)
	if (taskTimeout !== null && !(taskTimeout > 0 && Number.isFinite(taskTimeout)))
		throw new DefinitionError(`${label}, taskTimeout: expected milliseconds, more than 0, found ${taskTimeout}`)
	const known = byLabel(actions, label)
	const inputSchema = jsonSchemaOf(input, 'input', label)
	const name = options.name ?? label
	checkTemplate(name, inputSchema, `${label}, name`, false)
	const duplicates = options.onDuplicate && duplicatesOf(options.onDuplicate, inputSchema, label)
	checkPriority(options.priority, label)
	const locks = (options.locks ?? []).map((lock) => lockClaim(lock, inputSchema, label))
	const data: TaskTypeData = {
		label,
		version,
		...(options.description !== undefined && { description: options.description }),
		name,
		inputSchema,
		...(options.output && { outputSchema: jsonSchemaOf(options.output, 'output', label) }),
		locks,
		queue: options.queue ?? 'default',
		...(options.priority !== undefined && { priority: options.priority }),
		...(duplicates && { duplicates }),
		cancellable: options.cancellable ?? true,
		retry: { ...defaultPolicies.retry, ...planning.retry },
		rescue: planning.rescue ?? 'pause',
		timeout: taskTimeout,
		confirmation: options.confirmation ?? false,
		light: options.light ?? false,
		actions: [...known.keys()].sort(),
	}
	return {
		data,
		actions: known,
		async plan(given: unknown): Promise<Planned> {
			const completed = await checked(input, given, 'input')
			const shown = replaceMarked(completed, inputSchema)
			const builder = new PlanBuilder(label, known)
			const output = await write(builder, completed, given)
			const planned = await builder.finish(output, { locks: locks.map((lock) => fillIn(lock, shown)), timeout: taskTimeout })
			// Defaults and transforms change the name that was made of the input as it was given.
			const rendered = renderTemplate(name, shown)
			const computed = planned.name ?? (rendered === renderTemplate(name, replaceMarked(given, inputSchema)) ? null : rendered)
			return {
				plan: planned.plan,
				...(computed !== null && { name: computed }),
				locks: planned.plan.locks,
				...(planned.links.length > 0 && { links: planned.links }),
				...(shown !== completed && { sensitive: markedParts(completed, inputSchema) }),
			}
		},
	}
}

function byLabel(actions: readonly Action[], owner: string): ReadonlyMap<string, ActionDefinition> {
	const known = new Map<string, ActionDefinition>()
	for (const action of actions) {
		if (known.has(action.label))
			throw new DefinitionError(`${owner}, actions: two of them have the label ${action.label}; give each its own`)
		known.set(action.label, action)
	}
	return known
}

function duplicatesOf({ key = '', policy }: DuplicateOptions, schema: JsonSchema, owner: string): Duplicates | null {
	const place = `${owner}, onDuplicate`
	checkTemplate(key, schema, `${place}, key`, true)
	if (policy === 'parallel') return null
	if (!duplicatePolicies.includes(policy))
		throw new DefinitionError(`${place}: expected a policy, one of parallel, ${duplicatePolicies.join(', ')}, found ${String(policy)}`)
	return { key, policy }
}

function checkPriority(priority: number | undefined, owner: string): void {
	if (priority === undefined || (Number.isInteger(priority) && priority >= -10 && priority <= 10)) return
	throw new DefinitionError(`${owner}, priority: expected a whole number from -10 to 10, found ${priority}`)
}

function lockClaim(lock: LockTemplate, schema: JsonSchema, owner: string): LockClaim {
	const place = `${owner}, lock on ${lock.resource.type}`
	if (isDuplicateClaim(lock))
		throw new DefinitionError(
			`${place}: resources of this type stand for duplicate keys; say onDuplicate, or give the resource another type`,
		)
	checkTemplate(lock.resource.id, schema, place, true)
	checkTemplate(lock.name ?? '*', schema, place, true)
	if (lock.resource.title !== undefined) checkTemplate(lock.resource.title, schema, place, false)
	return {
		resource: lock.resource,
		name: lock.name ?? '*',
		mode: lock.mode ?? 'exclusive',
		...(lock.onConflict === 'wait' && { onConflict: 'wait' }),
	}
}

function fillIn(lock: LockClaim, input: unknown): LockClaim {
	const { type, id, title } = lock.resource
	return {
		resource: { type, id: renderTemplate(id, input), ...(title !== undefined && { title: renderTemplate(title, input) }) },
		name: renderTemplate(lock.name, input),
		mode: lock.mode,
		...(lock.onConflict && { onConflict: lock.onConflict }),
	}
}

/** Refuses a template that names what the input does not have. `always`: nor what it may lack, since an empty id locks the wrong thing. */
function checkTemplate(template: string, schema: JsonSchema, place: string, always: boolean): void {
	try {
		for (const part of parseTemplate(template)) {
			if (part.kind === 'text') continue
			const field = part.path.join('.')
			const presence = presenceOf(schema, part.path)
			if (presence === 'never') {
				const names = fieldNames(schema)
				throw new DefinitionError(
					`${place}: “${template}” names the field {${field}}, which the input does not have; it has ${names.length > 0 ? names.join(', ') : 'no fields'}`,
				)
			}
			if (always && revealsSensitive(schema, part.path)) {
				throw new DefinitionError(
					`${place}: “${template}” is made of the sensitive field {${field}}, and would stand where everybody reads it: use another field`,
				)
			}
			if (always && presence === 'perhaps') {
				throw new DefinitionError(
					`${place}: “${template}” needs the field {${field}}, which the input may lack: make it required, or give it a default`,
				)
			}
		}
	} catch (error) {
		if (error instanceof TemplateError) throw new DefinitionError(`${place}: ${error.message}`, { cause: error })
		throw error
	}
}
