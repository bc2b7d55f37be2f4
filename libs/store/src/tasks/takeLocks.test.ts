import { inTransaction } from '../connection.ts'
import { describe, expect, it } from 'vitest'
import { releaseAndGrant } from './releaseLocks.ts'
import { readStandingClaims } from './standingClaims.ts'
import { claim, useClaimants } from './testing/claimants.ts'

const claimants = useClaimants()
const { newTask, take, release, standing } = claimants

describe('a claim', () => {
	it('is granted when nobody is in the way, and all claims of a task or none', async () => {
		const [a, b] = [await newTask('a'), await newTask('b')]
		expect(await take(a, claim('1'), claim('2', 'shared'))).toEqual({ kind: 'granted' })
		const refused = await take(b, claim('0'), claim('2', 'shared', 'fail'), claim('1', 'shared', 'fail'))
		expect(refused).toMatchObject({
			kind: 'refused',
			conflict: { message: `Test 1 is locked for all operations, held by "a" (${a}). Resume this task when the holder has stopped.` },
		})
		expect((await standing()).map((one) => one.task)).toEqual([a, a])
	})

	it('that a task makes twice is made once, the stronger one', async () => {
		const [a, b] = [await newTask('a'), await newTask('b')]
		await take(a, claim('1', 'shared'), claim('1', 'exclusive'))
		expect(await take(b, claim('1', 'shared'))).toMatchObject({ kind: 'queued' })
	})

	it('that fails conflicts with the line too, and names it', async () => {
		const [holder, waiter, late] = [await newTask('holder'), await newTask('waiter'), await newTask('late')]
		await take(holder, claim('1', 'shared'))
		expect(await take(waiter, claim('1'))).toEqual({ kind: 'queued', waitingFor: { kind: 'lock', keys: { type: 'Test', id: '1' } } })
		const refused = await take(late, claim('1', 'shared', 'fail'))
		expect(refused).toMatchObject({ kind: 'refused' })
		expect(refused.kind === 'refused' && refused.conflict.message).toContain(`claimed earlier by "waiter" (${waiter})`)
		expect(await standing()).toHaveLength(2)
	})

	it('that waits beside one that fails is refused when that one conflicts, and waits when it does not', async () => {
		const [holder, one, other] = [await newTask('holder'), await newTask('one'), await newTask('other')]
		await take(holder, claim('1'), claim('2'))
		expect(await take(one, claim('1'), claim('2', 'exclusive', 'fail'))).toMatchObject({ kind: 'refused' })
		expect(await take(other, claim('1'), claim('3', 'exclusive', 'fail'))).toMatchObject({ kind: 'queued' })
		expect((await standing()).map((claimed) => claimed.granted)).toEqual([true, true, false, false])
	})

	it('names no more than ten of many in the way, and says that there are others', async () => {
		for (let n = 0; n < 12; n++) await take(await newTask(`reader ${n}`), claim('1', 'shared'))
		const refused = await take(await newTask('writer'), claim('1', 'exclusive', 'fail'))
		const message = refused.kind === 'refused' ? refused.conflict.message : ''
		expect(message.match(/"reader \d+"/g)).toHaveLength(10)
		expect(message).toContain('and by others. Resume this task when they have stopped.')
	})
})

describe('a line', () => {
	it('is served in its order, shared claims together, and an exclusive one is not overtaken', async () => {
		const names = ['holder', 'reader 1', 'reader 2', 'writer', 'reader 3', 'reader 4']
		const tasks: string[] = []
		for (const name of names) {
			const task = await newTask(name)
			tasks.push(task)
			await take(task, claim('1', name.startsWith('reader') ? 'shared' : 'exclusive'))
		}
		const [holder, reader1, reader2, writer, reader3, reader4] = tasks as [string, string, string, string, string, string]
		expect(await release(holder)).toEqual([reader1, reader2].sort())
		expect(await release(reader1)).toEqual([])
		expect(await release(reader2)).toEqual([writer])
		expect(await release(writer)).toEqual([reader3, reader4].sort())
		expect(await release(reader3, reader4)).toEqual([])
		expect(await standing()).toEqual([])
	})

	it('is not starved by a stream of shared claims', async () => {
		let readers = [await newTask('reader')]
		await take(readers[0] as string, claim('1', 'shared'))
		const writer = await newTask('writer')
		await take(writer, claim('1'))
		let granted: string[] = []
		for (let n = 0; n < 5 && !granted.includes(writer); n++) {
			// The next reader comes before the last one has gone.
			const next = await newTask('reader')
			expect(await take(next, claim('1', 'shared'))).toMatchObject({ kind: 'queued' })
			granted = await release(...readers)
			readers = granted.filter((task) => task !== writer)
		}
		expect(granted).toEqual([writer])
	})

	it('is left by a waiter that ends, and those behind are granted in the same transaction', async () => {
		const [reader, writer, behind] = [await newTask('reader'), await newTask('writer'), await newTask('behind')]
		await take(reader, claim('1', 'shared'))
		await take(writer, claim('1'))
		await take(behind, claim('1', 'shared'))
		expect(await release(writer)).toEqual([behind])
	})

	it('keeps a place in each line of a task, which is granted when it is the first in all', async () => {
		const [one, other, both, behind] = [await newTask('one'), await newTask('other'), await newTask('both'), await newTask('behind')]
		await take(one, claim('1'))
		await take(other, claim('2'))
		await take(both, claim('2'), claim('1'))
		expect(await take(behind, claim('2', 'shared'))).toMatchObject({ kind: 'queued' })
		expect(await release(other)).toEqual([])
		expect(await release(one)).toEqual([both])
		expect(await release(both)).toEqual([behind])
	})

	it('grants a task whose last two obstacles end at the same time', async () => {
		for (let round = 0; round < 20; round++) {
			const [one, other, both] = [await newTask('one'), await newTask('other'), await newTask('both')]
			await take(one, claim('1'))
			await take(other, claim('2'))
			await take(both, claim('1'), claim('2'))
			// Both have deleted their claims before either looks whose turn it is.
			const looking = Promise.withResolvers<void>()
			let here = 0
			const end = (task: string) =>
				inTransaction(claimants.pool, async (client) => {
					await client.query('select from task where id = $1 for update', [task])
					here += 1
					if (here === 2) looking.resolve()
					await looking.promise
					return releaseAndGrant(client, [task])
				})
			const granted = (await Promise.all([end(one), end(other)])).flat()
			expect(granted.map((found) => found.task)).toEqual([both])
			await release(both)
		}
	})
})

