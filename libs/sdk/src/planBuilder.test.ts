import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import type { Output, Reference } from './output.ts'
import type { PlanBuilder } from './planBuilder.ts'

const scan = defineAction({
	label: 'Test::Plan/scan',
	input: z.object({ source: z.string(), deep: z.boolean().default(false) }),
	output: z.object({ files: z.array(z.object({ path: z.string(), size: z.number() })), bytes: z.number(), title: z.string().optional() }),
	run: () => ({ files: [], bytes: 0 }),
})
const pack = defineAction({
	label: 'Test::Plan/pack',
	input: z.object({ files: z.array(z.object({ path: z.string(), size: z.number() })), note: z.record(z.string(), z.unknown()).optional() }),
	output: z.object({ archive: z.string() }),
	idempotent: false,
	run: () => ({ archive: 'x' }),
})
const command = defineAction({
	label: 'Test::Plan/command',
	input: z.object({ text: z.string(), idempotent: z.boolean().optional() }),
	idempotent: false,
	retry: { attempts: 3 },
	policiesFor: ({ idempotent }) => (idempotent ? { idempotent: true, timeout: 5 } : {}),
	run: () => null,
})

type Input = { source: string }

/** Plans with what the test writes. */
async function plan(write: (p: PlanBuilder, input: Input) => unknown, input: Input = { source: '/srv' }) {
	const type = defineTask({
		label: 'Test::Plan',
		input: z.object({ source: z.string() }),
		actions: [scan, pack, command],
		locks: [{ resource: { type: 'Directory', id: '{source}' }, name: 'backup' }],
		plan: write,
	})
	return type.plan(input)
}

describe('the tree', () => {
	const step = (index: number) => ({ kind: 'step', index })

	test.each<[string, (p: PlanBuilder) => void, unknown]>([
		['nothing', () => {}, { kind: 'sequence', nodes: [] }],
		['one step', (p) => void p.step(scan, { source: 'a' }), step(0)],
		[
			'loose steps run one after the other',
			(p) => {
				p.step(scan, { source: 'a' })
				p.step(scan, { source: 'b' })
			},
			{ kind: 'sequence', nodes: [step(0), step(1)] },
		],
		[
			'nested, in the order that was written',
			(p) => {
				const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((source) => p.step(scan, { source }))
				if (a && b && c && d) p.sequence(d, p.concurrence(c, b), a)
			},
			{ kind: 'sequence', nodes: [step(3), { kind: 'concurrence', nodes: [step(2), step(1)] }, step(0)] },
		],
		[
			'a loose step between groups',
			(p) => {
				p.step(scan, { source: 'a' })
				p.concurrence(p.step(scan, { source: 'b' }), p.step(scan, { source: 'c' }))
				p.step(scan, { source: 'd' })
			},
			{ kind: 'sequence', nodes: [step(0), { kind: 'concurrence', nodes: [step(1), step(2)] }, step(3)] },
		],
	])('%s', async (_, write, tree) => {
		expect((await plan(write)).plan.tree).toEqual(tree)
	})
})

describe('what planning decides stands in the tree', () => {
	const step = (index: number) => ({ kind: 'step', index })

	test.each<[string, (p: PlanBuilder) => void, unknown]>([
		[
			'a condition that holds',
			(p) => void p.when(true, () => p.step(scan, { source: 'a' }), { name: 'look' }),
			{ kind: 'sequence', name: 'look', nodes: [step(0)] },
		],
		[
			'a condition that does not hold',
			(p) => {
				p.when(false, () => p.step(scan, { source: 'a' }), { name: 'look' })
				p.step(scan, { source: 'b' })
			},
			{ kind: 'sequence', nodes: [{ kind: 'sequence', name: 'look', nodes: [], omitted: 'its condition did not hold' }, step(0)] },
		],
		[
			'a list, one after the other',
			(p) => void p.map(['a', 'b'], (source) => p.step(scan, { source }), { name: 'each' }),
			{ kind: 'sequence', name: 'each', nodes: [step(0), step(1)] },
		],
		[
			'a list, all at once, with several steps an item',
			(p) => {
				const first = p.step(scan, { source: 'z' })
				const each = p.map(
					new Set(['a', 'b']),
					(source) => {
						p.step(scan, { source })
						p.step(command, { text: source })
					},
					{ order: 'concurrence' },
				)
				p.sequence(each, first)
			},
			{
				kind: 'sequence',
				nodes: [
					{
						kind: 'concurrence',
						nodes: [
							{ kind: 'sequence', nodes: [step(1), step(2)] },
							{ kind: 'sequence', nodes: [step(3), step(4)] },
						],
					},
					step(0),
				],
			},
		],
		[
			'an empty list',
			(p) => void p.map([], () => p.step(scan, { source: 'a' }), { name: 'each', order: 'concurrence' }),
			{ kind: 'concurrence', name: 'each', nodes: [], omitted: 'its list is empty' },
		],
		[
			'a list in a list',
			(p) => void p.map([1, 2], () => p.map(['a'], (source) => p.step(scan, { source }))),
			{
				kind: 'sequence',
				nodes: [
					{ kind: 'sequence', nodes: [step(0)] },
					{ kind: 'sequence', nodes: [step(1)] },
				],
			},
		],
	])('%s', async (_, write, tree) => {
		expect((await plan(write)).plan.tree).toEqual(tree)
	})

	test('and answers what was made', async () => {
		const { plan: made } = await plan((p) => {
			const found = p.map(['a', 'b'], (source) => p.step(scan, { source }))
			const packed = p.when(true, () => p.step(pack, { files: found.made[1]?.output.files ?? [] }))
			return { archive: packed.made?.output.archive, sizes: found.made.map(({ output }) => output.bytes) }
		})
		expect(made.steps[2]?.input).toEqual({ files: { $output: { step: 1, path: ['files'] } } })
		expect(made.output).toEqual({
			archive: { $output: { step: 2, path: ['archive'] } },
			sizes: [{ $output: { step: 0, path: ['bytes'] } }, { $output: { step: 1, path: ['bytes'] } }],
		})
	})
})

