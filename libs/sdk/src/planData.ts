/** Inputs of steps as the data that is stored, and what of them cannot work. */

import type { OutputReference, PlanNode, PlannedStep } from '@taskyard/model/plan'
import { referenceKey, referencesIn, referenceValue } from '@taskyard/model/references'
import type { ActionDefinition } from './definition.ts'
import { checkJson, placeOf } from '@taskyard/model/json'
import { sealedKey } from '@taskyard/model/sensitive/sealed'
import { referenceOf } from './output.ts'
import { presenceOf } from './schema.ts'

/** A plan that makes no sense. The message names the step and what to change. */
export class PlanError extends Error {
	override readonly name = 'PlanError'
}

/** A value as JSON, with references as they are stored. `owner`: the plan whose steps it may refer to. */
export function planData(given: unknown, root: string, owner: object): { readonly value: unknown; readonly refers: boolean } {
	checkJson(given, root, (item) => referenceOf(item) !== null)
	let refers = false
	const copy = (item: unknown, path: (string | number)[]): unknown => {
		if (typeof item !== 'object' || item === null) return item
		const reference = referenceOf(item)
		if (reference) {
			if (reference.owner !== owner) throw new PlanError(`${placeOf(root, path)} refers to a step of another plan`)
			refers = true
			return referenceValue(reference)
		}
		if (Array.isArray(item)) return item.map((part, index) => copy(part, [...path, index]))
		if (Object.hasOwn(item, referenceKey)) {
			throw new PlanError(
				`${placeOf(root, path)} has a property “${referenceKey}”, which means a reference to a step's output: rename it, or pass the value as text`,
			)
		}
		if (Object.hasOwn(item, sealedKey)) {
			throw new PlanError(`${placeOf(root, path)} has a property “${sealedKey}”, which stands for what is encrypted: rename it`)
		}
		const entries = Object.entries(item).filter(([, part]) => part !== undefined)
		return Object.fromEntries(entries.map(([key, part]) => [key, copy(part, [...path, key])]))
	}
	return { value: copy(given, []), refers }
}

/** The fields of an input that are known when planning. */
export function withoutReferences(input: unknown): object {
	if (typeof input !== 'object' || input === null || referenceOf(input)) return {}
	return Object.fromEntries(Object.entries(input).filter(([, value]) => !holdsReference(value)))
}

function holdsReference(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false
	return referenceOf(value) !== null || Object.values(value).some(holdsReference)
}

/** A step can only take what has been produced when it starts, and what its producer's output can have. */
export function checkReferences(
	{ tree, steps, output }: { readonly tree: PlanNode; readonly steps: readonly PlannedStep[]; readonly output: unknown },
	actions: ReadonlyMap<string, ActionDefinition>,
): void {
	const ways = new Map<number, readonly Way[]>()
	collectWays(tree, [], ways)
	const checkPart = ({ step, path }: OutputReference, taker: string): void => {
		const producer = steps[step]
		const schema = producer && actions.get(producer.action)?.outputSchema
		if (!schema || presenceOf(schema, path.map(String)) !== 'never') return
		throw new PlanError(
			`${taker} takes ${placeOf('output', path)} of step “${producer.name}”, which ${producer.action} never has: take a part that is in its output schema`,
		)
	}
	for (const [index, step] of steps.entries()) {
		for (const reference of referencesIn(step.input)) {
			checkPart(reference, `step “${step.name}”`)
			if (comesBefore(ways.get(reference.step) ?? [], ways.get(index) ?? [])) continue
			throw new PlanError(
				`step “${step.name}” takes the output of step “${steps[reference.step]?.name}”, which does not come before it: put both into a sequence, in this order`,
			)
		}
	}
	for (const reference of referencesIn(output)) checkPart(reference, 'the output of the plan')
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
