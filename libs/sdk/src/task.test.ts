import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import type { StartOptions, StepContext } from './definition.ts'
import { defineTask } from './defineTask.ts'
import { publishWith, type TaskPublisher } from './publishing.ts'
import { runInMemory } from './runInMemory.ts'
import { DefinitionError } from './schema.ts'
import { z } from 'zod'
import { BaseTask, Task, task } from './task.ts'

const add = task(async function add(a: number, b: number) {
	return a + b
})

const Sync = task({ label: 'Repository::Sync', name: 'Sync of {args.0}', queue: 'sync', timeout: 60 })(
	class Sync extends BaseTask {
		async run(repository: string, { full = false }: { full?: boolean } = {}) {
			await this.context.log(`${repository} ${full}`)
			return { repository, full }
		}
	},
)

class Counting extends BaseTask {
	calls = 0
	run(): number {
		this.calls += 1
		return this.calls
	}
}
Task()(Counting)

interface Started {
	readonly label: string
	readonly input: unknown
	readonly options: StartOptions
}

const id = '01990000-0000-7000-8000-000000000000'

function recorder(answer: Awaited<ReturnType<TaskPublisher['start']>> = id): TaskPublisher & { readonly started: Started[] } {
	const started: Started[] = []
	return {
		started,
		async start(label, input, options = {}) {
			started.push({ label, input, options })
			return answer
		},
	}
}

afterEach(() => publishWith(null))

describe('what runs', () => {
	const withContext = task(async function withContext(name: string, count: number, context: StepContext) {
		await context.log(name)
		return count + context.attempt
	})
	const defaults = task(async function defaults(name: string, count: number = 3) {
		return `${name} ${count}`
	})
	const rest = task(async function rest(...names: string[]) {
		return names.join()
	})
	const bound = task({ bind: true })(async function bound(context: StepContext, name: string, { loud = false } = {}) {
		return `${name} ${loud} ${context.attempt}`
	})
	const named = task(async function named(_name: string, { loud }: { loud: boolean }) {
		return loud
	})
	const plain = task(async function plain(input, context) {
		return { ...input, attempt: context.attempt }
	})
	test.each([
		['arguments', add, { args: [1, 2] }, 3],
		['the context after them', withContext, { args: ['a', 3] }, 4],
		['a default of the function, and no context in its place', defaults, { args: ['a'] }, 'a 3'],
		['any number of them', rest, { args: ['a', 'b'] }, 'a,b'],
		['the context before them, where it is bound', bound, { args: ['a'] }, 'a false 1'],
		['those by name as one object', bound, { args: ['a'], kwargs: { loud: true } }, 'a true 1'],
		['those by name as the last one', named, { args: ['a'], kwargs: { loud: true } }, true],
		['none at all', rest, { args: [] }, ''],
		['one object', plain, { args: [{ n: 1 }] }, { n: 1, attempt: 1 }],
		['an object that is no call', plain, { n: 1 }, { n: 1, attempt: 1 }],
		['an object whose args are not a list', plain, { args: 'x' }, { args: 'x', attempt: 1 }],
		['an object that has more than a call', plain, { args: [], n: 1 }, { args: [], n: 1, attempt: 1 }],
		['a class', Sync, { args: ['epel'], kwargs: { full: true } }, { repository: 'epel', full: true }],
		['a class without arguments', Counting, {}, 1],
		[
			'the keys that only AWX has',
			Sync,
			{ uuid: id, task: 'Repository::Sync', args: ['epel'], kwargs: {} },
			{ repository: 'epel', full: false },
		],
	])('%s', async (_, type, input, output) => {
		const run = await runInMemory(type as typeof Sync, input as never)
		expect(run).toMatchObject({ state: 'stopped', result: 'success' })
		expect(run.output).toEqual(output)
	})

	test('each attempt has an instance of its own', async () => {
		expect((await runInMemory(Counting, {})).output).toBe(1)
		expect((await runInMemory(Counting, {})).output).toBe(1)
	})

	test('name, log and time limit are those of the task, the limit of a call goes before', async () => {
		const run = await runInMemory(Sync, { args: ['epel'] })
		expect(run).toMatchObject({ name: 'Sync of epel', log: [{ line: 'epel false' }] })
		expect((await Sync.plan({ args: ['epel'] })).plan.steps[0]?.policies.timeout).toBe(60_000)
		expect((await Sync.plan({ args: ['epel'], timeout: 5 })).plan.steps[0]?.policies.timeout).toBe(5_000)
	})

	test('a missing argument is a failure that says so', async () => {
		const run = await runInMemory(withContext as never, { args: ['a'] } as never)
		expect(run.error).toMatchObject({ code: 'invalid_input', message: 'withContext takes 3 arguments, and was given 1.' })
	})

	test.each([
		['a call', { kwargs: [] }, '/kwargs'],
		['its arguments', { args: 'epel' }, '/args'],
		['its time limit', { args: ['epel'], timeout: 0 }, '/timeout'],
	])('refuses what is not %s, with the place', async (_, input, path) => {
		await expect(Sync.plan(input)).rejects.toMatchObject({ code: 'invalid_input', details: { faults: [{ path }] } })
	})

	test('both run where they are called, too', async () => {
		expect(await add(1, 2)).toBe(3)
		expect(add.name).toBe('add')
		expect(new Counting().run()).toBe(1)
		expectTypeOf(add).toBeCallableWith(1, 2)
	})
})

