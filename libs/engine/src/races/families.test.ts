import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type EngineUnderTest, engineUnderTest } from '../testing/engineUnderTest.ts'
import { childrenOf } from '../testing/families.ts'
import { raceRounds } from '../testing/raceRounds.ts'
import { pairsTable, type Racer, startRacers } from '../testing/racers.ts'

const database = useDatabase()
const times = raceRounds
/** Families under way at once. */
const atOnce = 20
let racers: Racer[] = []
let engine: EngineUnderTest

beforeAll(async () => {
	await database.pool.query(pairsTable)
	engine = await engineUnderTest({ url: database.url, definitions: [], run: false })
	await engine.commands.changeSetting({ key: 'dangerous_actions', value: true, who: engine.owner })
})
afterEach(async () => {
	await Promise.all(racers.map((racer) => racer.stop()))
	racers = []
})
afterAll(() => engine?.stop())

/** Does the same for so many families, a few of them at once. */
async function raced(label: string, act: (id: string, round: number) => Promise<void>): Promise<string[]> {
	const ids: string[] = []
	let round = 0
	await Promise.all(
		Array.from({ length: atOnce }, async () => {
			while (round < times) {
				const mine = round++
				const id = await engine.start(label, { pair: mine })
				ids.push(id)
				await act(id, mine)
			}
		}),
	)
	return ids
}

const allStopped = (what: string): Promise<true> =>
	waitFor(
		`${what} to have stopped, without any sweep`,
		async () => {
			const { rows } = await database.pool.query<{ open: number }>('select count(*)::int as open from task where state <> 6')
			return rows[0]?.open === 0 ? true : null
		},
		{ timeout: 60_000 },
	)

/** Families whose counts are not those of their tasks. */
async function disagreeing(): Promise<unknown[]> {
	const { rows } = await database.pool.query(
		`select f.*, c.* from fan_out f join lateral (
			select count(*)::int as n, count(*) filter (where state <> 6)::int as opened, count(*) filter (where state = 6 and result = 1)::int as good,
				count(*) filter (where state = 6 and result = 2)::int as warned, count(*) filter (where state = 6 and result = 3)::int as bad,
				count(*) filter (where state = 6 and result = 4)::int as gone, count(*) filter (where state = 5)::int as stuck, count(*) filter (where held)::int as waits
			from task where parent_id = f.task_id and parent_step = f.step and member
		) c on true
		where (f.created, f.open, f.success, f.warning, f.error, f.cancelled, f.paused, f.held) <> (n, opened, good, warned, bad, gone, stuck, waits)`,
	)
	return rows
}

const someTime = (round: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, (round * 7) % 60))

describe(`families raced ${times} times`, () => {
	it('the last two sub-tasks end in two processes: the join happens once', async () => {
		racers = await startRacers(database.url, 2)
		const carryOn = (racer: Racer, task: string): Promise<unknown> => {
			racer.send({ type: 'activate', task })
			return racer.heard('carriedOn', (message) => message.task === task)
		}
		const [first, second] = racers as [Racer, Racer]
		const ids = await raced('Race::Pair', async (id, round) => {
			await carryOn(round % 2 ? first : second, id)
			const halves = await childrenOf(engine, id)
			// Each ends when the other has begun, and tells nobody but by a job.
			await Promise.all(halves.map((half, index) => carryOn(index ? first : second, half)))
			// Both look at the counts, and both want to go on.
			for (const racer of racers) racer.send({ type: 'activate', task: id })
			await waitFor('the pair to be joined', async () => {
				for (const racer of racers) racer.send({ type: 'activate', task: id })
				return (await engine.load(id)).task.state === 'stopped' || null
			})
		})
		const joins = racers.flatMap((racer) => racer.said.filter((message) => message.type === 'joined'))
		expect(joins.map(({ task }) => task).sort()).toEqual(ids.toSorted())
		const { rows } = await database.pool.query(
			`select count(*)::int as tasks, count(*) filter (where result = 1)::int as successful,
				(select count(*)::int from event e join task p on p.id = e.task_id where p.label = 'Race::Pair' and e.kind = 2 and e.step = 0 and e.new = 2) as joins
			from task where label = 'Race::Pair'`,
		)
		expect(rows).toEqual([{ tasks: times, successful: times, joins: times }])
		expect(await disagreeing()).toEqual([])
		const { rows: apart } = await database.pool.query<{ count: number }>(
			`select count(*)::int as count from (select t.parent_id from task t join step s on s.task_id = t.id where t.label = 'Race::Half'
			group by 1 having count(distinct s.child_id) = 2) p`,
		)
		expect(apart[0]?.count).toBe(times)
	}, 240_000)

	it('a cancel against the fan-out: none is born unseen, none is left behind', async () => {
		racers = await startRacers(database.url, 2, { run: true })
		const ids = await raced('Race::Family', async (id, round) => {
			await someTime(round)
			await engine.commands.cancelTask({ id, who: engine.owner, why: null })
			await engine.reached(id, 'stopped')
		})
		await allStopped('all families')
		expect(await disagreeing()).toEqual([])
		const { rows } = await database.pool.query<{ born: number; count: number }>(
			`select (select count(*)::int from task c where c.parent_id = p.id) as born, count(*)::int as count from task p where id = any($1::uuid[]) group by 1 order by 1`,
			[ids],
		)
		// Some were cancelled before they had any, and some after they had all.
		expect(rows.map(({ born }) => born)).toEqual([0, 5])
	}, 240_000)

	it('a force unlock, or the unlock of a paused sub-task, against the ends of the others', async () => {
		racers = await startRacers(database.url, 2, { run: true })
		await raced('Race::Family', async (id, round) => {
			await someTime(round)
			if (round % 2 === 0) {
				await engine.commands.forceUnlockTask({ id, who: engine.owner, why: null, confirmed: true })
				return
			}
			const paused = await waitFor('a sub-task to pause', async () => {
				const { rows } = await database.pool.query<{ id: string }>('select id from task where parent_id = $1 and state = 5', [id])
				return rows[0]?.id ?? null
			})
			await engine.commands.unlockTask({ id: paused, who: engine.owner, why: null, confirmed: true })
			const state = await waitFor('the parent to end or to need attention', async () => {
				const { task } = await engine.load(id)
				return task.state === 'stopped' || task.state === 'paused' ? task.state : null
			})
			if (state === 'paused') await engine.commands.resumeTask({ id, who: engine.owner, why: null })
			await engine.reached(id, 'stopped')
		})
		await allStopped('all families')
		expect(await disagreeing()).toEqual([])
	}, 240_000)
})
