import { defineTask } from '@taskyard/sdk/defineTask'
import { suspend } from '@taskyard/sdk/suspend'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { raceRounds } from '../testing/raceRounds.ts'
import { openWaitingTasks, type WaitingTasks } from '../testing/waitingTasks.ts'

const database = useDatabase()
let engine: WaitingTasks

interface Gate {
	readonly begun: PromiseWithResolvers<void>
	readonly suspends: PromiseWithResolvers<void>
	/** Ids of the events of each wake. */
	readonly wakes: string[][]
}
const gates: Gate[] = []

const type = defineTask({
	label: 'Race::Event',
	input: z.object({ round: z.number() }),
	async run({ round }, { wake }) {
		const gate = gates[round] as Gate
		if (wake) return gate.wakes.push(wake.events.map(({ id }) => id))
		gate.begun.resolve()
		await gate.suspends.promise
		return suspend()
	},
})

beforeAll(async () => {
	engine = await openWaitingTasks(database.url, [type])
})
afterAll(() => engine?.stop())

async function blocked(count: number): Promise<void> {
	await waitFor(`${count} sessions to wait for the task`, async () => {
		const { rows } = await database.pool.query<{ count: number }>(
			`select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
		)
		return rows[0]?.count === count
	})
}

/** Both are under way before either is written, and then written in this order. */
async function inOrder(id: string, first: () => unknown, second: () => unknown): Promise<void> {
	const client = await database.pool.connect()
	try {
		await client.query('begin')
		await client.query('select from task where id = $1 for update', [id])
		first()
		await blocked(1)
		second()
		await blocked(2)
		await client.query('commit')
	} finally {
		client.release()
	}
}

it('an event and the suspend that it is for, again and again: the step is woken once, with the event', async () => {
	const rounds = raceRounds
	for (let round = 0; round < rounds; round++) {
		const gate: Gate = { begun: Promise.withResolvers(), suspends: Promise.withResolvers(), wakes: [] }
		gates.push(gate)
		const id = await engine.start('Race::Event', { round })
		await gate.begun.promise
		let sent: Promise<unknown> = Promise.resolve()
		const send = (): void => {
			sent = engine.send(id, { id: `event ${round}` })
		}
		const [first, second] = round % 2 ? [send, gate.suspends.resolve] : [gate.suspends.resolve, send]
		if (round % 4 > 1) await inOrder(id, first, second)
		else {
			first()
			second()
		}
		expect(await sent).toEqual({ task: { id }, repeated: false })
		await engine.reached(id, 'stopped')
		expect(gate.wakes).toEqual([[`event ${round}`]])
	}
	const { rows } = await database.pool.query(
		`select count(*)::int as tasks, count(*) filter (where result = 1)::int as successful,
			(select count(*)::int from event where kind = 2 and old = 4 and new = 0) as wakes,
			(select count(*)::int from step where attempt = 2 and events = 1) as steps from task`,
	)
	expect(rows).toEqual([{ tasks: rounds, successful: rounds, wakes: rounds, steps: rounds }])
	// The event came before the suspend and after it, each many times, or nobody has raced.
	const { rows: kinds } = await database.pool.query<{ before: number }>(
		`select count(*) filter (where e.revision < s.revision)::int as before from event e
		join event s on s.task_id = e.task_id and s.kind = 2 and s.new = 4 where e.kind = 14`,
	)
	expect(kinds[0]?.before).toBeGreaterThan(rounds / 10)
	expect(kinds[0]?.before).toBeLessThan((rounds * 9) / 10)
}, 300_000)
