/** What an author's `plan` holds in its hands: steps, and steps that were put in an order. */

import type { PlanNode, RescueStrategy } from '@taskyard/model/plan'
import type { PolicyOptions } from './definition.ts'
import type { Output } from './output.ts'

export interface StepOptions extends PolicyOptions {
	/** What a person reads, e.g. `checksum 2 of 4`. Default: the last word of the action's label. */
	readonly name?: string
	/** Share of the task's progress, relative to the other steps. Default 1. */
	readonly weight?: number
}

export interface GroupOptions {
	/** What a person reads, e.g. `copy the files`. */
	readonly name?: string
	/** The rescue strategy of all steps below, in place of their own. Of two groups, the outer one says. */
	readonly rescue?: RescueStrategy
}

export interface MapOptions extends GroupOptions {
	/** Whether the items are done one after the other, which is the default, or all at once. */
	readonly order?: 'sequence' | 'concurrence'
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
	readonly #refer: () => Output<T>
	#output: Output<T> | null = null

	constructor(index: number, refer: () => Output<T>) {
		super({ kind: 'step', index })
		this.#refer = refer
	}

	/** Stands for what the step will have produced; pass it, or parts of it, in the input of later steps. */
	get output(): Output<T> {
		this.#output ??= this.#refer()
		return this.#output
	}
}

/** Steps that a condition or a list decided on, with what their maker answered. */
export class DecidedPart<Made> extends PlanPart {
	/** For a condition that does not hold: null. For a list: one entry an item. */
	readonly made: Made

	constructor(node: PlanNode, made: Made) {
		super(node)
		this.made = made
	}
}
