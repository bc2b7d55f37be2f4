/** Work at a service, through the deaths of those who have started it: one unit for each task, and none left behind. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openService, say, type Service } from '@taskyard/actions/remote/testing/service'
import { readLog } from '@taskyard/store/logs/readLog'
import { openKeyring } from '@taskyard/store/sensitive/keyring'
import { readAttempts } from '@taskyard/store/tasks/readAttempts'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { kill, openYard, type WorkerProcess, type Yard } from '../testing/yard.ts'

const secret = 'Bearer s3cret-of-the-service'
const keys = `test:${randomBytes(32).toString('base64')}`
const patience = { timeout: 60_000 }

let folder: string
let yard: Yard
let worker: WorkerProcess
let service: Service

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'taskyard-remote-'))
	const keyring = openKeyring({ keys, file: join(folder, 'none') })
	yard = await openYard({ heartbeat: 1_000, children: 2, environment: { ENCRYPTION_KEYS: keys }, keyring })
	worker = yard.startWorker()
	await worker.ready()
}, 120_000)
afterAll(async () => {
	await yard?.close()
	rmSync(folder, { recursive: true, force: true })
}, 120_000)
beforeEach(async () => {
	service = await openService()
})
afterEach(() => service.close())

const start = (more: object = {}) =>
	yard.start('Remote::Action', {
		url: `${service.url}/work`,
		headers: { Authorization: secret },
		retry_interval: 0.1,
		poll: { interval: 0.1, max: 0.5 },
		...more,
	})
const suspended = (id: string) =>
	waitFor(
		`the work of task ${id} to be waited for`,
		async () => (await yard.task(id)).steps[0]?.state === 'suspended' && service.units.length > 0,
		patience,
	)
const workOf = async (id: string) =>
	(
		await yard.pool.query<{ over: boolean; address: string | null; cancel: string }>(
			'select over_at is not null as over, address, cancel::text from external_work where task_id = $1 order by n',
			[id],
		)
	).rows
const over = (id: string) =>
	waitFor(`the work of task ${id} to be over`, async () => (await workOf(id)).every((unit) => unit.over), patience)

async function logOf(id: string): Promise<string> {
	const [chunks = []] = await readLog(yard.pool, [{ taskId: id, step: 0, afterLine: 0 }], 100)
	return chunks.flatMap(({ lines }) => lines).join('\n')
}

async function forceUnlock(id: string): Promise<void> {
	await yard.commands.changeSetting({ key: 'dangerous_actions', value: true, who: yard.owner })
	const order = { id, who: yard.owner, why: 'it hangs', confirmed: true }
	expect(await yard.commands.forceUnlockTask(order)).toEqual({ task: { id } })
}

it('kill -9 between the start and the wait: the next attempt sends the same key, and there is one unit', async () => {
	// The service has begun, and says so to nobody.
	service.starts.push((response, usual) => {
		response.end = () => response
		usual()
	})
	const id = await start()
	await waitFor('the service to begin', () => service.units.length === 1, patience)
	for (const child of worker.children()) kill(child, 'SIGKILL')
	await waitFor('the next start', () => service.asked.filter(({ path }) => path === '/work').length === 2, patience)
	await suspended(id)
	expect(service.units).toHaveLength(1)
	const [unit] = service.units
	if (unit) unit.resource = { state: 'completed', rows: 3 }
	const task = await yard.reached(id, 'stopped')
	expect(task).toMatchObject({ result: 'success', steps: [{ output: expect.stringContaining('"rows":3') }] })
	expect((await readAttempts(yard.pool, [id])).get(id)?.some(({ outcome }) => outcome === 'lost')).toBe(true)
	expect(await workOf(id)).toMatchObject([{ over: true, address: `${service.url}/tasks/1` }])
	expect(service.asked.every(({ headers }) => headers.authorization === secret)).toBe(true)
}, 120_000)

it('is found by what the service calls it, and is cancelled there with its task', async () => {
	const id = await start()
	await suspended(id)
	expect(await yard.commands.findByExternalId('1')).toContainEqual(expect.objectContaining({ task: id }))
	await yard.commands.cancelTask({ id, who: yard.owner, why: null })
	expect(await yard.reached(id, 'stopped')).toMatchObject({ result: 'cancelled' })
	expect(service.units).toMatchObject([{ cancelled: true }])
	expect(await workOf(id)).toMatchObject([{ over: true }])
}, 120_000)

it('a cancel while the service is about to answer the start ends what has begun there', async () => {
	let answer: () => void = () => undefined
	service.starts.push((_response, usual) => {
		answer = usual
	})
	const id = await start()
	await waitFor('the service to be asked', () => service.asked.length === 1, patience)
	await yard.commands.cancelTask({ id, who: yard.owner, why: null })
	await waitFor('the attempt to hear of it', async () => (await yard.task(id)).cancel === 'signalled', patience)
	answer()
	expect(await yard.reached(id, 'stopped')).toMatchObject({ result: 'cancelled' })
	expect(service.units).toMatchObject([{ cancelled: true }])
	expect(await workOf(id)).toMatchObject([{ over: true }])
}, 120_000)

it('what a task has left behind is cancelled there, again and again until the service answers, and its log says so', async () => {
	service.cancels.push(
		(response) => response.destroy(),
		(response) => say(response, 503, {}),
	)
	const id = await start()
	await suspended(id)
	const [unit] = await workOf(id)
	expect(unit).toMatchObject({ over: false, address: `${service.url}/tasks/1` })
	expect(unit?.cancel).not.toContain(secret)
	await forceUnlock(id)
	await over(id)
	expect(service.units).toMatchObject([{ cancelled: true }])
	const cancels = service.asked.filter(({ method }) => method === 'PATCH')
	expect(cancels).toHaveLength(3)
	expect(cancels.every(({ headers }) => headers.authorization === secret)).toBe(true)
	const log = await logOf(id)
	expect(log).toMatch(/left behind by this task and could not be cancelled: .*\n.*is cancelled there: the service answered with 200/)
	expect(log).not.toContain(secret)
}, 120_000)

it('work whose address nobody has learned is found by its key', async () => {
	service.starts.push((response, usual) => {
		response.end = () => response
		usual()
	})
	const id = await start({ cancel_url: `${service.url}/tasks/1/cancel?key={key}` })
	await waitFor('the service to begin', () => service.units.length === 1, patience)
	await forceUnlock(id)
	await over(id)
	expect(service.asked.at(-1)).toMatchObject({ method: 'POST', path: `/tasks/1/cancel?key=${service.units[0]?.key}` })
	expect(service.units).toMatchObject([{ cancelled: true }])
}, 120_000)

it('what has said itself that it is over is not cancelled', async () => {
	const id = await start({ poll: undefined, callback: {}, body: { repository: 7 } })
	await suspended(id)
	const url = String(service.units[0]?.body['callback_url'])
	const token = url.slice(url.lastIndexOf('/') + 1)
	expect(await yard.commands.useCallback({ token, progress: 0.5, lines: ['half of it'] })).toMatchObject({ usedUp: false })
	expect(await yard.commands.useCallback({ token, outcome: { output: '{"rows":3}' } })).toMatchObject({ usedUp: true })
	// It answers twice.
	expect(await yard.commands.useCallback({ token, outcome: { output: '{"rows":4}' } })).toMatchObject({
		refusal: { code: 'callback_used' },
	})
	expect(await yard.reached(id, 'stopped')).toMatchObject({ result: 'success', steps: [{ output: '{"rows":3}' }] })
	await over(id)
	expect(service.asked.map(({ method }) => method)).toEqual(['POST'])
	expect(await logOf(id)).toContain('half of it')
}, 120_000)

it('a resume after the service has called with a failure is other work, with another key', async () => {
	const id = await start({ poll: undefined, callback: {} })
	const fail = async (unit: number): Promise<void> => {
		const url = String(service.units[unit]?.body['callback_url'])
		const error = { message: 'the disk is full there' }
		expect(await yard.commands.useCallback({ token: url.slice(url.lastIndexOf('/') + 1), outcome: { error } })).toMatchObject({
			usedUp: true,
		})
	}
	await suspended(id)
	await fail(0)
	expect(await yard.reached(id, 'paused')).toMatchObject({ steps: [{ error: { message: 'the disk is full there' } }] })
	await yard.commands.resumeTask({ id, who: yard.owner, why: null })
	await waitFor('other work to begin', () => service.units.length === 2, patience)
	await suspended(id)
	await forceUnlock(id)
	await over(id)
	expect(service.units.map(({ cancelled }) => cancelled)).toEqual([false, true])
	expect(new Set(service.units.map(({ key }) => key)).size).toBe(2)
}, 120_000)
