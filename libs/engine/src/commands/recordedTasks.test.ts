import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { withoutJob } from '@taskyard/dispatch/jobs'
import { asEngine } from '@taskyard/testkit/rows'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { readLog } from '@taskyard/store/logs/readLog'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClock } from '../clock.ts'
import { openSweep, type Sweep } from '../sweep/sweep.ts'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import type { OpenTask } from './types.ts'

const database = useDatabase()
let engine: EngineUnderTest
let sweep: Sweep
beforeAll(async () => {
	const definitions = [sketch({ label: 'Own::Type', tree: () => step(0), steps: () => [{ run: () => 1 }] })]
	engine = await engineUnderTest({ url: database.url, run: false, definitions })
	sweep = openSweep({
		pool: engine.pool,
		door: engine.door,
		clock: await openClock(engine.pool),
		bootId: 'test',
		log: () => undefined,
		lease: 60_000,
		mayDeclareDead: () => false,
	})
})
afterAll(() => engine?.stop())

const open = async (more: Partial<OpenTask> = {}) =>
	engine.commands.openTask({ label: 'Nightly::Export', who: engine.owner, correlationId: 'c', ...more })

async function opened(more: Partial<OpenTask> = {}): Promise<string> {
	const answer = await open(more)
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return answer.task.id
}

const end = { who: 0, why: null } as const
const close = (id: string, more: Partial<Parameters<EngineUnderTest['commands']['closeTask']>[0]> = {}) =>
	engine.commands.closeTask({ id, ...end, who: engine.owner, result: 'success', ...more })

describe('a task that another program carries out', () => {
	it('is opened, reported on and closed', async () => {
		const id = await opened({
			name: 'Export of Monday',
			links: [{ type: 'Report', id: '7', title: 'Sales' }],
			input: '{"day": 12345678901234567890}',
		})
		expect((await engine.load(id)).task).toMatchObject({ state: 'running', recorded: true, progress: 0 })
		await engine.commands.reportTask({ id, number: 1, progress: 0.5, lines: ['half', 'of\nit'] })
		expect((await engine.load(id)).task.progress).toBe(0.5)
		await close(id, { output: '{"rows": 10000000000000000001}', lines: ['done'] })
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'success', progress: 1 })
		const { rows } = await engine.pool.query(
			`select t.name, p.input::text, p.output::text, array(select r.type || ' ' || r.title from link l join resource r on r.id = l.resource_id
where l.task_id = t.id order by 1) as links from task t join task_payload p on p.task_id = t.id where t.id = $1`,
			[id],
		)
		expect(rows).toEqual([
			{
				name: 'Export of Monday',
				input: '{"day": 12345678901234567890}',
				output: '{"rows": 10000000000000000001}',
				links: ['Report Sales', expect.stringMatching(/^User \w+/)],
			},
		])
		const [log] = await readLog(engine.pool, [{ taskId: id, step: 0, afterLine: 0 }], 10)
		expect(log?.flatMap((chunk) => chunk.lines)).toEqual(['half', 'of', 'it', 'done'])
		expect((await engine.pool.query('select from timer where task_id = $1', [id])).rowCount).toBe(0)
	})

	it('may be told the same twice', async () => {
		const id = await opened({ key: 'export 8' })
		expect(await opened({ key: 'export 8' })).toBe(id)
		expect(await open({ key: 'export 8', label: 'Another' })).toMatchObject({ refusal: { code: 'id_taken' } })
		for (let time = 0; time < 2; time++) await engine.commands.reportTask({ id, number: 3, progress: 0.3, lines: ['once'] })
		await engine.commands.reportTask({ id, number: 2, progress: 0.9, lines: ['too late'] })
		expect((await engine.load(id)).task.progress).toBeCloseTo(0.3)
		const [log] = await readLog(engine.pool, [{ taskId: id, step: 0, afterLine: 0 }], 10)
		expect(log?.flatMap((chunk) => chunk.lines)).toEqual(['once'])
		expect(await close(id)).toEqual({ task: { id } })
		expect(await close(id)).toEqual({ task: { id } })
		expect(await close(id, { result: 'error' })).toMatchObject({ refusal: { code: 'already_stopped' } })
		expect(await engine.commands.reportTask({ id, number: 4 })).toMatchObject({
			refusal: { code: 'already_stopped', message: expect.stringContaining('success') },
		})
	})

	it('is refused the id of a task of our own, and of one that was deleted', async () => {
		const own = await engine.start('Own::Type')
		expect(await open({ id: own })).toMatchObject({ refusal: { code: 'id_taken' } })
		const id = await opened()
		await close(id)
		await engine.commands.deleteTask({ id, who: engine.owner, why: null })
		expect(await open({ id })).toMatchObject({ refusal: { code: 'id_taken' } })
		const { rowCount } = await engine.pool.query('select from recorded_task where task_id = any($1::uuid[])', [[own, id]])
		expect(rowCount).toBe(0)
	})

	it('keeps a long report in chunks that readers can take', async () => {
		const id = await opened()
		const lines = Array.from({ length: 40 }, (_, index) => String(index).padEnd(8_000, 'ä'))
		await engine.commands.reportTask({ id, lines })
		await engine.commands.reportTask({ id, lines: ['last'] })
		const [log] = await readLog(engine.pool, [{ taskId: id, step: 0, afterLine: 0 }], 100)
		expect(log?.flatMap((chunk) => chunk.lines)).toEqual([...lines, 'last'])
		for (const chunk of log ?? []) expect(Buffer.byteLength(chunk.lines.join('\n'))).toBeLessThanOrEqual(64 * 1024)
	})

	it('opened twenty times at once by one key is one task', async () => {
		const ids = await Promise.all(Array.from({ length: 20 }, () => opened({ key: 'at once' })))
		expect(new Set(ids).size).toBe(1)
	})

	it('says why it failed', async () => {
		const id = await opened()
		await close(id, { result: 'error', error: { message: 'no room', code: 'disk_full', details: '{"free":0}' } })
		expect((await engine.load(id)).task).toMatchObject({
			result: 'error',
			reason: 'failed',
			error: { message: 'no room', code: 'disk_full', details: { free: 0 } },
		})
	})

	it('is lost when its program falls silent for longer than it said', async () => {
		const id = await opened({ silence: 60_000 })
		await sweep.run()
		expect((await engine.load(id)).task.state).toBe('running')
		await engine.pool.query(`update task set silent_until = clock_timestamp(), revision = revision + 1 where id = $1`, [id])
		await engine.pool.query(`update timer set due_at = clock_timestamp() where task_id = $1`, [id])
		await sweep.run()
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'error', reason: 'lost' })
	})

	it('is neither planned, paused, resumed, run again nor found stranded', async () => {
		const id = await opened()
		await engine.executor.activate(id)
		await asEngine(engine.pool, (client) =>
			client.query(`update task set state_updated_at = clock_timestamp() - interval '1 minute' where id = $1`, [id]),
		)
		await sweep.run()
		expect(await withoutJob(engine.pool, [id])).toEqual([id])
		const order = { id, who: engine.owner, why: null }
		expect((await engine.load(id)).task).toMatchObject({ state: 'running', waitingFor: null })
		expect(await engine.commands.resumeTask(order)).toMatchObject({ refusal: { code: 'not_paused' } })
		expect(await engine.commands.pauseTask(order)).toHaveProperty('refusal')
		await close(id)
		expect(await engine.commands.rerunTask({ ...order, correlationId: 'c' })).toMatchObject({ refusal: { code: 'not_recorded' } })
		expect(await engine.commands.deleteTask(order)).toEqual({ task: { id } })
		expect((await engine.pool.query('select from recorded_task where task_id = $1', [id])).rowCount).toBe(0)
	})

	it('is not to be one of our own', async () => {
		expect(await open({ label: 'Own::Type' })).toMatchObject({ refusal: { code: 'invalid_input' } })
		const own = await engine.start('Own::Type')
		expect(await engine.commands.reportTask({ id: own })).toMatchObject({ refusal: { code: 'not_recorded' } })
		expect(await close(own)).toMatchObject({ refusal: { code: 'not_recorded' } })
	})

	it.each<[string, Partial<OpenTask>, string]>([
		['an empty label', { label: ' ' }, '/label'],
		['a NUL', { name: 'a\0b' }, '/name'],
		['no time to be silent', { silence: 5 }, '/silence'],
		['an input that is no object', { input: '[1]' }, '/input'],
		['a file as callback', { callbackUrl: 'file:///etc/passwd' }, '/callbackUrl'],
		['the metadata of the machine', { callbackUrl: 'http://169.254.169.254/latest' }, '/callbackUrl'],
		['a link without id', { links: [{ type: 'Report', id: '' }] }, '/links/0'],
	])('is refused with %s', async (_, more, path) => {
		const before = await engine.pool.query('select count(*) from task')
		expect(await open(more)).toMatchObject({ refusal: { code: 'invalid_input', faults: [{ path }] } })
		expect((await engine.pool.query('select count(*) from task')).rows).toEqual(before.rows)
	})
})

