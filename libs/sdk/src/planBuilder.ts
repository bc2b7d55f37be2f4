/** What an author's `plan` writes its steps with, and the data that comes of it. */

import type { LockClaim, Plan, PlanNode, PlannedStep, ResourceKey } from '@taskyard/model/plan'
import { referenceKey, referenceValue } from '@taskyard/model/references'
import type { LockMode } from '@taskyard/model/states'
import { type Action, checked, mergePolicies } from './defineAction.ts'
import type { ActionDefinition, PolicyOptions } from './definition.ts'
import { checkJson, placeOf } from './json.ts'
import { type Output, outputOf, type Referable, referenceOf } from './output.ts'

/** A plan that makes no sense. The message names the step and what to change. */
export class PlanError extends Error {
	override readonly name = 'PlanError'
}

export interface StepOptions extends PolicyOptions {
	/** What a person reads, e.g. `checksum 2 of 4`. Default: the last word of the action's label. */
	readonly name?: string
	/** Share of the task's progress, relative to the other steps. Default 1. */
	readonly weight?: number
}

/** A step, or steps that were put in an order. */
export class PlanPart {
	readonly #node: PlanNode

	constructor(node: PlanNode) {
		this.#node = node
	}

	static nodeOf(part: PlanPart): PlanNode {
		return part.#node
	}
}

/** A step of the plan under way. */
export class StepHandle<T> extends PlanPart {
	/** Stands for what the step will have produced; pass it, or parts of it, in the input of later steps. */
	readonly output: Output<T>

	constructor(index: number, output: Output<T>) {
		super({ kind: 'step', index })
		this.output = output
	}
}

/**
 * Writes a plan. What is not put into a sequence or a concurrence runs one after the other, in the order in which it
 * was written.
 */
export class PlanBuilder {
	readonly #actions: ReadonlyMap<string, ActionDefinition>
	readonly #task: string
	readonly #steps: PlannedStep[] = []
	readonly #inputChecks: Promise<unknown>[] = []
	/** Parts that are not in another part, in the order in which they were made. */
	readonly #roots = new Set<PlanPart>()
	readonly #locks: LockClaim[] = []
	readonly #links: ResourceKey[] = []
	#name: string | null = null

	constructor(task: string, actions: ReadonlyMap<string, ActionDefinition>) {
		this.#task = task
		this.#actions = actions
	}

