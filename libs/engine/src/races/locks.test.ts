import { useDatabase } from '@taskyard/testkit/database'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { holdersTable, type Racer, startRacers } from '../testing/racers.ts'

const database = useDatabase()
let racers: Racer[] = []

beforeAll(async () => {
	await database.pool.query(holdersTable)
	racers = await startRacers(database.url, 8)
})
afterAll(() => Promise.all(racers.map((racer) => racer.stop())))

it('8 processes that claim one resource 2,000 times never see two holders', async () => {
	let racing = true
	let looks = 0
	// From outside too: whatever the processes believe, the table never shows two.
	const watching = (async () => {
		let most = 0
		while (racing) {
			const { rows } = await database.pool.query<{ count: number }>('select count(*)::int as count, pg_sleep(0.01) from lock where granted')
			most = Math.max(most, rows[0]?.count ?? 0)
			looks += 1
		}
		return most
	})()
	for (const racer of racers) racer.send({ type: 'claim', times: 250 })
	const outcomes = await Promise.all(racers.map((racer) => racer.heard('claimed')))
	racing = false
	expect(outcomes.flatMap((outcome) => outcome.faults)).toEqual([])
	expect(await watching).toBe(1)
	expect(looks).toBeGreaterThan(100)
	const granted = outcomes.reduce((sum, outcome) => sum + outcome.granted, 0)
	const refused = outcomes.reduce((sum, outcome) => sum + outcome.refused, 0)
	expect(granted + refused).toBe(2_000)
	expect(granted).toBeGreaterThan(8)
	// Without refusals nobody has raced.
	expect(refused).toBeGreaterThan(8)
	const { rows } = await database.pool.query(
		'select (select count(*)::int from lock) as locks, (select count(*)::int from task where state <> 6) as unfinished',
	)
	expect(rows).toEqual([{ locks: 0, unfinished: 0 }])
}, 240_000)
