/** Shapes by hand, for tests that know what they want. */

import type { Order } from './orders.ts'
import type { ClaimShape, Shape, StepShape, Tree } from './reference/shapes.ts'

/** A step that waits for the word of the test, and then ends well. */
export const step = (more: Partial<StepShape> = {}): StepShape => ({
	held: true,
	deaf: false,
	booked: false,
	waitsFor: 0,
	limited: false,
	run: ['well'],
	finalize: null,
	revert: null,
	tries: 1,
	rescue: 'pause',
	onLost: 'retry',
	stoppable: true,
	needs: null,
	...more,
})

export const sequence = (...parts: Tree[]): Tree => ({ order: 'sequence', parts })
export const concurrence = (...parts: Tree[]): Tree => ({ order: 'concurrence', parts })

/** A claim on everything of one resource. */
export const red = (more: Partial<ClaimShape> = {}): ClaimShape => ({
	resource: 'red',
	operation: '*',
	shared: false,
	waits: false,
	...more,
})

export const shaped = (tree: Tree, more: Partial<Shape> = {}): Shape => ({
	cancellable: true,
	confirmation: false,
	planTries: 1,
	planRescue: 'pause',
	planHeld: false,
	planning: ['well'],
	tree,
	claims: [],
	...more,
})

export const orderStart = (shape: Shape): Order => ({ act: 'start', shape, opens: 0, expires: 0, edges: [] })
