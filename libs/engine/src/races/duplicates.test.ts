import type { DuplicatePolicy } from '@taskyard/model/duplicates'
import { openPool, type Pool } from '@taskyard/store/connection'
import { useDatabase } from '@taskyard/testkit/database'
import { waitFor } from '@taskyard/testkit/waitFor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCommands } from '../commands/commands.ts'
import type { Commands } from '../commands/types.ts'
import { type EngineUnderTest, engineUnderTest, sketch, step } from '../testing/engineUnderTest.ts'
import { raceRounds } from '../testing/raceRounds.ts'

const database = useDatabase()
const engines: EngineUnderTest[] = []
/** Each on connections of its own, as in a process of its own. */
let commands: Commands[] = []
let pool: Pool
let owner = 0

/** Tasks that run now, by their key; and all that have. */
const running = new Map<string, number>()
let most = 0
let ran = 0
async function counted(key: string): Promise<void> {
	const now = (running.get(key) ?? 0) + 1
	running.set(key, now)
	most = Math.max(most, now)
	// Others have their turn at the loop of events while this one runs.
	await pool.query('select 1')
	running.set(key, now - 1)
	ran += 1
}

const typeOf = (policy: DuplicatePolicy, queue: string, label = policy) =>
	sketch({
		label,
		tree: () => step(0),
		steps: ({ key }: { key: string }) => [{ run: () => counted(key) }],
		data: { duplicates: { key: '{key}', policy }, queue },
	})

beforeAll(async () => {
	// Nobody takes jobs of this queue.
	const waiting = (['serial', 'queue_one', 'discard'] as const).map((policy) => typeOf(policy, 'nobody'))
	const definitions = [...waiting, typeOf('serial', 'default', 'runs' as DuplicatePolicy)]
	for (let n = 0; n < 3; n++) engines.push(await engineUnderTest({ url: database.url, definitions, concurrency: 8 }))
	owner = engines[0]?.owner ?? 0
	pool = openPool(database.url, { max: 4, applicationName: 'race of duplicates' })
	commands = await Promise.all(
		Array.from({ length: 8 }, (_, n) =>
			openCommands({ url: database.url, applicationName: `starter ${n}`, connections: 1, log: () => undefined }),
		),
	)
})
afterAll(async () => {
	await Promise.all(commands.map((one) => one.close()))
	await Promise.all(engines.map((one) => one.stop()))
	await pool?.end()
})

interface Started {
	readonly id: string
	readonly discarded: boolean
}

async function start(by: number, label: string, key: string): Promise<Started> {
	const answer = await (commands[by % commands.length] as Commands).startTask({
		label,
		input: JSON.stringify({ key }),
		who: owner,
		correlationId: 'race',
	})
	if ('refusal' in answer) throw new Error(answer.refusal.message)
	return { id: answer.task.id, discarded: answer.discarded }
}

const cancel = (by: number, id: string) => (commands[by % commands.length] as Commands).cancelTask({ id, who: owner, why: null })

/** Turns and places of a key, in the order of the line. */
async function lineOf(label: string, key: string): Promise<{ id: string; granted: boolean }[]> {
	const { rows } = await pool.query<{ id: string; granted: boolean }>(
		'select l.task_id as id, l.granted from lock l join resource r on r.id = l.resource_id where r.key = $1 order by l.place',
		[`${label}:${key}`],
	)
	return rows
}

/** So many rounds, four at a time, each by starters of its own. */
async function rounds(count: number, round: (key: string, by: number, n: number) => Promise<void>): Promise<void> {
	await Promise.all(
		[0, 2, 4, 6].map(async (by) => {
			for (let n = 0; n < count / 4; n++) await round(`${by} ${n}`, by, n)
		}),
	)
}

