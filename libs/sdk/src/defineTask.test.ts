import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAction } from './defineAction.ts'
import { defineTask } from './defineTask.ts'
import { DefinitionError } from './schema.ts'
import { task } from './task.ts'

const input = z.object({ source: z.string(), shares: z.int().default(4), note: z.string().optional() })
const run = () => null

describe('defineTask registers', () => {
	test('data, with defaults', () => {
		const { data } = defineTask({ label: 'Test::Type', input, run })
		expect(data).toMatchObject({
			label: 'Test::Type',
			version: 1,
			name: 'Test::Type',
			locks: [],
			queue: 'default',
			cancellable: true,
			retry: { attempts: 1 },
			rescue: 'pause',
			timeout: null,
			confirmation: false,
			light: false,
			actions: ['Test::Type'],
		})
		expect(data.inputSchema).toMatchObject({ type: 'object', required: ['source'] })
		expect(data).not.toHaveProperty('outputSchema')
		expect(JSON.parse(JSON.stringify(data))).toEqual(data)
	})

	test('what it says of planning, time and persons', () => {
		const action = defineAction({ label: 'Test::Type/a', input: z.object({}), run })
		const { data } = defineTask({
			label: 'Test::Type',
			input,
			actions: [action],
			plan: () => {},
			retry: { attempts: 3 },
			rescue: 'fail',
			taskTimeout: 5000,
			confirmation: true,
			light: true,
		})
		expect(data).toMatchObject({
			retry: { attempts: 3, backoff: 'exponential' },
			rescue: 'fail',
			timeout: 5000,
			confirmation: true,
			light: true,
			actions: ['Test::Type/a'],
		})
	})

	test('locks that wait', async () => {
		const type = defineTask({
			label: 'Test::Type',
			input,
			run,
			locks: [{ resource: { type: 'Directory', id: '{source}' }, onConflict: 'wait' }],
		})
		expect(type.data.locks[0]).toHaveProperty('onConflict', 'wait')
		expect((await type.plan({ source: '/a' })).locks).toEqual([
			{ resource: { type: 'Directory', id: '/a' }, name: '*', mode: 'exclusive', onConflict: 'wait' },
		])
	})

	test('locks as templates', () => {
		const { data } = defineTask({
			label: 'Test::Type',
			input,
			run,
			locks: [{ resource: { type: 'Directory', id: '{source}', title: 'the {source}' } }],
		})
		expect(data.locks).toEqual([{ resource: { type: 'Directory', id: '{source}', title: 'the {source}' }, name: '*', mode: 'exclusive' }])
	})
})

describe('defineTask refuses', () => {
	const action = defineAction({ label: 'Test::Type/a', input: z.object({}), run })
	test.each<[string, () => unknown, string]>([
		[
			'an unknown field in the name',
			() => defineTask({ label: 'Test::Type', input, run, name: 'Backup of {sorce}' }),
			'Test::Type, name: “Backup of {sorce}” names the field {sorce}, which the input does not have; it has source, shares, note',
		],
		['a broken template', () => defineTask({ label: 'Test::Type', input, run, name: 'Backup of {source' }), 'Test::Type, name: column 11'],
		[
			'an unknown field in a lock',
			() => defineTask({ label: 'Test::Type', input, run, locks: [{ resource: { type: 'Directory', id: '{x}' } }] }),
			'Test::Type, lock on Directory: “{x}” names the field {x}',
		],
		[
			'a lock on what may be missing',
			() => defineTask({ label: 'Test::Type', input, run, locks: [{ resource: { type: 'Directory', id: '{note}' } }] }),
			'needs the field {note}, which the input may lack',
		],
		[
			'what JSON Schema cannot express',
			() => defineTask({ label: 'Test::Type', input: z.object({ when: z.date() }), run }),
			'Test::Type, input.when: a date',
		],
		[
			'an output that JSON Schema cannot express',
			() => defineTask({ label: 'Test::Type', input, output: z.object({ when: z.date() }), run: () => ({ when: new Date() }) }),
			'Test::Type, output.when: a date',
		],
		[
			'an action whose input cannot be expressed',
			() => defineAction({ label: 'Test::Type/x', input: z.object({ m: z.map(z.string(), z.string()) }), run }),
			'Test::Type/x, input.m: a Map',
		],
		['a label', () => defineTask({ label: 'no label', input, run }), '"no label" cannot be the label of a task type'],
		[
			'tries that make no sense',
			() => defineTask({ label: 'Test::Type', input, run, retry: { attempts: 1.5 } }),
			'Test::Type, retry.attempts: expected a whole number of 1 or more, the first try included, found 1.5',
		],
		[
			'tries of planning that make no sense',
			() => defineTask({ label: 'Test::Type', input, actions: [action], plan: () => {}, retry: { jitter: 2 } }),
			'Test::Type, retry.jitter: expected a share between 0 and 1, found 2',
		],
		[
			'a back-off',
			() => defineTask({ label: 'Test::Type', input, run, retry: { max: -1 } }),
			'Test::Type, retry.max: expected milliseconds',
		],
		['a time limit', () => defineTask({ label: 'Test::Type', input, run, timeout: 2 ** 31 }), 'Test::Type, timeout: expected milliseconds'],
		[
			'a time limit of the task',
			() => defineTask({ label: 'Test::Type', input, run, taskTimeout: 0 }),
			'Test::Type, taskTimeout: expected',
		],
		[
			'a policy for duplicates',
			() => defineTask({ label: 'Test::Type', input, run, onDuplicate: { policy: 'queue' as 'queue_one' } }),
			'Test::Type, onDuplicate: expected a policy, one of parallel, serial, queue_one, discard, found queue',
		],
		[
			'a duplicate key of a field that is not there',
			() => defineTask({ label: 'Test::Type', input, run, onDuplicate: { key: '{sauce}', policy: 'serial' } }),
			'Test::Type, onDuplicate, key: “{sauce}” names the field {sauce}, which the input does not have; it has source, shares',
		],
		[
			'a duplicate key of a field that may be missing',
			() =>
				defineTask({
					label: 'Test::Type',
					input: z.object({ a: z.string().optional() }),
					run,
					onDuplicate: { key: '{a}', policy: 'serial' },
				}),
			'Test::Type, onDuplicate, key: “{a}” needs the field {a}, which the input may lack',
		],
		[
			'a lock on what stands for duplicate keys',
			() => defineTask({ label: 'Test::Type', input, run, locks: [{ resource: { type: 'duplicate', id: 'x' } }] }),
			'Test::Type, lock on duplicate: resources of this type stand for duplicate keys; say onDuplicate',
		],
		[
			'a priority',
			() => defineTask({ label: 'Test::Type', input, run, priority: 11 }),
			'Test::Type, priority: expected a whole number from -10 to 10',
		],
		['a version', () => defineTask({ label: 'Test::Type', input, run, version: 0 }), 'Test::Type, version'],
		[
			'two actions of one label',
			() => defineTask({ label: 'Test::Type', input, actions: [action, action], plan: () => {} }),
			'two of them have the label Test::Type/a',
		],
		['a function without a name', () => task(() => null), 'takes the label from the name of its function'],
	])('%s', (_, define, message) => {
		expect(define).toThrow(DefinitionError)
		expect(define).toThrow(message)
	})
})

