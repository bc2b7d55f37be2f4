/** Tasks with any plan, whose steps fail as they are told to and write down what they have done. */

import fc from 'fast-check'
import { expect } from 'vitest'
import { z } from 'zod'
import { defineAction } from '../defineAction.ts'
import { defineTask } from '../defineTask.ts'
import type { TaskType } from '../definition.ts'
import { Failure } from '../failure.ts'
import type { PlanBuilder } from '../planBuilder.ts'
import type { PlanPart } from '../planParts.ts'

/** How a step behaves: how often its run, its finalize and its revert fail before they succeed. */
interface Behaviour {
	readonly kind: 'plain' | 'finalized' | 'reverted' | 'both'
	readonly failures: { readonly run: number; readonly finalize: number; readonly revert: number }
	readonly attempts: number
	readonly rescue: 'pause' | 'skip' | 'fail' | 'revert'
}

export type Tree = Behaviour | { readonly group: 'sequence' | 'concurrence'; readonly parts: readonly Tree[] }

const failures = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) })
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
	kind: fc.constantFrom('plain', 'finalized', 'reverted', 'both'),
	failures: fc.record({ run: failures, finalize: failures, revert: failures }),
	attempts: fc.integer({ min: 1, max: 2 }),
	rescue: fc.constantFrom('pause', 'pause', 'skip', 'fail', 'revert'),
})
/** Plans of sequences and concurrences, three deep. */
export const { tree: anyTree } = fc.letrec<{ tree: Tree }>((tie) => ({
	tree: fc.oneof(
		{ maxDepth: 3, withCrossShrink: true },
		behaviour,
		fc.record({ group: fc.constantFrom('sequence', 'concurrence'), parts: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) }),
	),
}))

/** What happened: `began 0`, `ran 0`, `finalized 0`, `reverted 0`. */
type Entry = readonly [what: 'began' | 'ran' | 'finalized' | 'reverted', step: number]

export interface AnyTask {
	readonly type: TaskType<Record<string, never>>
	readonly happened: readonly Entry[]
	/** In the order of the plan. */
	readonly steps: readonly Behaviour[]
}

/** A task of this plan, that writes down what its steps do; to be run once. */
export function anyTask(root: Tree, label = 'Test::Any'): AnyTask {
	const happened: Entry[] = []
	const left = new Map<string, number>()
	const steps: Behaviour[] = []
	const attempt = (what: 'run' | 'finalize' | 'revert', step: number, done: Entry[0]): void => {
		const key = `${what} ${step}`
		const toFail = left.get(key) ?? steps[step]?.failures[what] ?? 0
		left.set(key, toFail - 1)
		if (toFail > 0) throw new Failure(`${key} fails`)
		happened.push([done, step])
	}
	const actionOf = (kind: Behaviour['kind']) =>
		defineAction({
			label: `${label}/${kind}`,
			input: z.object({ step: z.number() }),
			async run({ step }) {
				happened.push(['began', step])
				await Promise.resolve()
				attempt('run', step, 'ran')
			},
			...((kind === 'finalized' || kind === 'both') && {
				finalize: ({ step }: { step: number }) => attempt('finalize', step, 'finalized'),
			}),
			...((kind === 'reverted' || kind === 'both') && { revert: ({ step }: { step: number }) => attempt('revert', step, 'reverted') }),
		})
	const actions = { plain: actionOf('plain'), finalized: actionOf('finalized'), reverted: actionOf('reverted'), both: actionOf('both') }
	const write = (plan: PlanBuilder, node: Tree): PlanPart => {
		if ('group' in node) return plan[node.group](...node.parts.map((part) => write(plan, part)))
		const { kind, attempts, rescue } = node
		steps.push(node)
		return plan.step(actions[kind], { step: steps.length - 1 }, { rescue, retry: { attempts, initial: 1, max: 1, jitter: 0 } })
	}
	const type = defineTask({
		label,
		input: z.object({}),
		actions: Object.values(actions),
		plan: (plan) => void write(plan, root),
	})
	return { type, happened, steps }
}

/** Pairs of steps of which the first must have passed before the second begins. */
function* ordered(node: Tree, first = 0): Generator<[number, number]> {
	if (!('group' in node)) return
	let from = first
	const spans = node.parts.map((part) => {
		const span = [from, from + sizeOf(part)] as const
		from = span[1]
		return span
	})
	for (const [index, part] of node.parts.entries()) {
		const [start, end] = spans[index] as readonly [number, number]
		yield* ordered(part, start)
		if (node.group === 'sequence')
			for (let one = first; one < start; one++) for (let other = start; other < end; other++) yield [one, other]
	}
}

const sizeOf = (node: Tree): number => ('group' in node ? node.parts.reduce((sum, part) => sum + sizeOf(part), 0) : 1)

const ascending = (list: readonly number[]): boolean => list.every((one, index) => index === 0 || (list[index - 1] as number) < one)

interface End {
	readonly state: string
	readonly result: string
	readonly reason: string | null
	readonly steps: readonly { readonly state: string }[]
}

/** The task has come to its end as the rules of plans, rescue, finalize and revert demand. */
export function expectRightEnd(root: Tree, { happened, steps }: AnyTask, run: End): void {
	const of = (what: Entry[0]) => happened.filter(([kind]) => kind === what).map(([, step]) => step)
	const states = run.steps.map(({ state }) => state)

	expect(run.state).toBe('stopped')
	for (const what of ['ran', 'finalized', 'reverted'] as const) expect(new Set(of(what)).size).toBe(of(what).length)
	const firsts = happened.map(([what, step]) => `${what} ${step}`)
	for (const [one, other] of ordered(root)) {
		const began = firsts.indexOf(`began ${other}`)
		if (began < 0 || states[one] === 'skipped') continue
		expect(firsts.indexOf(`ran ${one}`), `step ${one} has run before step ${other} begins`).toBeGreaterThanOrEqual(0)
		expect(firsts.indexOf(`ran ${one}`)).toBeLessThan(began)
	}
	expect(ascending(of('finalized'))).toBe(true)
	expect(ascending(of('reverted').reverse())).toBe(true)
	const end = run.reason === 'reverted' ? 'reverted' : run.result
	for (const [index, state] of states.entries()) {
		const canRevert = steps[index]?.kind === 'reverted' || steps[index]?.kind === 'both'
		if (end === 'reverted' && canRevert && of('ran').includes(index)) expect(state).toBe('reverted')
		if (end === 'success' || end === 'warning') expect(['success', 'finalized', 'skipped']).toContain(state)
		if (end === 'success') expect(of('ran')).toContain(index)
		if (end !== 'reverted') expect(of('reverted')).not.toContain(index)
	}
}
