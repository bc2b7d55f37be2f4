/** References to outputs that do not exist yet, typed as the parts of what will be there. */

import type { OutputReference } from '@taskyard/model/plan'
import { placeOf } from '@taskyard/model/json'

declare const stands: unique symbol

/** Stands for a value of type T that a step will have produced when it is needed. */
export interface Reference<T> {
	readonly [stands]: T
}

/** A reference to an output, with references to its parts as properties: `scan.output.files[0]`. */
export type Output<T> = Reference<T> & OutputParts<T>

/** Named one by one, or `noUncheckedIndexedAccess` would ask whether a reference, which always is, may be missing. */
type LowIndex = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

type OutputParts<T> = T extends readonly (infer Item)[]
	? { readonly [index: number]: Output<Item> } & { readonly [Index in LowIndex]: Output<Item> }
	: T extends object
		? { readonly [Key in keyof T]-?: Output<T[Key]> }
		: unknown

/** A value in which any part may be a reference. */
export type Referable<T> =
	| T
	| Reference<T>
	| (T extends readonly (infer Item)[]
			? readonly Referable<Item>[]
			: T extends object
				? { readonly [Key in keyof T]: Referable<T[Key]> }
				: never)

/** What a proxy stands for. Kept outside of it, since every property of the proxy is a reference itself. */
const targets = new WeakMap<object, OwnedReference>()

interface OwnedReference extends OutputReference {
	/** The plan that the step belongs to. */
	readonly owner: object
}

/** Makes the reference that a step's handle offers as `output`. `name` is how messages call the step. */
export function outputOf(owner: object, step: number, name: string, path: readonly (string | number)[] = []): Output<unknown> {
	const proxy: object = new Proxy(Object.freeze({}), {
		get(_, key) {
			if (typeof key === 'symbol') return key === Symbol.toPrimitive || key === Symbol.iterator ? () => refuseUse(name, path) : undefined
			return outputOf(owner, step, name, [...path, /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : key])
		},
		ownKeys: () => refuseUse(name, path),
	})
	targets.set(proxy, { owner, step, path })
	return proxy as Output<unknown>
}

function refuseUse(name: string, path: readonly (string | number)[]): never {
	throw new TypeError(
		`${placeOf('output', path)} of step “${name}” is known only when the step has run; pass it on as it is, and use its value in the step that takes it`,
	)
}

/** What a value refers to, or null when it is no reference. */
export function referenceOf(value: unknown): OwnedReference | null {
	return typeof value === 'object' && value !== null ? (targets.get(value) ?? null) : null
}
