/** What tasks have left running at a service once they have stopped. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readLog } from '@taskyard/store/logs/readLog'
import { openKeyringInMemory } from '@taskyard/store/sensitive/keyring'
import { seal } from '@taskyard/store/sensitive/seals'
import { useDatabase } from '@taskyard/testkit/database'
import { asEngine } from '@taskyard/testkit/rows'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openClock } from '../clock.ts'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import { openReaper } from './externalWork.ts'

const database = useDatabase()
const keyring = openKeyringInMemory()
let engine: EngineUnderTest
let service: Server
let url: string
let asked: string[] = []
let said: string[] = []
let status = 200
/** Of a task that has stopped, of one that runs, and of one that has ended well. */
let ids: { stopped: string; running: string; succeeded: string }
const gate = Promise.withResolvers<void>()

beforeAll(async () => {
	service = createServer((request, response) => {
		asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`)
		response.writeHead(status).end()
	})
	await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
	url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
	const one = (label: string, run: () => unknown) => sketch({ label, tree: () => step(0), steps: () => [{ run }] })
	const fails = (): never => {
		throw new Error('it failed')
	}
	engine = await engineUnderTest({
		url: database.url,
		definitions: [one('Left::Failed', fails), one('Left::Running', () => gate.promise), one('Left::Done', () => 1)],
	})
	ids = {
		stopped: await engine.start('Left::Failed'),
		running: await engine.start('Left::Running'),
		succeeded: await engine.start('Left::Done'),
	}
	await engine.reached(ids.stopped, 'paused')
	await engine.commands.cancelTask({ id: ids.stopped, who: engine.owner, why: null })
	await engine.reached(ids.stopped, 'stopped')
	await engine.reached(ids.running, 'running')
	await engine.reached(ids.succeeded, 'stopped')
})
afterAll(async () => {
	gate.resolve()
	await engine?.stop()
	service?.close()
})
beforeEach(async () => {
	asked = []
	said = []
	status = 200
	await asEngine(engine.pool, async (client) => {
		await client.query('delete from external_work')
		await client.query('delete from log_chunk')
	})
})

const leave = (task: string, cancel: string | null, tries = 0) =>
	asEngine(engine.pool, async (client) => {
		await client.query(`insert into external_work (task_id, step, n, url, cancel, tries) values ($1, 0, 1, 'http://there/work', $2, $3)`, [
			task,
			cancel,
			tries,
		])
	})

const order = (headers: object = {}) => JSON.stringify({ method: 'PATCH', url: `${url}/tasks/1`, headers, body: { state: 'canceled' } })

async function reap(): Promise<void> {
	const reaper = openReaper({
		pool: engine.pool,
		clock: await openClock(engine.pool),
		log: (_level, message) => said.push(message),
		keyring,
	})
	await reaper()
}

async function unitOf(task: string): Promise<{ over: boolean; tries: number; left: number } | undefined> {
	const { rows } = await engine.pool.query(
		`select over_at is not null as over, tries, extract(epoch from next_at - clock_timestamp())::float8 as left from external_work where task_id = $1`,
		[task],
	)
	return rows[0]
}
const putOff = (far: (seconds: number) => boolean) =>
	waitFor('it to be put off', async () => far((await unitOf(ids.stopped))?.left ?? Number.NaN))
const comeDue = () =>
	asEngine(engine.pool, async (client) => {
		await client.query('update external_work set next_at = clock_timestamp()')
	})
const over = (task: string) => waitFor('the work to be over', async () => (await unitOf(task))?.over)

async function logOf(task: string): Promise<string> {
	const [chunks = []] = await readLog(engine.pool, [{ taskId: task, step: 0, afterLine: 0 }], 100)
	return chunks.flatMap(({ lines }) => lines).join('\n')
}

it('is cancelled there, with what was sealed of the request', async () => {
	await leave(ids.stopped, order({ Authorization: JSON.parse(seal(keyring, '"Bearer s3cret"')) as object }))
	await reap()
	await over(ids.stopped)
	expect(asked).toEqual(['PATCH /tasks/1 Bearer s3cret'])
	expect(await logOf(ids.stopped)).toContain('is cancelled there: the service answered with 200')
})

it.each([404, 409, 410])('is over when the service answers with %i', async (answer) => {
	status = answer
	await leave(ids.stopped, order())
	await reap()
	await over(ids.stopped)
	expect(await logOf(ids.stopped)).toContain(`${answer}, so nothing of it is left`)
})

it('is tried again later when the service does not answer properly, and said once', async () => {
	status = 500
	await leave(ids.stopped, order())
	for (const tries of [1, 2]) {
		await comeDue()
		await reap()
		await waitFor('it to be asked', () => asked.length === tries)
		// Longer while the request is under way.
		await putOff((left) => left < 10)
	}
	expect(await unitOf(ids.stopped)).toMatchObject({ over: false, tries: 2 })
	expect((await logOf(ids.stopped)).match(/could not be cancelled: The service answered with 500/g)).toHaveLength(1)
})

it('of a task that runs is left alone', async () => {
	await leave(ids.running, order())
	await leave(ids.stopped, order())
	await reap()
	await over(ids.stopped)
	expect(await unitOf(ids.running)).toMatchObject({ over: false, tries: 0 })
	expect(asked).toHaveLength(1)
})

it('is nothing when its step has ended well', async () => {
	await leave(ids.succeeded, order())
	await reap()
	await over(ids.succeeded)
	expect(asked).toEqual([])
	expect(await logOf(ids.succeeded)).toBe('')
})

it('is waited for where the service has not said where it is, and then named', async () => {
	await leave(ids.stopped, null, 7)
	await reap()
	await putOff((left) => left > 60)
	expect(await unitOf(ids.stopped)).toMatchObject({ over: false, tries: 8 })
	await comeDue()
	await reap()
	await over(ids.stopped)
	expect(await logOf(ids.stopped)).toContain(`http://there/work with the key ${ids.stopped}-0-1 may still run`)
})

it('never calls an address that nobody may call', async () => {
	await leave(ids.stopped, JSON.stringify({ method: 'POST', url: 'http://169.254.169.254/', headers: {} }))
	await reap()
	await waitFor('the log to say so', async () => (await logOf(ids.stopped)).includes('never called'))
})

it('of a task that was deleted is cancelled as well, and forgotten', async () => {
	const gone = '01990000-0000-7000-8000-000000000000'
	await leave(gone, order())
	await reap()
	await waitFor('it to be forgotten', async () => (await unitOf(gone)) === undefined)
	expect(asked).toHaveLength(1)
	expect(said.join()).toContain('is cancelled there')
})
