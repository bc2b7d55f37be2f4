/** Output references in JSON values: finding them, and filling in what they stand for. */

import type { OutputReference } from './plan.ts'
import { asSealed, mask, sealedPart } from './sensitive/sealed.ts'

/** The key of the object that stands for another step's output: `{ "$output": { "step": 0, "path": ["files", 0] } }`. */
export const referenceKey = '$output'

/** What a reference is as a JSON value. */
export function referenceValue(reference: OutputReference): { readonly [referenceKey]: OutputReference } {
	return { [referenceKey]: { step: reference.step, path: [...reference.path] } }
}

/** The reference that a JSON value is, or null for any other value. */
export function asReference(value: unknown): OutputReference | null {
	if (!isObject(value) || !Object.hasOwn(value, referenceKey)) return null
	const target = value[referenceKey]
	if (Object.keys(value).length !== 1 || !isObject(target)) return null
	const { step, path } = target
	if (typeof step !== 'number' || !Array.isArray(path) || !path.every(isPathPart)) return null
	return { step, path }
}

/** Every reference in a value, in the order in which they stand. */
export function referencesIn(value: unknown): OutputReference[] {
	const found: OutputReference[] = []
	replaceReferences(value, (reference) => {
		found.push(reference)
		return undefined
	})
	return found
}

/** A step needs the output of one that has none: it was skipped, or has not run. */
export class MissingOutput extends Error {
	override readonly name = 'MissingOutput'
	readonly reference: OutputReference

	constructor(reference: OutputReference) {
		super(`the input needs the output of step ${reference.step}, which has none: it was skipped, or has not succeeded`)
		this.reference = reference
	}
}

/**
 * The value with each reference replaced by what it stands for. What is filled in is taken as it is: a `$output` in an
 * output means nothing. A path that the output does not have gives undefined, and in an object the property is left out.
 *
 * @param outputs parsed outputs by index of the step
 * @throws MissingOutput when a step that is referred to has no output
 */
export function resolveReferences(value: unknown, outputs: ReadonlyMap<number, unknown>): unknown {
	return replaceReferences(value, (reference) => {
		if (!outputs.has(reference.step)) throw new MissingOutput(reference)
		return referredPart(outputs.get(reference.step), reference.path)
	})
}

/** Like `resolveReferences`, but a reference to a step without an output stays as it is: what a person is shown. */
export function resolveKnownReferences(value: unknown, outputs: ReadonlyMap<number, unknown>): unknown {
	return replaceReferences(value, (reference) =>
		outputs.has(reference.step) ? referredPart(outputs.get(reference.step), reference.path) : referenceValue(reference),
	)
}

/** Like `resolveReferences`, but null stands for the output of a step that has none: it was skipped. */
export function resolvePresentReferences(value: unknown, outputs: ReadonlyMap<number, unknown>): unknown {
	return replaceReferences(value, (reference) =>
		outputs.has(reference.step) ? referredPart(outputs.get(reference.step), reference.path) : null,
	)
}

/**
 * The part of a JSON value at a path, or undefined. Inherited properties do not count. Of what is sealed it is a part that
 * is sealed too, and of ••• it is •••.
 */
export function referredPart(value: unknown, path: readonly (string | number)[]): unknown {
	let part = value
	for (const [depth, key] of path.entries()) {
		const sealed = asSealed(part)
		if (sealed) return sealedPart(sealed, path.slice(depth))
		if (part === mask) return mask
		if (typeof part !== 'object' || part === null || !Object.hasOwn(part, key)) return undefined
		part = (part as Record<string | number, unknown>)[key]
	}
	return part
}

function replaceReferences(value: unknown, replacement: (reference: OutputReference) => unknown): unknown {
	if (typeof value !== 'object' || value === null) return value
	const reference = asReference(value)
	if (reference) return replacement(reference)
	if (Array.isArray(value)) return value.map((item) => replaceReferences(item, replacement) ?? null)
	const copy: Record<string, unknown> = {}
	for (const [key, item] of Object.entries(value)) {
		const replaced = replaceReferences(item, replacement)
		if (replaced === undefined) continue
		// Assigning to `__proto__` would change the prototype instead of making a property.
		if (key === '__proto__') Object.defineProperty(copy, key, { value: replaced, enumerable: true, configurable: true, writable: true })
		else copy[key] = replaced
	}
	return copy
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPathPart(part: unknown): part is string | number {
	return typeof part === 'string' || typeof part === 'number'
}
