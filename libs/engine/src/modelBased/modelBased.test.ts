/**
 * Random commands, failures, kills and delays against the real engine on a real PostgreSQL, compared after each command
 * with a reference that is written from the tables of the domain and shares no code with the model.
 * `TASKYARD_SEED` plays the sequences of a failure again, `TASKYARD_SEQUENCES` says how many, `TASKYARD_SHRINK` looks for
 * the shortest sequence that fails, with less patience for each. A sequence that found something becomes one of the
 * `regressions`.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { useDatabase } from '@taskyard/testkit/database'
import { sequences } from './testing/orders.ts'
import { play } from './testing/play.ts'
import { regressions } from './testing/regressions.ts'
import { openYard, type Yard } from './testing/yard.ts'

const database = useDatabase()
let yard: Yard | undefined
beforeAll(async () => {
	yard = await openYard(database.url)
})
afterAll(() => yard?.close())

test.each(regressions)('it goes there too where $name', ({ orders }) => play(yard as Yard, orders))

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const runs = nightly ? 1_000 : Number(process.env.TASKYARD_SEQUENCES || 50)
const minute = 60_000

test(
	`the engine goes where the reference goes, in ${runs} random sequences`,
	async () => {
		const given = process.env.TASKYARD_SEED
		const seed = !given ? Math.trunc(Math.random() * 2 ** 31) : Number(given)
		await fc.assert(
			fc.asyncProperty(sequences, (orders) => play(yard as Yard, orders)),
			{ numRuns: runs, seed, endOnFailure: !process.env.TASKYARD_SHRINK },
		)
	},
	(nightly ? 180 : 20) * minute,
)