describe('a cancel of a task that another program carries out', () => {
	let program: Server
	let answers: number[] = []
	let heard: string[] = []
	beforeAll(async () => {
		program = createServer((request, response) => {
			let body = ''
			request.on('data', (part) => (body += part))
			request.on('end', () => {
				heard.push(body)
				response.writeHead(answers.shift() ?? 204).end()
			})
		})
		await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve))
	})
	afterAll(() => program?.close())

	const cancel = (id: string) => engine.commands.cancelTask({ id, who: engine.owner, why: 'enough' })

	it('is refused where nobody would hear of it', async () => {
		const id = await opened()
		expect(await cancel(id)).toMatchObject({ refusal: { code: 'not_cancellable' } })
		expect((await engine.load(id)).task.cancel).toBe('none')
	})

	it('is told to the program until it has heard, and the program says how it ended', async () => {
		answers = [500]
		heard = []
		const id = await opened({ callbackUrl: `http://127.0.0.1:${(program.address() as AddressInfo).port}/cancel` })
		expect(await cancel(id)).toEqual({ task: { id } })
		expect(await cancel(id)).toEqual({ task: { id } })
		await sweep.run()
		await waitFor('the first telling to fail', async () => {
			const { rows } = await engine.pool.query('select failures from recorded_task where task_id = $1', [id])
			return rows[0].failures === 1
		})
		await engine.pool.query('update recorded_task set tell_at = clock_timestamp() where task_id = $1', [id])
		await sweep.run()
		await waitFor('the program to hear', async () => {
			const { rows } = await engine.pool.query('select tell_at from recorded_task where task_id = $1', [id])
			return rows[0].tell_at === null
		})
		expect(heard.map((body) => JSON.parse(body))).toEqual([
			{ task: id, cancel: true },
			{ task: id, cancel: true },
		])
		expect((await engine.load(id)).task).toMatchObject({ state: 'running', cancel: 'requested' })
		const [log] = await readLog(engine.pool, [{ taskId: id, step: 0, afterLine: 0 }], 10)
		expect(log?.[0]?.lines[0]).toContain('could not be told')
		await close(id, { result: 'cancelled' })
		expect((await engine.load(id)).task).toMatchObject({ state: 'stopped', result: 'cancelled', reason: 'cancelled' })
	})
})