describe('calls', () => {
	test('answer the message with its keys, and the queue', async () => {
		const publisher = recorder()
		publishWith(publisher)
		const message = { uuid: id, task: 'Repository::Sync', args: ['epel'], kwargs: {}, queue: null, discarded: false }
		expect(await Sync.delay('epel')).toEqual(message)
		expect(await Sync.apply_async(['epel'], { full: true }, { queue: 'slow' })).toEqual({
			...message,
			kwargs: { full: true },
			queue: 'slow',
		})
		expect(await Sync.submit({ args: ['epel'] })).toEqual(message)
		expect(await add.delay(1, 2)).toEqual({ ...message, task: 'add', args: [1, 2] })
		expect(publisher.started.map(({ label, input }) => [label, input])).toEqual([
			['Repository::Sync', { args: ['epel'], kwargs: {} }],
			['Repository::Sync', { args: ['epel'], kwargs: { full: true } }],
			['Repository::Sync', { args: ['epel'], kwargs: {} }],
			['add', { args: [1, 2], kwargs: {} }],
		])
	})

	test('give on what they say otherwise', async () => {
		const publisher = recorder()
		const startAt = new Date('2026-12-01T00:00:00Z')
		const startBefore = new Date('2026-12-02T00:00:00Z')
		await Sync.by(publisher).submit({ args: ['epel'], id, queue: 'slow', priority: 3, delay: startAt, startBefore, timeout: 5 })
		await Sync.by(publisher).apply_async(['epel'], {}, { uuid: id })
		expect(publisher.started).toEqual([
			{
				label: 'Repository::Sync',
				input: { args: ['epel'], kwargs: {}, timeout: 5 },
				options: { id, queue: 'slow', priority: 3, startAt, startBefore },
			},
			{ label: 'Repository::Sync', input: { args: ['epel'], kwargs: {} }, options: { id } },
		])
	})

	test('a delay is in seconds', async () => {
		const publisher = recorder()
		const before = Date.now()
		await Sync.by(publisher).submit({ args: ['epel'], delay: 90 })
		const start = publisher.started[0]?.options.startAt?.getTime() ?? 0
		expect(start).toBeGreaterThanOrEqual(before + 90_000)
		expect(start).toBeLessThanOrEqual(Date.now() + 90_000)
	})

	test('a function that decides the queue is asked with each call, and the call goes before it', async () => {
		let shard = 0
		const spread = task({ queue: ({ args }) => `${String(args[0])}-${++shard}` })(async function spread(name: string) {
			return name
		})
		const publisher = recorder()
		const calls = spread.by(publisher)
		const queues = [await calls.delay('a'), await calls.delay('b'), await calls.submit({ args: ['c'], queue: 'd' })].map(
			({ queue }) => queue,
		)
		expect(queues).toEqual(['a-1', 'b-2', 'd'])
		expect(publisher.started.map(({ options }) => options.queue)).toEqual(queues)
		expect(spread.data.queue).toBe('default')
		expect(Sync.data.queue).toBe('sync')
	})

	test('one that was discarded answers the task that counts', async () => {
		const other = '01990000-0000-7000-8000-000000000001'
		expect(await Sync.by(recorder({ id: other, discarded: true })).delay('epel')).toMatchObject({ uuid: other, discarded: true })
	})

	test('of duplicates are known by their arguments', async () => {
		const once = task({ on_duplicate: 'discard', priority: 3 })(async function once(name: string) {
			return name
		})
		expect(once.data).toMatchObject({ duplicates: { key: '{args} {kwargs}', policy: 'discard' }, priority: 3 })
		const twice = task(async function twice() {
			return [await once.delay('a'), await once.delay('b'), await once.delay('a')]
		})
		const { output, tasks } = await runInMemory(twice, { args: [] }, { types: [once] })
		expect(tasks).toHaveLength(2)
		const [first, second, third] = (output ?? []) as { uuid: string; discarded: boolean }[]
		expect([first?.discarded, second?.discarded]).toEqual([false, false])
		expect(third).toMatchObject({ discarded: true, uuid: first?.uuid })
		expect(task({ on_duplicate: 'parallel' })(async function any() {}).data.duplicates).toBeUndefined()
	})

	test.each<[string, object, string]>([
		['a blank queue', { queue: ' ' }, 'its queue is " "; expected the name of a queue'],
		['two ids', { id, uuid: 'other' }, 'are the same thing'],
		['a delay that is over', { delay: -1 }, 'its delay is -1; expected seconds'],
		['a delay that is no time', { delay: new Date('x') }, 'its delay is Invalid Date; expected seconds'],
		['no time', { timeout: 0 }, 'its timeout is 0; expected seconds, more than 0'],
	])('%s is refused, and nothing is started', async (_, options, because) => {
		const publisher = recorder()
		const call = Sync.by(publisher).submit({ args: ['epel'], ...options })
		await expect(call).rejects.toMatchObject({ code: 'invalid_call', retryable: false, message: expect.stringContaining(because) })
		expect(publisher.started).toEqual([])
	})

	test('nobody who starts them is a failure that says what to do', async () => {
		await expect(Sync.delay('epel')).rejects.toMatchObject({ code: 'no_publisher', message: expect.stringContaining('publishWith') })
	})
})

