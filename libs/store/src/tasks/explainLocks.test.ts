import { describe, expect, it } from 'vitest'
import { explainResource, explainTaskLocks } from './explainLocks.ts'
import { readClaims } from './readClaims.ts'
import { claim, useClaimants } from './testing/claimants.ts'

const claimants = useClaimants()
const { newTask, take } = claimants

describe('an explanation', () => {
	it('of a resource names holders, the line with places, and who each waits for', async () => {
		const [reader, writer, late] = [await newTask('reader'), await newTask('writer'), await newTask('late')]
		await take(reader, claim('1', 'shared'))
		await take(writer, claim('1', 'exclusive', 'wait', 'write'))
		await take(late, claim('1', 'shared'))
		const found = await explainResource(claimants.pool, { type: 'Test', id: '1' })
		expect(found).toMatchObject({
			resource: { type: 'Test', id: '1' },
			lineLength: 2,
			holders: [
				{
					task: { id: reader, name: 'reader', label: 'Sample::Task', state: 'planned' },
					mode: 'shared',
					name: '*',
					granted: true,
					place: null,
					before: [],
					beforeCount: 0,
				},
			],
			line: [
				{
					task: { id: writer },
					mode: 'exclusive',
					name: 'write',
					granted: false,
					place: 1,
					before: [{ task: { id: reader }, granted: true }],
					beforeCount: 1,
				},
				{ task: { id: late }, place: 2, before: [{ task: { id: writer }, granted: false }], beforeCount: 1 },
			],
		})
		const now = await claimants.pool.query<{ now: number }>('select clock_timestamp() as now')
		for (const one of [...found.holders, ...found.line]) expect(Math.abs((now.rows[0]?.now ?? 0) - one.since)).toBeLessThan(10_000)
	})

	it('of a resource that nobody claims is empty', async () => {
		expect(await explainResource(claimants.pool, { type: 'Test', id: 'nobody' })).toEqual({
			resource: { type: 'Test', id: 'nobody' },
			holders: [],
			line: [],
			lineLength: 0,
		})
	})

	it('of a long line lists the first of it and counts the others', async () => {
		await take(await newTask('holder'), claim('1'))
		for (let n = 0; n < 102; n++) await take(await newTask('waiter'), claim('1'))
		const found = await explainResource(claimants.pool, { type: 'Test', id: '1' })
		expect(found.line.map((one) => one.place)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
		expect(found.lineLength).toBe(102)
		expect(found.line.at(-1)?.before).toHaveLength(10)
		expect(found.line.at(-1)?.beforeCount).toBe(100)
	})

	it('of a task says what it claims and what stands before each claim', async () => {
		const [one, other, both] = [await newTask('one'), await newTask('other'), await newTask('both')]
		await take(one, claim('1'))
		await take(other, claim('1'))
		await take(both, { ...claim('1'), resource: { type: 'Test', id: '1', title: 'the first' } }, claim('2', 'shared'))
		expect(await explainTaskLocks(claimants.pool, both)).toMatchObject([
			{
				resource: { type: 'Test', id: '1' },
				place: 2,
				granted: false,
				before: [
					{ task: { id: one }, granted: true },
					{ task: { id: other }, granted: false },
				],
				beforeCount: 2,
			},
			{ resource: { type: 'Test', id: '2' }, place: 1, granted: false, before: [], beforeCount: 0 },
		])
		expect(await explainTaskLocks(claimants.pool, one)).toMatchObject([{ granted: true, place: null }])
	})

	it('of tasks on a page names those in the way, and the place', async () => {
		const [one, both] = [await newTask('one'), await newTask('both')]
		await take(one, claim('1'))
		await take(both, claim('1'), claim('2'))
		const rows = [one, both].map(
			(id) => ({ id, state: 'planned', error: null, stateUpdatedAt: 0 }) as Parameters<typeof readClaims>[1][number],
		)
		const claims = await readClaims(claimants.pool, rows)
		expect(claims.get(one)?.locks).toMatchObject([{ granted: true, place: null, holders: [] }])
		expect(claims.get(both)?.locks).toMatchObject([
			{ resource: { id: '1' }, granted: false, place: 1, holders: [{ id: one, name: 'one' }] },
			{ resource: { id: '2' }, granted: false, place: 1, holders: [] },
		])
	})
})
