/**
 * Random commands, failures, kills and delays against the real engine on a real PostgreSQL, compared after each command
 * with a reference that is written from the tables of the domain and shares no code with the model.
 * `TASKYARD_SEED` plays the sequences of a failure again, `TASKYARD_SEQUENCES` says how many, `TASKYARD_SHRINK` looks for
 * the shortest sequence that fails, with less patience for each. A sequence that found something becomes one of the
 * `regressions`.
 */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { eventKindCode, stepStateCode } from '@taskyard/store/tasks/codes'
import { concurrence, orderStart, shaped, step } from './testing/build.ts'
import { type Order, sequences } from './testing/orders.ts'
import { play } from './testing/play.ts'
import { TooManyWorlds } from './testing/reference/explore.ts'
import { regressions } from './testing/regressions.ts'
import { openYard, type Yard } from './testing/yard.ts'

const database = useDatabase()
let yard: Yard | undefined
beforeAll(async () => {
	yard = await openYard(database.url)
})
afterAll(() => yard?.close())

test.each(regressions)('it goes there too where $name', ({ orders }) => play(yard as Yard, orders))

test('a sequence that leaves too much open is left, and nothing of it stands in the way of the next', async () => {
	// All of them begin again when the hour has passed, and the cancel may meet each before, while and after it runs.
	const again = step({ held: false, run: ['badly'], tries: 2 })
	const orders: Order[] = [
		orderStart(shaped(concurrence(...Array.from({ length: 12 }, () => again)))),
		{
			act: 'together',
			orders: [
				{ act: 'passHours', hours: 1 },
				{ act: 'cancel', pick: 1 },
			],
		},
	]
	await expect(play(yard as Yard, orders)).rejects.toThrow(TooManyWorlds)
	const { rows } = await database.pool.query('select id from task where state <> 6')
	expect(rows).toEqual([])
	await waitFor('its attempts to end', () => (yard as Yard).hands.every(({ held }) => held.length === 0))
})

const nightly = process.env.TASKYARD_NIGHTLY !== undefined
const runs = nightly ? 1_000 : Number(process.env.TASKYARD_SEQUENCES || 50)
const minute = 60_000
/** Of all sequences, those that may leave too much open before it is the generator's fault. */
const mostAbandoned = 0.1

/** Another sequence is drawn for one that leaves too much open. */
async function playIfSmall(orders: readonly Order[]): Promise<void> {
	const left = await play(yard as Yard, orders).catch((error: Error) => error)
	fc.pre(!(left instanceof TooManyWorlds))
	if (left instanceof Error) throw left
}

test(
	`the engine goes where the reference goes, in ${runs} random sequences`,
	async () => {
		const given = process.env.TASKYARD_SEED
		const seed = !given ? Math.trunc(Math.random() * 2 ** 31) : Number(given)
		await fc.assert(fc.asyncProperty(sequences, playIfSmall), {
			numRuns: runs,
			seed,
			endOnFailure: !process.env.TASKYARD_SHRINK,
			maxSkipsPerRun: mostAbandoned,
		})
		const { rows } = await database.pool.query('select from ledger')
		expect(rows.length, 'lines that were written in the transactions of steps').toBeGreaterThan(0)
		const { rows: told } = await database.pool.query('select from event where kind = $1 and old = $2', [
			eventKindCode.encode('step'),
			stepStateCode.encode('suspended'),
		])
		expect(told.length, 'steps that waited and went on').toBeGreaterThan(0)
	},
	(nightly ? 180 : 20) * minute,
)