describe('the rescue strategy of a node', () => {
	test('is that of all steps below, and the outermost says', async () => {
		const { plan: made } = await plan((p) => {
			const one = p.step(scan, { source: 'a' }, { rescue: 'fail' })
			const two = p.step(scan, { source: 'b' })
			const three = p.step(scan, { source: 'c' }, { rescue: 'fail' })
			const inner = p.concurrence(one, { rescue: 'skip', name: 'inner' })
			p.sequence(p.sequence(inner, two, { rescue: 'revert' }), three)
		})
		expect(made.steps.map(({ policies }) => policies.rescue)).toEqual(['revert', 'revert', 'fail'])
		expect(made.tree).toMatchObject({ nodes: [{ rescue: 'revert', nodes: [{ name: 'inner', rescue: 'skip' }, {}] }, {}] })
	})

	test('of a list or a condition too', async () => {
		const { plan: made } = await plan((p) => {
			p.map(['a'], (source) => p.when(true, () => p.step(scan, { source }), { rescue: 'fail' }), { rescue: 'skip' })
		})
		expect(made.steps[0]?.policies.rescue).toBe('skip')
	})
})

describe('inputs', () => {
	test('hold outputs at any depth, as data', async () => {
		const { plan: made } = await plan((p, { source }) => {
			const found = p.step(scan, { source }, { name: 'look', weight: 2 })
			const packed = p.step(pack, {
				files: [{ path: found.output.files[0].path, size: found.output.bytes }],
				note: { all: found.output.files, list: [found.output] },
			})
			return { archive: packed.output.archive, total: found.output.bytes }
		})
		expect(made.steps[0]).toMatchObject({ action: 'Test::Plan/scan', name: 'look', weight: 2, input: { source: '/srv' } })
		expect(made.steps[1]?.name).toBe('pack')
		expect(made.steps[1]?.input).toEqual({
			files: [{ path: { $output: { step: 0, path: ['files', 0, 'path'] } }, size: { $output: { step: 0, path: ['bytes'] } } }],
			note: { all: { $output: { step: 0, path: ['files'] } }, list: [{ $output: { step: 0, path: [] } }] },
		})
		expect(made.output).toEqual({ archive: { $output: { step: 1, path: ['archive'] } }, total: { $output: { step: 0, path: ['bytes'] } } })
	})

	test('merge policies: defaults, action, input, step', async () => {
		const { plan: made } = await plan((p) => {
			p.step(command, { text: 'a' })
			p.step(command, { text: 'a', idempotent: true }, { timeout: 7, retry: { initial: 9 } })
			p.step(scan, { source: 'a' }, { rescue: 'skip' })
		})
		expect(made.steps.map(({ policies }) => policies)).toMatchObject([
			{ idempotent: false, onLost: 'rescue', timeout: null, retry: { attempts: 3 }, isolation: 'own' },
			{ idempotent: true, onLost: 'retry', timeout: 7, retry: { attempts: 3, initial: 9 } },
			{ idempotent: true, onLost: 'retry', rescue: 'skip', isolation: 'shared' },
		])
	})

	test('a step that is not idempotent never shares its child', async () => {
		const { plan: made } = await plan((p) => {
			p.step(pack, { files: [] }, { isolation: 'shared' })
			p.step(scan, { source: 'a' }, { idempotent: false })
			p.step(scan, { source: 'a' }, { isolation: 'own' })
		})
		expect(made.steps.map(({ policies }) => policies.isolation)).toEqual(['own', 'own', 'own'])
	})

	test('policies that depend on an output are those of the action', async () => {
		const { plan: made } = await plan((p) => {
			const found = p.step(scan, { source: 'a' })
			p.step(command, { text: 'x', idempotent: found.output.title as unknown as Reference<boolean> })
		})
		expect(made.steps[1]?.policies.idempotent).toBe(false)
	})
})