describe('calls in steps', () => {
	const parent = task(async function parent(count: number) {
		for (let n = 0; n < count; n++) await add.delay(n, n)
	})
	const other = defineTask({
		label: 'Test::Other',
		input: z.object({}),
		run: async (_, { tasks }) => (await Sync.by(tasks).apply_async(['epel'])).uuid,
	})

	test('go by the step, whatever the process has named', async () => {
		const publisher = recorder()
		publishWith(publisher)
		const run = await runInMemory(parent, { args: [2] }, { types: [add] })
		expect(run.tasks.map(({ name, output }) => [name, output])).toEqual([
			['add', 0],
			['add', 2],
		])
		expect(publisher.started).toEqual([])
	})

	test('of a step that was defined otherwise go by its context', async () => {
		const run = await runInMemory(other, {}, { types: [Sync] })
		expect(run).toMatchObject({ result: 'success', tasks: [{ name: 'Sync of epel', result: 'success' }] })
		expect(run.output).toBe(run.tasks[0]?.id)
	})

	test('a delay is a start time', async () => {
		const later = task(async function later() {
			await add.submit({ args: [1, 2], delay: 3_600 })
		})
		const run = await runInMemory(later, {}, { types: [add] })
		expect(run.tasks[0]).toMatchObject({ result: 'success', output: 3 })
		expect(run.tasks[0]?.events.some((event) => event.new === 'scheduled' || event.old === 'scheduled')).toBe(true)
	})
})

describe('is refused when it is defined', () => {
	class NoRun {}
	class Bound {
		run(): void {}
	}
	class Undecorated extends BaseTask {
		run(): void {}
	}
	test.each<[string, () => unknown, string]>([
		['a function without a name', () => task(() => null), 'takes the label from the name of its function'],
		['a class without run', () => Task()(NoRun as never), 'NoRun cannot be a task: expected a class with a method run'],
		['a bound class', () => task({ bind: true })(Bound), 'Bound, bind: a class has its context as this.context'],
		['a label that is none', () => task({ label: 'a b' })(Bound), 'cannot be the label of a task type'],
		['a template of what is not there', () => task({ name: '{source}' })(Bound), 'source'],
		['a time limit', () => task({ timeout: 0 })(Bound), 'timeout: expected'],
		['a class without a decorator, among the tasks of a worker', () => Undecorated.data, 'Undecorated is no task yet'],
		['a decorator without parentheses', () => Task(Bound as never), 'write @Task() with its parentheses'],
		['a call of a class without a decorator', () => Undecorated.delay(), 'Undecorated is no task yet: write @Task()'],
	])('%s', (_, define, because) => {
		expect(define).toThrow(DefinitionError)
		expect(define).toThrow(because)
	})
})