test.each([
	[{}, {}],
	[{ onDuplicate: { policy: 'parallel' as const } }, {}],
	[{ onDuplicate: { policy: 'discard' as const } }, { duplicates: { key: '', policy: 'discard' } }],
	[{ onDuplicate: { key: '{source}', policy: 'serial' as const } }, { duplicates: { key: '{source}', policy: 'serial' } }],
	[{ onDuplicate: { key: '{shares}', policy: 'queue_one' as const } }, { duplicates: { key: '{shares}', policy: 'queue_one' } }],
	[{ priority: -10 }, { priority: -10 }],
	[{ priority: 0 }, { priority: 0 }],
])('%j is registered as %j', (options, data) => {
	const { duplicates, priority } = defineTask({ label: 'Test::Type', input, run, ...options }).data
	expect({ ...(duplicates && { duplicates }), ...(priority !== undefined && { priority }) }).toEqual(data)
})

describe('plan', () => {
	test('locks nothing of the type that stands for duplicate keys', async () => {
		const type = defineTask({
			label: 'Test::Type',
			input,
			actions: [],
			plan: (plan) => plan.lock({ type: 'duplicate', id: 'x' }),
		})
		await expect(type.plan({ source: 'a' })).rejects.toThrow('a lock on duplicate x: resources of this type stand for duplicate keys')
	})

	test('checks the input, with every fault', async () => {
		const type = defineTask({ label: 'Test::Type', input, run })
		await expect(type.plan({ shares: 'x' })).rejects.toMatchObject({
			code: 'invalid_input',
			retryable: false,
			details: { faults: [{ path: '/source' }, { path: '/shares' }] },
		})
	})

	test('names the task anew where defaults change the name', async () => {
		const type = defineTask({ label: 'Test::Type', input, run, name: '{source} in {shares}' })
		expect((await type.plan({ source: 'a' })).name).toBe('a in 4')
		expect(await type.plan({ source: 'a', shares: 2 })).not.toHaveProperty('name')
	})

	test('of one action is one step with its policies', async () => {
		const type = defineTask({ label: 'Test::Type', input, run, idempotent: false, timeout: 100, cancellable: false })
		const { plan } = await type.plan({ source: 'a' })
		expect(plan).toMatchObject({
			tree: { kind: 'step', index: 0 },
			steps: [
				{
					action: 'Test::Type',
					name: 'Type',
					input: { source: 'a' },
					policies: { idempotent: false, onLost: 'rescue', timeout: 100, cancellable: false },
				},
			],
		})
		expect(type.data.cancellable).toBe(false)
		expect(plan).not.toHaveProperty('timeout')
	})

	test('has the time limit of the type', async () => {
		expect((await defineTask({ label: 'Test::Type', input, run, taskTimeout: 9 }).plan({ source: 'a' })).plan.timeout).toBe(9)
	})

	test('of one action can be finalized and reverted', async () => {
		const type = defineTask({ label: 'Test::Type', input, run, finalize: () => {}, revert: () => {} })
		expect((await type.plan({ source: 'a' })).plan.steps[0]).toMatchObject({ finalize: true, revert: true })
	})
})

test('task(fn) takes label and code from a function', async () => {
	const type = task(function countFiles(given) {
		return Object.keys(given).length
	})
	expect(type.data).toMatchObject({ label: 'countFiles', inputSchema: { type: 'object' } })
	expect((await type.plan({ a: 1 })).plan.steps[0]?.input).toEqual({ a: 1 })
})