describe('a plan is refused', () => {
	const foreign = defineAction({ label: 'Test::Other/x', input: z.object({}), run: () => null })

	test.each<[string, (p: PlanBuilder, input: Input) => unknown, string]>([
		[
			'an input that the action does not take',
			(p) => p.step(scan, { source: 3 as never }),
			'step “scan” is given what its action does not take. input.source:',
		],
		[
			'an author’s own $output',
			(p) => p.step(pack, { files: [], note: { $output: 1 } }),
			'input of step “pack”.note has a property “$output”, which means a reference',
		],
		['an undeclared action', (p) => p.step(foreign, {}), 'step “x” runs Test::Other/x, which Test::Plan does not declare'],
		['a Date', (p) => p.step(pack, { files: [], note: { d: new Date(0) } }), 'input of step “pack”.note.d: a Date cannot be stored'],
		['a bad weight', (p) => p.step(scan, { source: 'a' }, { weight: -1 }), 'step “scan” has the weight -1'],
		[
			'a step in two places',
			(p) => {
				const a = p.step(scan, { source: 'a' })
				p.sequence(a, a)
			},
			'step “scan” stands in two places of the plan',
		],
		[
			'the output of a step that runs beside',
			(p) => {
				const a = p.step(scan, { source: 'a' }, { name: 'first' })
				p.concurrence(a, p.step(scan, { source: a.output.title as unknown as string }, { name: 'second' }))
			},
			'step “second” takes the output of step “first”, which does not come before it',
		],
		[
			'the output of a later step',
			(p) => {
				const a = p.step(scan, { source: 'a' }, { name: 'late' })
				p.sequence(p.step(pack, { files: a.output.files }), a)
			},
			'step “pack” takes the output of step “late”',
		],
		[
			'an output used while planning',
			(p) => void `${p.step(scan, { source: 'a' }).output.bytes as unknown as string}`,
			'output.bytes of step “scan” is known only when',
		],
		['an output spread while planning', (p) => ({ ...p.step(scan, { source: 'a' }).output }), 'output of step “scan” is known only when'],
		[
			'a part that an output never has',
			(p) => void p.step(scan, { source: (p.step(scan, { source: 'a' }).output.files[0] as never as { pth: string }).pth }),
			'step “scan” takes output.files[0].pth of step “scan”, which Test::Plan/scan never has',
		],
		[
			'such a part in the output of the plan',
			(p) => ({ x: (p.step(scan, { source: 'a' }).output as never as { x: string }).x }),
			'the output of the plan takes output.x of step “scan”',
		],
		[
			'a condition that is not known yet',
			(p) => p.when(p.step(scan, { source: 'a' }).output.title as never, () => null, { name: 'maybe' }),
			'“maybe” depends on the output of a step',
		],
		['a list that is not known yet', (p) => p.map(p.step(scan, { source: 'a' }).output.files as never, () => null), 'is known only when'],
		[
			'a step as the output of the plan',
			(p) => p.step(scan, { source: 'a' }),
			'the plan of Test::Plan returns a step or a group: return an `output`',
		],
		['a promise', (p) => p.map([1], async () => p.step(scan, { source: 'a' })), 'answers a promise'],
		[
			'tries that make no sense',
			(p) => p.step(scan, { source: 'a' }, { retry: { attempts: 0 } }),
			'step “scan”, retry.attempts: expected a whole number of 1 or more, the first try included, found 0',
		],
		['a time limit of a step', (p) => p.step(scan, { source: 'a' }, { timeout: -1 }), 'step “scan”, timeout: expected milliseconds'],
		['a time limit', (p) => p.timeout(0), 'the time limit of the task is 0: expected milliseconds'],
		['a lock on nothing', (p) => p.lock({ type: 'Directory', id: '' }), 'a lock or link on Directory without an id'],
	])('%s', async (_, write, message) => {
		await expect(plan(write)).rejects.toThrow(message)
	})

	test('an output of another plan', async () => {
		let stolen: Output<{ path: string; size: number }[]> | undefined
		await plan((p) => {
			stolen = p.step(scan, { source: 'a' }).output.files
		})
		await expect(plan((p) => p.step(pack, { files: stolen ?? [] }))).rejects.toThrow(
			'input of step “pack”.files refers to a step of another plan',
		)
	})
})

