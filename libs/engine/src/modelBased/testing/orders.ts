/** Random sequences: what they are made of is data, so that a failing one shrinks to the few lines that matter. */

import fc from 'fast-check'
import type { Brought, EdgePolicy } from './reference/life.ts'
import type { ClaimShape, Ending, Shape, StepShape, Tree } from './reference/shapes.ts'

/** Numbers choose among what there is when the order is carried out, so that each order makes sense wherever it stands. */
export type Order =
	| {
			readonly act: 'start'
			readonly shape: Shape
			/** Hours from now; 0 for none. */
			readonly opens: number
			readonly expires: number
			readonly edges: readonly { readonly pick: number; readonly policy: EdgePolicy }[]
	  }
	| { readonly act: 'pause' | 'resume' | 'cancel' | 'unlock' | 'forceUnlock' | 'rerun' | 'remove'; readonly pick: number }
	| { readonly act: 'retryStep' | 'skipStep' | 'cancelStep'; readonly pick: number }
	/** `again`: one that was sent before. */
	| { readonly act: 'sendEvent'; readonly pick: number; readonly again: boolean; readonly brings: Brought }
	| { readonly act: 'confirm'; readonly pick: number; readonly yes: boolean }
	| { readonly act: 'letEnd'; readonly pick: number }
	| { readonly act: 'kill' | 'drain'; readonly pick: number }
	| { readonly act: 'passHours'; readonly hours: number }
	| { readonly act: 'allowDanger'; readonly allowed: boolean }
	/** What happens to the jobs of the next order. */
	| { readonly act: 'jobs'; readonly fate: 'lost' | 'doubled' | 'delayed' }
	/** Two orders at once. */
	| { readonly act: 'together'; readonly orders: readonly [Order, Order] }

const pick = fc.nat(999)

/** So many yes to so many no. */
const often = (yes: number, no: number): fc.Arbitrary<boolean> => fc.integer({ min: 0, max: yes + no - 1 }).map((number) => number >= no)

const script = (endings: readonly Ending[]): fc.Arbitrary<readonly Ending[]> =>
	fc.array(fc.constantFrom(...endings), { minLength: 1, maxLength: 3 })
const mostlyWell = script(['well', 'well', 'well', 'well', 'badly', 'hopelessly'])
const afterwards = fc.option(script(['well', 'well', 'badly', 'hopelessly']), { freq: 3, nil: null })

const stepShape: fc.Arbitrary<StepShape> = fc
	.record({
		held: often(2, 1),
		deaf: often(1, 3),
		booked: often(1, 2),
		waitsFor: fc.constantFrom(0, 0, 0, 0, 1, 2),
		limited: often(1, 4),
		run: mostlyWell,
		finalize: afterwards,
		revert: afterwards,
		tries: fc.constantFrom(1, 1, 2, 3),
		rescue: fc.constantFrom('pause' as const, 'pause' as const, 'skip' as const, 'fail' as const, 'revert' as const, 'revert' as const),
		onLost: fc.constantFrom('retry' as const, 'rescue' as const),
		stoppable: fc.boolean(),
		needs: fc.option(fc.nat(9)),
	})
	.map((step) => {
		const limited = step.limited && !step.held && !step.deaf
		const booked = step.booked && step.held && !step.deaf
		const waitsFor = booked ? 0 : step.waitsFor
		return {
			...step,
			limited,
			booked,
			waitsFor,
			run: limited ? step.run.map((ending) => (ending === 'badly' ? 'never' : ending)) : step.run,
		}
	})

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
	tree: fc.oneof(
		{ depthSize: 'large', maxDepth: 2 },
		stepShape,
		fc.record({
			order: fc.constantFrom('sequence' as const, 'concurrence' as const),
			parts: fc.array(tie('tree'), { minLength: 2, maxLength: 4 }),
		}),
	),
}))

const countOf = (found: Tree): number => ('parts' in found ? found.parts.reduce((sum, part) => sum + countOf(part), 0) : 1)
/** Longest plan, in steps: what can happen in larger ones can happen in these. */
const longest = 8

