import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { raceRounds } from '../testing/raceRounds.ts'
import { type Racer, startRacers, waitForBlocked } from '../testing/racers.ts'

const database = useDatabase()
let racers: Racer[] = []
let engine: EngineUnderTest

beforeAll(async () => {
	racers = await startRacers(database.url, 2)
	engine = await engineUnderTest({ url: database.url, definitions: [], run: false })
})
afterAll(() => Promise.all([...racers.map((racer) => racer.stop()), engine?.stop()]))

/** A task whose two branches run in one process each, both held at their end. */
async function startSplit([first, second]: readonly Racer[]): Promise<string> {
	const id = await engine.start('Race::Join')
	for (const racer of [first, second] as Racer[]) {
		racer.send({ type: 'activate', task: id })
		await racer.heard('held', ({ task }) => task === id)
	}
	// The first one has not seen that the second took a branch; its write would always be the one that is void.
	first?.send({ type: 'look', task: id })
	await first?.heard('looked', ({ task }) => task === id)
	return id
}

async function finish(id: string, order: readonly Racer[]): Promise<void> {
	for (const racer of order) racer.send({ type: 'release', task: id })
	await Promise.all(racers.map((racer) => racer.heard('carriedOn', ({ task }) => task === id)))
}

describe('two processes that finish the last two branches of a concurrence at once', () => {
	it('start the join exactly once, many times', async () => {
		const ids: string[] = []
		for (let round = 0; round < raceRounds; round++) {
			// Taking turns at who is told first, so that each is the last one now and then.
			const order = round % 2 ? racers : racers.toReversed()
			const id = await startSplit(order)
			ids.push(id)
			if (round % 4 > 1) {
				await finish(id, order)
				continue
			}
			// Both are decided before either is written: whoever comes second has decided on a revision that is gone.
			const client = await database.pool.connect()
			await client.query('begin')
			await client.query('select from task where id = $1 for update', [id])
			const finished = finish(id, order)
			await waitForBlocked(database.pool, 2)
			await client.query('commit')
			client.release()
			await finished
		}
		const joins = racers.flatMap((racer) => racer.said.filter((message) => message.type === 'joined'))
		expect(joins.every((join) => join.attempt === 1)).toBe(true)
		expect(joins.map((join) => join.task).sort()).toEqual(ids)
		const { rows } = await database.pool.query(
			`select count(*)::int as tasks, count(*) filter (where state = 6 and result = 1)::int as successful,
				(select count(*)::int from event where kind = 2 and step = 2 and new = 2) as joins,
				(select count(*)::int from event where kind = 2 and new = 2) as steps,
				(select count(*)::int from step where attempt <> 1) as repeated from task`,
		)
		expect(rows).toEqual([{ tasks: raceRounds, successful: raceRounds, joins: raceRounds, steps: 3 * raceRounds, repeated: 0 }])
		// Each of the two processes was the last one many times, or nobody has raced.
		for (const racer of racers) expect(racer.said.filter((message) => message.type === 'joined').length).toBeGreaterThan(raceRounds / 20)
	}, 300_000)
})
