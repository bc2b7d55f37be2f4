/** The task types of the model-based test: what is random of a task stands in its input, what a type says is one of a few types. */

import { defaultPolicies, type Plan, type PlannedStep, type PlanNode, type StepPolicies } from '@taskyard/model/plan'
import type { StepContext, TaskDefinition } from '@taskyard/sdk/definition'
import { Failure } from '@taskyard/sdk/failure'
import { suspend, type Suspended } from '@taskyard/sdk/suspend'
import type { StepSql } from '@taskyard/sdk/stepTransaction'
import { bookLine, booking } from './ledger.ts'
import {
	endingOf,
	endingOfPlan,
	numberedShape,
	type Doing,
	type Ending,
	type NumberedTree,
	type Shape,
	type StepShape,
} from './reference/shapes.ts'

/** What the input of each task is. */
export interface Given {
	/** Tells the tasks of one order from others. */
	readonly key: string
	/** Keeps the resources of a sequence apart from those of others. */
	readonly sequence: string
	readonly shape: Shape
}

/** What runs attempts: held ones wait for the test. */
export interface Hand {
	/** The planning attempt that has just begun here for a task of this input. */
	planningOf(given: Given): Promise<{ readonly task: string; readonly attempt: number }>
	/** Resolves when the test lets the attempt end; rejects when it hears a signal that it obeys. */
	hold(
		attempt: { readonly task: string; readonly step: number | null; readonly doing: Doing; readonly attempt: number },
		signal: AbortSignal | null,
		deaf: boolean,
	): Promise<void>
}

/** Longer than any sequence takes, shorter than the hour by which its clock is moved. */
export const backOff = 30 * 60_000
/** Of an attempt with a time limit. */
const timeLimit = 150

interface Variant {
	readonly cancellable: boolean
	readonly confirmation: boolean
	readonly planTries: 1 | 2
	readonly planRescue: 'pause' | 'fail'
}

export const labelOf = ({ cancellable, confirmation, planTries, planRescue }: Variant): string =>
	`Model::${cancellable ? 'Cancellable' : 'Firm'}${confirmation ? 'Confirmed' : ''}/${planTries}/${planRescue}`

const variants: Variant[] = [true, false].flatMap((cancellable) =>
	[true, false].flatMap((confirmation) =>
		([1, 2] as const).flatMap((planTries) =>
			(['pause', 'fail'] as const).map((planRescue) => ({ cancellable, confirmation, planTries, planRescue })),
		),
	),
)

const retryOf = (attempts: number): StepPolicies['retry'] => ({ attempts, backoff: 'fixed', initial: backOff, max: backOff, jitter: 0 })

export function definitionsFor(hand: Hand): TaskDefinition[] {
	return variants.map((variant) => {
		const label = labelOf(variant)
		const action = {
			label: `${label}/step`,
			policies: defaultPolicies,
			run: (input: never, context: StepContext) => attempt(hand, input, context, 'run'),
			finalize: (input: never, _: never, context: StepContext) => attempt(hand, input, context, 'finalize'),
			revert: (input: never, _: never, context: StepContext) => attempt(hand, input, context, 'revert'),
		}
		const book = {
			...action,
			label: `${label}${booking}`,
			transaction: (sql: StepSql, input: never, context: StepContext) => attempt(hand, input, context, 'run', sql),
		}
		return {
			data: {
				label,
				version: 1,
				name: label,
				inputSchema: { type: 'object' },
				locks: [],
				queue: 'default',
				cancellable: variant.cancellable,
				confirmation: variant.confirmation,
				retry: retryOf(variant.planTries),
				rescue: variant.planRescue,
				timeout: null,
				light: false,
				actions: [action.label, book.label],
			},
			actions: new Map([action, book].map((one) => [one.label, one])),
			async plan(input: unknown) {
				const given = input as Given
				const { task, attempt: number } = await hand.planningOf(given)
				if (given.shape.planHeld) await hand.hold({ task, step: null, doing: 'plan', attempt: number }, null, true)
				end(endingOfPlan(given.shape, number))
				return { plan: planOf(given, label) }
			},
		}
	})
}

interface StepInput {
	readonly step: StepShape
	readonly index: number
}

async function attempt(
	hand: Hand,
	input: never,
	context: StepContext,
	doing: Exclude<Doing, 'plan'>,
	sql?: StepSql,
): Promise<{ index: number } | Suspended> {
	const { step, index } = input as StepInput
	const { signal } = context
	if (step.held) await hand.hold({ task: context.taskId, step: index, doing, attempt: context.attempt }, signal, step.deaf)
	const given = givenTo(context)
	if (doing === 'run' && step.waitsFor > 0 && (!context.wake || given.length < step.waitsFor)) return suspend({ state: given })
	await sql?.query(bookLine, [context.taskId, index, context.attempt])
	const ending = endingOf(step, doing, context.attempt)
	if (ending === 'never') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
	end(ending)
	return { index }
}

/** Ids of all events that the code of a step was given, now and before it waited. */
function givenTo({ wake }: StepContext): string[] {
	const given = wake ? [...(wake.state as string[]), ...wake.events.map(({ id }) => id)] : []
	if (new Set(given).size < given.length) throw new Error(`An event was given twice: ${given.join()}.`)
	return given
}

function end(ending: Ending): void {
	if (ending === 'badly') throw new Error('It went badly.')
	if (ending === 'hopelessly') throw new Failure('It went hopelessly.', { retryable: false })
}

function planOf({ shape, sequence }: Given, label: string): Plan {
	const { tree, steps, needs } = numberedShape(shape)
	return {
		tree: nodeOf(tree),
		steps: steps.map((step, index): PlannedStep => {
			const needed = needs[index]
			return {
				action: `${label}${step.booked ? booking : '/step'}`,
				name: `step ${index}`,
				input: {
					step,
					index,
					...(typeof needed === 'number' && { before: { $output: { step: needed, path: ['index'] } } }),
				},
				weight: 1,
				policies: {
					...defaultPolicies,
					retry: retryOf(step.tries),
					rescue: step.rescue,
					onLost: step.onLost,
					cancellable: step.stoppable,
					timeout: step.limited ? timeLimit : null,
				},
				...(step.finalize && { finalize: true }),
				...(step.revert && { revert: true }),
			}
		}),
		locks: shape.claims.map(({ resource, operation, shared, waits }) => ({
			resource: { type: 'Model', id: `${sequence}/${resource}` },
			name: operation,
			mode: shared ? 'shared' : 'exclusive',
			...(waits && { onConflict: 'wait' }),
		})),
	}
}

function nodeOf(tree: NumberedTree): PlanNode {
	return typeof tree === 'number' ? { kind: 'step', index: tree } : { kind: tree.order, nodes: tree.parts.map(nodeOf) }
}