describe('name, locks and links', () => {
	test('come from the templates', async () => {
		const planned = await plan((p) => void p.step(scan, { source: 'a' }))
		expect(planned.name).toBeUndefined()
		expect(planned.plan.locks).toEqual([{ resource: { type: 'Directory', id: '/srv' }, name: 'backup', mode: 'exclusive' }])
	})

	test('or from the plan', async () => {
		const planned = await plan((p, { source }) => {
			p.name(`Look at ${source}`)
			p.lock({ type: 'Directory', id: '/other' }, { name: 'look', mode: 'shared' })
			p.link({ type: 'Node', id: '7' })
			p.step(scan, { source })
		})
		expect(planned).toMatchObject({
			name: 'Look at /srv',
			locks: [{ resource: { type: 'Directory', id: '/other' }, name: 'look', mode: 'shared' }],
			links: [{ type: 'Node', id: '7' }],
		})
		expect(planned.plan.locks).toEqual(planned.locks)
	})
})

test('a plan keeps what it claims and how long it may take', async () => {
	const { plan: made } = await plan((p) => {
		p.lock({ type: 'Directory', id: '/a' }, { onConflict: 'wait' })
		p.lock({ type: 'Directory', id: '/b' }, { onConflict: 'fail' })
		p.timeout(5000)
		p.step(scan, { source: 'a' })
	})
	expect(made.locks).toEqual([
		{ resource: { type: 'Directory', id: '/a' }, name: '*', mode: 'exclusive', onConflict: 'wait' },
		{ resource: { type: 'Directory', id: '/b' }, name: '*', mode: 'exclusive' },
	])
	expect(made.timeout).toBe(5000)
	expect((await plan(() => {})).plan).not.toHaveProperty('timeout')
})

test('steps say what can be finalized and reverted', async () => {
	const move = defineAction({
		label: 'Test::Move/move',
		input: z.object({}),
		output: z.object({ at: z.string() }),
		run: () => ({ at: 'x' }),
		finalize: (_, { at }, { log }) => log(at),
		revert: (_, { at }) => expectTypeOf(at).toBeString(),
	})
	const type = defineTask({ label: 'Test::Move', input: z.object({}), actions: [move], plan: (p) => void p.step(move, {}) })
	expect((await type.plan({})).plan.steps[0]).toMatchObject({ finalize: true, revert: true })
	expect((await plan((p) => void p.step(scan, { source: 'a' }))).plan.steps[0]).not.toHaveProperty('finalize')
})

test('a wrong reference does not compile', () => {
	const write = (p: PlanBuilder) => {
		const found = p.step(scan, { source: 'a' })
		expectTypeOf(found.output.files[0].path).toExtend<Reference<string>>()
		expectTypeOf(found.output.files[12]?.path).toExtend<Reference<string> | undefined>()
		p.step(scan, { source: found.output.files[0].path })
		// @ts-expect-error a file has no such part
		p.step(scan, { source: found.output.files[0].pth })
		// @ts-expect-error a size is no text
		p.step(scan, { source: found.output.files[0].size })
		p.step(scan, { source: 'a', deep: true })
		p.step(pack, { files: found.output.files })
		// @ts-expect-error the output has no such part
		p.step(scan, { source: found.output.flies })
		// @ts-expect-error a number is no list of files
		p.step(pack, { files: found.output.bytes })
		// @ts-expect-error a list of files is no text
		p.step(scan, { source: found.output.files })
		// @ts-expect-error an unknown field
		p.step(scan, { source: 'a', sorce: 'b' })
		// @ts-expect-error a missing field
		p.step(scan, {})
		const copies = p.map(['a', 'b'], (source) => p.step(scan, { source }))
		expectTypeOf(copies.made[0]?.output.bytes).toExtend<Reference<number> | undefined>()
		// @ts-expect-error a list of numbers is no list of files
		p.step(pack, { files: copies.made.map(({ output }) => output.bytes) })
		const maybe = p.when(Math.random() > 0.5, () => p.step(scan, { source: 'a' }))
		// @ts-expect-error it may not have been planned
		p.step(pack, { files: maybe.made.output.files })
		// @ts-expect-error a condition is decided when planning
		p.when(found.output.title, () => p.step(scan, { source: 'a' }))
		// @ts-expect-error options stand behind the parts
		p.sequence({ rescue: 'skip' }, found)
		// @ts-expect-error an unknown strategy
		p.sequence(found, { rescue: 'ignore' })
		// @ts-expect-error what no schema describes cannot be referred to in parts
		p.step(scan, { source: p.step(command, { text: 'x' }).output.line })
	}
	expect(write).toBeTypeOf('function')
})