const claim: fc.Arbitrary<ClaimShape> = fc.record({
	resource: fc.constantFrom('red' as const, 'green' as const, 'blue' as const),
	operation: fc.constantFrom('*' as const, 'read' as const, 'write' as const),
	shared: fc.boolean(),
	waits: fc.boolean(),
})

const shape: fc.Arbitrary<Shape> = fc.record({
	cancellable: often(3, 1),
	confirmation: often(1, 14),
	planTries: fc.constantFrom(1, 2),
	planRescue: fc.constantFrom('pause' as const, 'fail' as const),
	planHeld: often(1, 6),
	planning: fc.oneof(
		{ weight: 4, arbitrary: fc.constant<readonly Ending[]>(['well']) },
		{ weight: 1, arbitrary: script(['well', 'badly', 'hopelessly']) },
	),
	tree: tree.filter((found) => countOf(found) <= longest),
	claims: fc.oneof(
		{ weight: 2, arbitrary: fc.constant([]) },
		{
			weight: 3,
			arbitrary: fc.uniqueArray(claim, { minLength: 1, maxLength: 3, selector: ({ resource, operation }) => `${resource} ${operation}` }),
		},
	),
})

const start = fc.record({
	act: fc.constant('start' as const),
	shape,
	opens: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 2),
	expires: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 3),
	edges: fc.oneof(
		{ weight: 7, arbitrary: fc.constant([]) },
		{
			weight: 1,
			arbitrary: fc.array(fc.record({ pick, policy: fc.constantFrom('success' as const, 'ended' as const, 'any' as const) }), {
				minLength: 1,
				maxLength: 2,
			}),
		},
	),
})

const of = <Act extends string>(act: Act): fc.Arbitrary<{ act: Act; pick: number }> => fc.record({ act: fc.constant(act), pick })

/** Orders that may be carried out beside another. */
const simple: fc.Arbitrary<Order> = fc.oneof(
	{ weight: 6, arbitrary: start },
	{ weight: 20, arbitrary: of('letEnd') },
	{ weight: 3, arbitrary: of('pause') },
	{ weight: 5, arbitrary: of('resume') },
	{ weight: 2, arbitrary: of('cancel') },
	{ weight: 2, arbitrary: of('unlock') },
	{ weight: 1, arbitrary: of('forceUnlock') },
	{ weight: 1, arbitrary: of('rerun') },
	{ weight: 1, arbitrary: of('remove') },
	{ weight: 2, arbitrary: of('retryStep') },
	{ weight: 2, arbitrary: of('skipStep') },
	{ weight: 2, arbitrary: of('cancelStep') },
	{
		weight: 8,
		arbitrary: fc.record({
			act: fc.constant('sendEvent' as const),
			pick,
			again: often(1, 4),
			brings: fc.constantFrom(null, null, null, null, 'well' as const, 'badly' as const),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ act: fc.constant('confirm' as const), pick, yes: often(3, 1) }) },
)

const order: fc.Arbitrary<Order> = fc.oneof(
	{ weight: 48, arbitrary: simple },
	{ weight: 6, arbitrary: fc.record({ act: fc.constant('together' as const), orders: fc.tuple(simple, simple) }) },
	{ weight: 5, arbitrary: fc.record({ act: fc.constant('passHours' as const), hours: fc.constantFrom(1, 1, 2) }) },
	{ weight: 2, arbitrary: of('kill') },
	{ weight: 1, arbitrary: of('drain') },
	{
		weight: 3,
		arbitrary: fc.record({
			act: fc.constant('jobs' as const),
			fate: fc.constantFrom('lost' as const, 'doubled' as const, 'delayed' as const),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ act: fc.constant('allowDanger' as const), allowed: often(3, 1) }) },
)

/** A sequence of orders; it begins with tasks to give them to. */
export const sequences: fc.Arbitrary<readonly Order[]> = fc
	.tuple(fc.array(start, { minLength: 1, maxLength: 3, size: 'max' }), fc.array(order, { minLength: 8, maxLength: 40, size: 'max' }))
	.map(([first, then]) => [...first, ...then])
