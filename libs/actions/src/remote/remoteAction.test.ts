/** A remote action against a real service that is slow, lies, answers twice, forgets, and dies. */

import { ManualClock } from '@taskyard/sdk/memoryClock'
import type { MemoryOptions, MemoryRun } from '@taskyard/sdk/memoryRun'
import { runInMemory, startInMemory } from '@taskyard/sdk/runInMemory'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RemoteInput } from './input.ts'
import { remoteAction } from './remoteAction.ts'
import { type Behaviour, openService, say, type Service } from './testing/service.ts'

let service: Service
beforeEach(async () => {
	service = await openService()
})
afterEach(() => service.close())

const execute = (given: Partial<RemoteInput> = {}, options?: MemoryOptions): Promise<MemoryRun> =>
	runInMemory(remoteAction, { url: `${service.url}/work`, ...given }, options)

/** A look that is answered with this resource. */
const showing =
	(resource: unknown): Behaviour =>
	(response) =>
		say(response, 200, resource)
const dies: Behaviour = (response) => response.destroy()
const linesOf = (run: MemoryRun): string => run.log.map(({ line }) => line).join('\n')
const starts = () => service.asked.filter(({ path }) => path === '/work')
const keys = () => starts().map(({ headers }) => headers['idempotency-key'])

describe('a service that behaves', () => {
	test('is asked to start once, looked after, and its task resource is the output', async () => {
		const done = { state: 'completed', created_resources: ['/repositories/7'] }
		service.looks.push(
			showing({ state: 'waiting' }),
			showing({ state: 'running', progress_reports: [{ done: 1, total: 4 }] }),
			showing(done),
		)
		const run = await execute({ body: { repository: 7 }, headers: { Authorization: 'Bearer s3cret-s3cret' } })
		expect(run).toMatchObject({ state: 'stopped', result: 'success', output: done })
		expect(service.units).toMatchObject([{ body: { repository: 7 } }])
		expect(service.asked.every(({ headers }) => headers.authorization === 'Bearer s3cret-s3cret')).toBe(true)
		expect(run.reports.map(({ fraction }) => fraction)).toContain(0.25)
		expect(run.externalWork).toMatchObject([{ key: service.units[0]?.key, address: `${service.url}/tasks/1`, over: true }])
	})

	test('may be done with its answer', async () => {
		service.starts.push(showing({ state: 'completed', rows: 3 }))
		expect(await execute()).toMatchObject({ result: 'success', output: { state: 'completed', rows: 3 } })
	})

	test('may name the task in its body, as Pulp does', async () => {
		service.starts.push((response) => {
			service.units.push({ id: 1, key: '', body: {}, resource: { state: 'completed' }, cancelled: false })
			say(response, 202, { task: '/tasks/1/' })
		})
		expect(await execute()).toMatchObject({ result: 'success', output: { state: 'completed' } })
	})

	test('says that the work failed, and why; a resume starts it anew under another key', async () => {
		service.looks.push(showing({ state: 'failed', error: { description: 'no space left' } }), showing({ state: 'completed' }))
		const task = startInMemory(remoteAction, { url: `${service.url}/work` })
		expect(await task.settled()).toMatchObject({
			state: 'paused',
			steps: [{ state: 'error', error: { code: 'remote_failed', message: expect.stringContaining('no space left') } }],
		})
		await task.resume()
		expect(await task.settled()).toMatchObject({ state: 'stopped', result: 'warning' })
		expect(new Set(keys()).size).toBe(2)
	})
})

