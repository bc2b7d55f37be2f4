import type { PlanNode } from '@taskyard/model/plan'
import { openPool, type Pool } from '@taskyard/store/connection'
import { enginePlanner } from '@taskyard/store/tasks/applyDecisions'
import type { LoadedTask } from '@taskyard/store/tasks/loadTasks'
import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClock } from '../clock.ts'
import { type Door, openDoor } from '../decisions/door.ts'
import { planWithLocks } from '../locks/planWithLocks.ts'
import { concurrence, type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'

const database = useDatabase()
const width = 32
const racers = 8
const pools: Pool[] = []
const troubles: string[] = []
let engine: EngineUnderTest

const branches = (): PlanNode => concurrence(...Array.from({ length: width }, (_, index) => step(index)))
const noted = (level: string, message: string): void => void troubles.push(`${level}: ${message}`)

function racingPool(): Pool {
	const pool = openPool(database.url, { max: 2, applicationName: 'taskyard racing door', session: enginePlanner })
	pools.push(pool)
	return pool
}

const racingDoor = (pool: Pool): Door => openDoor({ pool, onCommit: () => undefined, worthRepeating: () => true, log: noted })

beforeAll(async () => {
	engine = await engineUnderTest({
		url: database.url,
		run: false,
		definitions: [
			sketch({ label: 'Deadlocks::Wide', tree: branches, steps: () => Array.from({ length: width }, () => ({ run: () => 1 })) }),
		],
	})
})
afterAll(async () => {
	await engine?.stop()
	await Promise.all(pools.map((pool) => pool.end()))
})

/** A fixed order that looks like none. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
	let state = seed
	const keyed = items.map((item) => {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
		return { item, key: state }
	})
	return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}

/** Deadlocks that the server has broken up, those included that somebody repeated. */
async function deadlocks(): Promise<number> {
	const { rows } = await engine.pool.query<{ count: number }>(
		`select pg_stat_clear_snapshot(), (select deadlocks::int from pg_stat_database where datname = current_database()) as count`,
	)
	return rows[0]?.count ?? -1
}

describe('no deadlock', () => {
	it('when 8 doors write the same 50 tasks in random order', async () => {
		const ids = await Promise.all(Array.from({ length: 50 }, () => engine.start('Deadlocks::Wide')))
		const doors = Array.from({ length: racers }, () => racingDoor(racingPool()))
		for (const id of ids) {
			await engine.door.submit(id, () => [{ fact: { kind: 'claimed', child: engine.child, at: Date.now() } }])
			await engine.door.submit(id, (loaded) => planned(loaded))
		}
		function planned({ task }: LoadedTask) {
			const policies = {
				retry: { attempts: 1, backoff: 'fixed', initial: 1, max: 1, jitter: 0 },
				rescue: 'pause',
				onLost: 'retry',
				idempotent: true,
				cancellable: true,
				timeout: null,
				isolation: 'shared',
			} as const
			const plan = {
				tree: branches(),
				steps: Array.from({ length: width }, (_, index) => ({
					action: 'Deadlocks::Wide/0',
					name: `${index}`,
					input: null,
					weight: 1,
					policies,
				})),
				locks: [],
			}
			const at = Date.now()
			return [
				{ fact: { kind: 'planned', attempt: task.planAttempt, plan, at } as const, plan: JSON.stringify(plan), name: null },
				{ fact: { kind: 'claims_granted', child: 0, at } as const },
			]
		}
		const ends = new Map<string, number>()
		await Promise.all(
			doors.map(async (door, racer) => {
				const child = 1_000 + racer
				for (let round = 0; ids.some((id) => !ends.has(id)); round++) {
					await Promise.all(
						shuffled(ids, racer * 1_000 + round).map(async (id) => {
							// Whoever comes ends what runs here, or takes the next branch.
							const answer = await door.submit(id, ({ task }) => {
								const at = Date.now()
								const mine = task.steps.find((one) => one.state === 'running' && (one.child === child || one.child === 0))
								if (mine)
									return [{ fact: { kind: 'step_succeeded', step: mine.index, attempt: mine.attempt, output: '1', at, take: null } }]
								return task.state === 'running' ? [{ fact: { kind: 'activated', child, at } }] : null
							})
							if (answer.kind !== 'missing' && answer.loaded.task.state === 'stopped') ends.set(id, racer)
						}),
					)
				}
			}),
		)
		await Promise.all(doors.map((door) => door.idle()))
		const { rows } = await engine.pool.query(
			`select count(*)::int as tasks, count(*) filter (where result = 1)::int as successful, (select count(*)::int from event where kind = 2 and new = 2) as steps from task`,
		)
		expect(rows).toEqual([{ tasks: 50, successful: 50, steps: 50 * width }])
		expect(troubles).toEqual([])
		expect(await deadlocks()).toBe(0)
	}, 120_000)

	it('when tasks claim and link the same new resources in opposite order', async () => {
		const clock = await openClock(engine.pool)
		const claimants = Array.from({ length: racers }, () => {
			const pool = racingPool()
			return { pool, door: racingDoor(pool), clock, child: engine.child, worthRepeating: () => false }
		})
		for (let round = 0; round < 25; round++) {
			const resources = Array.from({ length: 6 }, (_, index) => ({ type: 'Deadlocks', id: `${round}/${index}` }))
			await Promise.all(
				claimants.map(async (options, racer) => {
					const id = await engine.start('Deadlocks::Wide')
					const claimed = await options.door.submit(id, () => [{ fact: { kind: 'claimed', child: engine.child, at: clock.now() } }])
					if (claimed.kind !== 'decided') throw new Error('The task was not claimed.')
					const order = shuffled(resources, round * 100 + racer)
					const locks = order.slice(0, 3).map((resource) => ({ resource, name: 'race', mode: 'shared' as const }))
					const plan = { tree: { kind: 'sequence', nodes: [] } as const, steps: [], locks }
					// Not worth repeating: a deadlock would be thrown.
					const after = await planWithLocks(options, claimed.loaded, {
						plan,
						text: JSON.stringify(plan),
						name: null,
						attempt: 1,
						links: order.slice(3),
					})
					expect(after?.task.state).toBe('stopped')
				}),
			)
		}
		expect(troubles).toEqual([])
		expect(await deadlocks()).toBe(0)
	}, 120_000)
})