	/** Adds a step that runs an action. Its input may hold outputs of steps that come before it, at any depth. */
	step<Input, Result>(action: Action<Input, Result>, input: Referable<NoInfer<Input>>, options: StepOptions = {}): StepHandle<Result> {
		const { name = lastWord(action.label), weight = 1, ...policies } = options
		if (this.#actions.get(action.label) !== action) {
			throw new PlanError(`step “${name}” runs ${action.label}, which ${this.#task} does not declare: add it to its actions`)
		}
		if (!Number.isFinite(weight) || weight < 0) {
			throw new PlanError(`step “${name}” has the weight ${weight}: expected a number of 0 or more`)
		}
		const index = this.#steps.length
		const data = this.#asData(input, `input of step “${name}”`)
		const known = withoutReferences(input)
		const policiesFor = action.policiesFor as ((input: object) => PolicyOptions) | undefined
		this.#steps.push({
			action: action.label,
			name,
			input: data.value,
			weight,
			policies: mergePolicies(policiesFor ? mergePolicies(action.policies, policiesFor(known)) : action.policies, policies),
			...(action.finalize && { finalize: true }),
			...(action.revert && { revert: true }),
		})
		if (!data.refers) this.#inputChecks.push(checked(action.inputSchema, input, 'input').catch(refuseInput(name)))
		const handle = new StepHandle(index, outputOf(this, index, name) as Output<Result>)
		this.#roots.add(handle)
		return handle
	}

	/** One after the other. */
	sequence(...parts: PlanPart[]): PlanPart {
		return this.#group('sequence', parts)
	}

	/** All at once, as far as workers are free. */
	concurrence(...parts: PlanPart[]): PlanPart {
		return this.#group('concurrence', parts)
	}

	/** Names the task, in place of its type's template. */
	name(text: string): void {
		this.#name = text
	}

	/** Claims a lock before the first step. Locks claimed here replace those of the type's templates. */
	lock(resource: ResourceKey, claim: { readonly name?: string; readonly mode?: LockMode } = {}): void {
		this.#locks.push({ resource, name: claim.name ?? '*', mode: claim.mode ?? 'exclusive' })
	}

	/** Says that the task concerns a resource, without blocking anybody. */
	link(resource: ResourceKey): void {
		this.#links.push(resource)
	}

	/** What was written, once the inputs that are known already have been checked. */
	async finish(
		output: unknown,
		templateLocks: readonly LockClaim[],
	): Promise<{ plan: Plan; name: string | null; links: readonly ResourceKey[] }> {
		await Promise.all(this.#inputChecks)
		const roots = [...this.#roots].map((part) => PlanPart.nodeOf(part))
		const [root] = roots
		const tree: PlanNode = roots.length === 1 && root ? root : { kind: 'sequence', nodes: roots }
		const data = output === undefined ? null : this.#asData(output, 'output of the plan')
		this.#checkOrder(tree)
		return {
			plan: {
				tree,
				steps: this.#steps,
				...(data && { output: data.value }),
				locks: this.#locks.length > 0 ? this.#locks : templateLocks,
			},
			name: this.#name,
			links: this.#links,
		}
	}

	#group(kind: 'sequence' | 'concurrence', parts: readonly PlanPart[]): PlanPart {
		for (const part of parts) {
			if (!this.#roots.delete(part)) {
				const node = PlanPart.nodeOf(part)
				const what = node.kind === 'step' ? `step “${this.#steps[node.index]?.name}”` : `a ${node.kind}`
				throw new PlanError(`${what} stands in two places of the plan, or belongs to another one: put each part into one ${kind} only`)
			}
		}
		const group = new PlanPart({ kind, nodes: parts.map((part) => PlanPart.nodeOf(part)) })
		this.#roots.add(group)
		return group
	}

	/** The value as JSON, with references as they are stored. */
	#asData(given: unknown, root: string): { value: unknown; refers: boolean } {
		checkJson(given, root, (item) => referenceOf(item) !== null)
		let refers = false
		const copy = (item: unknown, path: (string | number)[]): unknown => {
			if (typeof item !== 'object' || item === null) return item
			const reference = referenceOf(item)
			if (reference) {
				if (reference.owner !== this) throw new PlanError(`${placeOf(root, path)} refers to a step of another plan`)
				refers = true
				return referenceValue(reference)
			}
			if (Array.isArray(item)) return item.map((part, index) => copy(part, [...path, index]))
			if (Object.hasOwn(item, referenceKey)) {
				throw new PlanError(
					`${placeOf(root, path)} has a property “${referenceKey}”, which means a reference to a step's output: rename it, or pass the value as text`,
				)
			}
			const entries = Object.entries(item).filter(([, part]) => part !== undefined)
			return Object.fromEntries(entries.map(([key, part]) => [key, copy(part, [...path, key])]))
		}
		return { value: copy(given, []), refers }
	}

	/** A step can only take what has been produced when it starts. */
	#checkOrder(tree: PlanNode): void {
		const ways = new Map<number, readonly Way[]>()
		collectWays(tree, [], ways)
		for (const [index, step] of this.#steps.entries()) {
			for (const needed of stepsNeededBy(step.input)) {
				if (comesBefore(ways.get(needed) ?? [], ways.get(index) ?? [])) continue
				throw new PlanError(
					`step “${step.name}” takes the output of step “${this.#steps[needed]?.name}”, which does not come before it: put both into a sequence, in this order`,
				)
			}
		}
	}
}

function lastWord(label: string): string {
	return label.slice(Math.max(label.lastIndexOf('/'), label.lastIndexOf(':')) + 1)
}

function refuseInput(step: string): (thrown: unknown) => never {
	return (thrown) => {
		throw new PlanError(`step “${step}” is given what its action does not take. ${thrown instanceof Error ? thrown.message : ''}`, {
			cause: thrown,
		})
	}
}

/** The fields of an input that are known when planning. */
function withoutReferences(input: unknown): object {
	if (typeof input !== 'object' || input === null || referenceOf(input)) return {}
	return Object.fromEntries(Object.entries(input).filter(([, value]) => !holdsReference(value)))
}

function holdsReference(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false
	return referenceOf(value) !== null || Object.values(value).some(holdsReference)
}

function* stepsNeededBy(value: unknown): Generator<number> {
	if (typeof value !== 'object' || value === null) return
	const target = (value as Record<string, unknown>)[referenceKey]
	if (target === undefined) for (const part of Object.values(value)) yield* stepsNeededBy(part)
	else yield (target as { step: number }).step
}

/** A turn on the way from the root of the tree to a step: which child of which kind of node. */
interface Way {
	readonly kind: 'sequence' | 'concurrence'
	readonly child: number
}

function collectWays(node: PlanNode, way: readonly Way[], ways: Map<number, readonly Way[]>): void {
	if (node.kind === 'step') ways.set(node.index, way)
	else node.nodes.forEach((child, index) => collectWays(child, [...way, { kind: node.kind, child: index }], ways))
}

/** Where the ways part, the first must turn off earlier in a sequence. */
function comesBefore(first: readonly Way[], second: readonly Way[]): boolean {
	for (const [depth, turn] of first.entries()) {
		const other = second[depth]
		if (!other || turn.child === other.child) continue
		return turn.kind === 'sequence' && turn.child < other.child
	}
	return false
}
