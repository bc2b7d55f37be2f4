import { asEngine, insertStep, insertTask, insertUser } from '@taskyard/testkit/rows'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openWatchedPool, type WatchedPool } from '../testing/watchedPool.ts'
import { openStepLog, type StepLog } from './stepLog.ts'

const database = useDatabase()
let watched: WatchedPool
let task = ''
let owner = 0

beforeAll(async () => {
	watched = openWatchedPool(database.url)
	owner = await insertUser(database.pool)
})
afterAll(() => watched?.pool.end())
beforeEach(async () => {
	task = await asEngine(database.pool, async (client) => {
		const id = await insertTask(client, { owner, state: 'running' })
		await insertStep(client, id, 0, { attempt: 1 })
		return id
	})
})

function open(attempt: number, onFencedOff = () => undefined as void): StepLog {
	return openStepLog({
		pool: watched.pool,
		attempt: { task, step: 0, attempt },
		now: () => Date.now(),
		onFencedOff,
		worthRepeating: () => true,
	})
}

async function linesOf(): Promise<string[]> {
	const { rows } = await database.pool.query('select first_line, count, text from log_chunk where task_id = $1 order by first_line', [task])
	let next = 1
	for (const row of rows) {
		expect(row.first_line).toBe(next)
		next += row.count
	}
	return rows.flatMap((row) => row.text.split('\n'))
}

const broken = (): Error => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' })

describe('the log of a step', () => {
	it.each([
		['before it was stored', false],
		['after it was stored', true],
	])('stores each line once when the answer gets lost %s', async (_, committed) => {
		const log = open(1)
		for (let chunk = 1; chunk <= 3; chunk++) {
			let lost = false
			const name = 'taskyard:appendLog'
			if (committed) {
				watched.after = (statement) => {
					if (statement !== name || lost) return
					lost = true
					throw broken()
				}
			} else {
				watched.before = (statement) => {
					if (statement !== name || lost) return
					lost = true
					throw broken()
				}
			}
			await log.append(`line ${chunk}a`, 'stdout')
			await log.append(`line ${chunk}b`, 'stdout')
			await log.flush()
			expect(lost).toBe(true)
		}
		watched.before = () => undefined
		watched.after = () => undefined
		expect(await linesOf()).toEqual([1, 2, 3].flatMap((chunk) => [`line ${chunk}a`, `line ${chunk}b`]))
	})

	it('goes on after the lines of an earlier attempt, which is refused and told so', async () => {
		let fenced = 0
		const first = open(1, () => void (fenced += 1))
		await first.append('first', 'stdout')
		await first.flush()
		await asEngine(database.pool, (client) => client.query('update step set attempt = 2 where task_id = $1', [task]))
		const second = open(2)
		await second.append('second', 'stderr')
		await second.flush()
		await first.append('late', 'stdout')
		await first.flush()
		expect(await linesOf()).toEqual(['first', 'second'])
		expect(fenced).toBe(1)
	})
})