describe('a start that fails', () => {
	test('is repeated with one key, and each is an attempt', async () => {
		service.starts.push(dies, (response) => say(response, 503, {}))
		service.looks.push(showing({ state: 'completed' }))
		const run = await execute()
		expect(run).toMatchObject({ result: 'success' })
		expect(starts()).toHaveLength(3)
		expect(new Set(keys()).size).toBe(1)
		expect(run.steps[0]?.attempt).toBe(4)
		expect(linesOf(run)).toMatch(/Start 1 of 5 has failed: .*broke off its answer.*\n.*Start 2 of 5 has failed: .*503/)
	})

	test('is given up after the retries; a resume begins to count anew, with the same key', async () => {
		service.starts.push(dies, dies, dies, dies)
		service.looks.push(showing({ state: 'completed' }))
		const task = startInMemory(remoteAction, { url: `${service.url}/work`, proxy_action_retry_count: 2 })
		expect(await task.settled()).toMatchObject({ state: 'paused', steps: [{ error: { code: 'start_failed', details: { tries: 3 } } }] })
		await task.resume()
		expect(await task.settled()).toMatchObject({ result: 'warning' })
		expect(starts()).toHaveLength(5)
		expect(new Set(keys()).size).toBe(1)
	})

	test('is given up when nobody is there', async () => {
		await service.close()
		const run = await execute({ proxy_action_retry_count: 1 })
		expect(run.steps[0]?.error).toMatchObject({ code: 'start_failed', details: { tries: 2, last: 'unreachable' } })
	})

	test('ends with start_timeout, however slow the service is', async () => {
		service.starts.push(() => undefined)
		const run = await execute({ start_timeout: 0.2 })
		expect(run.steps[0]?.error).toMatchObject({ code: 'start_timed_out', message: expect.stringContaining('within 0.2 s') })
	})

	test('is not repeated when the service refuses it', async () => {
		service.starts.push((response) => say(response, 422, { repository: 'is unknown' }))
		const run = await execute()
		expect(run.steps[0]?.error).toMatchObject({ code: 'start_refused', message: expect.stringContaining('"is unknown"') })
		expect(starts()).toHaveLength(1)
	})

	test('does not follow to another server', async () => {
		service.starts.push((response) => response.writeHead(202, { location: 'http://127.0.0.1:9/tasks/1' }).end())
		expect((await execute()).steps[0]?.error).toMatchObject({ code: 'foreign_address' })
	})

	test('is not sent by an attempt that counts no more', async () => {
		await execute({}, { context: () => ({ stillMine: async () => false }) })
		expect(starts()).toHaveLength(0)
	})

	test.each([
		['http://169.254.169.254/latest', 'never called'],
		['ftp://example.org/', 'only http'],
		['https://name:word@example.org/', 'password'],
	])('is refused for %s', async (url, because) => {
		const run = await execute({ url })
		expect(run.error).toMatchObject({ code: 'invalid_input', message: expect.stringContaining(because) })
	})
})

describe('a service that lies', () => {
	test.each<[string, unknown, RegExp]>([
		['says completed with garbage', '{"state": "completed", ', /no JSON/],
		['says a word', '"completed"', /no task resource/],
		['has a state that nobody knows', { state: 'done-ish' }, /"done-ish"/],
		['has no state', {}, /has no state/],
	])('%s: that is a failed poll, and the next is asked again', async (_title, resource, message) => {
		service.looks.push(showing(resource), showing({ state: 'completed' }))
		const run = await execute()
		expect(run).toMatchObject({ result: 'success' })
		expect(run.attempts.filter(({ kind, outcome }) => kind === 'poll' && outcome === 'failed')).toMatchObject([
			{ error: { code: 'unknown_answer', message: expect.stringMatching(message) } },
		])
	})

	test('for too long fails the step; a resume looks again, and starts nothing', async () => {
		service.looks.push(...Array.from({ length: 3 }, () => showing({ state: 'done-ish' })), showing({ state: 'completed' }))
		const task = startInMemory(remoteAction, { url: `${service.url}/work`, poll: { failures: 3 } })
		expect(await task.settled()).toMatchObject({ state: 'paused', steps: [{ error: { code: 'unknown_answer' } }] })
		await task.resume()
		expect(await task.settled()).toMatchObject({ result: 'warning' })
		expect(starts()).toHaveLength(1)
	})
})

describe('a service that answers twice', () => {
	test('with two units for one key: the second is cancelled, the first is looked after', async () => {
		service.knowsKeys = false
		service.units.push({ id: 1, key: 'of an attempt that was lost', body: {}, resource: { state: 'completed' }, cancelled: false })
		const run = await execute(
			{},
			{
				// The lost attempt has learned its address while this one was waiting for the answer.
				context: ({ externalWork }) => ({
					externalWork: {
						...externalWork,
						keep: async (key, where) => {
							await externalWork.keep(key, { address: `${service.url}/tasks/1` })
							return externalWork.keep(key, where)
						},
					},
				}),
			},
		)
		expect(run).toMatchObject({ result: 'success', externalWork: [{ address: `${service.url}/tasks/1`, over: true }] })
		expect(service.units.map(({ cancelled }) => cancelled)).toEqual([false, true])
	})
})

describe('a service that forgets', () => {
	test('is found out by its 404: the work has gone missing, and a resume starts it anew', async () => {
		service.looks.push(showing({ state: 'running' }), (response) => say(response, 404, {}), showing({ state: 'completed' }))
		const task = startInMemory(remoteAction, { url: `${service.url}/work` })
		expect(await task.settled()).toMatchObject({
			state: 'paused',
			steps: [{ error: { code: 'gone_missing', message: expect.stringContaining('gone missing') } }],
		})
		await task.resume()
		expect(await task.settled()).toMatchObject({ result: 'warning' })
		expect(service.units).toHaveLength(2)
	})
})