it('two starts of one key, again and again: discard makes one, and both answer it', async () => {
	let firsts = 0
	await rounds(raceRounds, async (key, by) => {
		const both = await Promise.all([start(by, 'discard', key), start(by + 1, 'discard', key)])
		expect(both.filter(({ discarded }) => discarded)).toHaveLength(1)
		expect(both[0].id).toBe(both[1].id)
		expect(await lineOf('discard', key)).toEqual([{ id: both[0].id, granted: true }])
		if (both[1].discarded) firsts += 1
	})
	// Where one always came first nobody has raced.
	expect(firsts).toBeGreaterThan(0)
	expect(firsts).toBeLessThan(raceRounds)
	const { rows } = await pool.query(
		`select (select count(*)::int from task where label = 'discard') as tasks, discarded from task_type where label = 'discard'`,
	)
	expect(rows).toEqual([{ tasks: raceRounds, discarded: raceRounds }])
}, 120_000)

it('three starts of one key, again and again: queue_one makes two, one of which waits', async () => {
	await rounds(raceRounds, async (key, by) => {
		const all = await Promise.all([start(by, 'queue_one', key), start(by + 1, 'queue_one', key), start(by, 'queue_one', key)])
		const made = all.filter(({ discarded }) => !discarded).map(({ id }) => id)
		const line = await lineOf('queue_one', key)
		expect(line.map(({ granted }) => granted)).toEqual([true, false])
		expect(line.map(({ id }) => id).sort()).toEqual(made.sort())
		expect(all.find(({ discarded }) => discarded)?.id).toBe(line[1]?.id)
	})
}, 120_000)

it('two starts of one key, again and again: serial grants one, and its end grants the other', async () => {
	await rounds(raceRounds, async (key, by, n) => {
		const both = await Promise.all([start(by, 'serial', key), start(by + 1, 'serial', key)])
		const line = await lineOf('serial', key)
		expect(line.map(({ granted }) => granted)).toEqual([true, false])
		expect(line.map(({ id }) => id).sort()).toEqual(both.map(({ id }) => id).sort())
		if (n % 5 > 0) return
		await cancel(by, line[0]?.id as string)
		expect(await lineOf('serial', key)).toEqual([{ id: line[1]?.id, granted: true }])
	})
}, 120_000)

it.each(['serial', 'queue_one', 'discard'] as const)(
	'%s: a start beside the end of the one before it has the turn, or the answer that the other counts',
	async (label) => {
		let before = 0
		await rounds(300, async (place, by) => {
			const key = `end ${place}`
			const first = await start(by, label, key)
			const [, second] = await Promise.all([cancel(by, first.id), start(by + 1, label, key)])
			const line = await lineOf(label, key)
			if (second.discarded) {
				expect([label, second.id, line]).toEqual(['discard', first.id, []])
				before += 1
			} else expect(line).toEqual([{ id: second.id, granted: true }])
		})
		if (label === 'discard') expect(before).toBeGreaterThan(0)
	},
	120_000,
)

it('200 tasks of 4 keys by 3 engines: serial never runs two of one key at once, and each runs', async () => {
	const starts = Array.from({ length: 200 }, (_, n) => start(n, 'runs', `key ${n % 4}`))
	const ids = (await Promise.all(starts)).map(({ id }) => id)
	await waitFor(
		'all to have run',
		async () => {
			const { rows } = await pool.query<{ left: number }>('select count(*)::int as left from task where id = any($1) and state <> 6', [ids])
			return rows[0]?.left === 0
		},
		{ timeout: 60_000 },
	)
	expect([most, ran]).toEqual([1, 200])
	// Nor has anybody waited for each other in a circle, in this race or one before.
	const { rows } = await pool.query(
		'select pg_stat_clear_snapshot(), (select deadlocks::int from pg_stat_database where datname = current_database())',
	)
	expect(rows).toMatchObject([{ deadlocks: 0 }])
	expect((await pool.query('select from lock l join task t on t.id = l.task_id where t.label = $1', ['runs'])).rowCount).toBe(0)
}, 120_000)
