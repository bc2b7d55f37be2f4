import { useDatabase } from '@taskyard/testkit/database'
import { asEngine, insertTask, insertUser, newId } from '@taskyard/testkit/rows'
import { beforeAll, expect, it } from 'vitest'
import { type HistoryEntry, type HistoryPlace, readHistory } from './readHistory.ts'

const database = useDatabase()
let owner = 0
let child = 0
beforeAll(async () => {
	owner = await insertUser(database.pool)
	const { rows } = await database.pool.query<{ id: number }>(
		`with k as (insert into worker (node, boot_id, pid, version, queues, capacity) values ('n1', 'b', 7, '1', '{}', 4) returning id)
		insert into child (worker_id, pid, lease_until) select id, 4711, clock_timestamp() from k returning id`,
	)
	child = rows[0]?.id ?? 0
})

const started = 1_795_000_000_000.125

async function taskWithHistory(): Promise<string> {
	return asEngine(database.pool, async (client) => {
		const id = await insertTask(client, { owner, state: 'paused', plan: ['dump', 'copy'] })
		await client.query(
			`insert into event (task_id, revision, n, at, kind, step, old, new, attempt, child_id, started_at, who, why) values
				($1, 0, 0, clock_timestamp(), 0, null, null, 1, null, null, null, $2, null),
				($1, 1, 0, clock_timestamp(), 1, null, 1, 2, 1, $3, null, null, null),
				($1, 5, 0, clock_timestamp(), 2, 1, 1, 3, 2, $3, to_timestamp($4::float8 / 1000), null, 'exit code 23'),
				($1, 5, 1, clock_timestamp(), 1, null, 4, 5, null, null, null, null, 'exit code 23'),
				($1, 6, 0, clock_timestamp(), 3, null, null, null, null, null, null, $2, 'try again'),
				($1, 7, 0, clock_timestamp(), 4, null, null, null, null, null, null, 999, null)`,
			[id, owner, child, started],
		)
		return id
	})
}

const nothing = { step: null, old: null, new: null, attempt: null, worker: null, startedAt: null, who: null, why: null }
const ann = () => ({ id: owner, login: 'ann', name: 'Ann' })

it('says what changed, from what to what, who, why, and which attempt where', async () => {
	const { entries, next } = await readHistory(database.pool, await taskWithHistory(), null, 100)
	expect(next).toBeNull()
	expect(entries.map(({ at: _, ...entry }) => entry)).toEqual([
		{ ...nothing, revision: 0, n: 0, kind: 'created', new: 'pending', who: ann() },
		{ ...nothing, revision: 1, n: 0, kind: 'task', old: 'pending', new: 'planning', attempt: 1, worker: 'n1, process 4711' },
		{
			...nothing,
			revision: 5,
			n: 0,
			kind: 'step',
			step: { index: 1, name: 'copy' },
			old: 'running',
			new: 'error',
			attempt: 2,
			worker: 'n1, process 4711',
			startedAt: started,
			why: 'exit code 23',
		},
		{ ...nothing, revision: 5, n: 1, kind: 'task', old: 'running', new: 'paused', why: 'exit code 23' },
		{ ...nothing, revision: 6, n: 0, kind: 'resume', who: ann(), why: 'try again' },
		{ ...nothing, revision: 7, n: 0, kind: 'cancel', who: { id: 999, login: 'user 999', name: 'user 999' } },
	])
})

it.each([1, 2, 3, 5, 6, 7])('in pages of %i it is the same', async (size) => {
	const id = await taskWithHistory()
	const whole = await readHistory(database.pool, id, null, 100)
	const entries: HistoryEntry[] = []
	let place: HistoryPlace | null = null
	do {
		const page = await readHistory(database.pool, id, place, size)
		expect(page.entries.length).toBeLessThanOrEqual(size)
		entries.push(...page.entries)
		place = page.next
	} while (place)
	expect(entries).toEqual(whole.entries)
})

it('of a task that never was there is none', async () => {
	expect(await readHistory(database.pool, newId(), null, 10)).toEqual({ entries: [], next: null })
})
