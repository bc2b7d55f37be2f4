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

interface OwnedReference extends OutputReference {
	/** The plan that the step belongs to. */
	readonly owner: object
}

/** By this a reference tells what it stands for; every other property of it is a reference itself. A map beside it costs four times as much. */
const target = Symbol('target')

class Stand implements ProxyHandler<object>, OwnedReference {
	readonly owner: object
	readonly step: number
	readonly path: readonly (string | number)[]
	/** How messages call the step. */
	readonly #name: string

	constructor(owner: object, step: number, name: string, path: readonly (string | number)[]) {
		this.owner = owner
		this.step = step
		this.path = path
		this.#name = name
	}

	get(_: object, key: string | symbol): unknown {
		if (key === target) return this
		if (typeof key === 'symbol') return key === Symbol.toPrimitive || key === Symbol.iterator ? () => this.#refuseUse() : undefined
		return outputOf(this.owner, this.step, this.#name, [...this.path, /^(0|[1-9]\d{0,8})$/.test(key) ? Number(key) : key])
	}

	ownKeys(): never {
		return this.#refuseUse()
	}

	#refuseUse(): never {
		throw new TypeError(
			`${placeOf('output', this.path)} of step “${this.#name}” is known only when the step has run; pass it on as it is, and use its value in the step that takes it`,
		)
	}
}

const nothing = Object.freeze({})

/** Makes the reference that a step's handle offers as `output`. `name` is how messages call the step. */
export function outputOf(owner: object, step: number, name: string, path: readonly (string | number)[] = []): Output<unknown> {
	return new Proxy(nothing, new Stand(owner, step, name, path)) as Output<unknown>
}

/** What a value refers to, or null when it is no reference. */
export function referenceOf(value: unknown): OwnedReference | null {
	if (typeof value !== 'object' || value === null) return null
	return (value as { readonly [target]?: OwnedReference })[target] ?? null
}