describe('claims of relatives', () => {
	it('do not conflict, and a sub-task on the lock of its parent overtakes the line with its siblings', async () => {
		const parent = await newTask('parent')
		const [first, second, stranger] = [await newTask('first', parent), await newTask('second', parent), await newTask('stranger')]
		await take(parent, claim('1'))
		await take(stranger, claim('1'))
		expect(await take(first, claim('1', 'exclusive', 'fail'))).toEqual({ kind: 'granted' })
		expect(await take(await newTask('grandchild', first), claim('1', 'exclusive', 'fail'))).toEqual({ kind: 'granted' })
		expect(await take(second, claim('1', 'shared', 'fail'))).toEqual({ kind: 'granted' })
		// The stranger waits for them all, also when the parent goes first.
		expect(await release(parent)).toEqual([])
		expect((await standing()).filter((one) => one.granted)).toHaveLength(3)
	})

	it('conflict between siblings when the parent has no such lock', async () => {
		const parent = await newTask('parent')
		await take(await newTask('first', parent), claim('1'))
		expect(await take(await newTask('second', parent), claim('1', 'exclusive', 'fail'))).toMatchObject({ kind: 'refused' })
	})
})

describe('how claims stand', () => {
	const look = (task: string) => inTransaction(claimants.pool, (client) => readStandingClaims(client, task))

	it('is told as none, granted or waiting', async () => {
		const [holder, waiter] = [await newTask('holder'), await newTask('waiter')]
		expect(await look(holder)).toEqual({ claims: { kind: 'none' }, granted: [] })
		await take(holder, claim('2'))
		await take(waiter, claim('1'), claim('2'))
		expect(await look(holder)).toEqual({ claims: { kind: 'granted' }, granted: [] })
		expect(await look(waiter)).toEqual({
			claims: { kind: 'waiting', waitingFor: { kind: 'lock', keys: { type: 'Test', id: '2' } } },
			granted: [],
		})
		await release(holder)
		expect(await look(waiter)).toEqual({ claims: { kind: 'granted' }, granted: [] })
	})

	it('is put right by a look: a turn that nobody granted is granted, to others in the line too', async () => {
		const [one, other] = [await newTask('one'), await newTask('other')]
		await take(one, claim('1', 'shared'))
		await take(other, claim('1', 'shared'))
		await claimants.pool.query('update lock set granted = false')
		expect(await look(one)).toEqual({ claims: { kind: 'granted' }, granted: [{ task: other, queue: 'default', priority: 0 }] })
	})
})

describe('the claim of an ancestor', () => {
	it('in line is no reason for a descendant behind it to wait: both are granted when the holder ends', async () => {
		const [holder, parent] = [await newTask('holder'), await newTask('parent')]
		const child = await newTask('child', parent)
		const grandchild = await newTask('grandchild', child)
		await take(holder, claim('1'))
		await take(parent, claim('1'))
		await take(grandchild, claim('1'))
		await take(child, claim('1'))
		expect(await release(holder)).toEqual([parent, child, grandchild].sort())
	})

	it('in line for another resource too lets the descendant go on before it', async () => {
		const [holder, other, parent] = [await newTask('holder'), await newTask('other'), await newTask('parent')]
		const child = await newTask('child', parent)
		await take(holder, claim('1'))
		await take(other, claim('2'))
		await take(parent, claim('1'), claim('2'))
		await take(child, claim('1'))
		expect(await release(holder)).toEqual([child])
		expect(await release(other, child)).toEqual([parent])
	})

	it('lets descendants go on that stand behind each other, once it is granted', async () => {
		const [holder, parent] = [await newTask('holder'), await newTask('parent')]
		const [first, second] = [await newTask('first', parent), await newTask('second', parent)]
		await take(holder, claim('1'))
		await take(first, claim('1'))
		await take(second, claim('1'))
		await take(parent, claim('1'))
		expect(await release(holder)).toEqual([parent, first, second].sort())
	})

	it('made after that of a descendant stands behind strangers, not behind it', async () => {
		const [holder, parent, stranger] = [await newTask('holder'), await newTask('parent'), await newTask('stranger')]
		const child = await newTask('child', parent)
		await take(holder, claim('1'))
		await take(child, claim('1'))
		await take(parent, claim('1'))
		await take(stranger, claim('1'))
		expect(await release(holder)).toEqual([child, parent].sort())
		expect(await release(child)).toEqual([])
		expect(await release(parent)).toEqual([stranger])
	})

	it('granted at once is that of the descendants too that wait for each other', async () => {
		const parent = await newTask('parent')
		const [first, second] = [await newTask('first', parent), await newTask('second', parent)]
		await take(first, claim('1'))
		expect((await take(second, claim('1'))).kind).toBe('queued')
		expect(await take(parent, claim('1'))).toEqual({ kind: 'granted', others: [{ task: second, queue: 'default', priority: 0 }] })
	})
})