describe('a service that dies', () => {
	test('in the middle of its answers is looked after again', async () => {
		service.looks.push(
			dies,
			(response) => response.writeHead(200, { 'content-length': '100' }).end('{"state":', () => response.destroy()),
			(response) => say(response, 500, {}),
			showing({ state: 'completed' }),
		)
		const run = await execute()
		expect(run).toMatchObject({ result: 'success' })
		expect(run.attempts.filter(({ kind }) => kind === 'poll').map(({ outcome }) => outcome)).toEqual([
			'failed',
			'failed',
			'failed',
			'success',
		])
	})

	test('for good fails the step, and nothing is started a second time', async () => {
		service.looks.push((response) => {
			response.destroy()
			void service.close()
		})
		const run = await execute({ poll: { failures: 3 } })
		expect(run.steps[0]?.error).toMatchObject({ code: 'unreachable' })
		expect(starts()).toHaveLength(1)
	})
})

describe('a cancel', () => {
	test('ends the work there, and is sent again until it is answered', async () => {
		service.cancels.push((response) => say(response, 500, {}))
		const clock = new ManualClock()
		const task = startInMemory(remoteAction, { url: `${service.url}/work` }, { clock })
		await task.settled()
		await task.cancel()
		await task.settled()
		await clock.advance(5_000)
		expect(await task.settled()).toMatchObject({ state: 'stopped', result: 'cancelled', externalWork: [{ over: true }] })
		expect(service.units).toMatchObject([{ cancelled: true }])
	})
})

describe('work that waits there', () => {
	test('longer than start_timeout is cancelled, and fails', async () => {
		service.looks.push(...Array.from({ length: 2_000 }, () => showing({ state: 'waiting' })))
		const run = await execute({ start_timeout: 0.1 })
		expect(run.steps[0]?.error).toMatchObject({ code: 'start_timed_out' })
		expect(service.units).toMatchObject([{ cancelled: true }])
	})
})

describe('a callback', () => {
	let clock: ManualClock
	const waiting = async () => {
		clock = new ManualClock(Date.now())
		const task = startInMemory(remoteAction, { url: `${service.url}/work`, body: { id: 7 }, callback: {} }, { clock })
		await task.settled()
		return task
	}

	test('is named in the body, and a task resource that it brings ends the step', async () => {
		const task = await waiting()
		expect(service.units[0]?.body).toEqual({ id: 7, callback_url: expect.stringContaining('/api/callbacks/') })
		expect(await task.settled()).toMatchObject({ state: 'running', steps: [{ state: 'suspended' }] })
		await task.sendEvent(0, { id: 'b', name: 'done', payload: { state: 'completed', rows: 3 } })
		expect(await task.settled()).toMatchObject({ result: 'success', output: { state: 'completed', rows: 3 } })
	})

	test('that brings a failure fails the step', async () => {
		const task = await waiting()
		await task.sendEvent(0, { id: 'a', name: 'done', payload: { state: 'failed', error: 'the disk is full' } })
		await clock.advance(60_000)
		expect(await task.settled()).toMatchObject({
			state: 'paused',
			steps: [{ error: { code: 'remote_failed', message: expect.stringContaining('the disk is full') } }],
		})
	})

	test('that says nothing of the work fails the step, and a resume asks again with the same key', async () => {
		const task = await waiting()
		await task.sendEvent(0, { id: 'a', name: 'hello' })
		await clock.advance(60_000)
		expect(await task.settled()).toMatchObject({
			state: 'paused',
			steps: [{ error: { code: 'unknown_answer', message: expect.stringContaining('"hello"') } }],
		})
		await task.resume()
		await task.settled()
		await task.sendEvent(0, { id: 'b', name: 'done', payload: { state: 'completed' } })
		expect(await task.settled()).toMatchObject({ result: 'warning' })
		expect(service.units).toHaveLength(1)
		expect(keys()).toEqual([service.units[0]?.key, service.units[0]?.key])
	})

	test('that does not come in time fails the step', async () => {
		clock = new ManualClock(Date.now())
		const task = startInMemory(remoteAction, { url: `${service.url}/work`, callback: { timeout: 60 } }, { clock })
		await task.settled()
		await clock.advance(61_000)
		expect(await task.settled()).toMatchObject({ state: 'paused', steps: [{ error: { code: 'suspension_timed_out' } }] })
	})
})
