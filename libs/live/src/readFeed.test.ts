import { newId } from '@taskyard/testkit/rows'
import { useDatabase } from '@taskyard/testkit/database'
import type { PoolClient } from '@taskyard/store/connection'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCursor, readFeed } from './readFeed.ts'

const database = useDatabase({ max: 8 })

test.each([
	['0f:10:20:', '0f', '10:20:'],
	['0f:10:20:11,15', '0f', '10:20:11,15'],
])('%s is a cursor', (cursor, epoch, snapshot) => {
	expect(parseCursor(cursor)).toEqual({ epoch, snapshot })
})

test.each(['', 'x', ':10:20:', '0f:10:20', "0f:10:20:'", '0f:10:20:1,', '0f:a:b:', `0f:${'1'.repeat(30)}:20:`])('%j is none', (cursor) => {
	expect(parseCursor(cursor)).toBeNull()
})

test('without a cursor, or with one of another database, it only says where it stands', async () => {
	expect((await readFeed(database.pool, null)).changes).toBeNull()
	expect((await readFeed(database.pool, 'another:10:20:')).changes).toBeNull()
	const { cursor } = await readFeed(database.pool, null)
	expect((await readFeed(database.pool, cursor)).changes).toEqual([])
})

test('one row per task: the highest revision, all kinds', async () => {
	const { cursor } = await readFeed(database.pool, null)
	const id = newId()
	await database.pool.query('insert into change (task_id, revision, kinds) values ($1, 1, 1), ($1, 3, 2), ($1, 2, 8)', [id])
	expect((await readFeed(database.pool, cursor)).changes).toEqual([{ taskId: id, revision: 3, kinds: 11 }])
})

// The writers' transactions overlap in every order; each change must be in exactly one of the batches between two looks.
type Act = { readonly writer: number; readonly act: 'begin' | 'write' | 'commit' | 'rollback' } | { readonly act: 'look' }

const acts: fc.Arbitrary<Act[]> = fc.array(
	fc.oneof(
		{ weight: 3, arbitrary: fc.constant<Act>({ act: 'look' }) },
		{
			weight: 7,
			arbitrary: fc.record({
				writer: fc.nat(3),
				act: fc.constantFrom('begin' as const, 'write' as const, 'write' as const, 'commit' as const, 'rollback' as const),
			}),
		},
	),
	{ minLength: 10, maxLength: 60 },
)

const runs = process.env.TASKYARD_NIGHTLY ? 500 : 40

test('overlapping transactions: nothing is lost and nothing comes twice', async () => {
	const clients = await Promise.all([0, 1, 2, 3].map(() => database.pool.connect()))
	try {
		await fc.assert(
			fc.asyncProperty(acts, async (script) => {
				let { cursor } = await readFeed(database.pool, null)
				const delivered: string[] = []
				const committed: string[] = []
				const open = clients.map(() => null as string[] | null)
				const look = async () => {
					const batch = await readFeed(database.pool, cursor)
					for (const change of batch.changes ?? []) delivered.push(`${change.taskId}`)
					cursor = batch.cursor
				}
				const end = async (client: PoolClient, writer: number, how: 'commit' | 'rollback') => {
					const written = open[writer]
					if (!written) return
					await client.query(how)
					if (how === 'commit') committed.push(...written)
					open[writer] = null
				}
				for (const step of script) {
					if (step.act === 'look') {
						await look()
						continue
					}
					const client = clients[step.writer]
					if (!client) continue
					if (step.act === 'begin' && !open[step.writer]) {
						await client.query('begin')
						open[step.writer] = []
					} else if (step.act === 'write') {
						const id = newId()
						await client.query('insert into change (task_id, revision, kinds) values ($1, 1, 1)', [id])
						const written = open[step.writer]
						if (written) written.push(id)
						else committed.push(id)
					} else if (step.act === 'commit' || step.act === 'rollback') {
						await end(client, step.writer, step.act)
					}
				}
				await look()
				for (const [writer, client] of clients.entries()) await end(client, writer, writer % 2 === 0 ? 'commit' : 'rollback')
				await look()
				expect([...delivered].sort()).toEqual([...committed].sort())
			}),
			{ numRuns: runs },
		)
	} finally {
		for (const client of clients) client.release()
	}
})

test('writers in full swing: every change is delivered once', async () => {
	let { cursor } = await readFeed(database.pool, null)
	const written: string[] = []
	const delivered: string[] = []
	const look = async () => {
		const batch = await readFeed(database.pool, cursor)
		for (const change of batch.changes ?? []) delivered.push(change.taskId)
		cursor = batch.cursor
	}
	let writing = true
	const writers = [1, 2, 3].map(async (size) => {
		for (let n = 0; n < 60; n++) {
			const ids = Array.from({ length: size }, newId)
			const client = await database.pool.connect()
			try {
				await client.query('begin')
				for (const id of ids) await client.query('insert into change (task_id, revision, kinds) values ($1, 1, 1)', [id])
				await client.query('commit')
			} finally {
				client.release()
			}
			written.push(...ids)
		}
	})
	const reader = (async () => {
		while (writing) await look()
	})()
	await Promise.all(writers)
	writing = false
	await reader
	await look()
	expect(delivered).toHaveLength(written.length)
	expect(new Set(delivered)).toEqual(new Set(written))
})
