import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { holdersTable, type Racer, startRacers } from '../testing/racers.ts'

const database = useDatabase()
const each = 40
let racers: Racer[] = []

beforeAll(async () => {
	await database.pool.query(holdersTable)
	racers = await startRacers(database.url, 8, { run: true })
})
afterAll(() => Promise.all(racers.map((racer) => racer.stop())))

it(`${8 * each} tasks that 8 processes start, plan and run stand in line for one resource: never two hold it, and all end`, async () => {
	let racing = true
	// From outside too: whatever the processes believe, the table never shows two.
	const watching = (async () => {
		let most = 0
		let longest = 0
		while (racing) {
			const { rows } = await database.pool.query<{ holders: number; line: number }>(
				'select count(*) filter (where granted)::int as holders, count(*) filter (where not granted)::int as line, pg_sleep(0.01) from lock',
			)
			most = Math.max(most, rows[0]?.holders ?? 0)
			longest = Math.max(longest, rows[0]?.line ?? 0)
		}
		return { most, longest }
	})()
	for (const racer of racers) racer.send({ type: 'queue', times: each })
	await Promise.all(racers.map((racer) => racer.heard('queued')))
	await waitFor(
		'all tasks to end',
		async () => {
			const { rows } = await database.pool.query<{ count: number }>(
				'select count(*)::int as count from task where state = 6 and result = 1',
			)
			return rows[0]?.count === racers.length * each
		},
		{ timeout: 90_000 },
	)
	racing = false
	const { most, longest } = await watching
	expect(most).toBe(1)
	// Without a line nobody has waited.
	expect(longest).toBeGreaterThan(8)
	for (const racer of racers) racer.send({ type: 'report' })
	const reports = await Promise.all(racers.map((racer) => racer.heard('reported')))
	expect(reports.flatMap((report) => report.faults)).toEqual([])
	const { rows } = await database.pool.query(
		'select (select count(*)::int from lock) as locks, (select count(distinct child_id)::int > 1 from step) as spread',
	)
	expect(rows).toEqual([{ locks: 0, spread: true }])
}, 120_000)
